"""The filter panel: every group with its choices, and how many each would find."""

from dataclasses import dataclass

from django.utils.safestring import mark_safe

from therapists import skeletons
from therapists.filters import USUAL_RADIUS


@dataclass(frozen=True)
class Option:
    """One choice of a group, and how many fit if it is the only one in its group."""

    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Group:
    """One group of the filter panel, for `includes/filter_group.html`.

    `ticks` is its tick boxes as HTML; `options` are those of a list of choices. `is_untouched`: all
    pages on which nothing is written in it show it alike.
    """

    name: str
    kind: str
    label: str
    explanation: str
    is_open: bool
    may_be_unstated: bool
    value: object = ""
    ticks: str = ""
    options: tuple = ()
    includes_unstated: bool = False
    is_untouched: bool = False

    @property
    def chosen_count(self):
        return len(self.value)

    @property
    def is_chosen(self):
        return self.value not in ("", [])


class Panel:
    """The groups of the panel, for a listing's filters and its search."""

    def __init__(self, filterset, search):
        self.filterset, self.search = filterset, search

    @property
    def groups(self):
        """A `Group` for each parameter but `unstated` and `within`, which stand in others.

        Or its HTML, where all that differs from page to page is the counts. A list of which staff
        have retired every word is left out.
        """
        return [
            self._group(name)
            for name in self.filterset.filters
            if name not in ("unstated", "within") and not self._is_gone(name)
        ]

    def keep(self, group, html):
        """Keep the HTML of a group that is untouched, for the pages to come."""
        self.filterset.filters[group.name].untouched = html

    @property
    def radius(self):
        """How near: a group that stands beside the place."""
        return self._group("within")

    def options(self, name):
        """The choices of a group that is offered whole."""
        counts, chosen = self.search.counts[name], self.filterset.chosen[name]
        return [
            Option(value, label, counts[value], value in chosen)
            for value, label in self.filterset.filters[name].extra["choices"]
        ]

    @property
    def radii(self):
        """How near, the nearest first. The usual one is no value in an address."""
        counts, chosen = self.search.counts["near"], str(self.filterset.radius)
        return [
            Option(
                "" if value == str(USUAL_RADIUS) else value,
                label,
                counts[value],
                value == chosen,
            )
            for value, label in self.filterset.filters["within"].extra["choices"]
        ]

    def _group(self, name):
        one, value = self.filterset.filters[name], self.filterset.chosen[name]
        ticks = self._ticks(one, value) if one.kind == "ticks" else ""
        includes_unstated = name in self.filterset.chosen["unstated"]
        if ticks and not value:
            return one.skeleton.around(ticks)
        is_untouched = self._is_untouched(one, value)
        if is_untouched and one.untouched:
            return one.untouched
        return Group(
            name=name,
            kind=one.kind,
            label=one.label,
            explanation=one.explanation,
            is_open=bool(value) or one.is_open,
            may_be_unstated=one.may_be_unstated,
            value="" if value is None else value,
            ticks=mark_safe(ticks),  # noqa: S308 - what people wrote is escaped in it
            options=self.radii if one.kind == "radius" else (),
            includes_unstated=includes_unstated,
            is_untouched=is_untouched,
        )

    def _is_untouched(self, one, value):
        if one.kind == "ticks" or value not in (None, "", []):
            return False
        return one.kind != "place" or not self.filterset.chosen["within"]

    def _ticks(self, one, chosen):
        """The tick boxes of a group as HTML."""
        ticks = self._offered(one, chosen)
        if chosen:  # It stands first: a long list scrolls, and would hide it.
            ticks = sorted(ticks, key=lambda tick: tick.value not in chosen)
        return skeletons.joined(ticks, self.search.counts[one.field_name], chosen)

    def _offered(self, one, chosen):
        """The `Tick`s of a group that are shown: what is chosen always is."""
        ticks = one.skeleton.ticks
        if one.retired:
            ticks = [
                tick for tick in ticks if tick.value in chosen or tick.value not in one.retired
            ]
        if one.only_anybodys:
            held, keys = self.search.everyones, one.keys
            ticks = [
                tick for tick in ticks if tick.value in chosen or held.get(keys[tick.value][0])
            ]
        return ticks

    def _is_gone(self, name):
        one = self.filterset.filters[name]
        return bool(one.retired) and not self._offered(one, self.filterset.chosen[name])
