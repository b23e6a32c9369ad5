"""The link by which a client erases what they wrote: pages show it, and letters hold it."""

from django.core import signing
from django.urls import reverse

# Not the message's number: whoever restores a backup must not find another's behind a link.
_signer = signing.Signer(salt="therapists.contact.erasing")


def link_for(message):
    """The path of the page on which its writer can erase this message."""
    return reverse("erase-message", args=[_signer.sign(message.mark)])


def mark_in(token):
    """The mark of the message that a link is about; raises `signing.BadSignature`."""
    return _signer.unsign(token)
