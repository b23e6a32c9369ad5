"""What an import did with one page, in lines: for the command and for the admin."""

from dataclasses import dataclass

from django.utils.text import Truncator

from approaches.importer.reading import doubts


@dataclass(frozen=True)
class Line:
    """One line of the report; indented where it belongs to the one above."""

    text: str
    is_warning: bool = False


def told(page, report, *, dry_run):
    """The `Line`s on one `reading.Page` and its `storing.Report`."""
    approach = report.approach
    done = "created" if report.created_approach else "updated"
    yield Line(
        f"{approach.name} {'would be ' if dry_run else ''}{done} "
        f"({approach.get_status_display().lower()}): {report.statements} statements, "
        f"{len(report.created)} new therapists, {len(report.found)} known."
    )
    for signed in page.signed:
        byline = signed.byline
        name = ", ".join(filter(None, (byline.name, byline.post_nominals)))
        opening = Truncator(signed.statement).words(7)
        yield Line(
            f"  line {signed.line}: {name} | {byline.title or 'no title'} | "
            f"{byline.place or 'no place'} | {opening}"
        )
        for doubt in doubts(signed):
            yield Line(f"    Look at this: {doubt}", is_warning=True)
    for note in report.notes:
        yield Line(f"  {note}", is_warning=True)
    without = sum(not one.phone and not one.website for one in report.created)
    if without:
        yield Line(
            f"  {without} have no phone and no website yet: nobody can reach them.",
            is_warning=True,
        )
