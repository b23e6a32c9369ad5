"""The only place where a therapist decides on a message: answered, no room, not a fit, spam.

Each verb takes `by`, the person who acts, leaves one line in the history of the message, which goes
with the message, and raises ValidationError with a sentence when it may not be: what was decided in
another tab or by another hand stands.
"""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.dateformat import format as format_date

from therapists import publishing
from therapists.contact import delivery
from therapists.contact.sealing import UnreadableError
from therapists.history import record
from therapists.models import Delivery, Message, Therapist
from therapists.writing import cleaned

State, Kind = Message.State, Delivery.Kind

MAX_NOTE = 1_000

# The letter to the client that goes with a decision.
LETTERS = {State.FULL: Kind.FULL, State.REFERRED: Kind.REFERRED}

# What was decided, as the page and the history say it.
DECIDED = {
    State.ANSWERED: "marked as answered",
    State.FULL: "answered with “no room”",
    State.REFERRED: "answered with “not a fit”",
    State.SPAM: "marked as spam",
}


# What a therapist may see at all, and decide on.
SEEN = (State.SENT, *DECIDED)

FULL = Therapist.Availability.FULL


def waiting(therapist):
    """Messages on which nobody has decided yet."""
    return Message.objects.filter(therapist=therapist, state=State.SENT).order_by()


@transaction.atomic
def answered(message, *, by):
    """The therapist has written or called."""
    return _decided(_open(message), State.ANSWERED, by)


@transaction.atomic
def no_room(message, *, by, note=""):
    """Tell the client that there is no room, and the public, too: the profile says so from today.

    `note` are the therapist's own words to the client, sealed with the message.
    """
    # The therapist's row first, then the message's: whoever holds both takes them in this order.
    before = publishing.locked(message.therapist).availability
    publishing.confirm_availability(message.therapist, by=by, availability=FULL)
    held = _open(message)
    held.availability_before = before
    return _with_letter(held, State.FULL, by, note)


@transaction.atomic
def refer(message, *, by, note=""):
    """Tell the client that this is not a fit, and who may be; see `no_room`."""
    return _with_letter(_open(message), State.REFERRED, by, note)


@transaction.atomic
def spam(message, *, by):
    """From here on staff can read it; letters of it that have not left are dropped."""
    letters = _undelivered(message)
    held = _decided(_open(message), State.SPAM, by)
    Delivery.objects.filter(pk__in=[letter.pk for letter in letters]).delete()
    return held


@transaction.atomic
def take_back(message, *, by, profile_too=False):
    """A wrong click: the message is open again, as long as nothing was mailed because of it.

    With `profile_too` the profile says again what it said before "no room".
    """
    if profile_too:
        _open_profile_again(message, by)
    not_mailed = [letter.pk for letter in _undelivered(message) if not letter.may_have_left]
    held = _locked(message)
    if held.state == State.SENT:
        raise ValidationError("This message is open already.")
    letters = held.deliveries.filter(kind=LETTERS.get(held.state, ""))
    if letters.exclude(pk__in=not_mailed).exists():
        raise ValidationError(
            "Our letter to them has left, or is leaving now, so this cannot be taken back. Write "
            "to them yourself."
        )
    letters.delete()
    held.state, held.answered_at, held.availability_before = State.SENT, None, ""
    held.save(update_fields=["state", "answered_at", "availability_before"])
    record(held, "Opened again.", by=by)
    return held


def said_before(message):
    """What the profile said before “no room”, where that can be said again; else ""."""
    changed = message.state == State.FULL and message.availability_before not in ("", FULL)
    still_full = message.therapist.availability == FULL
    return message.get_availability_before_display() if changed and still_full else ""


def _open_profile_again(message, by):
    # The therapist's row first, as everywhere.
    therapist = publishing.locked(message.therapist)
    known = Message.objects.filter(pk=message.pk, state=State.FULL)
    before = known.values_list("availability_before", flat=True).first()
    if before and therapist.availability == FULL:  # what they changed since then stands
        publishing.confirm_availability(therapist, by=by, availability=before)


def decided(message):
    """A sentence on it: “This was marked as answered on November 28, 2026.”"""
    when = message.answered_at
    on = f" on {format_date(timezone.localtime(when), 'F j, Y')}" if when else ""
    return f"This was {DECIDED[message.state]}{on}."


def can_be_taken_back(message):
    """Whether `take_back` would do it, as far as one can say without waiting."""
    kind = LETTERS.get(message.state, "")
    letters = (one for one in message.deliveries.all() if one.kind == kind)
    return message.state in DECIDED and not any(one.may_have_left for one in letters)


def _with_letter(held, state, by, note):
    try:
        said = held.said
    except UnreadableError:
        raise ValidationError(
            "We cannot read this message any more, so we cannot write to them. Answer the letter "
            "by which you got it."
        ) from None
    note = cleaned(note.replace("\0", ""))
    if len(note) > MAX_NOTE:
        raise ValidationError(
            f"Your own words may have at most {MAX_NOTE:,} characters. Take out "
            f"{len(note) - MAX_NOTE:,}."
        )
    held.seal({**said, "note": note})
    _decided(held, state, by)
    if said.get("email"):
        delivery.queue(held, LETTERS[state], after=settings.ANSWERS_LEAVE_AFTER)
    return held


def _decided(held, state, by):
    held.state = state
    held.answered_at = None if state == State.SPAM else timezone.now()
    # Once: of a row that is written twice PostgreSQL looks up the therapist anew at the end, which
    # would wait for who holds the therapist and waits for this row.
    held.save(update_fields=["sealed", "state", "answered_at", "availability_before"])
    record(held, f"{DECIDED[state].capitalize()}.", by=by)
    return held


def _open(message):
    """The row, held, if nothing was decided yet."""
    held = _locked(message)
    if held.state != State.SENT:
        raise ValidationError(f"{decided(held)} Nothing was changed.")
    return held


def _locked(message):
    held = Message.objects.select_for_update(of=("self",)).select_related("therapist")
    held = held.filter(pk=message.pk, state__in=SEEN).first()
    if held is None:
        raise ValidationError("This message is not here any more: it has been erased.")
    return held


def _undelivered(message):
    """Its letters that have not arrived, held so that they do not leave.

    Before the message is held: who sends a letter holds it first, and the message after. One that
    is leaving at this moment is not among them.
    """
    return list(message.deliveries.filter(delivered_at=None).select_for_update(skip_locked=True))
