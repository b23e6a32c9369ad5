"""A client who has written, for the tests of what becomes of it."""

import secrets

from tests import factories
from therapists.contact import messages
from therapists.models import Delivery

SAID = {
    "name": "Ines Clientsname",
    "email": "ines@client.example",
    "phone": "555-010-7788",
    "text": "I lie awake since the quagmire at work.",
}
# What must not be found anywhere.
WORDS = ["Clientsname", "ines@client", "010-7788", "quagmire"]


def written(to="tess@post.example", said=SAID, **options):
    """A message that was taken, to a therapist with this address."""
    therapist = factories.TherapistFactory(email=to)
    return messages.take(therapist, said, mark=secrets.token_hex(16), **options)


def letter_of(message, kind=Delivery.Kind.MESSAGE):
    """The `Delivery` as it is now."""
    return Delivery.objects.get(message=message, kind=kind)
