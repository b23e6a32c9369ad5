"""A stamp on what the filters offer, so that processes may keep a copy of it."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("therapists", "0013_desk")]

    operations = [
        migrations.RunSQL(
            (SQL / "search_offered.sql").read_text(), (SQL / "search_offered_undo.sql").read_text()
        ),
    ]
