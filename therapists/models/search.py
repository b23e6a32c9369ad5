"""The part of the search index that is a model; PostgreSQL keeps the rest beside it."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from therapists.models.therapist import Therapist


class SearchEntry(models.Model):
    """What a published therapist is found by. Kept by triggers: see `therapists.search`."""

    slot = models.AutoField(primary_key=True)
    therapist = models.OneToOneField(
        Therapist, models.DO_NOTHING, db_constraint=False, related_name="search_entry"
    )
    slug = models.CharField(max_length=140)
    keys = ArrayField(models.IntegerField())
    places = ArrayField(models.TextField())
    names = ArrayField(models.TextField())
    document = SearchVectorField()
    changes_on = models.DateField(null=True)

    class Meta:
        indexes = [
            GinIndex(fields=["document"], name="search_entry_document"),
            GinIndex(fields=["names"], name="search_entry_names"),
            models.Index(fields=["changes_on"], name="search_entry_changes_on"),
        ]

    def __str__(self):
        return self.slug
