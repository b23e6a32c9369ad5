"""The filter panel: every group with its choices, and how many each would find."""

from dataclasses import dataclass

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
    """One group of the filter panel."""

    name: str
    kind: str
    label: str
    explanation: str
    value: object
    options: list
    is_open: bool
    may_be_unstated: bool
    includes_unstated: bool

    @property
    def chosen_count(self):
        return sum(option.is_chosen for option in self.options)

    @property
    def is_chosen(self):
        return self.value not in ("", [])


class Panel:
    """The groups of the panel, for a listing's filters and its search."""

    def __init__(self, filterset, search):
        self.filterset, self.search = filterset, search

    @property
    def groups(self):
        """A `Group` for each parameter but `unstated`, which stands in them.

        A list of which staff have retired every word is left out.
        """
        groups = [self.group(name) for name in self.filterset.filters if name != "unstated"]
        return [
            one for one in groups if one.options or not self.filterset.filters[one.name].retired
        ]

    def group(self, name):
        one, value = self.filterset.filters[name], self.filterset.chosen[name]
        return Group(
            name=name,
            kind=one.kind,
            label=one.label,
            explanation=one.explanation,
            value="" if value is None else value,
            options=self.radii if one.kind == "radius" else self._options(name, value),
            is_open=bool(value) or one.is_open,
            may_be_unstated=one.may_be_unstated,
            includes_unstated=name in self.filterset.chosen["unstated"],
        )

    @property
    def radii(self):
        """How near, the nearest first. The usual one is no value in an address."""
        counts, chosen = self.search.counts, str(self.filterset.radius)
        return [
            Option(
                "" if value == str(USUAL_RADIUS) else value,
                label,
                counts.get(("near", value), 0),
                value == chosen,
            )
            for value, label in self.filterset.form.fields["within"].choices
        ]

    def _options(self, name, value):
        choices = getattr(self.filterset.form.fields[name], "choices", [])
        options = [
            Option(key, label, self.search.counts.get((name, key), 0), key in value)
            for key, label in choices
            if key in value or self._is_offered(name, key)
        ]
        # What is chosen stands first: a long list scrolls, and would hide it.
        return sorted(options, key=lambda option: not option.is_chosen)

    def _is_offered(self, name, value):
        one = self.filterset.filters[name]
        if value in one.retired:
            return False
        return not one.only_anybodys or self.search.is_anybodys(one.anybodys_key(value))
