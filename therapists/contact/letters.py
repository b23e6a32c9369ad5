"""The letters of a message, written from what is sealed at the moment when they leave."""

from urllib.parse import urlsplit

from django.conf import settings
from django.utils.crypto import salted_hmac

from therapists import letters
from therapists.contact import bounces, letter_contexts
from therapists.models import Delivery


class NobodyError(Exception):
    """There is no address to send it to; the message says whose."""


def written(delivery):
    """The `EmailMessage` of a `Delivery`; raises `NobodyError` or `sealing.UnreadableError`."""
    message = delivery.message
    said = message.said
    to_therapist = delivery.kind == Delivery.Kind.MESSAGE
    to = message.therapist.letters_to if to_therapist else said.get("email")
    if not to:
        raise NobodyError("There is no e-mail address to send it to.")
    context = letter_contexts.context(message, delivery.kind, said)
    letter = letters.written(f"contact/{delivery.kind}", to, **context)
    if not to_therapist:
        letter.from_email = settings.LETTERS_TO_CLIENTS_FROM
    elif said.get("email"):
        letter.reply_to = [letter_contexts.one_line(said["email"])]
    if sender := bounces.sender_of(delivery):  # on the envelope; readers see the usual one
        letter.extra_headers["From"] = letter.from_email
        letter.from_email = sender
    # The same at every try: who gets it twice, of a server that died over its answer, sees one.
    words = f"{message.mark} {delivery.kind}"
    name = salted_hmac("therapists.contact", words, algorithm="sha256").hexdigest()[:32]
    letter.extra_headers["Message-ID"] = f"<{name}@{urlsplit(settings.SITE_URL).hostname}>"
    letter.extra_headers["Auto-Submitted"] = "auto-generated"
    return letter
