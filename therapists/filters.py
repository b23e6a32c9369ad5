"""The parameters of the filterable listing: one parameter, one queryset method, no ORM in between.

Any of the choices inside a group, all of the groups together. A value that we do not know is set
aside in the field's `unknown` and the others hold: one typing error must not drop a whole search.
"""

import unicodedata

import django_filters as filters
from django import forms
from django.utils.text import slugify

from therapists.models import Office, Therapist, Vocabulary
from therapists.querysets import TherapistQuerySet
from therapists.states import STATES

MAX_WORDS_LENGTH = 200
MAX_VALUES = 50
MAX_FEE = 10_000

FORMATS = [("in-person", "In person"), ("online", "Online")]


def printable(text):
    """The text on one line, without control characters (NUL stops PostgreSQL)."""
    text = "".join(" " if unicodedata.category(c) in {"Cc", "Cs"} else c for c in text)
    return " ".join(text.split())


class KnownChoicesField(forms.MultipleChoiceField):
    """Repeated keys, each a known choice; `unknown` keeps what was asked for and does not exist."""

    unknown = ()

    def clean(self, value):
        """Return the known values in the order of the choices, each once."""
        asked = dict.fromkeys(printable(text) for text in (value or [])[:MAX_VALUES])
        known = [choice for choice, _ in self.choices]
        self.unknown = sorted(text for text in asked if text and text not in set(known))
        return [choice for choice in known if choice in asked]


class DollarsField(forms.CharField):
    """A whole number of dollars, with or without its sign; None when nothing was written."""

    unknown = ()

    def clean(self, value):
        text = printable(value or "")
        digits = text.removeprefix("$").replace(",", "").strip()
        if digits.isascii() and digits.isdigit() and len(digits) <= 6 and int(digits) <= MAX_FEE:
            return int(digits)
        self.unknown = [text] if text else ()
        return None


class WordsField(forms.CharField):
    """Words to look for, on one line and cut to a length that nobody types by hand."""

    unknown = ()

    def clean(self, value):
        return printable(value or "")[:MAX_WORDS_LENGTH].strip()


class Narrowing(filters.Filter):
    """A filter that hands its value to one method of the queryset.

    `by` narrows; `unstated`, where therapists may leave the matter out, finds those who did.
    """

    kind = "ticks"  # how the panel draws it

    def __init__(self, by, *, unstated=None, explanation="", is_open=False, **kwargs):
        super().__init__(**kwargs)
        self.by, self.unstated = by, unstated
        self.explanation, self.is_open = explanation, is_open

    def filter(self, queryset, value):
        if self.unstated and self.field_name in self.parent.unstated_groups:
            return self.by(queryset, value, or_unstated=True)
        return self.by(queryset, value)


class ChoicesFilter(Narrowing):
    field_class = KnownChoicesField


class TownFilter(ChoicesFilter):
    """A choice among so many that a row of tick boxes would bury the rest."""

    kind = "town"


class DollarsFilter(Narrowing):
    kind = "dollars"
    field_class = DollarsField


class WordsFilter(Narrowing):
    kind = "words"
    field_class = WordsField


def town_slug(city, state):
    """`cafe-city-or` for "Café City", "OR"; a name without Latin letters keeps its own."""
    return slugify(f"{city} {state}", allow_unicode=not slugify(city)) or city


def vocabulary_filter(vocabulary):
    """The filter over one of the lists that staff keep."""

    def by(queryset, terms, **options):
        return queryset.with_terms(vocabulary.slug, terms, **options)

    def unstated(queryset):
        return queryset.without_terms(vocabulary.slug)

    return ChoicesFilter(
        by,
        unstated=unstated if vocabulary.may_be_unstated else None,
        field_name=vocabulary.slug,
        label=vocabulary.question,
        explanation=vocabulary.explanation,
        choices=[(term.slug, term.name) for term in vocabulary.terms.all()],
    )


def words_filter():
    return WordsFilter(TherapistQuerySet.matching, field_name="q", label="Name or words")


def approach_filter():
    return ChoicesFilter(
        TherapistQuerySet.practising,
        field_name="approach",
        label="Approach",
        choices=list(Therapist.objects.listed().approaches_practised()),
    )


def state_filter():
    codes = Office.objects.of_listed_therapists().states()
    return ChoicesFilter(
        TherapistQuerySet.in_states,
        field_name="state",
        label="State",
        choices=sorted(((code, STATES.get(code, code)) for code in codes), key=lambda s: s[1]),
    )


def town_filter():
    # A town may be written in more ways than one: its slug stands for all of them.
    towns = {}
    for city, state in Office.objects.of_listed_therapists().towns():
        towns.setdefault(town_slug(city, state), []).append((city, state))

    def by(queryset, slugs):
        return queryset.in_towns([town for slug in slugs for town in towns[slug]])

    labels = [(slug, ", ".join(filter(None, ways[0]))) for slug, ways in towns.items()]
    return TownFilter(by, field_name="city", label="City", choices=labels)


def format_filter():
    return ChoicesFilter(
        TherapistQuerySet.seeing,
        field_name="format",
        label="In person or online",
        choices=FORMATS,
        is_open=True,
    )


def availability_filter():
    return ChoicesFilter(
        TherapistQuerySet.available,
        unstated=TherapistQuerySet.without_availability,
        field_name="availability",
        label="Room for new clients",
        choices=Therapist.Availability.choices,
    )


def fee_filter():
    return DollarsFilter(
        TherapistQuerySet.charging_at_most,
        unstated=TherapistQuerySet.without_fee,
        field_name="fee",
        label="Fee for one session, at most",
    )


def unstated_filter(others):
    """Which of the other filters also let through those who have not said."""
    return ChoicesFilter(
        lambda queryset, groups: queryset,
        field_name="unstated",
        label="Not stated",
        choices=[(one.field_name, one.label) for one in others if one.unstated],
    )


class TherapistFilter(filters.FilterSet):
    """The listing's filters, in the order in which they stand on the page and in addresses."""

    class Meta:
        model = Therapist
        fields = []

    def __init__(self, *args, without=(), **kwargs):
        super().__init__(*args, **kwargs)
        vocabularies = [vocabulary_filter(v) for v in Vocabulary.objects.with_terms()]
        declared = [
            words_filter(),
            approach_filter(),
            *vocabularies[:1],  # what brings you: before place and cost
            state_filter(),
            town_filter(),
            format_filter(),
            availability_filter(),
            fee_filter(),
            *vocabularies[1:],
        ]
        kept = [one for one in declared if one.field_name not in without]
        self.filters = {one.field_name: one for one in [*kept, unstated_filter(kept)]}
        for one in self.filters.values():
            one.parent = self

    @property
    def chosen(self):
        """{parameter: what was understood of it}, in the order of the filters."""
        self.form.is_valid()
        return self.form.cleaned_data

    @property
    def unstated_groups(self):
        """The groups in which those who have not said are to be included."""
        return self.chosen["unstated"]

    @property
    def unknown(self):
        """[(parameter, value)] that was asked for and does not exist."""
        self.form.is_valid()
        fields = self.form.fields.items()
        return [(name, value) for name, field in fields for value in field.unknown]

    def filter_queryset(self, queryset):
        return self.narrowed(queryset)

    def narrowed(self, queryset, *, leaving_out=None):
        """The queryset by all that was chosen, but for the group `leaving_out`."""
        for name, value in self.chosen.items():
            if name != leaving_out:
                queryset = self.filters[name].filter(queryset, value)
        return queryset
