"""What a search by place needs comes from one function, whose plans are kept."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("therapists", "0025_message_mark_help")]

    operations = [
        migrations.RunSQL(
            (SQL / "search_place.sql").read_text(),
            "DROP FUNCTION therapists_search_place(text, text, text, float8)",
        ),
    ]
