"""Spreadsheets as tests write them, and an import of one."""

import csv
import io

from approaches.transfer.files import read_sheet
from approaches.transfer.run import export, import_sheet
from therapists.models import Therapist


def csv_of(*rows, delimiter=",", encoding="utf-8"):
    """A file of these rows, each {column: cell}; a column that one lacks is empty there."""
    headers = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, headers, delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode(encoding)


def bring_in(*rows, publish=False, dry_run=False, by=None):
    return import_sheet(read_sheet(csv_of(*rows)), by=by, publish=publish, dry_run=dry_run)


def exported(kind="csv"):
    file = io.BytesIO()
    export(Therapist.objects.all(), file, kind=kind)
    return file.getvalue()


def faults(*rows, **options):
    """{(row, column): sentence}."""
    outcome = bring_in(*rows, **options)
    return {(number, column): said for number, column, said in outcome.faults}
