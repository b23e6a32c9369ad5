"""Asks the search index who fits, how many fit every choice, and who stands on a page.

A `Search` answers one address in three queries, whatever was chosen and however many there are: the
sets, the counts, and the order of the page.
"""

from dataclasses import replace

from django.db import connection
from django.utils.functional import cached_property

from therapists.places import parse
from therapists.search import order, reading
from therapists.search.bits import ascending, integers_of_array
from therapists.search.groups import Near, Words, fee_digits, fee_sets
from therapists.search.offered import COUNTED

COUNT = "SELECT * FROM therapists_search_counts(%(blocks)s, %(sets)s, %(own)s)"
EVERYONES = 255  # the number of no set: keys are then counted in everyone


class Search:
    """Those whom the public sees and who fit all of `groups`.

    `groups` are of `therapists.search.groups`; `by` is the order: "" for the day's order alone, or
    "nearest", "fee", "words", each with the day's order among equals. `pinned` are slots that stand
    before everyone else. `along` are groups of another search on the same page: their sets are read
    along, and that search is given them as its `sets`.
    """

    def __init__(self, groups, *, by="", pinned=(), along=(), sets=None):
        self.groups = {group.name: group for group in groups}
        self.by, self.pinned, self.along = by, pinned, along
        if sets is not None:
            self.sets = sets

    # --- how many ---

    @property
    def total(self):
        """How many fit."""
        return self._fitting().bit_count()

    def total_without(self, name):
        """How many fit all but one group."""
        return self._fitting(leaving_out=name).bit_count()

    def silent(self, name):
        """How many more fit if those count who have not said, in one group that narrows."""
        others = self._fitting(leaving_out=name)
        group = self.groups[name]
        return (group.silent(self.sets) & others & ~group.fit(self.sets)).bit_count()

    @cached_property
    def counts(self):
        """{group: {value: how many fit if it is the only choice in its group}}."""
        return {name: self._counts_in(group) for name, group in self.groups.items()}

    def _counts_in(self, group):
        if group.are_counted:
            fitting, _ = self._counted
            return {value: fitting.get(keys[0], 0) for value, keys in group.options.items()}
        if not group.options:
            return {}
        others = self._fitting(leaving_out=group.name)
        return {value: group.count(value, self.sets, others) for value in group.options}

    @property
    def everyones(self):
        """{key: how many of all whom the public sees have it, whatever was chosen}."""
        _, everyone = self._counted
        return everyone

    @cached_property
    def _counted(self):
        """({key: how many fit}, {key: how many of everyone}) of what is counted on each page."""
        if not self.narrowing:
            return _counted()  # of everyone, as it is kept beside the strings
        sets, own = [self._fitting()], {}
        for name in self.narrowing:
            group = self.groups[name]
            if group.are_counted:
                others = self._fitting(leaving_out=name)
                is_everyone = others == self.sets.everyone
                own |= {
                    key: EVERYONES if is_everyone else len(sets)
                    for keys in group.options.values()
                    for key in keys
                }
                sets += [] if is_everyone else [others]
        space = self.sets.space
        return _counted(space.blocks, b"".join(map(space.to_bytes, sets)), own)

    # --- who ---

    def slots(self, day, start, stop):
        """The slots of those who stand on places `start` to `stop`."""
        return order.page_of(self._tiers(), self.sets.space, day, start, stop)

    def miles_to(self, slots):
        """{slot: miles} from the place that was asked for."""
        return self.sets.around.miles_to(slots)

    def nearest_beyond(self):
        """(miles, label, how many near there) of the nearest place where any fit; None if none."""
        near = next(group for group in self.groups.values() if isinstance(group, Near))
        has = self.sets.space.has(self._fitting(leaving_out=near.name))
        for miles, label, slots in reading.places_beyond(near.place):
            if any(map(has, slots)):
                there = {near.name: replace(near, place=parse(label))}
                return miles, label, Search((self.groups | there).values()).total
        return None

    def _tiers(self):
        """Sets of equals, or lists of their slots, those who come first first."""
        fitting = self._fitting()
        has = self.sets.space.has(fitting)
        pinned = list(filter(has, self.pinned))
        yield from ([slot] for slot in pinned)
        fitting &= ~self.sets.space.of_slots(pinned)
        if self.by == "nearest" and self.sets.around.slots:
            yield from self._rings(fitting)
        elif self.by == "fee":
            yield from self._by_fee(fitting)
        elif self.by == "words":
            yield from self._by_words(fitting)
        else:
            yield fitting

    def _rings(self, fitting):
        has, seen = self.sets.space.has(fitting), set()
        for ring in self.sets.around.rings():
            slots = [slot for slot in ring if has(slot) and slot not in seen]
            seen.update(slots)
            yield slots
        yield fitting & ~self.sets.space.of_slots(seen)

    def _by_fee(self, fitting):
        stated = self.sets["fee", "stated"]
        yield from ascending(fee_digits(self.sets), fitting & stated)
        yield fitting & ~stated

    def _by_words(self, fitting):
        """Whose name holds all of the words; whose terms and approaches do; everyone else."""
        named = in_terms = fitting
        for word in self.sets.telling(self._words):
            named &= self.sets["named", word]
            in_terms &= self.sets["word by name", word] | self.sets["named", word]
        yield named
        yield in_terms & ~named
        yield fitting & ~in_terms & ~named

    # --- sets ---

    @property
    def _words(self):
        groups = self.groups.values()
        return [word for group in groups if isinstance(group, Words) for word in group.words]

    @cached_property
    def sets(self):
        """The `Sets` that the groups and the order need."""
        asked = fee_sets() if self.by == "fee" else {}
        for group in [*self.groups.values(), *self.along]:
            asked |= group.asked()
            for instead in group.without.values():
                asked |= instead.asked()
        places = [group.place for group in self.groups.values() if isinstance(group, Near)]
        return reading.read(asked, self._words, *places, by_name=self.by == "words")

    @cached_property
    def narrowing(self):
        """{name: set of those who fit} of the groups that narrow, whatever the others say."""
        narrowing = {}
        for name, group in self.groups.items():
            if group.narrows and group.is_understood(self.sets):
                narrowing[name] = group.fit_as_asked(self.sets)
        return narrowing

    def _fitting(self, *, leaving_out=None):
        fitting = self.sets.everyone
        for name, fit in self.narrowing.items():
            if name != leaving_out:
                instead = self.groups[name].without.get(leaving_out)
                fitting &= instead.fit_as_asked(self.sets) if instead else fit
        return fitting


