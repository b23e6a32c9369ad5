"""The columns of the spreadsheet: what each is called, what it holds, and who may change it."""

import re
from itertools import groupby

from import_export.fields import Field

from approaches.models import Approach, Specialist
from approaches.transfer import values
from therapists.models import Compact, Term, Therapist

MAX_NUMBERED = 20
PRACTICES = "yes"  # in place of a statement, where there is none


class Column(Field):
    """A column of the therapist's own row."""

    part = None

    def __init__(self, name, widget, about, *, staffs=False):
        super().__init__(attribute=name, column_name=name, widget=widget)
        self.about = about
        # What staff keep even where a therapist keeps the rest of the profile.
        self.staffs = staffs

    def held(self, therapist):
        """What we hold now."""
        return getattr(therapist, self.attribute)

    def same(self, held, value):
        """Whether a value says what we hold already."""
        return self.widget.render(held) == self.widget.render(value)

    def export(self, instance, **kwargs):
        return self.widget.render(self.held(instance))


class PartColumn(Column):
    """A column of a row that hangs on the therapist: `part` is (kind, which one), `field` what."""

    def __init__(self, name, widget, about, *, part, field, staffs=False):
        super().__init__(name, widget, about, staffs=staffs)
        self.part, self.field = part, field

    def held(self, therapist):
        row = therapist.held.part(*self.part)
        return getattr(row, self.field) if row is not None else None


class TermsColumn(Column):
    """The terms of one vocabulary that a therapist has stated."""

    def __init__(self, name, terms, vocabulary):
        widget = values.Terms(vocabulary.name, terms)
        super().__init__(name, widget, f"{vocabulary.name}: slugs or names, with ; between.")
        self.part, self.field = ("terms", name), "terms"

    def held(self, therapist):
        return therapist.held.terms & self.widget.slugs.keys()


class StatementColumn(PartColumn):
    """How a therapist works with one approach, or `yes` where they practise it without saying."""

    def held(self, therapist):
        row = therapist.held.part(*self.part)
        return None if row is None else row.statement

    def same(self, held, value):
        return held is not None and (value.casefold() == PRACTICES or super().same(held, value))

    def export(self, instance, **kwargs):
        held = self.held(instance)
        return "" if held is None else (self.widget.render(held) or PRACTICES)


def own_columns():
    """Those of the therapist's row, in the order in which they stand."""
    words, yes_no = values.Words(), values.YesNo(unstated=None)
    in_or_not = values.YesNo(unstated=False)
    return [
        Column("slug", words, "The end of the profile's address. Empty for somebody new.",
               staffs=True),
        Column("name", words, "As it is signed. Everybody needs one.", staffs=True),
        Column("post_nominals", words, "Letters after the name: PhD, LCSW.", staffs=True),
        Column("title", words, "The credential as it is signed.", staffs=True),
        Column("kind", values.Choice(Therapist.Kind.choices, empty="person"),
               "person or practice.", staffs=True),
        Column("pronouns", words, "she/her"),
        Column("email", words, "Never public: for the directory's own letters.", staffs=True),
        Column("phone", words, "Digits, blanks and + ( ) - . x"),
        Column("website", values.Link(), "https://example.org"),
        Column("booking_url", values.Link(), "A page where people book."),
        Column("in_person", in_or_not, "yes or no."),
        Column("online", in_or_not, "yes or no."),
        Column("fee_from", values.Whole(), "The lowest usual fee in dollars."),
        Column("fee_to", values.Whole(), "The highest usual fee in dollars."),
        Column("sliding_scale", yes_no, "yes or no; empty for not stated."),
        Column("free_first_call", yes_no, "yes or no; empty for not stated."),
        Column("availability", values.Choice(Therapist.Availability.choices),
               "open, waiting-list or full; empty for not stated."),
        Column("availability_confirmed_on", values.Day(), "When they last said so: 2026-11-28."),
        Column("consent_on", values.Day(), "When they agreed to be listed. Nobody is listed "
               "without this and the next."),
        Column("consent_basis", words, "By whose word they agreed: Signed form."),
        Column("about", values.OwnWords(), "In their own words. Waits for review."),
    ]  # fmt: skip


