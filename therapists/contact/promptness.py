"""How soon therapists usually answer, as far as they have told us. No order depends on it.

From the messages that are still kept: the median of the time from when one came to when it was
answered. One that nobody has answered counts as endless once it is two weeks old; a younger one,
spam, and what staff hold back do not count.
"""

from dataclasses import dataclass
from datetime import timedelta
from math import ceil, inf

from django.conf import settings
from django.utils import timezone

from therapists.models import Message

ANSWERED = (Message.State.ANSWERED, Message.State.FULL, Message.State.REFERRED)
ENDLESS_AFTER = timedelta(days=14)
LONGEST_SAID = 7  # days


@dataclass(frozen=True)
class Promptness:
    """How one therapist answers. `waits` are the days of each answer, `inf` where none came."""

    waits: tuple = ()

    @property
    def known(self):
        """How many answers we know of."""
        return sum(wait != inf for wait in self.waits)

    @property
    def unanswered(self):
        return len(self.waits) - self.known

    @property
    def is_known(self):
        return self.known >= settings.ANSWERS_KNOWN_FROM

    @property
    def days(self):
        """The median in whole days, rounded up; of two in the middle the longer. None: too long."""
        median = sorted(self.waits)[len(self.waits) // 2] if self.waits else inf
        return max(1, ceil(median)) if median <= LONGEST_SAID else None

    def __str__(self):
        """`answers within 2 days`, or "" where too little is known or it takes too long."""
        if not (self.is_known and self.days):
            return ""
        said = {1: "a day", 7: "a week"}.get(self.days, f"{self.days} days")
        return f"answers within {said}"


def usual_answer(therapist):
    """`answers within 2 days`, or "": as the form and the profile say it."""
    return str(promptness([therapist])[therapist.pk])


def promptness(therapists):
    """{number: `Promptness`} of these therapists, by one query."""
    now = timezone.now()
    counted = Message.objects.filter(
        therapist__in=[one.pk for one in therapists],
        state__in=[Message.State.SENT, *ANSWERED],
        received_at__gte=now - timedelta(days=settings.MESSAGES_KEPT_FOR),
    ).order_by()
    waits = {one.pk: [] for one in therapists}
    for pk, came, answered in counted.values_list("therapist", "received_at", "answered_at"):
        if answered:
            waits[pk].append((answered - came) / timedelta(days=1))
        elif now - came > ENDLESS_AFTER:
            waits[pk].append(inf)
    return {pk: Promptness(tuple(of_one)) for pk, of_one in waits.items()}