def _counted(blocks=0, sets=b"", own=None):
    """({key: how many fit}, {key: how many of everyone}) of what is counted on each page.

    `sets` are one after the other, each of so many blocks; without any, everyone fits. Keys are
    counted in set 0 but for those in `own`, {key: number of its set, or EVERYONES}.
    """
    asked_at, known = COUNTED.last
    while True:
        packed = known.packed(own) if own and known else b""
        with connection.cursor() as cursor:
            cursor.execute(COUNT, {"blocks": blocks, "sets": sets, "own": packed})
            stamp, *sent = cursor.fetchone()
        known = COUNTED.at(stamp)
        if not own or stamp == asked_at:
            break
        asked_at = stamp  # the keys had other numbers before, so ask again
    numbers, fitting, everyone = (integers_of_array(one or b"") for one in sent)
    # An index that is built anew meanwhile has other numbers: they are nobody's keys.
    keys = list(map(known.key_of.get, numbers))
    return dict(zip(keys, fitting, strict=True)), dict(zip(keys, everyone, strict=True))


def counts_of_everyone():
    """{(facet, value): how many whom the public sees} of all that is counted."""
    reading.catch_up()
    fitting, _ = _counted()
    return fitting


def approaches_by_slug():
    """[(slug, name, number)] of the published approaches, A to Z."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT slug, label, value FROM therapists_searchkey
            WHERE facet = 'approach' AND slug <> '' ORDER BY lower(label), slug
            """
        )
        return cursor.fetchall()
