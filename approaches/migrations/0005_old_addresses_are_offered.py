"""What is kept of the filters knows old addresses of approaches, too: see `therapists.search.offered`."""

from django.db import migrations

FOLLOW = """
CREATE TRIGGER search_locks BEFORE INSERT OR UPDATE OR DELETE ON approaches_approachalias
    FOR EACH STATEMENT EXECUTE FUNCTION therapists_search_lock_first();
CREATE TRIGGER search_stamps AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON approaches_approachalias
    FOR EACH STATEMENT EXECUTE FUNCTION therapists_search_stamp();
"""
LET_GO = """
DROP TRIGGER search_locks ON approaches_approachalias;
DROP TRIGGER search_stamps ON approaches_approachalias;
"""


class Migration(migrations.Migration):
    dependencies = [("approaches", "0004_curation"), ("therapists", "0014_search_offered")]

    operations = [migrations.RunSQL(FOLLOW, LET_GO)]
