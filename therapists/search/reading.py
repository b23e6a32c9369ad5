"""Fetches every set that a search needs, and what was understood of place and words: one query."""

from array import array
from bisect import bisect_right
from collections import defaultdict
from itertools import accumulate

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.functional import cached_property

from therapists.places import Asked
from therapists.search.bits import Space, integers, integers_of_array
from therapists.search.groups import EVERYONE, FARTHEST, RADII

READ = """
SELECT * FROM therapists_search_read(
    %(today)s, %(hidden_after)s, %(labels)s::int[], %(facets)s::text[], %(values)s::text[],
    %(words)s::text[], %(by_name)s, %(zip_code)s, %(town)s, %(state)s, %(farthest)s
)
"""
BEYOND = """
SELECT therapists_miles_between(u.latitude, u.longitude, p.latitude, p.longitude) AS miles,
    rtrim(p.name || ', ' || p.state || ' ' || p.zip_code), array_send(at.slots)
FROM therapists_places_understood(%(zip_code)s, %(town)s, %(state)s) WITH ORDINALITY
        AS u (key, name, state, zip_code, latitude, longitude, size, number)
    CROSS JOIN therapists_searchat at JOIN therapists_place p ON p.key = at.place
WHERE u.number = 1 AND at.slots <> '{}'
ORDER BY 1 LIMIT 1000
"""


class Sets:
    """What was read: sets by label, and what was understood of words and place.

    `sets[label]` is the set of a label that was asked for. `hollow` are words that say nothing;
    `meant` is {word: those looked for instead}, where nobody has the word; `places` are labels of
    the places that may be meant, best first; `around` are the offices around the first of them.
    """

    def __init__(self, rows, labels, words):
        kinds = defaultdict(list)
        for kind, *row in rows:
            kinds[kind].append(row)
        blocks = [block for found in kinds.values() for _, block, *_ in found]
        self.space = Space(1 + max((block or 0 for block in blocks), default=0))
        self._sets = {}
        self._gather(kinds["bits"], lambda number: labels[number])
        self._gather(kinds["word bits"], lambda number: ("word", words[number]))
        self._gather(kinds["name bits"], lambda number: ("word by name", words[number]))
        self._gather(kinds["town"], lambda number: ("town",))
        self._gather(kinds["unplaced"], lambda number: ("unplaced",))
        for kind, label in (("word slots", "word"), ("named slots", "named")):
            for number, _, packed, _ in kinds[kind]:
                members = self.space.of_slots(integers(packed)) & self.everyone
                self._sets[label, words[number]] = self[label, words[number]] | members
        self.hollow = {words[number] for number, is_hollow, *_ in kinds["word"] if is_hollow}
        self.meant = {words[number]: said.split() for number, *_, said in kinds["word"] if said}
        self.places = [said for *_, said in sorted(kinds["place"])]
        around = (Around(number, sent or b"") for number, _, sent, _ in kinds["rings"])
        self.around = next(around, Around())

    def __getitem__(self, label):
        return self._sets.get(label, 0)

    def telling(self, words):
        """The words without "and" and "the", unless there is nothing else: "An" is a name, too."""
        return [word for word in words if word not in self.hollow] or words

    @property
    def everyone(self):
        """All whom the public sees."""
        return self["everyone"]

    @cached_property
    def near(self):
        """{radius: those with an office at most so many miles from the place}."""
        near, members, start = {}, 0, 0
        for miles in RADII:
            stop = self.around.within(miles)
            members |= self.space.of_slots(self.around.slots[start:stop]) & self.everyone
            near[miles], start = members, stop
        return near

    def _gather(self, rows, label):
        pieces = defaultdict(list)
        for number, block, piece, _ in rows:
            pieces[number].append((block, piece))
        for number, found in pieces.items():
            self._sets[label(number)] = self.space.gather(found)


class Around:
    """The offices around a place, as `therapists_search_place` sends them.

    `slots` are of those who sit there, the nearest first; `miles` are the distances, `ends` where
    the slots of each end.
    """

    def __init__(self, number=0, sent=b""):
        self.miles = array("d", sent[: 8 * number])
        self.miles.byteswap()
        self.ends = list(accumulate(integers(sent[8 * number : 12 * number])))
        self.slots = integers(sent[12 * number :])[1::2]  # length and value by turns

    def within(self, miles):
        """How many of `slots` are at most so many miles away."""
        number = bisect_right(self.miles, miles)
        return self.ends[number - 1] if number else 0

    def rings(self):
        """Yields the slots of each distance, the nearest first."""
        start = 0
        for stop in dict(zip(self.miles, self.ends, strict=True)).values():  # two may be as far
            yield self.slots[start:stop]
            start = stop

    def miles_to(self, slots):
        """{slot: miles} of those of `slots` that have an office around."""
        wanted, miles = set(slots), {}
        for at, slot in enumerate(self.slots):
            if not wanted:
                break
            if slot in wanted:
                wanted.discard(slot)
                miles[slot] = self.miles[bisect_right(self.ends, at)]
        return miles


def read(asked, words=(), place=None, *, by_name=False):
    """`Sets` of all labels of `asked` ({label: keys}), of words, and around a place.

    `by_name`: the words are looked for in names, too. Takes the index on to a new day first, where
    nobody has done it yet.
    """
    labels = ["everyone", *asked]
    keys = [(number, *key) for number, of in enumerate([[EVERYONE], *asked.values()]) for key in of]
    numbers, facets, values = zip(*keys, strict=True)
    place = place or Asked()
    parameters = {
        "labels": list(numbers),
        "facets": list(facets),
        "values": list(values),
        "words": list(words),
        "by_name": by_name,
        "zip_code": place.zip_code,
        "town": place.town,
        "state": place.state,
        "farthest": FARTHEST,
        **_now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(READ, parameters)
        rows = cursor.fetchall()
        if ("behind", 1) in [row[:2] for row in rows]:
            _begin(cursor)
            cursor.execute(READ, parameters)
            rows = cursor.fetchall()
    return Sets(rows, labels, list(words))


def _now():
    return {"today": timezone.localdate(), "hidden_after": settings.AVAILABILITY_HIDDEN_AFTER}


def _begin(cursor):
    """Take the index on to today, and to the setting that says when the silent are hidden."""
    cursor.execute("SELECT therapists_search_begin(%(today)s, %(hidden_after)s)", _now())


def catch_up():
    """Take the index on to today, if nobody has done so yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT therapists_search_is_behind(%(today)s, %(hidden_after)s)", _now())
        (is_behind,) = cursor.fetchone()
        if is_behind:
            _begin(cursor)


def places_beyond(place):
    """[(miles, label, slots)] of the places where anybody sits, the nearest first."""
    with connection.cursor() as cursor:
        asked = {"zip_code": place.zip_code, "town": place.town, "state": place.state}
        cursor.execute(BEYOND, asked)
        return [(miles, label, integers_of_array(sent)) for miles, label, sent in cursor]
