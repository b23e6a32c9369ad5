"""Which row of a file is which therapist: by slug, e-mail or license, never by name alone."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models.functions import Lower

from approaches.transfer.held import licence_key, licences_of
from therapists.models import Licence, Therapist

CHUNK = 2_000


@dataclass
class Match:
    """The key of the therapist, None for somebody new; or why that is not certain, and where."""

    key: int | None = None
    column: str = ""
    fault: str = ""


class Matches:
    """A `Match` for each row of a file; `numbers` are the rows' own in it."""

    def __init__(self, dataset, numbers):
        rows = [dict(zip(dataset.headers, row, strict=True)) for row in dataset]
        self.slugs = _found("slug", [_slug(row) for row in rows])
        self.emails = _found("folded", [_email(row) for row in rows])
        self.licences = _found_licences([key for row in rows for key in licences_of(row).values()])
        self.rows = [self._match(row) for row in rows]
        self._nobody_twice(rows, numbers)

    def _match(self, row):
        if slug := _slug(row):
            return Match(next(iter(self.slugs[slug]), None))
        by_email = self.emails[_email(row)]
        by_licence = {pk for key in licences_of(row).values() for pk in self.licences[key]}
        say = "Say in the column slug who is meant."
        for column, keys in (("email", by_email), ("licence_1_number", by_licence)):
            if len(keys) > 1:
                return Match(None, column, f"{len(keys)} therapists have this. {say}")
        if by_email and by_licence and by_email != by_licence:
            fault = "The e-mail address and the license belong to two therapists."
            return Match(None, "email", f"{fault} {say}")
        return Match(next(iter(by_email | by_licence), None))

    def _nobody_twice(self, rows, numbers):
        """Two rows of one therapist would undo each other."""
        first = {}
        for number, row, match in zip(numbers, rows, self.rows, strict=True):
            if match.fault:
                continue
            for column, sign in _signs(row, match.key):
                if first.setdefault(sign, number) != number:
                    match.column = column
                    match.fault = f"Row {first[sign]} has this too, or is the same therapist."
                    break


def _signs(row, key):
    """(column, what no second row may have)."""
    if key:
        yield "slug" if _slug(row) else "email", ("key", key)
    if _slug(row):
        yield "slug", ("slug", _slug(row))
    elif _email(row):
        yield "email", ("email", _email(row))
    for which, licence in licences_of(row).items():
        yield f"licence_{which}_number", ("licence", licence)


def _slug(row):
    return row.get("slug", "")


def _email(row):
    return row.get("email", "").casefold()


def _found(field, words):
    """{word: {keys of therapists}}."""
    found = defaultdict(set)
    words = sorted({word for word in words if word})
    therapists = Therapist.objects.annotate(folded=Lower("email"))
    for start in range(0, len(words), CHUNK):
        some = therapists.filter(**{f"{field}__in": words[start : start + CHUNK]})
        for word, pk in some.values_list(field, "pk"):
            found[word].add(pk)
    return found


def _found_licences(keys):
    found = defaultdict(set)
    numbers = sorted({number for _, _, number in keys})
    licences = Licence.objects.annotate(folded=Lower("number"))
    for start in range(0, len(numbers), CHUNK):
        some = licences.filter(folded__in=numbers[start : start + CHUNK])
        for state, kind, number, pk in some.values_list("state", "kind", "folded", "therapist"):
            found[licence_key(state, kind, number)].add(pk)
    return found
