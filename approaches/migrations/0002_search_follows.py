"""The search index follows what therapists practise, and which pages are public."""

from django.db import migrations, models

FOLLOW = """
SELECT therapists_search_watch('approaches_specialist', 'therapist_id');

-- Words name an approach, and statements are found, only while the page that shows them is public.
CREATE FUNCTION approaches_search_follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM therapists_search_rename('approach', array_agg(id)) FROM stale HAVING count(*) > 0;
        RETURN NULL;
    END IF;
    PERFORM therapists_search_rename('approach', array_agg(id)) FROM fresh HAVING count(*) > 0;
    IF TG_OP = 'INSERT' THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(DISTINCT s.therapist_id) INTO ids
        FROM fresh JOIN stale USING (id) JOIN approaches_specialist s ON s.approach_id = fresh.id
        WHERE fresh.status <> stale.status;
    IF ids IS NOT NULL THEN
        PERFORM therapists_search_refresh(ids);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER search_locks BEFORE INSERT OR UPDATE OR DELETE ON approaches_approach
    FOR EACH STATEMENT EXECUTE FUNCTION therapists_search_lock_first();
CREATE TRIGGER search_follows_delete AFTER DELETE ON approaches_approach
    REFERENCING OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION approaches_search_follow();
CREATE TRIGGER search_follows_insert AFTER INSERT ON approaches_approach
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION approaches_search_follow();
CREATE TRIGGER search_follows_update AFTER UPDATE ON approaches_approach
    REFERENCING OLD TABLE AS stale NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION approaches_search_follow();
"""

# Those who were here before the index was. So many that it would take minutes: by the command.
ENTER = """
SELECT therapists_search_make_all_keys();
DO $$
DECLARE
    everyone bigint[];
BEGIN
    SELECT array_agg(id) INTO everyone FROM therapists_therapist;
    IF cardinality(everyone) <= 20000 THEN
        PERFORM therapists_search_refresh(everyone);
    ELSIF everyone IS NOT NULL THEN
        RAISE WARNING 'Build the search index now: manage.py check_search_index --rebuild';
    END IF;
END
$$;
"""

LET_GO = """
DROP TRIGGER search_locks ON approaches_approach;
DROP TRIGGER search_follows_delete ON approaches_approach;
DROP TRIGGER search_follows_insert ON approaches_approach;
DROP TRIGGER search_follows_update ON approaches_approach;
DROP FUNCTION approaches_search_follow;
DROP TRIGGER search_locks ON approaches_specialist;
DROP TRIGGER search_follows_insert ON approaches_specialist;
DROP TRIGGER search_follows_update ON approaches_specialist;
DROP TRIGGER search_follows_delete ON approaches_specialist;
"""


class Migration(migrations.Migration):
    dependencies = [("approaches", "0001_initial"), ("therapists", "0004_search_index")]

    operations = [
        migrations.RunSQL(FOLLOW, LET_GO),
        migrations.RunSQL(ENTER, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="specialist",
            index=models.Index(
                condition=models.Q(("position__isnull", False)),
                fields=["approach"],
                name="specialist_pinned",
            ),
        ),
    ]
