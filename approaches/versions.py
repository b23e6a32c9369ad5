"""Every version of an approach's page: kept with each save, compared, and returned to.

django-simple-history keeps the columns, in a row of `ApproachVersion`; what stands beside them
(sources, issues, related approaches) is kept in the same row, so that one save is one version.
Nothing of a therapist is in it.
"""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import receiver
from django.utils import timezone
from simple_history.signals import pre_create_historical_record

from approaches.faults import faults_of
from approaches.models import Approach, Source
from approaches.publishing import locked, moment
from therapists import vocabularies
from therapists.differences import word_difference
from therapists.history import record
from therapists.models import Term

ApproachVersion = Approach.history.model
MAX_REASON = ApproachVersion._meta.get_field("history_change_reason").max_length

# What a return brings back. Whether and where the page is public is decided anew, not brought back.
TEXTS = ["name", "synonyms", "summary", "overview", "evidence", "limits", "reviewed_by",
         "reviewed_on"]  # fmt: skip

# What staff read of a version, in the order of the page.
LABELS = {
    "name": "Name",
    "slug": "Address",
    "synonyms": "Other names",
    "summary": "Summary",
    "overview": "Overview",
    "helps_with": "What it helps with",
    "evidence": "Evidence",
    "limits": "Limits",
    "sources": "Sources",
    "related": "Related approaches",
    "reviewed_by": "Reviewed by",
    "reviewed_on": "Reviewed on",
    "status": "Status",
    "publish_at": "To be published on",
}


@dataclass(frozen=True)
class Change:
    """One part of a page that differs between two versions; `html` is safe."""

    label: str
    html: str


def beside_of(approach):
    """What stands beside the columns of a page: see `models.Version`."""
    terms = approach.helps_with.select_related("vocabulary").order_by("name", "pk")
    return {
        "sources": list(approach.sources.values("citation", "url", "year")),
        "helps_with": [[term.vocabulary.slug, term.slug, term.name] for term in terms],
        "related": [[one.slug, one.name] for one in approach.related.order_by("name", "pk")],
    }


@receiver(pre_create_historical_record, sender=ApproachVersion)
def _keep_beside(instance, history_instance, **_):
    history_instance.beside = beside_of(instance)


def keep(approach, *, by, reason=""):
    """Keep the page as it stands now as a version, unless the last one says the same."""
    approach = Approach.objects.get(pk=approach.pk)
    columns = {f.attname: getattr(approach, f.attname) for f in ApproachVersion.tracked_fields}
    version = ApproachVersion(
        **columns,
        beside=beside_of(approach),
        history_date=timezone.now(),
        history_type="~",
        history_user=by,
        history_change_reason=reason[:MAX_REASON] or None,
    )
    last = of(approach).first()
    same = last and all(getattr(last, name) == value for name, value in columns.items())
    if same and last.beside == version.beside:
        return last
    version.save()
    return version


def keep_what_stands(approach):
    """Before a page is written anew: keep what an import or a command has made of it meanwhile."""
    return keep(approach, by=None, reason="As it stood, written by a command or an import.")


def of(approach):
    """All versions of a page, the newest first."""
    return ApproachVersion.objects.filter(id=approach.pk).select_related("history_user")


def changes(version, before):
    """[Change] of what a version says otherwise than the one before it (None: nothing was)."""
    return [
        Change(label, word_difference(old, new, around=12))
        for name, label in LABELS.items()
        if (new := said(version, name)) != (old := said(before, name) if before else "")
    ]


def said(version, name):
    """A part of a version as plain text."""
    beside = version.beside
    if name == "sources":
        return "\n".join(
            " ".join(filter(None, [one["citation"], one["url"]]))
            for one in beside.get("sources", [])
        )
    if name in ("helps_with", "related"):
        return ", ".join(one[-1] for one in beside.get(name, []))
    value = getattr(version, name)
    if name == "synonyms":
        return ", ".join(value)
    if name == "status":
        return version.get_status_display()
    if name == "publish_at":
        return moment(value) if value else ""
    return "" if value is None else str(value)


@transaction.atomic
def return_to(version, *, by):
    """Make a page say again what a version of it said, as a new version.

    Returns (the page, [what could not be brought back, since it is there no more]). Raises
    ValidationError where that would put faults before the public that are not there today.
    """
    approach = locked(Approach(pk=version.id))
    keep_what_stands(approach)
    before = faults_of(approach)
    for name in TEXTS:
        setattr(approach, name, getattr(version, name))
    helps_with, lost_terms = terms(version.beside.get("helps_with", []))
    related, lost_pages = pages(version.beside.get("related", []), approach)
    sources = [
        Source(approach=approach, position=number * 10, **one)
        for number, one in enumerate(version.beside.get("sources", []), 1)
    ]
    approach.full_clean()
    if approach.status == Approach.Status.PUBLISHED or approach.publish_at:
        faults = [
            one
            for one in faults_of(approach, related=related, sources=sources)
            if one not in before
        ]
        if faults:
            raise ValidationError(faults)
    approach.skip_history_when_saving = True  # one version, when all of it stands
    approach.save(update_fields=[*TEXTS, "updated_at"])
    approach.helps_with.set(helps_with)
    approach.related.set(related)
    approach.sources.all().delete()
    Source.objects.bulk_create(sources)
    sentence = f"Returned to the version of {moment(version.history_date)}."
    keep(approach, by=by, reason=sentence)
    record(approach, sentence, by=by)
    return approach, lost_terms + lost_pages


def terms(kept):
    """(terms of today, [names of those that are gone]); merged and renamed ones are followed."""
    found, lost, renamed = [], [], Term.objects.renamed()
    for vocabulary, slug, name in kept:
        slug = renamed.get(vocabulary, {}).get(slug, slug)
        term = Term.objects.filter(vocabulary__slug=vocabulary, slug=slug).first()
        found.append(term) if term else lost.append(name)
    return found, lost


def pages(kept, approach):
    """The same for related approaches."""
    found, lost = [], []
    for slug, name in kept:
        page = Approach.objects.filter(slug=slug).first()
        page = page or Approach.objects.filter(aliases__slug=slug).first()
        found.append(page) if page and page != approach else lost.append(name)
    return found, lost


@receiver(vocabularies.merged)
def _keep_merged(gone, term, holders, by, **_):
    """A merge changes what pages help with: so it is a version of each."""
    for approach in Approach.objects.filter(pk__in=holders.get(Approach, [])):
        keep(approach, by=by, reason=f"“{gone}” was merged into “{term}”.")