def office_columns(number):
    kinds = [
        ("city", values.Words(), "Portland"),
        ("state", values.State(), "OR or Oregon."),
        ("zip", values.ZipCode(), "97214"),
        ("street", values.Words(), "Shown only where the next says yes."),
        ("street_is_public", values.YesNo(unstated=False), "yes or no."),
    ]
    for name, widget, about in kinds:
        field = "postal_code" if name == "zip" else name
        full, part = f"office_{number}_{name}", ("office", number)
        yield PartColumn(full, widget, about, part=part, field=field)


def licence_columns(number):
    compacts = Choices([(one.slug, one.name) for one in Compact.objects.all()])
    kinds = [
        ("state", values.State(), "OR or Oregon."),
        ("kind", values.Words(), "Clinical Social Worker"),
        ("number", values.Words(), "As the board writes it."),
        ("expires_on", values.Day(may_come=True), "2027-06-30"),
        ("board_url", values.Link(), "A link to the board's entry."),
        ("compact", compacts, "Where it is an authority of a compact: psypact."),
    ]
    for name, widget, about in kinds:
        full, part = f"licence_{number}_{name}", ("licence", number)
        field = "compact_slug" if name == "compact" else name
        yield PartColumn(full, widget, about, part=part, field=field, staffs=True)


class Choices(values.Choice):
    """Choices that may be none at all."""

    def clean(self, value, row=None, **kwargs):
        if value and not self.choices:
            raise ValueError("There are no compacts in this directory.")
        return super().clean(value)


def term_columns(taken):
    terms = Term.objects.select_related("vocabulary").order_by("vocabulary__position", "vocabulary")
    for vocabulary, group in groupby(terms, key=lambda term: term.vocabulary):
        name = vocabulary.slug.casefold()
        yield TermsColumn(f"list:{name}" if name in taken else name, list(group), vocabulary)


def approach_columns():
    training = values.Choice(Specialist.Training.choices)
    for slug, name in Approach.objects.values_list("slug", "name"):
        kinds = [
            (StatementColumn, "approach", values.OwnWords(), "statement",
             f"How they work with {name}, in their own words; or yes. Waits for review."),
            (PartColumn, "training", training, "training",
             f"{name}: certified, formal, supervised or self-study."),
            (PartColumn, "trained_by", values.Words(), "training_body", f"{name}: trained by."),
            (PartColumn, "trained_in", values.Year(), "training_year", f"{name}: in the year."),
        ]  # fmt: skip
        for column, prefix, widget, field, about in kinds:
            full, part = f"{prefix}:{slug}", ("approach", slug)
            yield column(full, widget, about, part=part, field=field)


def all_columns(*, offices=2, licences=2):
    """{name: column}: so many offices and licenses, and what staff keep of terms and approaches."""
    columns = own_columns()
    for number in range(1, offices + 1):
        columns += office_columns(number)
    for number in range(1, licences + 1):
        columns += licence_columns(number)
    columns += term_columns({column.column_name for column in columns})
    columns += approach_columns()
    return {column.column_name: column for column in columns}


class UnknownColumns(Exception):  # noqa: N818 - reads well where it is raised
    """Names in the first row that we do not know; `sentences` has one for each."""

    def __init__(self, sentences):
        self.sentences = sentences
        super().__init__(" ".join(sentences))


def columns_for(headers):
    """{name: column} of the names in a file; raises `UnknownColumns`."""
    numbers = [re.fullmatch(r"(office|licence)_(\d{1,2})_\w+", header) for header in headers]
    most = {"office": 2, "licence": 2}
    for match in filter(None, numbers):
        most[match[1]] = max(most[match[1]], min(int(match[2]), MAX_NUMBERED))
    known = all_columns(offices=most["office"], licences=most["licence"])
    unknown = [header for header in headers if header not in known]
    if unknown:
        hints = [(one[:60], _hint(one, known)) for one in unknown]
        raise UnknownColumns([f"We know no column “{name}”{hint}" for name, hint in hints])
    return {header: known[header] for header in headers}


def _hint(header, known):
    """The column that may be meant: of “city” rather “office_1_city” than “ethnicity”."""
    part = header.strip().casefold()
    whole = next((name for name in known if part in name.split("_")), None)
    return f": did you mean “{whole}”?" if whole else values.nearest(header, known) or "."
