"""The only place where the status of an approach's page changes."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from approaches.models import Approach
from therapists.history import record
from therapists.search.turns import take_turn


@transaction.atomic
def publish(approach, *, by):
    """Put a page before the public; only with a summary and an overview."""
    approach = _locked(approach)
    missing = [name for name in ("summary", "overview") if not getattr(approach, name).strip()]
    if missing:
        raise ValidationError(f"{approach.name} has no {' and no '.join(missing)} yet.")
    approach.status = Approach.Status.PUBLISHED
    approach.published_on = approach.published_on or timezone.localdate()
    approach.save(update_fields=["status", "published_on", "updated_at"])
    record(approach, "Published.", by=by)
    return approach


@transaction.atomic
def unpublish(approach, *, by):
    """Take a page from the public. Its text, specialists and statements are kept."""
    approach = _locked(approach)
    approach.status = Approach.Status.DRAFT
    approach.save(update_fields=["status", "updated_at"])
    record(approach, "Taken from the public.", by=by)
    return approach


def _locked(approach):
    take_turn()
    return Approach.objects.select_for_update().get(pk=approach.pk)
