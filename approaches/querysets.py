"""Questions asked of approaches and of the specialists who practise them."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Length
from django.utils import timezone

from therapists.querysets import listed_q
from therapists.search.index import counts_of_everyone
from therapists.writing import probes


def review_due_before():
    """The first day of which a review still counts."""
    return timezone.localdate() - timedelta(days=settings.APPROACH_REVIEW_AFTER)


class ApproachQuerySet(QuerySet):
    def published(self):
        return self.filter(status="published")

    def due_for_review(self):
        """Public pages that nobody has looked through for a year, the oldest first."""
        is_due = Q(reviewed_on__isnull=True) | Q(reviewed_on__lt=review_due_before())
        oldest_first = [F("reviewed_on").asc(nulls_first=True), "pk"]
        return self.published().filter(is_due).order_by(*oldest_first)

    def to_be_published(self, moment):
        """Drafts whose time has come."""
        return self.filter(status="draft", publish_at__lte=moment).order_by("publish_at", "pk")

    def relating_to(self, approach):
        """Public pages that name this one among their related ones."""
        return self.published().filter(related=approach)

    def led_to_by(self, slug):
        """The published one that an old address leads to, or None."""
        return self.published().filter(aliases__slug=slug).first()

    def with_listed_count(self):
        """A list, each with `listed_count`: how many listed therapists practise it."""
        counts = counts_of_everyone()
        approaches = list(self)
        for approach in approaches:
            approach.listed_count = counts.get(("approach", str(approach.pk)), 0)
        return approaches

    def for_page(self):
        return self.prefetch_related("sources", "helps_with__vocabulary", "related")


class SpecialistQuerySet(QuerySet):
    def listed(self):
        """Those whose therapist the public sees."""
        return self.filter(listed_q("therapist__"))

    def quoted(self):
        """Those whose statement the public may read: approved, and of a listed therapist."""
        return self.listed().filter(state="approved").exclude(statement="")

    def brief(self):
        """Those whose statement fits beside something else."""
        return self.alias(length=Length("statement")).filter(length__range=(60, 280))

    def of_others_like(self, specialist, text, limit=20):
        """Statements of others on the same approach that share a run of words with `text`."""
        alike = Q()
        for probe in probes(text):
            alike |= Q(statement__contains=probe)
        if not alike:
            return []
        others = self.filter(alike, approach=specialist.approach_id)
        others = others.exclude(therapist=specialist.therapist_id)
        return list(others.values_list("statement", flat=True)[:limit])

    def at_slots(self, slots):
        """Those of the therapists with these slots of the search index; each has its `slot`."""
        return self.filter(therapist__search_entry__slot__in=slots).annotate(
            slot=F("therapist__search_entry__slot")
        )

    def in_order_of(self, slots):
        """A list, in the order of the slots."""
        places = {slot: place for place, slot in enumerate(slots)}
        return sorted(self, key=lambda specialist: (places[specialist.slot], specialist.pk))

    def for_desk(self):
        """Pinned or with a version that waits: an approach's own admin page has room for them."""
        return self.filter(Q(position__isnull=False) | Q(Exists(self._versions_that_wait())))

    def with_waiting(self):
        """Each with `waiting`: a list of the version of its statement that waits for staff."""
        versions = self._proposals().waiting()
        return self.prefetch_related(Prefetch("proposals", versions, to_attr="waiting"))

    def awaiting_review(self):
        """Those with a version of the statement that waits for staff."""
        return self.filter(Exists(self._versions_that_wait()))

    def _versions_that_wait(self):
        return self._proposals().waiting().filter(specialist=OuterRef("pk"))

    def _proposals(self):
        return self.model.proposals.rel.related_model.objects
