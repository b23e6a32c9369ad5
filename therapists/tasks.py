"""What the queue does. A job holds numbers and nothing of what a client wrote."""

from procrastinate.contrib.django import app

from therapists.contact import delivery as _delivery
from therapists.contact import limits, messages
from therapists.contact import queue as _queue


@app.task(name=_delivery.TASK)
def deliver(*, delivery: int):
    """Send one letter. When it is tried again stands in its row."""
    _delivery.deliver(delivery)


# Every hour: a worker that is down at one of them makes up for it at the next.
@app.periodic(cron="17 * * * *")
@app.task(name="therapists.erase_messages")
def erase_messages(timestamp: int):
    """Erase what has been kept long enough."""
    messages.erase_old()


@app.periodic(cron="*/10 * * * *")
@app.task(name="therapists.forget_tallies")
def forget_tallies(timestamp: int):
    """Remove counts of messages that have ended."""
    limits.forget()


@app.periodic(cron="47 * * * *")
@app.task(name="therapists.tidy_queue")
def tidy_queue(timestamp: int):
    """Erase what the queue itself leaves behind."""
    _queue.tidy()
