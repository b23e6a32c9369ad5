"""What the cards of a list show, in one query."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("therapists", "0014_search_offered")]

    operations = [
        migrations.RunSQL((SQL / "cards.sql").read_text(), "DROP FUNCTION therapists_cards"),
    ]
