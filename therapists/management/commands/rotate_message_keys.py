"""Seal every message under the first of MESSAGE_KEYS. Can be stopped, and run again."""

from django.core.management.base import BaseCommand, CommandError

from therapists.contact import messages


class Command(BaseCommand):
    help = __doc__

    def handle(self, **options):
        anew, before, unreadable = messages.rotate_keys()
        self.stdout.write(f"Messages sealed under the first key: {anew}.")
        self.stdout.write(f"They were so already: {before}.")
        if unreadable:
            raise CommandError(
                f"Messages that no key in MESSAGE_KEYS opens: {unreadable}. They stay as they are. "
                "If you still have the key that sealed them, add it behind the others."
            )
        self.stdout.write("The other keys are needed no longer.")
