from django.db import migrations


class Migration(migrations.Migration):
    """Counts that live an hour at most stand in no write-ahead log, no backup and no replica."""

    dependencies = [("therapists", "0017_contact")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE therapists_contacttally SET UNLOGGED",
            "ALTER TABLE therapists_contacttally SET LOGGED",
        )
    ]
