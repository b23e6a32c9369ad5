"""Send letters and do what else the queue holds, until it is stopped. Runs beside the site."""

import asyncio

from django.conf import settings
from django.core.management.base import BaseCommand

from therapists import worker


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument(
            "--concurrency",
            type=int,
            choices=range(1, 33),
            metavar="1-32",
            default=settings.PROCRASTINATE_WORKER_DEFAULTS["concurrency"],
            help="how many letters leave at once",
        )
        parser.add_argument(
            "--belongs-to", type=int, metavar="PID", help="end when this parent process does"
        )

    def handle(self, *, concurrency, belongs_to, **options):
        asyncio.run(worker.work(concurrency, belongs_to))
