"""The page behind the link by which a client erases what they wrote.

No sign-in and no cookie: the link itself is the secret. Opening it changes nothing, since mail
programs open links by themselves; a button does. It names nobody: others may be looking on.
"""

from django.core import signing
from django.db import OperationalError, transaction
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from psycopg.errors import LockNotAvailable

from therapists.contact import messages
from therapists.contact.links import mark_in
from therapists.cookieless import from_elsewhere
from therapists.models import Delivery, Message
from therapists.responses import not_kept


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def erase_message(request, token):
    """GET says of which day the message is; POST erases it."""
    try:
        mark = mark_in(token)
    except signing.BadSignature:
        return _page(request, "unknown", status=404)
    message = Message.objects.filter(mark=mark).first()
    if message is None:
        return _page(request, "gone", status=410)
    if request.method != "POST":
        return _page(request, "asked", message=message)
    if from_elsewhere(request):
        return _page(request, "asked", status=403, problem="elsewhere", message=message)
    try:
        mailed = _erase(message)
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        return _page(request, "asked", status=503, problem="leaving", message=message)
    return _page(request, "erased", mailed=mailed)


@transaction.atomic
def _erase(message):
    """Whether the therapist has it in their mail: "yes", "perhaps" or "no", once it is erased."""
    # Whoever writes to them holds these rows for a moment: a page does not wait.
    letters = list(Delivery.objects.select_for_update(nowait=True).filter(message=message))
    messages.erase(message)
    to_therapist = [letter for letter in letters if letter.kind == Delivery.Kind.MESSAGE]
    if any(letter.delivered_at for letter in to_therapist):
        return "yes"
    # A worker holds nothing while it talks to the mail server, so a try may be going on now.
    return "perhaps" if any(letter.attempts for letter in to_therapist) else "no"


def _page(request, state, *, status=200, **context):
    page = render(request, "contact/erase.html", {"state": state, **context}, status=status)
    if status == 503:
        page.headers["Retry-After"] = "60"
    return not_kept(page, is_secret=True)
