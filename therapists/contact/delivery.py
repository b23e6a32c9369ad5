"""How a letter leaves: stored first, sent by the queue, tried for days, and then told to staff.

The row of `Delivery` is the truth, and a job of the queue is a nudge to look at it: a job may be
lost, come twice or come late. `deliver` writes down when the next try is due before it begins this
one, and holds no lock and no transaction while it talks to the mail server. So two workers never
send the same letter, a worker that is killed leaves a letter that is due again soon, and whoever
erases a message never waits for a mail server. `jobless` finds what is due and has no job.

That the mail server has a letter is noted on the disk first (`handed_over`) and then in the row, so
database, worker and machine may end in between, and it is still sent once. It goes out again where
nobody can know that it was taken, and then under the same Message-ID: the mail server, the line to
it or the worker ended while its "250" was on the way.
"""

import logging
import threading
from datetime import timedelta
from functools import partial
from time import monotonic

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from therapists.contact import handed_over, letters, smtp
from therapists.contact.sealing import UnreadableError
from therapists.history import record
from therapists.models import Delivery, Message

log = logging.getLogger(__name__)

TASK = "therapists.deliver"

# Set when the worker is to end: then nothing waits any longer for the database.
stopping = threading.Event()


def queue(message, kind, *, after=0):
    """Have the letter of this kind sent, once the transaction is written down.

    `after` so many seconds: until then it waits, and who queued it may think better of it.
    """
    due_at = timezone.now() + timedelta(seconds=after)
    held, _ = Delivery.objects.get_or_create(
        message=message, kind=kind, defaults={"due_at": due_at}
    )
    _defer(held.pk, at=held.due_at if after else None)


def _defer(number, at=None):
    # The job holds a number and nothing of the message.
    jobs.configure_task(TASK, schedule_at=at, allow_unknown=False).defer(delivery=number)


@transaction.atomic
def try_again(delivery, *, by):
    """Send a letter that was given up from the beginning of its schedule."""
    held = _given_up(delivery, "try again")
    held.state, held.attempts, held.fault = Delivery.State.WAITING, 0, ""
    held.due_at, held.tried_at, held.refused_at = timezone.now(), None, None
    held.closed_on, held.closed_by = None, None
    held.save(
        update_fields=[
            "state", "attempts", "fault", "due_at", "tried_at", "refused_at", "closed_on",
            "closed_by",
        ]
    )  # fmt: skip
    _defer(held.pk)
    record(held, "Sent on its way again.", by=by)
    return held


@transaction.atomic
def close(delivery, *, by):
    """Take a letter that was given up off the desk, unsent."""
    held = _given_up(delivery, "close")
    if held.closed_on:
        raise ValidationError("Somebody has closed this already.")
    held.closed_on, held.closed_by = timezone.localdate(), by
    held.save(update_fields=["closed_on", "closed_by"])
    record(held, "Closed: it does not go out.", by=by)
    return held


def _given_up(delivery, what):
    """The row, held until the transaction ends."""
    held = Delivery.objects.select_for_update(of=("self",)).filter(pk=delivery.pk).first()
    if held is None:
        raise ValidationError("The message was erased meanwhile, and its letters with it.")
    if held.state != Delivery.State.DEAD:
        raise ValidationError(
            f"This letter is “{held.get_state_display()}”: there is nothing to {what}."
        )
    return held


def jobless(limit=1000):
    """Numbers of letters that are due and have no job which waits, the longest due first.

    What runs at this moment is not looked at: a second job finds the letter taken, and ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT d.id FROM therapists_delivery d
            WHERE d.state = 'waiting' AND d.due_at <= now() AND NOT EXISTS (
                SELECT FROM procrastinate_jobs j
                WHERE j.status = 'todo' AND j.task_name = %s
                    AND (j.args ->> 'delivery')::bigint = d.id
            )
            ORDER BY d.due_at, d.id LIMIT %s
            """,
            [TASK, limit],
        )
        return [number for (number,) in cursor.fetchall()]


