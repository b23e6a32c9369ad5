from pathlib import Path
from time import monotonic

from django.core.management.base import BaseCommand, CommandError

from approaches.transfer.columns import UnknownColumns
from approaches.transfer.files import MAX_BYTES, SheetError, read_sheet
from approaches.transfer.run import import_sheet

FAULTS_SHOWN = 200


class Command(BaseCommand):
    help = "Import therapists from a CSV or XLSX file: one row for each. All of it or nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--publish",
            action="store_true",
            help="List those whose consent is in the file or on record, with their words. This is "
            "your word for it. Without it newcomers stay drafts, and words wait for review.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Say what would be done, and change nothing."
        )

    def handle(self, *args, file, publish, dry_run, **options):
        self.said = monotonic()
        try:
            sheet = read_sheet(self._content(file))
            outcome = import_sheet(
                sheet, by=None, publish=publish, dry_run=dry_run, progress=self._progress
            )
        except SheetError as error:
            raise CommandError(f"{file}: {error} Nothing was imported.") from error
        except UnknownColumns as error:
            raise CommandError("\n".join([*error.sentences, "Nothing was imported."])) from error
        for note in outcome.notes:
            self.stdout.write(self.style.WARNING(note))
        if outcome.faults:
            lines = [f"row {number}, {column}: {said}" for number, column, said in outcome.faults]
            if len(lines) > FAULTS_SHOWN:
                lines[FAULTS_SHOWN:] = [f"... and {len(lines) - FAULTS_SHOWN:,} more."]
            raise CommandError("\n".join([*lines, "Nothing was imported."]))
        for number, row in outcome.rows:
            for note in row.notes:
                self.stdout.write(self.style.WARNING(f"row {number}, {row.object_repr} {note}"))
        self.stdout.write(f"{'Would be: ' if dry_run else ''}{outcome.summary}.")
        if dry_run:
            self.stdout.write("This was a dry run: nothing was written.")

    def _content(self, file):
        if not file.is_file():
            raise SheetError("This is no file.")
        try:
            with file.open("rb") as opened:
                return opened.read(MAX_BYTES + 1)
        except OSError as error:
            raise SheetError(f"It cannot be read: {error.strerror}.") from error

    def _progress(self, done, of):
        """A line every five seconds: a long import should not look like a dead one."""
        if monotonic() - self.said >= 5:
            self.said = monotonic()
            self.stdout.write(f"{done:,} of {of:,} rows ...")
            self.stdout.flush()
