"""Ask therapists by letter whether their availability is still true. For cron, once a day."""

from django.core.management.base import BaseCommand, CommandError

from therapists import freshness
from therapists.models import Therapist

SAID = {
    freshness.Stage.ASKED: "asked",
    freshness.Stage.FLAGGED: "reminded, flagged as old",
    freshness.Stage.HIDDEN: "told, hidden from the public",
}
# So many in a row, and the mail server is away rather than particular.
GIVES_UP_AFTER = 3


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument(
            "--dry-run", action="store_true", help="say who would get a letter, and send none"
        )

    def handle(self, *, dry_run, **options):
        self.dry_run, self.sent, self.failed, self.unreachable = dry_run, 0, 0, 0
        without_address = []
        for number in list(freshness.due()):
            # As they are now: somebody may have confirmed since the run began.
            therapist = Therapist.objects.select_related("owner").filter(pk=number).first()
            stage = freshness.stage_of(therapist) if therapist else None
            if stage and not therapist.letters_to:
                without_address.append(therapist)
            elif stage:
                self.ask(therapist, stage)
        self.report(without_address)

    def ask(self, therapist, stage):
        try:
            if not (self.dry_run or freshness.ask(therapist, stage)):
                return
        except freshness.RefusedError:
            self.failed, self.unreachable = self.failed + 1, 0
            self.stdout.write(f"{therapist}: the mail server refused the letter.")
        except freshness.LetterError:
            self.failed, self.unreachable = self.failed + 1, self.unreachable + 1
            self.stdout.write(f"{therapist}: the mail server did not answer.")
            if self.unreachable == GIVES_UP_AFTER:
                raise CommandError(
                    f"The mail server does not answer, so this stops here. Letters sent: "
                    f"{self.sent}. The rest is tried next time. Look at EMAIL_URL."
                ) from None
        else:
            self.sent, self.unreachable = self.sent + 1, 0
            self.stdout.write(f"{therapist}: {SAID[stage]}.")

    def report(self, without_address):
        for therapist in without_address:
            self.stdout.write(f"{therapist}: no e-mail address, so not asked.")
        for letter in freshness.unclear():
            self.stdout.write(
                f"{letter.therapist}: an earlier run was ended over this letter; "
                "it may not have arrived."
            )
        self.stdout.write(f"Letters {'to send' if self.dry_run else 'sent'}: {self.sent}.")
        if self.failed:
            raise CommandError(f"Letters not sent: {self.failed}. They are tried next time.")
