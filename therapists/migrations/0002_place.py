"""Places with coordinates: the table, its functions, and what the package `zipcodes` knows."""

from pathlib import Path

from django.db import migrations, models

import therapists.places

SQL = Path(__file__).parent / "sql" / "place.sql"

BACK = """
DROP FUNCTION therapists_places_within(float8, float8, float8);
DROP FUNCTION therapists_miles_between(float8, float8, float8, float8);
DROP FUNCTION therapists_places_understood(text, text, text);
DROP FUNCTION therapists_place_key(text, text, text);
DROP FUNCTION therapists_place_fold(text);
DROP FUNCTION therapists_place_plain(text);
DROP TABLE therapists_place;
"""


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        therapists.places.fill(cursor)


class Migration(migrations.Migration):
    dependencies = [("therapists", "0001_initial")]

    operations = [
        # What Django knows of it. An unmanaged model makes no table.
        migrations.CreateModel(
            name="Place",
            fields=[
                ("key", models.TextField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("state", models.TextField()),
                ("zip_code", models.TextField()),
                ("latitude", models.FloatField()),
                ("longitude", models.FloatField()),
                ("size", models.IntegerField()),
            ],
            options={
                "db_table": "therapists_place",
                "managed": False,
                "default_permissions": (),
            },
        ),
        migrations.RunSQL(SQL.read_text(encoding="utf-8"), BACK),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
