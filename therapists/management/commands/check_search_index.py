"""Prove the search index, mend it, or build it anew."""

import sys

from django.core.management.base import BaseCommand

from therapists.search import check, upkeep

WIDTH = 40


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--repair", action="store_true", help="mend what differs")
        how.add_argument(
            "--rebuild", action="store_true", help="build it from nothing; readers wait meanwhile"
        )

    def handle(self, *, repair, rebuild, **options):
        if rebuild:
            upkeep.rebuild(self.progress)
            self.stdout.write("The search index has been built anew.")
            return
        findings = check.repair(self.progress) if repair else check.check(self.progress)
        for line in findings.lines():
            self.stdout.write(line)
        if not findings:
            self.stdout.write("The search index is right.")
        elif repair:
            self.stdout.write("Mended.")
        else:
            self.stdout.write("Run this again with --repair.")
            sys.exit(1)

    def progress(self, done, of):
        """A bar on one line of a terminal; nothing where the output is kept."""
        if self.stderr.isatty() and of:
            filled = WIDTH * done // of
            bar = "#" * filled + "." * (WIDTH - filled)
            self.stderr.write(f"\r[{bar}] {done:,} of {of:,}", ending="\n" if done == of else "")
