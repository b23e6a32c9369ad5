from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from approaches.importer.reading import PageError, read_page
from approaches.importer.storing import store_page
from approaches.importer.telling import told


class Command(BaseCommand):
    help = (
        "Import approach pages from plain text: title, overview, “Meet the specialists”, and "
        "statements, each signed on a line that begins with a dash. All of it or nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument(
            "--publish",
            action="store_true",
            help="Publish what is imported. This is your word that the people quoted agreed to be "
            "listed, and is recorded as that. Without it everything new is a draft.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would be done, and change nothing."
        )

    def handle(self, *args, files, publish, dry_run, **options):
        try:
            # Every file is read before anything is written.
            pages = [read_page(file) for file in files]
            with transaction.atomic():
                reports = [store_page(page, publish=publish) for page in pages]
                transaction.set_rollback(dry_run)
        except PageError as error:
            raise CommandError(f"{error}. Nothing was imported.") from error
        for page, report in zip(pages, reports, strict=True):
            self._tell(page, report, dry_run)
        if dry_run:
            self.stdout.write("This was a dry run: nothing was written.")

    def _tell(self, page, report, dry_run):
        for line in told(page, report, dry_run=dry_run):
            self.stdout.write(self.style.WARNING(line.text) if line.is_warning else line.text)
