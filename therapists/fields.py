"""Form fields of the listing. None of them refuses an address.

`understand(value)` gives what was understood, and [what was asked for and does not exist]: that is
set aside and the others hold, since one typing error must not drop a whole search. A field keeps
nothing of it, so all requests share one.
"""

import unicodedata

from django import forms

from therapists.places import parse

MAX_WORDS_LENGTH = 200
MAX_WORDS = 12
MAX_VALUES = 50
MAX_FEE = 10_000


def printable(text):
    """The text on one line, without control characters (NUL stops PostgreSQL)."""
    text = "".join(" " if unicodedata.category(c) in {"Cc", "Cs"} else c for c in text)
    return " ".join(text.split())


class KnownChoicesField(forms.Field):
    """Repeated keys, each a known choice.

    `choices` are pairs of value and label. Not Django's field of choices, which copies and examines
    all of them for every form: there are hundreds on every page. `renamed` says what
    values that are no choices any more are called today: {old: new}.
    """

    widget = forms.SelectMultiple

    def __init__(self, *, choices, renamed=None, **kwargs):
        super().__init__(**kwargs)
        self.choices, self.renamed = choices, renamed or {}

    def understand(self, value):
        """The known values in the order of the choices, each once."""
        if not value:
            return [], []
        known = [choice for choice, _ in self.choices]
        asked = {printable(text[:MAX_WORDS_LENGTH]) for text in value[:MAX_VALUES]}
        asked = {text if text in known else self.renamed.get(text, text) for text in asked}
        return [choice for choice in known if choice in asked], sorted(asked - {*known, ""})


class RadiusField(KnownChoicesField):
    """One known choice; of several the last one holds. The usual one is as good as none."""

    def __init__(self, *, usual, **kwargs):
        super().__init__(**kwargs)
        self.usual = usual

    def understand(self, value):
        chosen, unknown = super().understand(value[-1:] if value else [])
        return [] if chosen == [self.usual] else chosen, unknown


class DollarsField(forms.CharField):
    """A whole number of dollars, with or without its sign; None when nothing was written."""

    def understand(self, value):
        text = printable(value or "")
        digits = text.removeprefix("$").replace(",", "").strip()
        if digits.isascii() and digits.isdigit() and len(digits) <= 6 and int(digits) <= MAX_FEE:
            return int(digits), []
        return None, [text] if text else []


class WordsField(forms.CharField):
    """Words to look for, on one line and cut to a length that nobody types by hand."""

    def understand(self, value):
        text = printable(value or "")[:MAX_WORDS_LENGTH]
        return " ".join(text.split()[:MAX_WORDS]), []


class PlaceField(forms.CharField):
    """A ZIP code or a town ("97214", "Portland, OR"); "" for what can be neither."""

    def understand(self, value):
        text = printable(value or "")[:MAX_WORDS_LENGTH].strip()
        asked = parse(text)
        return str(asked or ""), [text] if text and asked is None else []
