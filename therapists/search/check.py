"""Proves the search index against what it is made of, and mends it."""

from dataclasses import dataclass, field

from django.db import connection, transaction

from therapists.search.bits import BLOCK, BLOCK_BYTES, strings_of
from therapists.search.upkeep import fill_block

# Each statement sees one moment, so writers need not wait while the index is only looked at.
ENTRIES = """
WITH ids AS MATERIALIZED (
    SELECT array_agg(id) AS ids FROM therapists_therapist WHERE id BETWEEN %(first)s AND %(last)s
), wanted AS MATERIALIZED (
    SELECT w.therapist,
        ROW(w.slug, w.keys, w.places, w.names, w.document, w.changes_on)::text AS says
    FROM ids CROSS JOIN LATERAL therapists_search_wanted(ids) w
), kept AS MATERIALIZED (
    SELECT e.therapist_id AS therapist,
        ROW(e.slug, e.keys, e.places, e.names, e.document, e.changes_on)::text AS says
    FROM therapists_searchentry e WHERE e.therapist_id BETWEEN %(first)s AND %(last)s
)
SELECT therapist FROM wanted FULL JOIN kept USING (therapist)
WHERE wanted.says IS DISTINCT FROM kept.says ORDER BY 1
"""
BLOCK_ROWS = """
SELECT 'slot', slot, array_send(keys) FROM therapists_searchentry
    WHERE slot BETWEEN %(first)s AND %(last)s
UNION ALL
SELECT 'bits', key, varbit_send(bits) FROM therapists_searchbits WHERE block = %(block)s
"""
PLACES = """
SELECT place FROM (
    SELECT place, latitude, longitude, slots
    FROM (
        SELECT place, array_agg(slot ORDER BY slot) AS slots
        FROM therapists_searchentry CROSS JOIN unnest(places) AS place GROUP BY 1
    ) seated LEFT JOIN therapists_place ON key = place
) wanted
FULL JOIN (
    SELECT place, latitude, longitude, ARRAY(SELECT unnest(slots) ORDER BY 1) AS slots
    FROM therapists_searchat WHERE slots <> '{}'
) kept USING (place)
WHERE (wanted.slots, wanted.latitude, wanted.longitude)
    IS DISTINCT FROM (kept.slots, kept.latitude, kept.longitude)
"""
WORDS = """
SELECT word FROM (
    SELECT unnest(names) AS word FROM therapists_searchentry
    UNION SELECT unnest(words) FROM therapists_searchkey
) wanted
FULL JOIN (SELECT word FROM therapists_searchspelling WHERE near = word) kept USING (word)
WHERE (wanted IS NULL OR kept IS NULL) AND length(word) BETWEEN 2 AND 40
"""
DAYS = """
SELECT day::text FROM (SELECT DISTINCT day FROM therapists_searchorder) days
WHERE ARRAY(
    SELECT slot
    FROM therapists_searchorder o CROSS JOIN unnest(o.slots) WITH ORDINALITY AS s (slot, n)
    JOIN therapists_searchentry e USING (slot) WHERE o.day = days.day ORDER BY o.bucket, s.n
) <> ARRAY(
    SELECT e.slot FROM therapists_searchentry e
    ORDER BY therapists_search_rank(days.day, e.slug), e.slug
)
"""
MEND_PLACES = """
DELETE FROM therapists_searchat WHERE place = ANY (%(places)s);
SELECT therapists_search_settle(array_agg(slot), array_agg(place))
    FROM therapists_searchentry CROSS JOIN unnest(places) AS place WHERE place = ANY (%(places)s);
"""
MEND_WORDS = """
SELECT therapists_search_learn(array_agg(name), 1)
    FROM (SELECT DISTINCT unnest(names) AS name FROM therapists_searchentry) n
    WHERE name = ANY (%(words)s);
SELECT therapists_search_learn(array_agg(word), 2)
    FROM (SELECT DISTINCT unnest(words) AS word FROM therapists_searchkey) n
    WHERE word = ANY (%(words)s);
SELECT therapists_search_forget(%(words)s);
"""


@dataclass
class Findings:
    """Where the index differs from what it is made of. Empty lists where it is right."""

    therapists: list = field(default_factory=list)  # ids
    bits: list = field(default_factory=list)  # (block, number of keys)
    places: list = field(default_factory=list)
    words: list = field(default_factory=list)
    days: list = field(default_factory=list)

    def __bool__(self):
        return any(vars(self).values())

    def lines(self):
        """One sentence for each kind of difference."""
        for kind, found in vars(self).items():
            if found:
                some = ", ".join(map(str, found[:5]))
                yield f"{kind}: {len(found)} differ ({some}{', ...' if len(found) > 5 else ''})"


def check(progress=None):
    """`Findings` of a look at the whole index. `progress(done, of)` counts therapists."""
    findings = Findings()
    with connection.cursor() as cursor:
        findings.therapists = _check_entries(cursor, progress or (lambda done, of: None))
        findings.bits = _check_bits(cursor)
        for name, query in {"places": PLACES, "words": WORDS, "days": DAYS}.items():
            cursor.execute(query)
            setattr(findings, name, [value for (value,) in cursor])
    return findings


@transaction.atomic
def repair(progress=None):
    """Mend what differs, and return the `Findings`. Writers wait meanwhile, readers do not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT therapists_search_lock()")
        findings = check(progress)
        for start in range(0, len(findings.therapists), BLOCK):
            batch = findings.therapists[start : start + BLOCK]
            cursor.execute("SELECT therapists_search_refresh(%s)", [batch])
        # Right entries may have made bits and places right, or have stood beside wrong ones.
        for block, _ in _check_bits(cursor):
            cursor.execute("DELETE FROM therapists_searchbits WHERE block = %s", [block])
            fill_block(cursor, block)
        cursor.execute(MEND_PLACES, {"places": findings.places})
        cursor.execute(MEND_WORDS, {"words": findings.words})
        cursor.execute(
            "DELETE FROM therapists_searchorder WHERE day = ANY (%s::date[])", [findings.days]
        )
    return findings


def _check_entries(cursor, progress):
    cursor.execute(
        """
        SELECT coalesce(max(id), 0),
            (SELECT coalesce(max(therapist_id), 0) FROM therapists_searchentry)
        FROM therapists_therapist
        """
    )
    last = max(cursor.fetchone())
    wrong = []
    for first in range(0, last + 1, BLOCK):
        cursor.execute(ENTRIES, {"first": first, "last": first + BLOCK - 1})
        wrong += [therapist for (therapist,) in cursor]
        progress(min(first + BLOCK, last), last)
    return wrong


def _check_bits(cursor):
    cursor.execute(
        """
        SELECT greatest((SELECT max(slot) / %s FROM therapists_searchentry),
            (SELECT max(block) FROM therapists_searchbits))
        """,
        [BLOCK],
    )
    (last,) = cursor.fetchone()
    wrong = []
    for block in range(0 if last is None else last + 1):
        first = block * BLOCK
        cursor.execute(BLOCK_ROWS, {"block": block, "first": first, "last": first + BLOCK - 1})
        differing = _differing(cursor.fetchall())
        if differing:
            wrong.append((block, differing))
    return wrong


def _differing(rows):
    """How many keys of a block have other bits than its entries say."""
    wanted = strings_of((slot, sent) for kind, slot, sent in rows if kind == "slot")
    kept = {key: bytes(sent[4:]) for kind, key, sent in rows if kind == "bits"}
    nobody = bytes(BLOCK_BYTES)
    return sum(wanted.get(key, nobody) != kept.get(key, nobody) for key in wanted | kept)
