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


class TherapistFilter(filters.FilterSet):
    """The listing's filters, in the order in which they stand on the page and in addresses."""

    class Meta:
        model = Therapist
        fields = []

    def __init__(self, *args, without=(), **kwargs):
        super().__init__(*args, **kwargs)
        everyone = Therapist.objects.listed()
        offices = Office.objects.of_listed_therapists()
        # A town may be written in more ways than one: its slug stands for all of them.
        self.towns = {}
        for city, state in offices.towns():
            self.towns.setdefault(town_slug(city, state), []).append((city, state))

        first, *others = [vocabulary_filter(v) for v in Vocabulary.objects.with_terms()] or [None]
        declared = [
            WordsFilter(TherapistQuerySet.matching, field_name="q", label="Name or words"),
            ChoicesFilter(
                TherapistQuerySet.practising,
                field_name="approach",
                label="Approach",
                choices=list(everyone.approaches_practised()),
            ),
            first,
            ChoicesFilter(
                TherapistQuerySet.in_states,
                field_name="state",
                label="State",
                choices=sorted(
                    ((c, STATES.get(c, c)) for c in offices.states()), key=lambda s: s[1]
                ),
            ),
            TownFilter(
                self.in_towns,
                field_name="city",
                label="City",
                choices=[(slug, ", ".join(filter(None, t[0]))) for slug, t in self.towns.items()],
            ),
            ChoicesFilter(
                TherapistQuerySet.seeing,
                field_name="format",
                label="In person or online",
                choices=FORMATS,
                is_open=True,
            ),
            ChoicesFilter(
                TherapistQuerySet.available,
                unstated=TherapistQuerySet.without_availability,
                field_name="availability",
                label="Room for new clients",
                choices=Therapist.Availability.choices,
            ),
            DollarsFilter(
                TherapistQuerySet.charging_at_most,
                unstated=TherapistQuerySet.without_fee,
                field_name="fee",
                label="Fee for one session, at most",
            ),
            *others,
        ]
        self.filters = {f.field_name: f for f in declared if f and f.field_name not in without}
        may_be_unstated = [(name, f.label) for name, f in self.filters.items() if f.unstated]
        self.filters["unstated"] = ChoicesFilter(
            lambda queryset, groups: queryset,
            field_name="unstated",
            label="Not stated",
            choices=may_be_unstated,
        )
        for one in self.filters.values():
            one.parent = self

    def in_towns(self, queryset, slugs):
        return queryset.in_towns([town for slug in slugs for town in self.towns[slug]])

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
