"""Questions asked of approaches and of the specialists who practise them."""

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Length

from therapists.order import rank_expression
from therapists.querysets import listed_q


def _by_days_order(day):
    return rank_expression(day, "therapist__"), "therapist__slug", "pk"


class ApproachQuerySet(QuerySet):
    def published(self):
        return self.filter(status="published")

    def with_listed_count(self):
        """Adds `listed_count`: how many listed therapists practise it; A to Z."""
        listed = Count("specialists", filter=listed_q("specialists__therapist__"))
        # Django forgets a model's own order where it groups.
        return self.annotate(listed_count=listed).order_by(*self.model._meta.ordering)

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

    def in_days_order(self, day):
        """By the day's order of their therapists (see `therapists.order`)."""
        return self.order_by(*_by_days_order(day))

    def in_page_order(self, day):
        """Those whom staff have pinned, by position; then everyone by the day's order."""
        return self.order_by(F("position").asc(nulls_last=True), *_by_days_order(day))

    def for_quotes(self):
        return self.select_related("therapist", "approach").prefetch_related("therapist__offices")

    def for_desk(self):
        """Pinned or waiting: those that an approach's own admin page has room for."""
        return self.filter(Q(position__isnull=False) | Q(state="submitted"))
