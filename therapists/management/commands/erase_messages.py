"""Erase the messages of clients that have been kept long enough. The queue does so every hour."""

from django.conf import settings
from django.core.management.base import BaseCommand

from therapists.contact import messages


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument(
            "--older-than",
            type=int,
            choices=range(3651),
            metavar="DAYS",
            default=settings.MESSAGES_KEPT_FOR,
            help=f"other than MESSAGES_KEPT_FOR ({settings.MESSAGES_KEPT_FOR}); 0 erases all",
        )

    def handle(self, *, older_than, **options):
        self.stdout.write(f"Messages erased: {messages.erase_old(older_than)}.")
