"""What clients wrote, for tests."""

import itertools

from therapists.models import Message

SAID = {
    "name": "Ines",
    "email": "ines@client.example",
    "phone": "",
    "text": "I can't sleep since my mother died.",
}
_marks = itertools.count()


def written(therapist, *, state=Message.State.SENT, held_for="", **differences):
    """A `Message` to this therapist, kept as it came: no letter of it is on its way.

    `name`, `email`, `phone` and `text` are what it says; all others are columns.
    """
    said = SAID | {name: differences.pop(name) for name in SAID if name in differences}
    message = Message(
        therapist=therapist, mark=f"mark-{next(_marks)}", state=state, held_for=held_for,
        **differences,
    )  # fmt: skip
    message.seal(said)
    message.save()
    return message
