"""A search around a point looks at the places where somebody sits, and at no others."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("therapists", "0020_hold_rules")]

    operations = [
        migrations.RunSQL(
            (SQL / "search_around.sql").read_text(), (SQL / "search_around_undo.sql").read_text()
        ),
    ]
