"""Questions asked of approaches and of the specialists who practise them."""

from django.db.models import Count, F, Q, QuerySet

from therapists.order import rank_expression
from therapists.querysets import listed_q


class ApproachQuerySet(QuerySet):
    def published(self):
        return self.filter(status="published")

    def with_listed_count(self):
        """Adds `listed_count`: how many listed therapists practise it."""
        return self.annotate(
            listed_count=Count("specialists", filter=listed_q("specialists__therapist__"))
        )

    def for_page(self):
        return self.prefetch_related("sources", "helps_with__vocabulary", "related")


class SpecialistQuerySet(QuerySet):
    def listed(self):
        """Those whose therapist the public sees."""
        return self.filter(listed_q("therapist__"))

    def quoted(self):
        """Those whose statement the public may read: approved, and of a listed therapist."""
        return self.listed().filter(state="approved").exclude(statement="")

    def awaiting_review(self):
        return self.filter(state="submitted").order_by("submitted_at", "pk")

    def in_fair_order(self, day):
        """Those whom staff have pinned, by position; then everyone by the day's order."""
        return self.order_by(
            F("position").asc(nulls_last=True),
            rank_expression(day, "therapist__"),
            F("therapist__slug"),
        )

    def for_quotes(self):
        return self.select_related("therapist").prefetch_related("therapist__offices")

    def for_desk(self):
        """Pinned or waiting: those that an approach's own admin page has room for."""
        return self.filter(Q(position__isnull=False) | Q(state="submitted"))
