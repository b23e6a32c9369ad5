"""Quotes come from a function, as cards do: its plan is kept, and to plan it took longer than to read."""

from django.db import migrations

QUOTES = """
-- What those with these slots say publicly on an approach, and how it is signed.
CREATE FUNCTION approaches_quotes(slots integer[], approach bigint)
RETURNS TABLE (
    slot integer, pk bigint, slug varchar, name varchar, title varchar, city varchar, state varchar,
    photo varchar, statement text, is_pinned boolean
) LANGUAGE plpgsql STABLE ROWS 20 AS $$
BEGIN
    RETURN QUERY
    SELECT e.slot, t.id, t.slug, t.name, t.title, office.city, office.state, t.photo, s.statement,
        s.position IS NOT NULL
    FROM therapists_searchentry e JOIN therapists_therapist t ON t.id = e.therapist_id
    JOIN approaches_specialist s ON s.therapist_id = t.id
    LEFT JOIN LATERAL (
        SELECT o.city, o.state FROM therapists_office o WHERE o.therapist_id = t.id
        ORDER BY o.position, o.id LIMIT 1
    ) office ON true
    WHERE e.slot = ANY (slots) AND s.approach_id = approach AND s.state = 'approved';
END
$$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("approaches", "0007_pages_are_kept"),
        ("therapists", "0015_cards"),
    ]

    operations = [
        migrations.RunSQL(QUOTES, "DROP FUNCTION approaches_quotes(integer[], bigint)"),
    ]
