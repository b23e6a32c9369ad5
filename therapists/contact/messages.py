"""The only place where a message of a client is taken, erased, and sealed under another key.

What is decided on it: staff in `moderation`, its therapist in `answers`.
"""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from therapists.contact import delivery
from therapists.contact.sealing import UnreadableError, is_under_first_key, seal, sealed_anew
from therapists.counters import count_contacted
from therapists.history import lines_about
from therapists.models import Delivery, Message


@transaction.atomic
def take(therapist, said, *, mark, held_for="", receipt=False):
    """Keep what a client wrote and queue its letters. Returns the `Message`.

    `said` is a dictionary of name, email, phone and text; `mark` is that of `forms.mark_of`, so
    that what is sent twice comes once. With `held_for`, a reason, it waits for staff.
    """
    state = Message.State.HELD if held_for else Message.State.SENT
    sealed = seal(said, mark=mark)
    values = {"therapist": therapist, "state": state, "held_for": held_for, "sealed": sealed}
    message, is_new = Message.objects.get_or_create(mark=mark, defaults=values)
    if not is_new:
        return message
    if not held_for:
        delivery.queue(message, Delivery.Kind.MESSAGE)
    if receipt and said.get("email"):
        delivery.queue(message, Delivery.Kind.RECEIPT)
    transaction.on_commit(lambda: count_contacted(therapist.pk))
    return message


@transaction.atomic
def erase(message):
    """Erase a message and what is on its way of it. What has been mailed, nobody can call back."""
    _erase([message.pk])


@transaction.atomic
def erase_all(messages):
    """Erase all of a queryset, while whoever decides on one of them waits. Returns how many."""
    return _erase(list(messages.values_list("pk", flat=True)))


def erase_old(days=None):
    """Erase messages older than so many days, else `MESSAGES_KEPT_FOR`. Returns how many."""
    days = settings.MESSAGES_KEPT_FOR if days is None else days
    before, erased = timezone.now() - timedelta(days=days), 0
    while numbers := _some(Message.objects.filter(received_at__lt=before)):
        with transaction.atomic():
            erased += _erase(numbers)
    return erased


def _erase(numbers):
    """Erase these with what the history says of them and their letters; say how many were there."""
    # Letters first and then their messages, as all others take them: a worker that writes down what
    # it has sent does so. The messages are held before they go, or another letter may be queued.
    list(Delivery.objects.select_for_update().filter(message__in=numbers).order_by("pk"))
    held = Message.objects.select_for_update().filter(pk__in=numbers).order_by("pk")
    numbers = list(held.values_list("pk", flat=True))
    lines_about(Message, numbers).delete()
    letters = Delivery.objects.filter(message__in=numbers)
    lines_about(Delivery, letters.values_list("pk", flat=True)).delete()
    _, by_model = Message.objects.filter(pk__in=numbers).delete()
    return by_model.get(Message._meta.label, 0)


def rotate_keys():
    """Seal all messages under the first key: (how many, how many were so already, unreadable)."""
    last, anew, before, unreadable = 0, 0, 0, 0
    while numbers := _some(Message.objects.filter(pk__gt=last)):
        with transaction.atomic():
            for message in Message.objects.select_for_update().filter(pk__in=numbers):
                if is_under_first_key(message.sealed):
                    before += 1
                    continue
                try:
                    message.sealed = sealed_anew(message.sealed)
                except UnreadableError:
                    unreadable += 1
                    continue
                message.save(update_fields=["sealed"])
                anew += 1
        last = numbers[-1]
    return anew, before, unreadable


def _some(messages):
    """Numbers of the first few: nobody waits for a transaction over all of them."""
    return list(messages.order_by("pk").values_list("pk", flat=True)[:500])
