"""The only place where the specialists of an approach are pinned above the day's order."""

from django.core.exceptions import ValidationError
from django.db import transaction

from approaches.models import Specialist
from therapists.history import record
from therapists.search.turns import take_turn


@transaction.atomic
def pin(specialist, *, by):
    """Put a specialist behind those who are pinned already."""
    pinned, specialist = _pinned(specialist)
    if specialist in pinned:
        raise ValidationError(f"{specialist.therapist} is pinned already.")
    _number([*pinned, specialist])
    record(specialist, "Pinned.", by=by)


@transaction.atomic
def unpin(specialist, *, by):
    """Let a specialist stand where the day's order puts everybody."""
    pinned, specialist = _pinned(specialist)
    Specialist.objects.filter(pk=specialist.pk).update(position=None)
    _number([one for one in pinned if one != specialist])
    record(specialist, "Not pinned any more.", by=by)


@transaction.atomic
def move_up(specialist, *, by):
    _move(specialist, -1)


@transaction.atomic
def move_down(specialist, *, by):
    _move(specialist, 1)


def _move(specialist, step):
    """Change places with a neighbor; at an end nothing happens."""
    pinned, specialist = _pinned(specialist)
    if specialist not in pinned:
        raise ValidationError(f"{specialist.therapist} is not pinned any more.")
    place = pinned.index(specialist)
    other = place + step
    if 0 <= other < len(pinned):
        pinned[place], pinned[other] = pinned[other], pinned[place]
        _number(pinned)


def _pinned(specialist):
    """(those pinned to the same approach, by number; the specialist), held until the end."""
    take_turn()
    specialist = Specialist.objects.select_related("therapist").get(pk=specialist.pk)
    pinned = Specialist.objects.filter(approach=specialist.approach_id, position__isnull=False)
    rows = pinned.select_for_update(of=("self",)).order_by("position", "pk")
    return list(rows), specialist


def _number(pinned):
    """1, 2, 3: numbers written by hand may have gaps, or stand twice."""
    for position, one in enumerate(pinned, 1):
        if one.position != position:
            Specialist.objects.filter(pk=one.pk).update(position=position)
