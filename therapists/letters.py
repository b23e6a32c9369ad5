"""Letters that the directory writes: plain text, from a template, after the transaction.

A template in `templates/letters/` begins with the subject on a line of its own, then an empty line.
"""

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template import Context
from django.template.loader import get_template


def whole_address(path):
    """The address by which a page is reached from a letter."""
    return settings.SITE_URL + path


def send(template, to, **context):
    """Send `letters/<template>.txt` to the address `to`, once what led to it is written down.

    A mail server that refuses stops nobody's work: the fault is logged, without the address.
    """
    letter = written(template, to, **context)
    transaction.on_commit(letter.send, robust=True)


def written(template, to, **context):
    """The letter itself, not sent: an `EmailMessage`."""
    context = {"SITE_NAME": settings.SITE_NAME, "SITE_URL": settings.SITE_URL, **context}
    # Plain text: an apostrophe stays one.
    template = get_template(f"letters/{template}.txt").template
    text = template.render(Context(context, autoescape=False))
    subject, _, body = text.partition("\n\n")
    return EmailMessage(" ".join(subject.split()), body.strip() + "\n", to=[to])
