"""Erase the counts of days that are over long since. For cron, once a day."""

from datetime import timedelta

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db.models import Exists, OuterRef
from django.utils import timezone

from therapists.models import DirectoryDay, ProfileDay, Therapist


class Command(BaseCommand):
    help = __doc__

    def handle(self, **options):
        first = timezone.localdate() - timedelta(days=settings.COUNTS_KEPT_FOR)
        old = DirectoryDay.objects.filter(day__lt=first)
        days = sorted({*old.values_list("day", flat=True), *self.days_before(first)})
        for day in days:  # one by one: a year of a large directory is much for one transaction
            ProfileDay.objects.filter(day=day)._raw_delete("default")
        erased, _ = old.delete()
        # Counted while somebody was being deleted.
        gone = ~Exists(Therapist.objects.filter(pk=OuterRef("therapist_id")))
        orphans = ProfileDay.objects.filter(gone)._raw_delete("default")
        self.stdout.write(f"Days erased: {max(erased, len(days))}.")
        if orphans:
            self.stdout.write(f"Counts of deleted profiles erased: {orphans}.")

    def days_before(self, first):
        old = ProfileDay.objects.filter(day__lt=first)
        return old.values_list("day", flat=True).distinct()
