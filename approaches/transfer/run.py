"""An import as a whole, all of it or nothing, and an export."""

from dataclasses import dataclass, field

from django.db import connection

from approaches.transfer import columns, files, held
from approaches.transfer.resource import TherapistResource
from therapists.search.turns import followed_once, take_turn


@dataclass
class Outcome:
    """What an import did, or would do. With `faults` nothing was written."""

    rows: list = field(default_factory=list)  # (number in the file, what became of it)
    faults: list = field(default_factory=list)  # (number, column, sentence)
    notes: list = field(default_factory=list)  # on the file as a whole

    def count(self, kind):
        return sum(row.import_type == kind for _, row in self.rows)

    @property
    def summary(self):
        parts = [("new", "new"), ("update", "changed"), ("skip", "as they are")]
        return ", ".join(f"{self.count(kind):,} {words}" for kind, words in parts)


def import_sheet(sheet, *, by, publish, dry_run, progress=None):
    """Import a `files.Sheet`; returns an `Outcome`. Raises `columns.UnknownColumns`."""
    known = columns.columns_for(sheet.headers)
    resource = TherapistResource(known, sheet.numbers, by=by, publish=publish, progress=progress)
    with followed_once():
        with connection.cursor() as cursor:
            # It is a great write that somebody waits for, not a page.
            cursor.execute("SET LOCAL statement_timeout = 0")
        # Whoever writes meanwhile waits: nothing that was looked up can be untrue when it is used.
        take_turn()
        result = resource.import_data(
            sheet.dataset,
            dry_run=dry_run,
            use_transactions=True,
            rollback_on_validation_errors=True,
            raise_errors=False,
        )
        for error in [*result.base_errors, *(one for row in result.rows for one in row.errors)]:
            raise error.error  # what nobody foresaw: a fault of ours, and nothing was written
    outcome = Outcome(list(zip(sheet.numbers, result.rows, strict=True)), notes=sheet.notes)
    for row in result.invalid_rows:
        number = sheet.numbers[row.number - 1]
        faults = row.error_dict.items()
        outcome.faults += [(number, column, " ".join(said)) for column, said in faults]
    return outcome


def export(therapists, to, *, kind, progress=None):
    """Write the therapists of a queryset to a binary file, `kind` csv or xlsx."""
    keys = list(therapists.order_by("pk").values_list("pk", flat=True))
    known = columns.all_columns(**_most(keys))

    def rows():
        for number, therapist in enumerate(held.in_batches(keys)):
            if progress:
                progress(number, len(keys))
            yield [column.export(therapist) for column in known.values()]

    write = {"csv": files.write_csv, "xlsx": files.write_xlsx}[kind]
    write(list(known), rows(), to, **({} if kind == "csv" else {"guide": guide(known)}))


def template(to, *, kind):
    """Write an empty file to fill in; the workbook explains its columns on a second sheet."""
    known = columns.all_columns()
    write = {"csv": files.write_csv, "xlsx": files.write_xlsx}[kind]
    write(list(known), [], to, **({} if kind == "csv" else {"guide": guide(known)}))


def guide(known):
    """Rows that explain the columns: name and what stands in it."""
    return [("Column", "What stands in it"), *((name, one.about) for name, one in known.items())]


def _most(keys):
    """How many offices and licenses the one has who has most; two at least."""
    numbers = {"offices": 2, "licences": 2}
    with connection.cursor() as cursor:
        for name, table in (("offices", "therapists_office"), ("licences", "therapists_licence")):
            cursor.execute(
                f"SELECT max(n) FROM (SELECT count(*) n FROM {table} "  # noqa: S608 - our own names
                "WHERE therapist_id = ANY (%s) GROUP BY therapist_id) counts",
                [keys],
            )
            most = cursor.fetchone()[0] or 0
            numbers[name] = max(2, min(most, columns.MAX_NUMBERED))
    return numbers
