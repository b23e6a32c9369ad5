from django.core.management.base import BaseCommand, CommandError

from approaches import publishing


class Command(BaseCommand):
    help = (
        "Publish the approach pages whose moment has come. For cron, every few minutes: to run it "
        "again, or twice at once, changes nothing more."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="Say what would be published, and change nothing.",
        )

    def handle(self, *args, dry_run, **options):
        due = publishing.publish_due(dry_run=dry_run)
        for approach in due.published:
            self.stdout.write(f"{'Would be published' if dry_run else 'Published'}: {approach}.")
        for approach, faults in due.refused.items():
            self.stderr.write(f"Not published: {approach}. {' '.join(faults)}")
        if due.refused:
            raise CommandError(f"{len(due.refused)} could not be published.")
