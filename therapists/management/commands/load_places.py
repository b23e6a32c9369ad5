from django.core.management.base import BaseCommand
from django.db import connection, transaction

from therapists.places import fill
from therapists.search.check import repair


class Command(BaseCommand):
    help = "Load ZIP codes and towns again, after an update of the package zipcodes."

    def handle(self, *args, **options):
        with transaction.atomic(), connection.cursor() as cursor:
            # Not TRUNCATE: readers go on seeing the old places until the new ones are there.
            cursor.execute("DELETE FROM therapists_place")
            zips, towns = fill(cursor)
            # In this transaction, so that no search sees new places beside old offices.
            repair()
        self.stdout.write(f"Places: {zips:,} ZIP codes, {towns:,} towns.")
