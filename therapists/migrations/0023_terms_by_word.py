"""Which terms and approaches a word names is looked up, and not asked of each of 2,000 keys."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("therapists", "0022_entries_in_line")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX therapists_searchkey_document ON therapists_searchkey"
            " USING gin (document)",
            "DROP INDEX therapists_searchkey_document",
        ),
    ]
