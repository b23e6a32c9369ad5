"""Faults that a query can see: what looks wrong in published profiles is noted for staff.

Each kind is one query over everybody. Together they take seconds at 100,000 therapists: too long
for a page, nothing for a command. So `find_faults` fills a small table each night, and pages read
that.
"""

from django.db import connection, transaction
from django.utils import timezone

from therapists.models import Finding

Kind = Finding.Kind

# Each gives rows (therapist, other, words), of published profiles: drafts are unfinished.
_QUERIES = {
    Kind.NO_PLACE: """
        SELECT t.id, NULL::bigint, '' FROM therapists_therapist t
        WHERE t.status = 'published'
        AND NOT EXISTS (SELECT FROM therapists_office o WHERE o.therapist_id = t.id)
    """,
    # LCSW is a title, and 梅 has no small letters: only words of some length that could be small.
    Kind.CAPITALS: r"""
        SELECT t.id, NULL::bigint, shouted.words FROM therapists_therapist t
        CROSS JOIN LATERAL (
            SELECT t.name AS words WHERE t.name ~ '[[:upper:]]{4}' AND t.name = upper(t.name)
            UNION ALL
            SELECT t.title WHERE t.title ~ '[[:upper:]]{5}' AND t.title = upper(t.title)
                AND t.title ~ ' '
        ) shouted
        WHERE t.status = 'published'
    """,
    Kind.SAME_NAME: """
        SELECT id, first, 'In ' || state FROM (
            SELECT t.id, o.state, min(t.id) OVER same AS first
            FROM (
                SELECT id, lower(regexp_replace(name, '\\W+', ' ', 'g')) AS folded
                FROM therapists_therapist WHERE status = 'published'
            ) t
            JOIN (
                SELECT DISTINCT therapist_id, state FROM therapists_office WHERE state <> ''
            ) o ON o.therapist_id = t.id
            WINDOW same AS (PARTITION BY t.folded, o.state)
        ) twins WHERE id <> first
    """,
    # A number that more than three share is a practice's.
    Kind.SAME_PHONE: """
        SELECT id, first, phone FROM (
            SELECT id, phone, min(id) OVER same AS first, count(*) OVER same AS number
            FROM (
                SELECT id, phone, right(regexp_replace(phone, '[^0-9]', '', 'g'), 10) AS digits
                FROM therapists_therapist
                WHERE status = 'published' AND kind = 'person' AND phone <> ''
            ) t
            WINDOW same AS (PARTITION BY digits)
        ) twins WHERE id <> first AND number <= 3
    """,
    Kind.SAME_LICENCE: """
        SELECT DISTINCT therapist_id, first, state || ' ' || number FROM (
            SELECT l.therapist_id, l.state, l.number, min(t.id) OVER same AS first
            FROM therapists_licence l
            JOIN therapists_therapist t ON t.id = l.therapist_id AND t.status = 'published'
            WINDOW same AS (
                PARTITION BY l.state, upper(regexp_replace(l.number, '[^[:alnum:]]', '', 'g'))
            )
        ) twins WHERE therapist_id <> first
    """,
    # The last character is a letter or a comma, though sentences before it end with a stop.
    Kind.CUT_TEXT: r"""
        SELECT t.id, NULL::bigint, 'About: … ' || right(rtrim(t.about), 60)
        FROM therapists_therapist t
        WHERE t.status = 'published' AND t.about ~ '[.!?]\s' AND t.about ~ '[[:alpha:],;-]\s*$'
    """,
}
_further = []


def also(kind, query):
    """Add a query to a kind, of tables that apps above this one keep."""
    _further.append((kind, query))


@transaction.atomic
def find_faults():
    """Bring the table up to date. Returns {kind: how many wait now}.

    What is no longer so goes; what somebody has looked at and left stays done.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('therapists_quality'))")
        for kind in Kind:
            cursor.execute(_FOUND)
            # One statement each: what a site may ask is limited by statement.
            for query in [_QUERIES[kind], *(query for of, query in _further if of == kind)]:
                cursor.execute(f"INSERT INTO found_faults {query}")
            cursor.execute(_GONE, [kind])
            cursor.execute(_NEW, [kind, timezone.localdate()])
    waiting = Finding.objects.filter(done_on=None)
    return {kind: waiting.filter(kind=kind).count() for kind in Kind}


_FOUND = """
DROP TABLE IF EXISTS found_faults;
CREATE TEMPORARY TABLE found_faults (therapist_id bigint, other_id bigint, words text)
ON COMMIT DROP
"""
_GONE = """
DELETE FROM therapists_finding f WHERE f.kind = %s AND NOT EXISTS (
    SELECT FROM found_faults found
    WHERE found.therapist_id = f.therapist_id AND found.words = f.words
    AND found.other_id IS NOT DISTINCT FROM f.other_id
)
"""
_NEW = """
INSERT INTO therapists_finding (therapist_id, other_id, words, kind, noted_on, answer)
SELECT therapist_id, other_id, words, %s, %s, '' FROM found_faults
ON CONFLICT DO NOTHING
"""
