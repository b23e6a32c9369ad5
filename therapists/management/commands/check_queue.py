"""Whether letters leave. For a monitor: ends with 1, and says why, when they do not."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from therapists.contact import queue


class Command(BaseCommand):
    help = __doc__

    def handle(self, **options):
        health = queue.health()
        heard = health.heard_of_worker_at
        self.stdout.write(f"Worker last heard of: {_ago(heard) if heard else 'never'}.")
        self.stdout.write(f"Letters on their way: {health.waiting}.")
        if health.oldest_due_at:
            self.stdout.write(
                f"The oldest that should have left was due {_ago(health.oldest_due_at)}."
            )
        if faults := list(health.faults):
            raise CommandError(" ".join(faults))
        self.stdout.write("Letters leave.")


def _ago(moment):
    seconds = max(0, round((timezone.now() - moment).total_seconds()))
    return f"{seconds} seconds ago" if seconds < 120 else f"{seconds // 60} minutes ago"
