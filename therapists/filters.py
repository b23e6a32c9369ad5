"""The parameters of the filterable listing: one parameter, one group of the search, no SQL between.

Any of the choices inside a group, all of the groups together.
"""

from dataclasses import replace
from itertools import groupby
from operator import attrgetter

import django_filters as filters
from django.conf import settings
from django.utils.functional import cached_property

from therapists import fields
from therapists.models import Term, Therapist
from therapists.places import parse
from therapists.querysets import renamed_approaches
from therapists.search import groups
from therapists.search.index import approaches_by_slug
from therapists.search.offered import Kept, stamp
from therapists.skeletons import Skeleton
from therapists.states import STATES

FORMATS = [("in-person", "In person"), ("online", "Online")]
TRAININGS = [("certified", "Certified in it"), ("formal", "Took a training in it")]
RADII = [(str(miles), f"{miles} miles") for miles in groups.RADII]
USUAL_RADIUS = 25


class Narrowing(filters.Filter):
    """A filter that makes its value a group of the search. All requests of a process share it.

    `may_be_unstated`: therapists may leave the matter out, and "not stated" is offered beside it.
    `only_anybodys`: what nobody has at all is known but not offered; nor is what is in `retired`.
    `untouched`: a field's HTML in the panel while nothing is written in it, once it was made.
    """

    kind = "ticks"  # how the panel draws it
    may_be_unstated = False
    only_anybodys = False
    retired = frozenset()
    untouched = ""

    def __init__(self, *, explanation="", is_open=False, **kwargs):
        super().__init__(**kwargs)
        self.explanation, self.is_open = explanation, is_open

    @cached_property
    def skeleton(self):
        """Its HTML in the panel, but for what differs from page to page."""
        return Skeleton(self)

    @property
    def unstated_label(self):
        """What "5 more have not said" is about."""
        return self.label.lower()

    def group(self, value, or_unstated, filterset):
        """The group of the search, a `therapists.search.groups.Group`; None if it needs none."""
        raise NotImplementedError


class ChoicesFilter(Narrowing):
    """Choices with the keys by which the index knows them: [(value, label, key)].

    `stated` is the key of those who have said anything.
    """

    field_class = fields.KnownChoicesField
    group_of_keys = groups.Keys

    def __init__(self, options, *, stated=None, only_anybodys=False, retired=(), **kwargs):
        super().__init__(choices=[(value, label) for value, label, _ in options], **kwargs)
        self.keys = {value: [key] for value, _, key in options}
        self.retired = frozenset(retired)
        self.stated, self.only_anybodys = stated, only_anybodys
        if stated is not None:
            self.may_be_unstated = True

    def group(self, value, or_unstated, filterset):
        return self.group_of_keys(
            self.field_name,
            options=self.keys,
            chosen=tuple(value),
            stated=self.stated or (),
            or_unstated=or_unstated,
        )


class FormatFilter(ChoicesFilter):
    """How to meet: who has said neither has not said."""

    may_be_unstated = True
    group_of_keys = groups.SaidByChoice


class ApproachFilter(ChoicesFilter):
    """Approaches. Where a training is asked for, it is training in these."""

    def group(self, value, or_unstated, filterset):
        plain = super().group(value, or_unstated, filterset)
        trainings = filterset.trainings
        if not trainings:
            return plain
        options = {
            slug: [("training", f"{number}:{training}") for training in trainings]
            for slug, ((_, number),) in self.keys.items()
        }
        trained = replace(plain, options=options, are_counted=False)
        return replace(trained, without={"training": replace(plain, name="any training")})


