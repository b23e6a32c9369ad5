from django.core.management.base import BaseCommand

from therapists.photos.upkeep import erase_orphans, rebuild


class Command(BaseCommand):
    help = (
        "Make all sizes of photos that are one file from before, and erase files that no row names "
        "any more. Can be stopped and run again at any time."
    )

    def handle(self, **options):
        rebuilt = failed = 0
        for name, fault in rebuild():
            rebuilt += not fault
            failed += bool(fault)
            if fault:
                self.stderr.write(f"{name}: {fault}")
        erased = erase_orphans()
        self.stdout.write(
            f"Photos made anew: {rebuilt}. Left as they are: {failed}. "
            f"Photos erased that nobody has any more: {erased}."
        )
