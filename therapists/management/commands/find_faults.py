from django.core.management.base import BaseCommand

from therapists.models import Finding
from therapists.quality import find_faults


class Command(BaseCommand):
    help = (
        "Look for what seems wrong in published profiles, and note it for staff: missing places, "
        "capitals, possible duplicates, cut texts. For cron, once a night."
    )

    def handle(self, *args, **options):
        found = find_faults()
        for kind, number in found.items():
            self.stdout.write(f"{Finding.Kind(kind).label}: {number}")