class TrainingFilter(Narrowing):
    """Training in the approaches that are chosen; in any of them where none is."""

    field_class = fields.KnownChoicesField
    may_be_unstated = True

    def group(self, value, or_unstated, filterset):
        in_any = self._in(["any"], value, or_unstated)
        if not filterset.practised:
            return in_any
        chosen = self._in(filterset.practised, value, or_unstated)
        return replace(chosen, without={"approach": replace(in_any, name="in any approach")})

    def _in(self, approaches, value, or_unstated):
        return groups.Keys(
            self.field_name,
            options={
                training: [("training", f"{approach}:{training}") for approach in approaches]
                for training, _ in TRAININGS
            },
            chosen=tuple(value),
            unsaid=tuple(("training", f"{approach}:") for approach in approaches),
            or_unstated=or_unstated,
            are_counted=False,
        )


class FeeFilter(Narrowing):
    kind = "dollars"
    field_class = fields.DollarsField
    may_be_unstated = True

    def group(self, value, or_unstated, filterset):
        return groups.AtMost(self.field_name, dollars=value, or_unstated=or_unstated)


class WordsFilter(Narrowing):
    kind = "words"
    field_class = fields.WordsField

    def group(self, value, or_unstated, filterset):
        return groups.Words(self.field_name, words=tuple(dict.fromkeys(value.split())))


class NearFilter(Narrowing):
    kind = "place"
    field_class = fields.PlaceField
    may_be_unstated = True
    unstated_label = "in which town they sit"

    def group(self, value, or_unstated, filterset):
        return groups.Near(
            self.field_name,
            place=parse(value) if value else None,
            miles=filterset.radius,
            or_unstated=or_unstated,
        )


class RadiusFilter(Narrowing):
    """How near `near` is: its value goes into that filter's group."""

    kind = "radius"
    field_class = fields.RadiusField

    def group(self, value, or_unstated, filterset):
        return None


class UnstatedFilter(Narrowing):
    """Which of the other filters also let through those who have not said."""

    field_class = fields.KnownChoicesField

    def group(self, value, or_unstated, filterset):
        return None


# --- one function for each filter, so that the list of them can be read ---------------------------


def vocabulary_filters():
    """A filter over each of the lists that staff keep, in the order in which they stand."""
    renamed = Term.objects.renamed()
    return [
        vocabulary_filter(list(terms), renamed)
        for _, terms in groupby(Term.objects.for_filters(), key=attrgetter("vocabulary"))
    ]


def vocabulary_filter(terms, renamed):
    any_term = terms[0]
    is_stated = ("stated", str(any_term.vocabulary))
    return ChoicesFilter(
        [(term.slug, term.name, ("term", str(term.pk))) for term in terms],
        stated=is_stated if any_term.vocabulary__may_be_unstated else None,
        retired=[term.slug for term in terms if term.retired_on],
        renamed=renamed.get(any_term.vocabulary__slug),
        field_name=any_term.vocabulary__slug,
        label=any_term.vocabulary__question,
        explanation=any_term.vocabulary__explanation,
    )


def approach_filter():
    return ApproachFilter(
        [(slug, name, ("approach", number)) for slug, name, number in approaches_by_slug()],
        only_anybodys=True,
        renamed=renamed_approaches(),
        field_name="approach",
        label="Approach",
    )


def training_filter():
    return TrainingFilter(
        field_name="training", label="Training in the approach", choices=TRAININGS
    )


def state_filter():
    return ChoicesFilter(
        [(code, name, ("state", code)) for code, name in STATES.items()],
        only_anybodys=True,
        field_name="state",
        label="Office in the state of",
    )


def licence_filter():
    return ChoicesFilter(
        [(code, name, ("licence", code)) for code, name in STATES.items()],
        only_anybodys=True,
        field_name="licence",
        label="May see people who are in",
        explanation="By a license or a compact that is valid today. Online, the state where you "
        "are is the one that counts.",
    )


def format_filter():
    return FormatFilter(
        [(value, label, ("format", value)) for value, label in FORMATS],
        field_name="format",
        label="In person or online",
        is_open=True,
    )


def availability_filter():
    return ChoicesFilter(
        [
            (value, label, ("availability", value))
            for value, label in Therapist.Availability.choices
        ],
        stated=("stated", "availability"),
        field_name="availability",
        label="Room for new clients",
    )


