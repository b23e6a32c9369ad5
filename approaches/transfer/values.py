"""What stands in one cell: read, or refused with a sentence; and written so that it reads back."""

import re
from datetime import date, datetime
from difflib import get_close_matches

from django.utils import timezone
from django.utils.text import slugify
from import_export.widgets import Widget

from therapists.states import state_code

# An empty cell leaves what we hold; this empties it.
EMPTY = "(empty)"
YES, NO = {"yes", "y", "true", "1"}, {"no", "n", "false", "0"}
MAX_NUMBER = 100_000


def nearest(word, known):
    """`: did you mean “grief”?`, or "" where nothing is like it."""
    by_fold = {one.casefold(): one for one in known}
    found = get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    return f": did you mean “{by_fold[found[0]]}”?" if found else ""


class Words(Widget):
    """Text; on one line unless `paragraphs`."""

    def __init__(self, *, paragraphs=False):
        super().__init__()
        self.paragraphs = paragraphs

    def clean(self, value, row=None, **kwargs):
        return value if self.paragraphs else " ".join(value.split())

    def render(self, value, obj=None, **kwargs):
        return self.clean((value or "").replace("\r\n", "\n").strip())


class OwnWords(Words):
    """What therapists say of themselves. No import takes it away."""

    def __init__(self):
        super().__init__(paragraphs=True)

    def clean(self, value, row=None, **kwargs):
        if not value:
            raise ValueError("Words are emptied on the therapist's own page, not by an import.")
        return super().clean(value)

    def render(self, value, obj=None, **kwargs):
        return (value or "").replace("\r\n", "\n").strip()


class Choice(Widget):
    """One of a column's choices, by its value or by its label."""

    def __init__(self, choices, *, empty=""):
        super().__init__()
        self.choices, self.empty = {value: label for value, label in choices if value}, empty

    def clean(self, value, row=None, **kwargs):
        if value == "":
            return self.empty
        for known, label in self.choices.items():
            if slugify(value) in (known, slugify(label)):
                return known
        raise ValueError(f"“{value[:40]}” is not one of: {', '.join(self.choices)}.")

    def render(self, value, obj=None, **kwargs):
        return value or ""


class YesNo(Widget):
    """Yes, no, or `unstated`: what an empty one means."""

    def __init__(self, *, unstated):
        super().__init__()
        self.unstated = unstated

    def clean(self, value, row=None, **kwargs):
        word = value.casefold()
        if word == "":
            return self.unstated
        if word not in YES | NO:
            raise ValueError(f"“{value[:40]}” is not yes or no.")
        return word in YES

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else ("yes" if value else "no")


class Whole(Widget):
    """A whole number; `120`, `$120` and `120.00` are the same."""

    def clean(self, value, row=None, **kwargs):
        if value == "":
            return None
        match = re.fullmatch(r"\$?\s*(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.0*)?", value, re.ASCII)
        if not match:
            raise ValueError(f"“{value[:40]}” is not a whole number.")
        number = int(match[1].replace(",", ""))
        if number > MAX_NUMBER:
            raise ValueError(f"{number:,} is too large.")
        return number

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else str(value)


class Year(Whole):
    def clean(self, value, row=None, **kwargs):
        year = super().clean(value)
        if year is not None and not 1900 <= year <= timezone.localdate().year:
            raise ValueError(f"{year} is not a year up to now.")
        return year


class Day(Widget):
    """A date as 2026-11-28 or 11/28/2026; not after today unless it `may_come`."""

    def __init__(self, *, may_come=False):
        super().__init__()
        self.may_come = may_come

    def clean(self, value, row=None, **kwargs):
        if value == "":
            return None
        day = _date(value)
        if day is None:
            raise ValueError(f"“{value[:40]}” is not a date: write 2026-11-28 or 11/28/2026.")
        if day > timezone.localdate() and not self.may_come:
            raise ValueError(f"{day} is still to come.")
        return day

    def render(self, value, obj=None, **kwargs):
        return value.isoformat() if value else ""


def _date(text):
    for shape in ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y"):
        try:
            day = datetime.strptime(text, shape).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        return day if day >= date(1900, 1, 1) else None
    return None


class State(Widget):
    """A state by its code or its name."""

    def clean(self, value, row=None, **kwargs):
        if value and not state_code(value):
            raise ValueError(f"“{value[:40]}” is not a state: write OR or Oregon.")
        return state_code(value) or ""

    def render(self, value, obj=None, **kwargs):
        return value or ""


class ZipCode(Words):
    """Spreadsheets take the zeros from the front of 02139."""

    def clean(self, value, row=None, **kwargs):
        value = super().clean(value)
        return value.zfill(5) if re.fullmatch(r"\d{3,4}", value, re.ASCII) else value


class Link(Words):
    """What people write as example.org is https://example.org."""

    def clean(self, value, row=None, **kwargs):
        return f"https://{value}" if value and "://" not in value else value


class Terms(Widget):
    """Terms of one vocabulary, by slug or by name, with ; between; the value is a set of keys."""

    def __init__(self, name, terms):
        super().__init__()
        self.name, self.slugs = name, {term.pk: term.slug for term in terms}
        self.known = {term.name.casefold(): term.pk for term in terms}
        self.known |= {term.slug: term.pk for term in terms}
        self.names = [term.name for term in terms]

    def clean(self, value, row=None, **kwargs):
        words = [" ".join(word.split()) for word in value.split(";")]
        unknown = [word for word in words if word and word.casefold() not in self.known]
        if unknown:
            hint = nearest(unknown[0], self.names) or "."
            raise ValueError(f"“{unknown[0][:60]}” is not in the list {self.name}{hint}")
        return frozenset(self.known[word.casefold()] for word in words if word)

    def render(self, value, obj=None, **kwargs):
        return "; ".join(sorted(self.slugs[pk] for pk in value))
