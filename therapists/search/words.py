"""What a reader may be about to type."""

from django.db import connection

from therapists.fields import printable
from therapists.search.reading import catch_up

LONGEST = 60
MOST = 8

# Terms and approaches first, as they are called, where any of their words begins so; then words of
# therapists' names.
SUGGEST = """
(
    SELECT k.label AS said, 0 AS rank FROM therapists_searchkey k
    WHERE k.label <> '' AND EXISTS (SELECT FROM unnest(k.words) AS word WHERE word ^@ %(begun)s)
        AND EXISTS (SELECT FROM therapists_searchbits b WHERE b.key = k.id AND b.count > 0)
    ORDER BY NOT lower(k.label) ^@ %(begun)s, k.label LIMIT %(most)s
)
UNION ALL
(
    -- As it is written: "zoe" is kept beside "zoë".
    SELECT DISTINCT initcap(written.word), 1
    FROM (
        SELECT s.word FROM therapists_searchspelling s
        WHERE s.near ^@ %(begun)s AND s.near = s.word ORDER BY 1 LIMIT 50
    ) begun
    CROSS JOIN LATERAL (
        SELECT name AS word FROM therapists_searchentry e CROSS JOIN unnest(e.names) AS name
        WHERE e.names @> ARRAY[begun.word]
            AND begun.word IN (name, therapists_search_unaccented(name))
        ORDER BY octet_length(name) DESC LIMIT 1
    ) written
    ORDER BY 1 LIMIT %(most)s
)
"""


def suggest_words(begun):
    """At most eight names that begin with `begun`; [] for less than two letters."""
    begun = printable(begun).lower()
    if not 2 <= len(begun) <= LONGEST:
        return []
    catch_up()
    with connection.cursor() as cursor:
        cursor.execute(SUGGEST, {"begun": begun, "most": MOST})
        return list(dict.fromkeys(said for said, _ in cursor))[:MOST]
