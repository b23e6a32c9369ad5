from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from approaches.transfer.run import export, template
from therapists.models import Therapist

KINDS = ("csv", "xlsx")


class Command(BaseCommand):
    help = "Write all therapists to a CSV or XLSX file that import_therapists reads back."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE", help="Ends in .csv or .xlsx.")
        parser.add_argument(
            "--template", action="store_true", help="The columns alone, to be filled in."
        )

    def handle(self, *args, file, **options):
        kind = file.suffix.removeprefix(".").lower()
        if kind not in KINDS:
            raise CommandError("The name of the file must end in .csv or .xlsx.")
        with file.open("wb") as opened:
            if options["template"]:
                template(opened, kind=kind)
            else:
                export(Therapist.objects.all(), opened, kind=kind)
        self.stdout.write(f"Written to {file}.")
