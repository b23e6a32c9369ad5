"""The search index follows what therapists practise, and which pages are public."""

from django.db import migrations, models

# Words name an approach, and statements are found, only while the page that shows them is public.
FOLLOW = """
SELECT therapists_search_watch(
    'approaches_specialist', 'therapists_search_follow', 'therapist_id');
SELECT therapists_search_watch('approaches_approach', 'therapists_search_follow_named',
    'approach', 'status', 'approaches_specialist', 'approach_id');
"""

# Those who were here before the index was. So many that it would take minutes: by the command.
ENTER = """
SELECT therapists_search_make_all_keys();
DO $$
DECLARE
    everyone bigint[];
BEGIN
    SELECT array_agg(id) INTO everyone FROM therapists_therapist;
    IF cardinality(everyone) > 20000 THEN
        RAISE WARNING 'Build the search index now: manage.py check_search_index --rebuild';
    ELSE
        PERFORM therapists_search_refresh(everyone);
    END IF;
END
$$;
"""

LET_GO = """
SELECT therapists_search_unwatch('approaches_approach');
SELECT therapists_search_unwatch('approaches_specialist');
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
