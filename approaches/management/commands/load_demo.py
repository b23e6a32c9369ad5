from django.core.management.base import BaseCommand, CommandError

from approaches.demo.directory import load_demo
from approaches.models import Approach
from therapists.models import Therapist, Vocabulary


class Command(BaseCommand):
    help = "Fill an empty directory with approaches and fictional therapists, to look around in."

    def add_arguments(self, parser):
        parser.add_argument(
            "--if-empty",
            action="store_true",
            help="Do nothing, rather than refuse, where there is a directory already.",
        )

    def handle(self, *args, if_empty, **options):
        if any(model.objects.exists() for model in (Therapist, Approach, Vocabulary)):
            if if_empty:
                return
            raise CommandError(
                "This directory is not empty, and the demo never mixes with real people. Nothing "
                "was changed."
            )
        approaches, therapists = load_demo()
        self.stdout.write(f"The demo directory: {approaches} approaches, {therapists} therapists.")
