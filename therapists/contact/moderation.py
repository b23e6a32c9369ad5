"""What staff decide of messages that wait for them: handed on, or kept back as fraud.

Staff read what is held or marked as spam and nothing else; each reading leaves a line in the
history that says who, and no word of the message.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q

from therapists.contact import delivery
from therapists.contact.sealing import UnreadableError
from therapists.history import lines_about, record
from therapists.models import Delivery, Message

READ = "Read on the desk."


def waiting():
    """What nobody has decided on yet, the oldest first."""
    return Message.objects.filter(state=Message.State.HELD).order_by("received_at", "pk")


def next_after(message):
    """What waits next after this one, the oldest of all after the youngest; or None."""
    others = waiting().exclude(pk=message.pk)
    at = (message.received_at, message.pk)
    later = Q(received_at__gt=at[0]) | Q(received_at=at[0], pk__gt=at[1])
    return others.filter(later).first() or others.first()


def reasons():
    """[(why held, its state, how many)] of all messages that are kept and were ever held."""
    held = Message.objects.exclude(held_for="").order_by("held_for", "state")
    return list(held.values_list("held_for", "state").annotate(number=Count("pk")))


@transaction.atomic
def read(message, *, by):
    """The dictionary of what it says, for staff. Raises `UnreadableError` where no key opens it."""
    held = _locked(message)
    if held.state not in Message.READ_BY_STAFF:
        raise ValidationError("Nobody but the therapist reads this message.")
    record(held, READ, by=by)
    return held.said


@transaction.atomic
def release(message, *, by):
    """Hand a held message on to its therapist; or one that was kept back, after all."""
    held = _locked(message)
    if held.state not in Message.KEPT_BACK:
        raise ValidationError(_decided(held))
    try:
        _ = held.said
    except UnreadableError as error:
        raise ValidationError(f"{held}: {error} It waits here until the key is back.") from None
    held.state = Message.State.SENT
    held.save(update_fields=["state"])
    delivery.queue(held, Delivery.Kind.MESSAGE)
    record(held, "Handed on.", by=by)
    return held


@transaction.atomic
def refuse(message, *, by):
    """Keep a held message back: it is fraud. Its therapist never sees it."""
    held = _locked(message)
    if held.state != Message.State.HELD:
        raise ValidationError(_decided(held))
    held.state = Message.State.REFUSED
    held.save(update_fields=["state"])
    record(held, "Kept back: it is fraud.", by=by)
    return held


def _locked(message):
    rows = Message.objects.select_for_update(of=("self",)).select_related("therapist")
    held = rows.filter(pk=message.pk).first()
    if held is None:
        raise ValidationError("This message has been erased meanwhile.")
    return held


def _decided(held):
    lines = lines_about(Message, [held.pk]).exclude(change_message=READ).select_related("user")
    last = lines.first()
    by = f" by {last.user}" if last else ""
    return f"{held}: this was decided{by} already. It is now: {held.get_state_display()}."
