"""Questions that the directory asks of its therapists, named as they are asked.

`Therapist.objects.listed().practising(["emdr"]).in_states(["OR"]).in_fair_order(day).for_cards()`

A criterion without a choice narrows nothing; that is decided here, not by each caller. To-many
criteria are sub-queries, so no therapist comes twice. Where a therapist may have left something
unsaid, `or_unstated=True` keeps those who did.
"""

from datetime import timedelta

from django.conf import settings
from django.contrib.postgres.aggregates import StringAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db.models import F, Func, Lookup, OuterRef, Q, QuerySet, Subquery, TextField, Value
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone

from therapists.order import rank_expression

SEARCH_CONFIG = "english"


def hidden_before():
    """The first day on which a confirmation of availability still counts."""
    return timezone.localdate() - timedelta(days=settings.AVAILABILITY_HIDDEN_AFTER)


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


def _words_of(path):
    """The words of an array at the end of a path, as one text."""
    return Func(F(path), Value(" "), function="array_to_string", output_field=TextField())


class _AnyOf(Lookup):
    """`left = ANY (array)`."""

    prepare_rhs = False

    def as_sql(self, compiler, connection):
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} = ANY ({right})", [*left_params, *right_params]


def _among(therapists):
    """The condition of being one of `therapists`, a queryset.

    As an array: PostgreSQL weighs every order in which `IN` sub-queries could be joined, and with a
    choice in each of eighteen groups it planned for two seconds what it then did in a millisecond.
    """
    return _AnyOf(F("pk"), ArraySubquery(therapists.order_by().values("pk")))


class VocabularyQuerySet(QuerySet):
    def with_terms(self):
        return self.prefetch_related("terms")


class OfficeQuerySet(QuerySet):
    def of_listed_therapists(self):
        return self.filter(listed_q("therapist__"))

    def towns(self):
        """Distinct (city, state) pairs, A to Z, of offices that name a city."""
        return (
            self.exclude(city="").order_by("city", "state").values_list("city", "state").distinct()
        )

    def states(self):
        """Distinct state codes of offices that name a state."""
        return self.exclude(state="").order_by("state").values_list("state", flat=True).distinct()


class TherapistQuerySet(QuerySet):
    # --- scopes ---

    def listed(self):
        return self.filter(listed_q())

    def owned_by(self, user):
        return self.filter(owner=user) if user.is_authenticated else self.none()

    # --- criteria ---

    def _whose(self, *conditions, **lookups):
        """Narrow by a to-many relation without a join, so that nobody comes twice."""
        return self.filter(_among(self.model.objects.filter(*conditions, **lookups)))

    def practising(self, approaches):
        """Those who practise any of these published approaches (slugs)."""
        if not approaches:
            return self
        return self._whose(
            specialisms__approach__slug__in=approaches,
            specialisms__approach__status="published",
        )

    def with_terms(self, vocabulary, terms, *, or_unstated=False):
        """Those who state any of these terms (slugs) of the vocabulary (slug)."""
        if not terms:
            return self
        stated = self._whose(terms__vocabulary__slug=vocabulary, terms__slug__in=terms)
        return stated | self.without_terms(vocabulary) if or_unstated else stated

    def without_terms(self, vocabulary):
        """Those who state nothing of the vocabulary (slug)."""
        return self.exclude(_among(self.model.objects.filter(terms__vocabulary__slug=vocabulary)))

    def in_states(self, states):
        """Those with an office in any of these states (two-letter codes)."""
        return self._whose(offices__state__in=states) if states else self

    def in_towns(self, towns):
        """Those with an office in any of these towns: pairs of city and state code."""
        if not towns:
            return self
        places = Q()
        for city, state in towns:
            places |= Q(offices__city=city, offices__state=state)
        return self._whose(places)

    def seeing(self, formats):
        """Those who see people in any of these ways: "in-person", "online"."""
        if not formats:
            return self
        ways = Q()
        if "in-person" in formats:
            ways |= Q(in_person=True)
        if "online" in formats:
            ways |= Q(online=True)
        return self.filter(ways)

    def available(self, availabilities, *, or_unstated=False):
        """Those whose availability is any of these (values of Therapist.Availability)."""
        if not availabilities:
            return self
        stated = self.filter(availability__in=availabilities)
        return stated | self.without_availability() if or_unstated else stated

    def without_availability(self):
        return self.filter(availability="")

    def charging_at_most(self, dollars, *, or_unstated=False):
        """Those whose lowest fee is at most so many dollars a session."""
        if dollars is None:
            return self
        stated = self.filter(fee_from__lte=dollars)
        return stated | self.without_fee() if or_unstated else stated

    def without_fee(self):
        return self.filter(fee_from__isnull=True)

    def matching(self, words):
        """Those in whose name, own words, approaches, terms or towns all of the words stand.

        Approaches and terms are known by their synonyms, too.
        """
        if not words:
            return self
        on_a_page = {"specialisms__approach__status": "published"}
        document = SearchVector(
            "name",
            "post_nominals",
            "title",
            "about",
            self._gathered("offices__city"),
            self._gathered("terms__name"),
            self._gathered(_words_of("terms__synonyms")),
            self._gathered("specialisms__approach__name", **on_a_page),
            self._gathered(_words_of("specialisms__approach__synonyms"), **on_a_page),
            self._gathered("specialisms__statement", specialisms__state="approved", **on_a_page),
            config=SEARCH_CONFIG,
        )
        # Plain: operators and quotes are words to a reader, and a row of dashes broke their parser.
        query = SearchQuery(words, config=SEARCH_CONFIG, search_type="plain")
        return self.alias(document=document).filter(
            Q(document=query) | Q(name__icontains=words.strip())
        )

    def _gathered(self, text, **conditions):
        """One text of all that lies at the end of a to-many path, as a sub-query."""
        texts = (
            self.model.objects.filter(pk=OuterRef("pk"), **conditions)
            .order_by()
            .values("pk")
            .annotate(gathered=StringAgg(text, " "))
            .values("gathered")
        )
        return Coalesce(Subquery(texts), Value(""), output_field=TextField())

    # --- what there is to choose from ---

    def approaches_practised(self):
        """Distinct (slug, name) pairs, A to Z, of the published approaches they practise."""
        return (
            self.filter(specialisms__approach__status="published")
            .order_by(Lower("specialisms__approach__name"), "specialisms__approach__slug")
            .values_list("specialisms__approach__slug", "specialisms__approach__name")
            .distinct()
        )

    # --- orders and page shapes ---

    def in_fair_order(self, day):
        """The day's order (see `therapists.order`); the slug makes it total."""
        return self.order_by(rank_expression(day), F("slug"))

    def for_cards(self):
        return self.prefetch_related("offices", "specialisms__approach")

    def for_profile(self):
        return self.prefetch_related(
            "offices", "licences", "terms__vocabulary", "specialisms__approach"
        )
