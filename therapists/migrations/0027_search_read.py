"""What a page asks the index is asked of functions, whose plans are kept."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"
UNDO = """
DROP FUNCTION therapists_search_page(date, integer[], integer[], integer);
DROP FUNCTION therapists_search_counts(integer, bytea, bytea);
DROP FUNCTION therapists_search_read(
    date, integer, integer[], text[], text[], text[], boolean, text, text, text, float8
);
"""


class Migration(migrations.Migration):
    dependencies = [("therapists", "0026_search_place")]

    operations = [migrations.RunSQL((SQL / "search_read.sql").read_text(), UNDO)]
