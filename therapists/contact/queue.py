"""The queue as a whole: whether letters leave, and what it leaves behind in its own tables."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.utils import timezone

from therapists.contact import handed_over

# What starts the worker, for staff to pass on to whoever keeps the server.
COMMAND = "manage.py work_queue"
# A worker says so often that it is there. A busy machine may make it late.
HEARD_OF_WITHIN = timedelta(minutes=1)
# A letter that is due leaves within seconds, unless thousands came at once.
LATE_AFTER = timedelta(minutes=15)


@dataclass(frozen=True)
class Health:
    """What is to be known of the queue, at one moment."""

    heard_of_worker_at: datetime | None
    waiting: int
    oldest_due_at: datetime | None  # of the letters that should have left by now
    oldest_queued_at: datetime | None
    dead: int  # given up, and not closed by staff
    left_within_a_day: int

    command = COMMAND

    @property
    def worker_runs(self):
        heard = self.heard_of_worker_at
        return heard is not None and timezone.now() - heard < HEARD_OF_WITHIN

    @property
    def is_stuck(self):
        """Whether letters wait and nothing is there to send them."""
        return self.waiting > 0 and not self.worker_runs

    @property
    def is_late(self):
        return self.oldest_due_at is not None and timezone.now() - self.oldest_due_at > LATE_AFTER

    @property
    def faults(self):
        """Sentences for whoever runs the site; without any, letters leave."""
        if not self.worker_runs:
            yield f"The queue's worker does not run: {COMMAND}."
        if self.is_late:
            yield "A letter has been due for more than 15 minutes, and has not left."
        if self.dead:
            yield f"Letters given up, which staff have to look at: {self.dead}."


# Each part by an index of its own.
HEALTH = """
SELECT (SELECT max(last_heartbeat) FROM procrastinate_workers), w.number, w.due, w.queued,
       (SELECT count(*) FROM therapists_delivery WHERE state = 'dead' AND closed_on IS NULL),
       (SELECT count(*) FROM therapists_delivery
         WHERE delivered_at >= clock_timestamp() - interval '1 day')
FROM (SELECT count(*) AS number, min(queued_at) AS queued,
             min(due_at) FILTER (WHERE due_at <= clock_timestamp()) AS due
      FROM therapists_delivery WHERE state = 'waiting') w
"""


def health():
    """The `Health` of this moment, by one query: the desk of staff begins with it."""
    with connection.cursor() as cursor:
        cursor.execute(HEALTH)
        return Health(*cursor.fetchone())


def tidy():
    """Erase jobs that are over or were left for a day, and notes on letters that do not wait."""
    handed_over.tidy()
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM procrastinate_jobs j
            WHERE j.status NOT IN ('todo', 'doing') OR j.status = 'doing' AND NOT EXISTS (
                SELECT FROM procrastinate_events e
                WHERE e.job_id = j.id AND e.at > now() - interval '1 day'
            )
            """
        )
