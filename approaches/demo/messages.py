"""Messages of invented clients, so that a first look at both admins finds some.

They are kept as if they had come and been mailed. No letter of them is queued: nobody gets mail.
"""

import secrets
import tomllib
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from therapists.contact import holding
from therapists.models import Message

FILE = Path(__file__).with_name("messages.toml")
PARTS = ("name", "email", "phone", "text")


def read_messages():
    """All entries of the file."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))["message"]


def load_messages(therapist):
    """Keep all of them as written to this therapist, who must be invented. Returns how many."""
    if not therapist.is_invented:
        return 0
    rows = [_message(therapist, entry) for entry in read_messages()]
    return len(Message.objects.bulk_create(rows))


def _message(therapist, entry):
    came = timezone.now() - timedelta(days=entry["days"])
    answered = entry.get("answered_after")
    held_for = entry.get("held") and (holding.reason_to_hold(entry["text"]) or holding.LINK)
    row = Message(
        therapist=therapist,
        mark=secrets.token_hex(16),
        state=_state(entry),
        held_for=held_for or "",
        received_at=came,
        handed_on_at=None if held_for else came,
        answered_at=answered and came + timedelta(days=answered),
    )
    said = {part: entry.get(part, "").strip() for part in PARTS}
    row.seal(said | ({"note": entry["note"]} if "note" in entry else {}))
    return row


def _state(entry):
    if entry.get("held"):
        return Message.State.HELD
    answered = "answered" if "answered_after" in entry else Message.State.SENT
    return Message.State(entry.get("state", answered))
