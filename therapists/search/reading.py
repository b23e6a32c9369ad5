"""Fetches every set that a search needs, and what was understood of place and words: one query."""

from array import array
from collections import defaultdict
from struct import iter_unpack

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.functional import cached_property

from therapists.places import Asked
from therapists.search.bits import Space, integers, integers_of_array
from therapists.search.groups import EVERYONE, FARTHEST, RADII

# The parts of one query. What nobody asks for is left out: PostgreSQL would plan it all the same,
# and that took longer than to answer the others.
SETS = """
SELECT 'behind' AS kind, therapists_search_is_behind(%(today)s, %(hidden_after)s)::int AS label,
        NULL::int AS block, NULL::bytea AS data, NULL::text AS said
UNION ALL
SELECT 'bits', a.label, b.block, varbit_send(bit_or(b.bits)), NULL
    FROM unnest(%(labels)s::int[], %(facets)s::text[], %(values)s::text[])
        AS a (label, facet, value)
    JOIN therapists_searchkey k ON k.facet = a.facet AND k.value = a.value
    JOIN therapists_searchbits b ON b.key = k.id GROUP BY 2, 3
"""
WORDED = """
worded AS MATERIALIZED (
    SELECT * FROM therapists_search_words(%(word_labels)s::int[], %(words)s::text[])
), by_key AS (
    SELECT w.label, k.facet = 'word' AS is_own, w.key
    FROM worded w JOIN therapists_searchkey k ON k.id = w.key
)"""
WORDS = """
UNION ALL
SELECT CASE WHEN k.is_own THEN 'word bits' ELSE 'name bits' END, k.label, b.block,
        varbit_send(bit_or(b.bits)), NULL
    FROM by_key k JOIN therapists_searchbits b ON b.key = k.key GROUP BY 1, 2, 3
UNION ALL
SELECT 'word slots', label, NULL, slots, NULL FROM worded WHERE slots IS NOT NULL
UNION ALL
SELECT 'word', label, is_hollow::int, NULL, array_to_string(meant, ' ')
    FROM worded WHERE is_hollow OR meant IS NOT NULL
"""
NAMED = """
UNION ALL
SELECT 'named slots', w.label, NULL, string_agg(int4send(e.slot), NULL), NULL
    FROM unnest(%(word_labels)s::int[], %(words)s::text[]) AS w (label, word)
    CROSS JOIN LATERAL unnest(coalesce(
        (SELECT meant FROM worded WHERE worded.label = w.label AND meant IS NOT NULL LIMIT 1),
        ARRAY[w.word, therapists_search_unaccented(w.word)]
    )) AS one
    CROSS JOIN LATERAL (
        SELECT tsvector_to_array(to_tsvector('simple', therapists_search_plain(one))) AS names
    ) asked
    JOIN therapists_searchentry e ON e.names @> asked.names AND asked.names <> '{}'
    GROUP BY 2
"""
UNDERSTOOD = """
understood AS MATERIALIZED (
    SELECT row_number() OVER () AS number, place.*
    FROM therapists_places_understood(%(zip_code)s, %(town)s, %(state)s) place
), around AS MATERIALIZED (
    SELECT at.* FROM understood u
    CROSS JOIN LATERAL therapists_search_around(u.latitude, u.longitude, %(farthest)s) at
    WHERE u.number = 1
)"""
PLACE = """
UNION ALL
SELECT 'place', number, NULL, NULL, rtrim(name || ', ' || state || ' ' || zip_code)
    FROM understood
UNION ALL
-- Thousands of places, in three pieces; before the slots of each stands what kind of array it is.
SELECT 'ring miles', NULL, NULL, string_agg(float8send(miles), NULL ORDER BY miles, place), NULL
    FROM around
UNION ALL
SELECT 'ring sizes', NULL, NULL,
        string_agg(int4send(cardinality(slots)), NULL ORDER BY miles, place), NULL
    FROM around
UNION ALL
SELECT 'ring slots', NULL, NULL,
        string_agg(substr(array_send(slots), 21), NULL ORDER BY miles, place), NULL
    FROM around
UNION ALL
-- A town that only offices know: it has no coordinates, but those who sit there.
SELECT 'town', 0, b.block, varbit_send(bit_or(b.bits)), NULL
    FROM therapists_searchkey k JOIN therapists_searchbits b ON b.key = k.id
    WHERE k.facet = 'town' AND split_part(k.value, '|', 1) = therapists_search_town(%(town)s)
        AND %(town)s <> ''
        AND (%(state)s = '' OR split_part(k.value, '|', 2) = %(state)s)
        AND NOT EXISTS (SELECT FROM understood)
    GROUP BY 3
UNION ALL
SELECT 'unplaced', 0, b.block, varbit_send(bit_or(b.bits)), NULL
    FROM understood u JOIN therapists_searchkey k ON k.facet = 'unplaced' AND k.value = u.state
    JOIN therapists_searchbits b ON b.key = k.id
    WHERE u.number = 1 GROUP BY 3
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
    the places that may be meant, best first; `rings` are (miles, slots) around the first of them.
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
        rings = ("ring miles", "ring sizes", "ring slots")
        self.rings = _rings(*(sent or b"" for kind in rings for *_, sent, _ in kinds[kind]))

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
        near, rings = {}, iter(self.rings)
        ring = next(rings, None)
        members = 0
        for miles in RADII:
            slots = array("i")
            while ring and ring[0] <= miles:
                slots.extend(ring[1])
                ring = next(rings, None)
            members |= self.space.of_slots(slots) & self.everyone
            near[miles] = members
        return near

    def miles_to(self, slots):
        """{slot: miles from the place} of those of `slots` that have an office near it."""
        wanted, miles = set(slots), {}
        for distance, ring in self.rings:
            if not wanted:
                break
            there = wanted.intersection(ring)
            miles |= dict.fromkeys(there, distance)
            wanted -= there
        return miles

    def _gather(self, rows, label):
        pieces = defaultdict(list)
        for number, block, piece, _ in rows:
            pieces[number].append((block, piece))
        for number, found in pieces.items():
            self._sets[label(number)] = self.space.gather(found)


def _rings(miles=b"", sizes=b"", slots=b""):
    """[(miles, slots)], the nearest first."""
    rings, start = [], 0
    slots = integers(slots)[1::2]  # length and value by turns
    for (distance,), size in zip(iter_unpack(">d", miles), integers(sizes), strict=True):
        there = slots[start : start + size]
        if rings and rings[-1][0] == distance:  # two places as far away
            rings[-1][1].extend(there)
        else:
            rings.append((distance, there))
        start += size
    return rings


def _query(words, place, by_name):
    """The query for all of it. `by_name`: the words are looked for in names, too."""
    named = [WORDED] if words else []
    named += [UNDERSTOOD] if place else []
    parts = [SETS, WORDS if words else "", NAMED if words and by_name else ""]
    parts += [PLACE] if place else []
    return (f"WITH {','.join(named)}" if named else "") + "".join(parts)


def read(asked, words=(), place=None, *, by_name=False):
    """`Sets` of all labels of `asked` ({label: keys}), of words, and around a place.

    Takes the index on to a new day first, where nobody has done it yet.
    """
    labels = ["everyone", *asked]
    keys = [(number, *key) for number, of in enumerate([[EVERYONE], *asked.values()]) for key in of]
    numbers, facets, values = zip(*keys, strict=True)
    query = _query(words, place, by_name)
    place = place or Asked()
    parameters = {
        "labels": list(numbers),
        "facets": list(facets),
        "values": list(values),
        "word_labels": list(range(len(words))),
        "words": list(words),
        "zip_code": place.zip_code,
        "town": place.town,
        "state": place.state,
        "farthest": FARTHEST,
        **_now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        rows = cursor.fetchall()
        if ("behind", 1) in [row[:2] for row in rows]:
            _begin(cursor)
            cursor.execute(query, parameters)
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
