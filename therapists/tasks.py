"""What the queue does. A job holds numbers and nothing of what a client wrote."""

from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app

from therapists.contact import delivery as _delivery
from therapists.contact import limits, messages


class AsItSays(BaseRetryStrategy):
    """Try again when the fault itself says so; anything else is a fault of ours."""

    def get_retry_decision(self, *, exception, job):
        if isinstance(exception, _delivery.TryAgainError):
            return RetryDecision(retry_in={"seconds": int(exception.wait.total_seconds())})
        return None


@app.task(name=_delivery.TASK, retry=AsItSays())
def deliver(*, delivery: int):
    """Send one letter."""
    _delivery.deliver(delivery)


@app.periodic(cron="17 3 * * *")
@app.task(name="therapists.erase_messages")
def erase_messages(timestamp: int):
    """Erase what has been kept long enough."""
    messages.erase_old()


@app.periodic(cron="*/10 * * * *")
@app.task(name="therapists.forget_tallies")
def forget_tallies(timestamp: int):
    """Remove counts of messages that have ended."""
    limits.forget()
