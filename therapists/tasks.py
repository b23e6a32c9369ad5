"""What the queue does. A job holds numbers and nothing of what a client wrote."""

from functools import wraps

from django.db import InterfaceError, OperationalError
from procrastinate.contrib.django import app

from therapists.contact import delivery as _delivery
from therapists.contact import limits, messages
from therapists.contact import queue as _queue

# How PostgreSQL says that it is going down, or coming up; a lost connection has no code.
_OF_AN_OUTAGE = (None, "57P01", "57P02", "57P03")


def _left_to_the_worker(job):
    """Of a database that goes away over a job therapists/worker.py tells, once for all of them.

    Nothing is lost: clocks strike again, and a letter that is due gets another job.
    """

    @wraps(job)
    def done(**given):
        try:
            job(**given)
        except (OperationalError, InterfaceError) as error:
            if getattr(error.__cause__, "sqlstate", None) not in _OF_AN_OUTAGE:
                raise

    return done


@app.task(name=_delivery.TASK)
@_left_to_the_worker
def deliver(*, delivery: int):
    """Send one letter. When it is tried again stands in its row."""
    _delivery.deliver(delivery)


# Every hour: a worker that is down at one of them makes up for it at the next.
@app.periodic(cron="17 * * * *")
@app.task(name="therapists.erase_messages")
@_left_to_the_worker
def erase_messages(timestamp: int):
    """Erase what has been kept long enough."""
    messages.erase_old()


@app.periodic(cron="*/10 * * * *")
@app.task(name="therapists.forget_tallies")
@_left_to_the_worker
def forget_tallies(timestamp: int):
    """Remove counts of messages that have ended."""
    limits.forget()


@app.periodic(cron="47 * * * *")
@app.task(name="therapists.tidy_queue")
@_left_to_the_worker
def tidy_queue(timestamp: int):
    """Erase what the queue itself leaves behind."""
    _queue.tidy()
