"""Entries of the search index stay whole up to 4 kB.

At 2 kB PostgreSQL would pack every second document and lay it aside, with an index of its own, and
fetch it again to build the index of words. It never packs well: it is a list of different words.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("therapists", "0021_search_around")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE therapists_searchentry SET (toast_tuple_target = 4080)",
            "ALTER TABLE therapists_searchentry RESET (toast_tuple_target)",
        ),
    ]
