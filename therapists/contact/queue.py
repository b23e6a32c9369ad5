"""The queue as a whole: whether letters leave, and what it leaves behind in its own tables."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Count, Min, Q
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateWorker

from therapists.models import Delivery

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
    dead: int  # given up, and not closed by staff

    @property
    def worker_runs(self):
        heard = self.heard_of_worker_at
        return heard is not None and timezone.now() - heard < HEARD_OF_WITHIN

    @property
    def is_late(self):
        return self.oldest_due_at is not None and timezone.now() - self.oldest_due_at > LATE_AFTER

    @property
    def faults(self):
        """Sentences for whoever runs the site; without any, letters leave."""
        if not self.worker_runs:
            yield "The queue's worker does not run: manage.py work_queue."
        if self.is_late:
            yield "A letter has been due for more than 15 minutes, and has not left."
        if self.dead:
            yield f"Letters given up, which staff have to look at: {self.dead}."


def health():
    """Asks the database three times, by partial indexes."""
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING).aggregate(
        number=Count("pk"), oldest=Min("due_at", filter=Q(due_at__lte=timezone.now()))
    )
    dead = Delivery.objects.filter(state=Delivery.State.DEAD, closed_on=None).count()
    heard = ProcrastinateWorker.objects.order_by("-last_heartbeat").first()
    return Health(
        heard.last_heartbeat if heard else None, waiting["number"], waiting["oldest"], dead
    )


def tidy():
    """Erase jobs that are over, and those that nobody has worked on for a day."""
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
