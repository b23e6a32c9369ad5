"""Questions that the directory asks of its therapists, named as they are asked.

Who fits a search, and in which order, is asked of the search index (`therapists.search`).
"""

from datetime import timedelta

from django.apps import apps
from django.conf import settings
from django.db.models import Case, Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone


def hidden_before():
    """The first day on which a confirmation of availability still counts."""
    return timezone.localdate() - timedelta(days=settings.AVAILABILITY_HIDDEN_AFTER)


def flagged_before():
    """The first day on which a confirmation of availability is still as good as new."""
    return timezone.localdate() - timedelta(days=settings.AVAILABILITY_FLAGGED_AFTER)


def listed_q(prefix=""):
    """*Listed*: published, and availability confirmed recently enough. The public sees these alone.

    `prefix` is the path to the therapist where the question is asked from elsewhere:
    `Specialist.objects.filter(listed_q("therapist__"))`.
    """
    return Q(
        **{
            f"{prefix}status": "published",
            f"{prefix}availability_confirmed_on__gte": hidden_before(),
        }
    )


LISTED_WITH_TERM = """
SELECT coalesce(sum(b.count), 0)
FROM therapists_searchkey k JOIN therapists_searchbits_counted b ON b.key = k.id
WHERE k.facet = 'term' AND k.value = therapists_term.id::text
"""


def renamed_approaches():
    """{old slug: the slug of today} of the approaches that are published."""
    # By the reverse relation: approaches know therapists, and not the other way about.
    specialists = apps.get_model("therapists", "Therapist").specialisms.rel.related_model
    approaches = specialists.approach.field.related_model.objects.published()
    old = approaches.filter(aliases__isnull=False)
    return dict(old.values_list("aliases__slug", "slug"))


class TermQuerySet(QuerySet):
    def offered(self, *, beside=()):
        """Those that can be chosen anew; and `beside` them the retired ones that a row has."""
        return self.filter(Q(retired_on__isnull=True) | Q(pk__in=beside))

    def with_listed_count(self):
        """Each with `listed_count`: how many whom the public sees state it."""
        # From the search index, which has it counted: joins take seconds in a large directory.
        return self.annotate(listed_count=RawSQL(LISTED_WITH_TERM, []))  # noqa: S611 - fixed

    def with_approach_count(self):
        """Each with `approach_count`: how many approaches help with it."""
        helping = self.model.helped_by.through.objects.filter(term=OuterRef("pk"))
        counted = helping.order_by().values("term").annotate(count=Count("pk")).values("count")
        return self.annotate(approach_count=Coalesce(Subquery(counted), 0))

    def renamed(self):
        """{vocabulary's slug: {old slug of a term: the slug of today}}."""
        old = self.filter(aliases__isnull=False)
        renamed = {}
        for vocabulary, before, today in old.values_list(
            "aliases__vocabulary__slug", "aliases__slug", "slug"
        ):
            renamed.setdefault(vocabulary, {})[before] = today
        return renamed

    def for_filters(self):
        """Named tuples of all terms with their vocabularies, both in the order they stand in."""
        # Rows and not models: there are hundreds of them on every page.
        return self.order_by(
            "vocabulary__position",
            Lower("vocabulary__name"),
            "vocabulary",
            "position",
            Lower("name"),
            "pk",
        ).values_list(
            "pk",
            "slug",
            "name",
            "retired_on",
            "vocabulary",
            "vocabulary__slug",
            "vocabulary__question",
            "vocabulary__explanation",
            "vocabulary__may_be_unstated",
            named=True,
        )


class TherapistQuerySet(QuerySet):
    def listed(self):
        return self.filter(listed_q())

    def growing_stale(self):
        """Published, and hidden or soon to be: nobody has confirmed for long. Longest ago first."""
        unconfirmed = Q(availability_confirmed_on=None)
        old = Q(availability_confirmed_on__lt=flagged_before())
        return self.filter(unconfirmed | old, status="published").order_by(
            F("availability_confirmed_on").asc(nulls_first=True), "pk"
        )

    def owned_by(self, user):
        return self.filter(owner=user) if user.is_authenticated else self.none()

    def for_profile(self):
        return self.select_related("owner").prefetch_related(
            "offices", "licences__compact", "terms__vocabulary", "specialisms__approach"
        )

    def for_shortlist(self):
        """With what one needs to call or write: no words, and of the terms the ways of contact."""
        return self.for_contact().defer("about").prefetch_related("offices", "licences")

    def for_contact(self):
        """With what decides how they can be written to."""
        return self.select_related("owner").prefetch_related(self._ways_of_contact())

    def _ways_of_contact(self):
        terms = self.model.terms.rel.model.objects.filter(vocabulary__slug="contact")
        return Prefetch("terms", terms.select_related("vocabulary"))


class ProposalQuerySet(QuerySet):
    def waiting(self):
        """What staff have yet to look at, the oldest first."""
        return self.filter(state="waiting").order_by("submitted_at", "pk")

    def next_after(self, proposal):
        """What waits next after this one, the oldest of all after the youngest; or None."""
        others = self.waiting().exclude(pk=proposal.pk)
        at = (proposal.submitted_at, proposal.pk)
        later = Q(submitted_at__gt=at[0]) | Q(submitted_at=at[0], pk__gt=at[1])
        return others.filter(later).first() or others.first()


class NoteQuerySet(QuerySet):
    def still_open(self):
        """What nobody has looked into yet, the oldest first."""
        return self.filter(done_on=None).order_by("noted_on", "pk")


# So many readers in so many days say that something is wrong: look there first.
REPORTS_THAT_HURRY, REPORTS_DAYS = 3, 30


class ReportQuerySet(NoteQuerySet):
    def still_open(self):
        """What nobody has looked into yet; first of those whom several readers report."""
        rows = super().still_open().annotate(hurry=self.hurry())
        return rows.order_by(F("hurry").desc(), "noted_on", "pk")

    def hurry(self):
        """An expression: 1 where three reports of the last thirty days wait for one therapist."""
        since = timezone.localdate() - timedelta(days=REPORTS_DAYS)
        recent = self.model.objects.filter(done_on=None, noted_on__gt=since).order_by()
        several = (
            recent.values("therapist")
            .alias(number=Count("pk"))
            .filter(number__gte=REPORTS_THAT_HURRY)
        )
        return Case(When(therapist__in=several, done_on=None, then=1), default=0)


class LicenceQuerySet(QuerySet):
    def due_for_check(self):
        """Those that staff are to look up in the board's register.

        Never checked, or long ago; ends soon, or has ended since the check. Of profiles that are
        not withdrawn, and not looked for in vain just now.
        """
        today = timezone.localdate()
        soon, long_ago = timedelta(days=30), timedelta(days=settings.LICENCE_RECHECK_AFTER)
        due = (
            Q(checked_on=None)
            | Q(checked_on__lt=today - long_ago)
            | Q(expires_on__lte=today + soon, checked_on__lt=F("expires_on") - soon)
            | Q(expires_on__lt=today, checked_on__lte=F("expires_on"))
        )
        looked_lately = Q(check_failed_on__gt=today - soon)
        return self.filter(due).exclude(looked_lately).exclude(therapist__status="withdrawn")
