"""How a letter leaves: stored first, sent by the queue, tried for days, and then told to staff.

A row of `Delivery` is held while its letter goes out, so two workers never send the same one, and
it says "delivered" once the mail server has taken the letter. A worker that is killed between the
two sends it again, under the same Message-ID, by which mail programs know it.
"""

from datetime import timedelta
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app as jobs

from therapists.contact import letters
from therapists.contact.sealing import UnreadableError
from therapists.models import Delivery

# Until the next try: five days in all, longer than a mail server's weekend.
WAITS = [
    timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2),
    timedelta(hours=8), timedelta(hours=14), *[timedelta(days=1)] * 4,
]  # fmt: skip

# What a mail server says of this letter and no other.
REFUSED = {552, 554}

TASK = "therapists.deliver"


class TryAgainError(Exception):
    """It could not be sent now; `wait` says when to try next."""

    def __init__(self, wait):
        super().__init__("a letter could not be sent yet")
        self.wait = wait


class UndeliverableError(Exception):
    """It can never be sent as it is; the message says why, without an address."""


def queue(message, kind):
    """Have the letter of this kind sent, once the transaction is written down."""
    held, _ = Delivery.objects.get_or_create(message=message, kind=kind)
    _defer(held)


def _defer(held):
    # The job holds a number and nothing of the message.
    jobs.configure_task(TASK, allow_unknown=False).defer(delivery=held.pk)


def deliver(number):
    """Send one letter, if it still waits; raises `TryAgainError` where it is worth another try."""
    try:
        _send(number)
    except (UndeliverableError, UnreadableError, letters.NobodyError) as error:
        _give_up(number, str(error))
    except (OSError, SMTPException) as error:  # the mail server, or the way to it
        wait = _noted_wait(number, error)
        if wait is not None:
            raise TryAgainError(wait) from None  # what it says may repeat the address


@transaction.atomic
def _send(number):
    held = (
        Delivery.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("message__therapist__owner")
        .filter(pk=number, state=Delivery.State.WAITING)
        .first()
    )
    if held is None:  # sent, erased, or in another worker's hands
        return
    try:
        letters.written(held).send()
    except SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        if code >= 500:
            raise UndeliverableError(f"The mail server refused the address ({code}).") from None
        raise
    except SMTPResponseException as error:
        if error.smtp_code in REFUSED:
            sentence = f"The mail server refused the letter ({error.smtp_code})."
            raise UndeliverableError(sentence) from None
        raise
    now = timezone.now()
    held.state, held.delivered_at, held.fault = Delivery.State.DELIVERED, now, ""
    held.attempts, held.tried_at = held.attempts + 1, now
    held.save(update_fields=["state", "delivered_at", "attempts", "tried_at", "fault"])
    if held.kind == Delivery.Kind.MESSAGE:
        held.message.handed_on_at = now
        held.message.save(update_fields=["handed_on_at"])


@transaction.atomic
def _noted_wait(number, error):
    """How long to wait until the next try; None where it is the last, or the letter is erased."""
    held = Delivery.objects.select_for_update().filter(pk=number).first()
    if held is None:
        return None
    held.attempts, held.tried_at = held.attempts + 1, timezone.now()
    held.fault = f"The mail server could not be used ({type(error).__name__})."
    is_last = held.attempts > len(WAITS)
    held.state = Delivery.State.DEAD if is_last else held.state
    held.save(update_fields=["state", "attempts", "tried_at", "fault"])
    return None if is_last else WAITS[held.attempts - 1]


@transaction.atomic
def _give_up(number, why):
    Delivery.objects.filter(pk=number).update(
        state=Delivery.State.DEAD, fault=why, tried_at=timezone.now()
    )
