"""The groups of a search: any of the choices inside one, all of the groups together.

A group says which sets it needs (`asked`: {label: keys}), and who fits it once they are there. A
key is a pair (facet, value); where a group may be left unstated, `silent` finds those who left it
out.
"""

from dataclasses import dataclass, field

from therapists.search.bits import at_most

EVERYONE = ("listed", "")
FEE_DIGITS = [("fee", str(digit)) for digit in range(14)]
FEE_STATED = ("stated", "fee")
RADII = (5, 10, 25, 50, 100)
FARTHEST = RADII[-1]


@dataclass(frozen=True)
class Group:
    """One group, chosen or not. `or_unstated`: those who have not said fit as well.

    `without` is {another group's name: the group to take instead while that one is left out}.
    """

    name: str
    or_unstated: bool = False
    without: dict = field(default_factory=dict)

    narrows = True
    are_counted = False  # whether the index counts its options' keys on every page
    options = {}  # {value: key}, each counted beside it

    def asked(self):
        return {}

    def is_understood(self, sets):
        return True

    def fit(self, sets):
        """Those who fit this group, whatever the others say."""
        raise NotImplementedError

    def fit_as_asked(self, sets):
        """The same, with those who have not said where they are to be included."""
        return self.fit(sets) | self.silent(sets) if self.or_unstated else self.fit(sets)

    def silent(self, sets):
        """Those who have not said."""
        return 0

    def count(self, value, sets, others):
        """How many of `others` fit the choice `value`, where the index does not count it."""


@dataclass(frozen=True)
class Keys(Group):
    """Those who have any of the chosen options' keys.

    `stated` is the key of those who have said anything; or `unsaid` are keys of those who have not.
    """

    options: dict = field(default_factory=dict)
    chosen: tuple = ()
    stated: tuple = ()
    unsaid: tuple = ()
    are_counted: bool = True

    @property
    def narrows(self):
        return bool(self.chosen)

    def asked(self):
        own = {}
        if self.chosen:
            own["chosen"] = [key for value in self.chosen for key in self.options[value]]
            own["stated"] = [self.stated] if self.stated else []
            own["unsaid"] = list(self.unsaid)
        if not self.are_counted:
            own |= {("option", value): keys for value, keys in self.options.items()}
        return {(self.name, label): keys for label, keys in own.items()}

    def fit(self, sets):
        return sets[self.name, "chosen"]

    def silent(self, sets):
        if self.stated:
            return sets.everyone & ~sets[self.name, "stated"]
        return sets[self.name, "unsaid"]

    def count(self, value, sets, others):
        return (sets[self.name, ("option", value)] & others).bit_count()


def practising(approach):
    """Those who practise an approach, by its number."""
    return _having("practising", "approach", approach)


def quoted(approach):
    """Those whose statement on an approach the public may read."""
    return _having("quoted", "quoted", approach)


def _having(name, facet, number):
    return Keys(name, options={"this": [(facet, str(number))]}, chosen=("this",))


@dataclass(frozen=True)
class AtMost(Group):
    """Those whose lowest fee is at most so many dollars."""

    dollars: int | None = None

    @property
    def narrows(self):
        return self.dollars is not None

    def asked(self):
        return fee_sets() if self.narrows else {}

    def fit(self, sets):
        return at_most(fee_digits(sets), self.dollars, sets["fee", "stated"])

    def silent(self, sets):
        return sets.everyone & ~sets["fee", "stated"]


@dataclass(frozen=True)
class SaidByChoice(Keys):
    """Keys of which nobody has none but those who have not said: how people meet."""

    def asked(self):
        keys = [key for option in self.options.values() for key in option]
        return super().asked() | ({(self.name, "any"): keys} if self.chosen else {})

    def silent(self, sets):
        return sets.everyone & ~sets[self.name, "any"]


def fee_sets():
    """The sets that the fee is asked by: {label: keys}."""
    return {("fee", digit): [digit] for digit in FEE_DIGITS} | {("fee", "stated"): [FEE_STATED]}


def fee_digits(sets):
    return [sets["fee", digit] for digit in FEE_DIGITS]


@dataclass(frozen=True)
class Words(Group):
    """Those in whose own words, terms or approaches every one of `words` stands."""

    words: tuple = ()

    @property
    def narrows(self):
        return bool(self.words)

    def fit(self, sets):
        fit = sets.everyone
        for word in sets.telling(self.words):
            fit &= sets["word", word] | sets["word by name", word]
        return fit


@dataclass(frozen=True)
class Near(Group):
    """Those with an office at most so many miles from a place (`places.Asked`)."""

    place: object = None
    miles: int = 25

    options = {str(miles): () for miles in RADII}

    @property
    def narrows(self):
        return self.place is not None

    def is_understood(self, sets):
        return bool(sets.places or sets["town",])

    def fit(self, sets):
        return self._within(self.miles, sets)

    def silent(self, sets):
        return sets["unplaced",] & ~self.fit(sets)

    def count(self, value, sets, others):
        return (self._within(int(value), sets) & others).bit_count() if self.narrows else 0

    def _within(self, miles, sets):
        return sets.near[miles] if sets.places else sets["town",]