def sliding_filter():
    return ChoicesFilter(
        [("yes", "Lower fees for people who have less", ("sliding", "yes"))],
        stated=("stated", "sliding"),
        field_name="sliding",
        label="Sliding scale",
    )


def free_call_filter():
    return ChoicesFilter(
        [("yes", "The first call is free", ("free-call", "yes"))],
        stated=("stated", "free-call"),
        field_name="free-call",
        label="Free first call",
    )


def unstated_filter(others):
    return UnstatedFilter(
        field_name="unstated",
        label="Not stated",
        choices=[(one.field_name, one.label) for one in others if one.may_be_unstated],
    )


class Declared:
    """The listing's filters as staff's lists have them now: what `DECLARED` keeps.

    `filters` are {parameter: filter}, in the order in which they stand on the page and in
    addresses. On an approach's own page nobody chooses an approach.
    """

    def __init__(self):
        what_brings_you, *vocabularies = vocabulary_filters() or [None]
        declared = [
            WordsFilter(field_name="q", label="Name or words"),
            approach_filter(),
            training_filter(),
            what_brings_you,
            NearFilter(field_name="near", label="Near"),
            RadiusFilter(
                field_name="within", label="Within", choices=RADII, usual=str(USUAL_RADIUS)
            ),
            state_filter(),
            format_filter(),
            licence_filter(),
            availability_filter(),
            FeeFilter(field_name="fee", label="Fee for one session, at most"),
            sliding_filter(),
            free_call_filter(),
            *vocabularies,
        ]
        kept = [one for one in declared if one]
        self.filters = {one.field_name: one for one in [*kept, unstated_filter(kept)]}
        self.practising = {name: one for name, one in self.filters.items() if name != "approach"}


DECLARED = Kept(Declared)


class TherapistFilter(filters.FilterSet):
    """What one address asks of the listing's filters.

    `practising` is the number of the approach whose page the list stands on, if it stands on one.
    """

    class Meta:
        model = Therapist
        fields = []

    def __init__(self, data, *, practising=None):
        super().__init__(data, queryset=Therapist.objects.none())
        self.practising = practising
        # While templates are worked on, nothing is kept that was made of them.
        declared = Declared() if settings.DEBUG else DECLARED.at(stamp())
        self.filters = declared.filters if practising is None else declared.practising

    @cached_property
    def understood(self):
        """{parameter: (what was understood of it, [values that do not exist])}."""
        # What the filterset's form would do, without a copy of every field for every page.
        fields = {name: one.field for name, one in self.filters.items()}
        return {
            name: field.understand(field.widget.value_from_datadict(self.data, {}, name))
            for name, field in fields.items()
        }

    @cached_property
    def chosen(self):
        """{parameter: what was understood of it}, in the order of the filters."""
        return {name: value for name, (value, _) in self.understood.items()}

    @cached_property
    def unknown(self):
        """[(parameter, value)] that was asked for and does not exist."""
        understood = self.understood.items()
        return [(name, value) for name, (_, unknown) in understood for value in unknown]

    @property
    def radius(self):
        """Miles around the place that was asked for."""
        return int(next(iter(self.chosen["within"]), USUAL_RADIUS))

    @property
    def practised(self):
        """The numbers of the approaches that the list is narrowed to."""
        if self.practising is not None:
            return [str(self.practising)]
        keys = self.filters["approach"].keys
        return [number for slug in self.chosen["approach"] for _, number in keys[slug]]

    @property
    def trainings(self):
        """The trainings asked for; "" stands for those who have not said."""
        asked = self.chosen["training"]
        return [*asked, ""] if asked and "training" in self.chosen["unstated"] else asked

    @property
    def groups(self):
        """The groups of the search."""
        unstated = self.chosen["unstated"]
        made = [
            one.group(self.chosen[name], name in unstated, self)
            for name, one in self.filters.items()
        ]
        if self.practising is not None:
            made.append(groups.practising(self.practising))
        return [group for group in made if group]
