"""Read a mail that came to BOUNCES_TO, from standard input, or all those of an mbox file.

Ends with 0 also for what is no report about a letter of ours, and says so: a mail server would
answer anything else with one more mail. While the database is away it ends with 75, on which mail
servers try again.
"""

import mailbox
import sys

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from therapists.contact import bounces

TRY_AGAIN = 75  # EX_TEMPFAIL of sysexits.h
CHUNK = 1 << 16


class Command(BaseCommand):
    help = __doc__
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("--to", default="", help="the address it came to, as ${recipient}")
        parser.add_argument("--mbox", help="read this file instead; it stays as it is")

    def handle(self, *, to, mbox, **options):
        for raw in self.mails(mbox):
            try:
                self.stdout.write(bounces.read(raw, to))
            except bounces.NotOursError as error:
                self.stdout.write(str(error))
            except OperationalError:
                message = "The database does not answer: try again."
                raise CommandError(message, returncode=TRY_AGAIN) from None

    def mails(self, mbox):
        """The bytes of each, and of a long one its beginning."""
        if mbox is None:
            stream = sys.stdin.buffer
            yield stream.read(bounces.READ_AT_MOST)
            while stream.read(CHUNK):  # or the mail server takes it for a fault
                pass
            return
        try:
            box = mailbox.mbox(mbox, create=False)
            for key in box.iterkeys():
                with box.get_file(key) as file:
                    yield file.read(bounces.READ_AT_MOST)
        except (mailbox.Error, OSError):
            raise CommandError(f"{mbox} cannot be read as an mbox file.") from None
