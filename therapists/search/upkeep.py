"""Builds the search index from nothing. What is kept by triggers is made here block by block."""

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from therapists.search.bits import BLOCK, strings_of

# Words that one in so many of a sample use become keys, in a directory of at least so many.
FREQUENT_ONE_IN = 64
FREQUENT_AT_LEAST = 2_000
SAMPLE = 8_000

# Filled more quickly than they are followed row by row.
LAID_ASIDE = """
SET LOCAL statement_timeout = 0;
SET LOCAL work_mem = '256MB';
SET LOCAL maintenance_work_mem = '256MB';
SET LOCAL random_page_cost = 1.1;  -- or each batch would read all offices, to hash a hundredth
SET CONSTRAINTS ALL IMMEDIATE;  -- or what waits for the end of the transaction is in the way
SELECT therapists_search_lock();
TRUNCATE therapists_searchentry RESTART IDENTITY;
ALTER TABLE therapists_searchentry DISABLE TRIGGER USER;
DROP INDEX search_entry_document, search_entry_names, search_entry_changes_on;
"""
# Two halves, which two processes work out where the machine has them. A table of its own, since
# PostgreSQL does that for CREATE TABLE, and not for INSERT.
BATCH = """
SET LOCAL parallel_setup_cost = 0;
SET LOCAL parallel_tuple_cost = 0;
CREATE UNLOGGED TABLE therapists_search_batch WITH (toast_tuple_target = 8160) AS
    SELECT * FROM therapists_search_wanted(%(one)s::bigint[])
    UNION ALL SELECT * FROM therapists_search_wanted(%(other)s::bigint[]);
INSERT INTO therapists_searchentry
    (therapist_id, slug, keys, places, names, document, changes_on)
    SELECT * FROM therapists_search_batch ORDER BY therapist;
DROP TABLE therapists_search_batch;
"""
TAKEN_UP_AGAIN = """
CREATE INDEX search_entry_document ON therapists_searchentry USING gin (document);
CREATE INDEX search_entry_names ON therapists_searchentry USING gin (names);
CREATE INDEX search_entry_changes_on ON therapists_searchentry (changes_on);
ALTER TABLE therapists_searchentry ENABLE TRIGGER USER;
ANALYZE therapists_searchentry, therapists_searchkey, therapists_searchbits, therapists_searchat;
"""
PLACES = """
INSERT INTO therapists_searchat (place, slots, latitude, longitude)
    SELECT seated.*, latitude, longitude FROM (
        SELECT place, array_agg(slot ORDER BY slot)
        FROM therapists_searchentry CROSS JOIN unnest(places) AS place GROUP BY 1
    ) seated LEFT JOIN therapists_place ON key = place
"""
SPELLINGS = """
SELECT therapists_search_learn(array_agg(name), 1)
    FROM (SELECT DISTINCT unnest(names) AS name FROM therapists_searchentry) names
"""


def rebuild(progress=None):
    """Build the index anew, in one transaction. Readers wait meanwhile.

    `progress(done, of)`, if given, is told how many therapists are done, of how many.
    """
    progress = progress or (lambda done, of: None)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LAID_ASIDE)
        cursor.execute(
            "UPDATE therapists_searchday SET day = %s, hidden_after = %s",
            [timezone.localdate(), settings.AVAILABILITY_HIDDEN_AFTER],
        )
        cursor.execute("SELECT therapists_search_make_all_keys()")
        _make_frequent_words_keys(cursor)
        _fill_entries(cursor, progress)
        _fill_bits(cursor)
        cursor.execute(PLACES)
        cursor.execute(SPELLINGS)
        cursor.execute(TAKEN_UP_AGAIN)
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE therapists_searchentry, therapists_searchbits")


def _make_frequent_words_keys(cursor):
    cursor.execute("SELECT count(*) FROM therapists_therapist WHERE status = 'published'")
    (published,) = cursor.fetchone()
    if published >= FREQUENT_AT_LEAST:
        cursor.execute("SELECT therapists_search_promote(%s, %s)", [SAMPLE, FREQUENT_ONE_IN])


def _fill_entries(cursor, progress):
    cursor.execute("SELECT id FROM therapists_therapist WHERE status = 'published' ORDER BY id")
    ids = [therapist for (therapist,) in cursor]
    for start in range(0, len(ids), BLOCK):
        batch = ids[start : start + BLOCK]
        half = len(batch) // 2
        cursor.execute(BATCH, {"one": batch[:half], "other": batch[half:]})
        progress(start + len(batch), len(ids))


def _fill_bits(cursor):
    cursor.execute("SELECT coalesce(max(slot), -1) FROM therapists_searchentry")
    (last,) = cursor.fetchone()
    for block in range(last // BLOCK + 1):
        fill_block(cursor, block)


def fill_block(cursor, block):
    """Write the bits of a block that has none, by what its entries say."""
    cursor.execute("SELECT id, counted FROM therapists_searchkey")
    counted = dict(cursor.fetchall())
    cursor.execute(
        "SELECT slot, array_send(keys) FROM therapists_searchentry WHERE slot BETWEEN %s AND %s",
        [block * BLOCK, (block + 1) * BLOCK - 1],
    )
    strings = strings_of(cursor.fetchall())
    with cursor.copy("COPY therapists_searchbits (key, block, counted, bits) FROM STDIN") as copy:
        for key, bits in sorted(strings.items()):
            copy.write_row((key, block, counted[key], f"x{bits.hex()}"))
