"""The only place where a therapist's status changes: publish, withdraw, step back, come back.

Each verb takes `by`, the person who acts (None for a command), leaves one line in the admin's
history, and raises `django.core.exceptions.ValidationError` with a sentence when it may not be.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from therapists.history import record
from therapists.models import Therapist
from therapists.search.turns import take_turn


@transaction.atomic
def publish(therapist, *, by):
    """Put a profile before the public; only with consent on record."""
    return _publish(locked(therapist), by, "Published.")


def _publish(therapist, by, sentence):
    if not (therapist.consent_on and therapist.consent_basis):
        raise ValidationError(
            f"{therapist.name} has not agreed to be listed: fill in the day of consent and by "
            "whose word."
        )
    therapist.status = Therapist.Status.PUBLISHED
    therapist.published_on = therapist.published_on or timezone.localdate()
    therapist.stepped_back_on = None
    therapist.save(update_fields=["status", "published_on", "stepped_back_on", "updated_at"])
    record(therapist, sentence, by=by)
    return therapist


@transaction.atomic
def withdraw(therapist, *, by):
    """Take a profile from the public, at once; staff alone can publish it again. Erases nothing."""
    return _withdraw(locked(therapist), by, "Withdrawn.")


def _withdraw(therapist, by, sentence, stepped_back_on=None):
    therapist.status = Therapist.Status.WITHDRAWN
    therapist.stepped_back_on = stepped_back_on
    therapist.save(update_fields=["status", "stepped_back_on", "updated_at"])
    record(therapist, sentence, by=by)
    return therapist


@transaction.atomic
def step_back(therapist, *, by):
    """Take one's own profile from the public, at once. One can `come_back`."""
    therapist = locked(therapist)
    if therapist.status != Therapist.Status.PUBLISHED:
        raise ValidationError("Your profile is not public, so there is nothing to hide.")
    return _withdraw(therapist, by, "Hidden by the therapist.", timezone.localdate())


@transaction.atomic
def come_back(therapist, *, by):
    """Put one's own profile before the public again, after `step_back`."""
    therapist = locked(therapist)
    if therapist.stepped_back_on is None:
        raise ValidationError(
            "You did not hide this profile yourself. Ask the people who run this directory."
        )
    return _publish(therapist, by, "Brought back by the therapist.")


@transaction.atomic
def confirm_availability(therapist, *, by, availability=None):
    """Say that the availability is true today, after changing it where one is given."""
    therapist = locked(therapist)
    if availability is not None:
        therapist.availability = availability
    therapist.availability_confirmed_on = timezone.localdate()
    therapist.save(update_fields=["availability", "availability_confirmed_on", "updated_at"])
    record(therapist, "Availability confirmed.", by=by)
    return therapist


def locked(therapist):
    """The row as it is now, held until the transaction ends: two people may act at once."""
    take_turn()
    return Therapist.objects.select_for_update().get(pk=therapist.pk)