def deliver(number):
    """Send one letter, if it is due. Whatever comes of it stands in its row."""
    held = _taken(number)
    if held is None:
        return
    try:
        smtp.post(letters.written(held), once_taken=partial(handed_over.note, held))
    except letters.NobodyError as error:
        _bury(held, str(error))
    except smtp.RefusedError as error:
        _note_refusal(held, str(error))
    except (UnreadableError, smtp.AwayError) as error:
        _put_off(held, str(error))
    except DatabaseError as error:  # nothing can be written down now; it is due again before long
        log.warning("A letter waits for the database (%s)", type(error).__name__)
    except Exception as error:  # a fault of ours must not stop the letter for good
        log.exception("A letter could not be written")
        _put_off(held, f"Something went wrong on our side ({type(error).__name__}).")
    else:
        _write_down_sent(held)


@transaction.atomic
def _taken(number):
    """The letter, if it is due and now ours: the next try is put off until this one is over."""
    held = (
        Delivery.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("message__therapist__owner")
        .filter(pk=number, state=Delivery.State.WAITING, due_at__lte=timezone.now())
        .first()
    )
    if held is None:  # sent, erased, put off, or in another worker's hands
        return None
    if handed_over.is_noted(held):  # it left, and nobody could write it down
        _mark_sent(held)
        return None
    if held.attempts > len(settings.DELIVERY_WAITS):  # the worker was killed over its last try
        _bury(held, "Given up: the last try was broken off.")
        return None
    held.attempts, held.tried_at = held.attempts + 1, timezone.now()
    held.due_at = held.tried_at + max(_wait(held), timedelta(seconds=settings.DELIVERY_LEASE))
    held.save(update_fields=["attempts", "tried_at", "due_at"])
    return held


def _wait(held):
    """How long after this try the next one is due."""
    waits = settings.DELIVERY_WAITS
    return timedelta(seconds=waits[min(held.attempts, len(waits)) - 1])


def _put_off(held, fault):
    """Try again when the schedule says so; after its last try staff are told."""
    if held.attempts > len(settings.DELIVERY_WAITS):
        _bury(held, fault)
    else:
        _still(held).update(fault=fault, refused_at=None, due_at=timezone.now() + _wait(held))


def _note_refusal(held, fault):
    """Believe a mail server that refuses a letter for good when it says so again hours later.

    One that is set up wrongly refuses everybody, and may not end all letters within a minute.
    """
    now, again = timezone.now(), timedelta(seconds=settings.DELIVERY_REFUSED_AGAIN_AFTER)
    first = held.refused_at or now
    if held.refused_at and now - first >= again:
        _bury(held, fault)
    else:
        _still(held).update(fault=fault, refused_at=first, due_at=first + again)


def _bury(held, fault):
    _still(held).update(state=Delivery.State.DEAD, fault=fault)


def _still(held):
    """The row as a queryset, unless it was erased or decided on meanwhile."""
    return Delivery.objects.filter(pk=held.pk, state=Delivery.State.WAITING)


def _write_down_sent(held):
    """It has left, and the row says so as soon as it can, if the database is away for a moment."""
    patience = monotonic() + settings.DELIVERY_LEASE
    while True:
        try:
            return _mark_sent(held)
        except (OperationalError, InterfaceError) as error:
            connection.close()
            if stopping.is_set() or monotonic() > patience:  # whoever takes it next finds the note
                return log.warning("A letter left; its row waits for it (%s)", type(error).__name__)
            stopping.wait(0.5)


@transaction.atomic
def _mark_sent(held):
    now = timezone.now()
    Delivery.objects.filter(pk=held.pk).update(
        state=Delivery.State.DELIVERED, delivered_at=now, fault="", refused_at=None
    )
    if held.kind == Delivery.Kind.MESSAGE:
        Message.objects.filter(pk=held.message_id).update(handed_on_at=now)
    transaction.on_commit(partial(handed_over.forget, held))
