"""Whether letters leave: how many wait and since when, how many left, and whether a worker runs."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

# What starts the worker, for staff to pass on to whoever runs the server.
COMMAND = "python manage.py procrastinate worker"

# A worker that runs says so every ten seconds.
SILENT_AFTER = 60

# One query, each part by an index of its own, by the database's clock: a worker's signs are, too.
SQL = """
SELECT (SELECT count(*) FROM therapists_delivery WHERE state = 'waiting'),
       (SELECT min(queued_at) FROM therapists_delivery WHERE state = 'waiting'),
       (SELECT count(*) FROM therapists_delivery
         WHERE delivered_at >= clock_timestamp() - interval '1 day'),
       (SELECT count(*) FROM therapists_delivery WHERE state = 'dead' AND closed_on IS NULL),
       EXISTS (SELECT 1 FROM procrastinate_workers
                WHERE last_heartbeat > clock_timestamp() - make_interval(secs => %s))
"""


@dataclass(frozen=True)
class Pulse:
    """The queue of letters, now."""

    waiting: int
    oldest: datetime | None
    left_within_a_day: int
    given_up: int
    worker_runs: bool

    command = COMMAND

    @property
    def is_stuck(self):
        """Whether letters wait and nothing is there to send them."""
        return self.waiting > 0 and not self.worker_runs


def taken():
    """The `Pulse` as it is now."""
    with connection.cursor() as cursor:
        cursor.execute(SQL, [SILENT_AFTER])
        return Pulse(*cursor.fetchone())
