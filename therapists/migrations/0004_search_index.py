"""The search index: one entry for each published therapist, and what PostgreSQL keeps beside it."""

from pathlib import Path

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
from django.db import migrations, models

SQL = Path(__file__).parent / "sql"
TEXTS = django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)


class Migration(migrations.Migration):
    dependencies = [("therapists", "0003_compact")]

    operations = [
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                ("slot", models.AutoField(primary_key=True, serialize=False)),
                (
                    "therapist",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="search_entry",
                        to="therapists.therapist",
                    ),
                ),
                ("slug", models.CharField(max_length=140)),
                (
                    "keys",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.IntegerField(), size=None
                    ),
                ),
                ("places", TEXTS),
                ("names", TEXTS.clone()),
                ("document", django.contrib.postgres.search.SearchVectorField()),
                ("changes_on", models.DateField(null=True)),
            ],
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["document"], name="search_entry_document"
            ),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["names"], name="search_entry_names"
            ),
        ),
        migrations.AddIndex(
            model_name="searchentry",
            index=models.Index(fields=["changes_on"], name="search_entry_changes_on"),
        ),
        migrations.RunSQL(
            (SQL / "search_index.sql").read_text(), (SQL / "search_index_undo.sql").read_text()
        ),
    ]
