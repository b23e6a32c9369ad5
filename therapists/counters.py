"""Counts how often profiles are shown, opened and written to. Sums alone: nothing of a visitor.

A page adds to numbers in this process's memory and asks the database nothing. Every few seconds,
once an answer has left, they are written in one statement; what cannot be written is kept and
tried again. A process that is killed loses its last few seconds.
"""

import logging
import threading
from time import monotonic

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from therapists.search.index import Search

log = logging.getLogger(__name__)

# A full directory's worth of names; beyond it, nobody new is counted until the database is back.
KEPT_AT_MOST = 50_000
TRIES_AGAIN_AFTER = 30

SHOWN, OPENED, CONTACTED = range(3)

# Sorted, so that two processes never wait for each other. Who is gone meanwhile is left out.
WRITE_PROFILES = """
INSERT INTO therapists_profileday AS held (therapist_id, day, shown, opened, contacted)
SELECT t.id, c.day, c.shown, c.opened, c.contacted
FROM unnest(%s::bigint[], %s::date[], %s::int[], %s::int[], %s::int[])
    AS c (therapist, day, shown, opened, contacted)
JOIN therapists_therapist t ON t.id = c.therapist
ORDER BY t.id, c.day
ON CONFLICT (therapist_id, day) DO UPDATE SET shown = held.shown + excluded.shown,
    opened = held.opened + excluded.opened, contacted = held.contacted + excluded.contacted
"""
WRITE_DAYS = """
INSERT INTO therapists_directoryday AS held (day, shown, listed)
SELECT * FROM unnest(%s::date[], %s::bigint[], %s::int[]) AS c (day, shown, listed) ORDER BY day
ON CONFLICT (day) DO UPDATE SET shown = held.shown + excluded.shown,
    listed = greatest(held.listed, excluded.listed)
"""


class Counts:
    """The counts of one process that are not written yet."""

    def __init__(self):
        self.held = {}  # {(day, number of the therapist): [shown, opened, contacted]}
        self.due = 0.0
        self.day_listed = None  # the day of which this process has told how many are listed
        self.adding, self.writing = threading.Lock(), threading.Lock()

    def add(self, what, numbers):
        """Count one more for each of these therapists, today."""
        if not settings.COUNTS_WRITTEN_EVERY:
            return
        today = timezone.localdate()
        with self.adding:
            for number in numbers:
                self._add((today, number), what, 1)

    def _add(self, key, what, more):
        if key not in self.held and len(self.held) >= KEPT_AT_MOST:
            return
        self.held.setdefault(key, [0, 0, 0])[what] += more

    def write_if_due(self, **_):
        """For `request_finished`, when the visitor has the page already."""
        if self.held and monotonic() >= self.due:
            self.write()

    def write(self):
        """Write down what was counted. What fails is kept; nothing is raised."""
        if not self.writing.acquire(blocking=False):
            return  # another thread is at it
        try:
            with self.adding:
                taken, self.held = self.held, {}
            self.due = monotonic() + settings.COUNTS_WRITTEN_EVERY
            try:
                self._write(taken)
            except Exception as error:
                self._keep(taken)
                self.due = monotonic() + TRIES_AGAIN_AFTER
                log.warning("Counts could not be written and are kept: %s", type(error).__name__)
        finally:
            self.writing.release()

    def _keep(self, taken):
        with self.adding:
            for key, counted in taken.items():
                for what, more in enumerate(counted):
                    self._add(key, what, more)

    def _write(self, taken):
        if not taken:
            return
        days, numbers = zip(*taken, strict=True)
        shown, opened, contacted = map(list, zip(*taken.values(), strict=True))
        totals = dict.fromkeys(days, 0)
        for day, more in zip(days, shown, strict=True):
            totals[day] += more
        today, listed = timezone.localdate(), 0
        if self.day_listed != today:
            listed = Search([]).total
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            cursor.execute(WRITE_PROFILES, [list(numbers), list(days), shown, opened, contacted])
            cursor.execute(
                WRITE_DAYS, [list(totals), list(totals.values()), [listed] * len(totals)]
            )
        self.day_listed = today


counts = Counts()


def count_shown(request, therapists):
    """These stand on a page that was just made: on a list, or quoted. Each counts once."""
    if is_a_view(request):
        counts.add(SHOWN, set(therapists))


def count_opened(request, therapist):
    """The profile of this therapist was opened."""
    if is_a_view(request):
        counts.add(OPENED, [therapist])


def count_contacted(therapist):
    """Somebody wrote to this therapist by the directory."""
    counts.add(CONTACTED, [therapist])


def is_a_view(request):
    """Whether somebody looks at the page, as far as a browser says: not a fetch ahead of time."""
    return request.method != "HEAD" and "prefetch" not in request.headers.get("Sec-Purpose", "")
