"""Letters that the directory writes: plain text, from a template, after the transaction.

A template in `templates/letters/` begins with the subject on a line of its own, then an empty line.
"""

import logging
from smtplib import SMTPException

from allauth.core import context as of_allauth
from django.conf import settings
from django.contrib import messages
from django.core.mail import EmailMessage
from django.db import transaction
from django.template import Context
from django.template.loader import get_template

from therapists.history import record

log = logging.getLogger(__name__)


def whole_address(path):
    """The address by which a page is reached from a letter."""
    return settings.SITE_URL + path


def send(template, to, *, about=None, by=None, unsent="", **context):
    """Send `letters/<template>.txt` to the address `to`, once what led to it is written down.

    A mail server that is away stops nobody's work. That a letter did not leave stands in the
    history of the row `about`, and the person `by`, who did what led to it, is told on the page,
    with the sentence `unsent`: what to do now.
    """
    letter = written(template, to, **context)

    def leave():
        if not _left(letter) and about is not None:
            _tell(f"The letter to {about} did not leave: our mail server did not take it.", unsent)
            record(about, f"This letter did not leave: “{letter.subject}”.", by=by)

    transaction.on_commit(leave, robust=True)


def _left(letter):
    """Send it. Returns whether the mail server took it."""
    request = of_allauth.request  # of this moment; None in a command
    # Each try may wait for EMAIL_TIMEOUT, and one action of a list writes a hundred letters.
    if getattr(request, "mail_server_is_away", False):
        return False
    try:
        letter.send()
    except Exception as error:  # its words may hold the address
        log.warning("A letter could not be sent (%s)", type(error).__name__)
        if request and isinstance(error, OSError) and not isinstance(error, SMTPException):
            request.mail_server_is_away = True
        return False
    return True


def _tell(fault, advice):
    if request := of_allauth.request:
        messages.error(request, f"{fault} {advice}".strip())


def written(template, to, **context):
    """The letter itself, not sent: an `EmailMessage`."""
    context = {"SITE_NAME": settings.SITE_NAME, "SITE_URL": settings.SITE_URL, **context}
    # Plain text: an apostrophe stays one.
    template = get_template(f"letters/{template}.txt").template
    text = template.render(Context(context, autoescape=False))
    subject, _, body = text.partition("\n\n")
    return EmailMessage(" ".join(subject.split()), body.strip() + "\n", to=[to])
