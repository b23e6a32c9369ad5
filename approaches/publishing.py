"""The only place where an approach's page changes its status, its address, and its review.

draft -> published, now or by itself at a moment that staff choose; and back to draft. Each verb
takes `by` (None for a command), leaves a version and one line in the admin's history, and raises
ValidationError with a sentence for each thing that is in the way.
"""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from approaches.faults import faults_of
from approaches.models import Approach, ApproachAlias
from therapists.history import record
from therapists.search.turns import take_turn


@transaction.atomic
def publish(approach, *, by, also_public=()):
    """Put a page before the public, whole: see `faults`. `also_public` goes public with it."""
    approach = locked(approach)
    faults = faults_of(approach, also_public=also_public)
    if faults:
        raise ValidationError(faults)
    approach.status, approach.publish_at = Approach.Status.PUBLISHED, None
    approach.published_on = approach.published_on or timezone.localdate()
    return _saved(approach, ["status", "published_on", "publish_at"], "Published.", by)


@transaction.atomic
def unpublish(approach, *, by):
    """Take a page from the public. Its text, specialists and statements are kept."""
    approach = locked(approach)
    approach.status = Approach.Status.DRAFT
    return _saved(approach, ["status"], "Taken from the public.", by)


@transaction.atomic
def schedule(approach, at, *, by):
    """Have a draft go public by itself at a moment to come, if nothing is in its way by then."""
    approach = locked(approach)
    if approach.status == Approach.Status.PUBLISHED:
        raise ValidationError(f"{approach} is public already.")
    if at <= timezone.now():
        raise ValidationError("This moment has passed: choose a later one, or publish it now.")
    # Related pages may go public first, or at the same moment.
    sooner = Approach.objects.to_be_published(at).values_list("pk", flat=True)
    faults = faults_of(approach, also_public=sooner)
    if faults:
        raise ValidationError(faults)
    approach.publish_at = at
    return _saved(approach, ["publish_at"], f"To be published on {moment(at)}.", by)


@transaction.atomic
def unschedule(approach, *, by):
    """Let a page wait for somebody to publish it."""
    approach = locked(approach)
    if approach.publish_at is None:
        raise ValidationError(f"{approach} has no day on which it goes public.")
    approach.publish_at = None
    return _saved(approach, ["publish_at"], "Not to be published by itself any more.", by)


@transaction.atomic
def mark_reviewed(approach, *, by):
    """Say that the page was looked through today. Whose name the public reads: a full name."""
    approach = locked(approach)
    approach.reviewed_on = timezone.localdate()
    # A sign-in is nobody's name, and the one of an earlier reviewer would be untrue.
    length = Approach._meta.get_field("reviewed_by").max_length
    approach.reviewed_by = (by.get_full_name() if by else "")[:length]
    return _saved(approach, ["reviewed_by", "reviewed_on"], "Reviewed.", by)


@transaction.atomic
def keep_old_address(approach, old_slug, *, by):
    """After a page that was public has got another slug: its old address leads to the new one."""
    ApproachAlias.objects.filter(slug=approach.slug, approach=approach).delete()
    ApproachAlias.objects.get_or_create(slug=old_slug, defaults={"approach": approach})
    record(approach, f"/approaches/{old_slug}/ leads to /approaches/{approach.slug}/ now.", by=by)


def check_address(slug, approach=None):
    """Refuse an address that leads to another page since that one was renamed."""
    taken = ApproachAlias.objects.filter(slug=slug).exclude(approach=approach).first()
    if taken:
        raise ValidationError(
            f"/approaches/{slug}/ leads to “{taken.approach}”, which was called so before. "
            "Choose another address."
        )


@dataclass
class Due:
    """What the moment has come for: pages published, and {page: what is in its way}."""

    published: list = field(default_factory=list)
    refused: dict = field(default_factory=dict)


@transaction.atomic
def publish_due(*, dry_run=False):
    """Publish the drafts whose moment has come; a `Due`. Twice at once is as good as once."""
    take_turn()
    waiting = list(Approach.objects.to_be_published(timezone.now()).select_for_update())
    due = Due()
    # Pages that relate to each other go together; one that cannot go may hold back another.
    while True:
        also_public = {one.pk for one in waiting}
        found = {one: faults_of(one, also_public=also_public) for one in waiting}
        refused = {one: faults for one, faults in found.items() if faults}
        if not refused:
            break
        due.refused |= refused
        waiting = [one for one in waiting if one not in refused]
    for one in waiting:
        due.published.append(one if dry_run else publish(one, by=None, also_public=also_public))
    return due


def moment(at):
    """A moment as staff read it: "Jan. 3, 2027, 9 a.m."."""
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")


def locked(approach):
    """The row as it is now, held until the transaction ends."""
    take_turn()
    return Approach.objects.select_for_update().get(pk=approach.pk)


def _saved(approach, fields, sentence, by):
    approach._history_user, approach._change_reason = by, sentence  # for the version that is kept
    approach.save(update_fields=[*fields, "updated_at"])
    record(approach, sentence, by=by)
    return approach
