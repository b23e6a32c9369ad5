"""Who is called as somebody wrote: by words of their name, whatever their case and accents."""

from collections import defaultdict

from django.db import connection

# Whose whole name it is stand first, so that the limit never cuts them off for a namesake.
CALLED = """
SELECT a.name, one.id, one.is_whole
FROM unnest(%(names)s::text[]) AS a (name)
CROSS JOIN LATERAL (
    SELECT coalesce(nullif(therapists_search_unaccented(a.name), ''),
        therapists_search_plain(a.name)) AS plain
) b
CROSS JOIN LATERAL (
    SELECT tsvector_to_array(to_tsvector('simple', b.plain)) AS words
) c
CROSS JOIN LATERAL (
    SELECT t.id, lower(t.name) = lower(a.name) AS is_whole
    FROM therapists_searchentry e JOIN therapists_therapist t ON t.id = e.therapist_id
    WHERE c.words <> '{}' AND e.names @> c.words
    ORDER BY 2 DESC, lower(t.name), t.id LIMIT %(most)s
) one
"""


def called(names, *, most):
    """{name: [(therapist's key, whether this is their whole name)]}; at most so many of each.

    They are published. Whether they are listed today is for the caller to ask.
    """
    found = defaultdict(list)
    if names:
        with connection.cursor() as cursor:
            cursor.execute(CALLED, {"names": list(names), "most": most})
            for name, *one in cursor:
                found[name].append(tuple(one))
    return found
