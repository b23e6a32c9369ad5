"""What an approach's page says is kept, too, with all that stands beside it: see `approaches.kept`."""

from django.db import migrations

BESIDE = ("approaches_source", "approaches_approach_helps_with", "approaches_approach_related")
FOLLOW = """
CREATE TRIGGER search_locks BEFORE INSERT OR UPDATE OR DELETE ON {0}
    FOR EACH STATEMENT EXECUTE FUNCTION therapists_search_lock_first();
CREATE TRIGGER search_stamps AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {0}
    FOR EACH STATEMENT EXECUTE FUNCTION therapists_search_stamp();
"""
LET_GO = """
DROP TRIGGER search_locks ON {0};
DROP TRIGGER search_stamps ON {0};
"""


class Migration(migrations.Migration):
    dependencies = [
        ("approaches", "0006_ways"),
        ("therapists", "0014_search_offered"),
    ]

    operations = [
        migrations.RunSQL(FOLLOW.format(table), LET_GO.format(table)) for table in BESIDE
    ]
