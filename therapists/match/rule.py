"""Who fits, and who comes first. `/how-we-order/` tells the public the same.

What must hold leaves people out: where and how, the age of who comes, and the cost if the reader
says so. Who has not said their ages or fees stays. Each wish counts one. First stand those who meet
the most wishes; among these, those who contradict the fewest: who has stated something else
contradicts, who has not said does not. Among equals the order of the day decides.
"""

from dataclasses import dataclass
from itertools import chain

from therapists.filters import USUAL_RADIUS
from therapists.match.ways import WAYS, approaches_by_way
from therapists.places import parse
from therapists.search import groups, reading
from therapists.search.index import Search

FORMAT = {"in-person": [("format", "in-person")], "online": [("format", "online")]}


@dataclass(frozen=True)
class Either(groups.Group):
    """Those who fit all groups of any one of `ways`."""

    ways: tuple = ()

    def asked(self):
        asked = {}
        for way in self.ways:
            for group in way:
                asked |= group.asked()
        return asked

    def fit(self, sets):
        fit = 0
        for way in self.ways:
            fits_way = sets.everyone
            for group in way:
                fits_way &= group.fit_as_asked(sets)
            fit |= fits_way
        return fit


@dataclass(frozen=True)
class Around(groups.Near):
    """A place that is only looked up: one of two ways of seeing somebody depends on it."""

    narrows = False


@dataclass(frozen=True)
class Wish(groups.Keys):
    """Something hoped for, which leaves nobody out. `kind` says how it is worded."""

    kind: str = ""
    are_counted: bool = False

    narrows = False

    def contradicted(self, sets):
        """Those who have stated something else."""
        return sets[self.name, "stated"] & ~self.fit(sets) if self.stated else 0


@dataclass(frozen=True)
class FeeWish(groups.AtMost):
    """A fee hoped for, which leaves nobody out."""

    kind: str = "fee"

    narrows = False

    def asked(self):
        return groups.fee_sets()

    def contradicted(self, sets):
        return sets["fee", "stated"] & ~self.fit(sets)


ROOM = Wish(
    "wish room",
    kind="room",
    options={"open": [("availability", "open")]},
    chosen=("open",),
    stated=("stated", "availability"),
)


class Match(Search):
    """Those who fit what must hold, by the wishes that they meet."""

    def __init__(self, musts, wishes):
        super().__init__([*musts, *wishes])
        self.wishes = wishes

    def _tiers(self):
        sets = self.sets
        met = [wish.fit(sets) for wish in self.wishes]
        contradicted = [wish.contradicted(sets) for wish in self.wishes]
        for equals in reversed(in_how_many(met, self._fitting())):
            yield from in_how_many(contradicted, equals)


def in_how_many(some, members):
    """[members in none of the sets `some`, in one, in two, ...]."""
    levels = [members]
    for one in some:
        levels = [
            (here & ~one) | (below & one)
            for here, below in zip([*levels, 0], [0, *levels], strict=True)
        ]
    return levels


def match(answers):
    """The `Match` of `questions.Answers`."""
    return Match(_musts(answers), _wishes(answers))


def how_many(several):
    """How many fit what must hold in each of `several` answers; the index is asked once."""
    musts = [_musts(answers) for answers in several]
    asked, place = {}, None
    for group in chain.from_iterable(musts):
        asked |= group.asked()
        place = group.place if isinstance(group, Around) else place
    sets = reading.read(asked, place=place) if musts else None
    return [_fitting(groups, sets).bit_count() for groups in musts]


def _fitting(musts, sets):
    fitting = sets.everyone
    for group in musts:
        if group.narrows:
            fitting &= group.fit_as_asked(sets)
    return fitting


# --- what must hold ---


def _musts(answers):
    musts = [*_where(answers)]
    if answers.of("age"):
        musts.append(_keys(answers, "age", or_unstated=True))
    if answers.of("cost-must"):
        cost = [(group,) for group in _cost(answers)]
        musts += [Either("cost", ways=tuple(cost))] if cost else []
    return musts


def _where(answers):
    """In person near the place, or online by a licence for its state; as was asked."""
    state = answers.state or getattr(answers.place, "state", "")
    if state or answers.of("how"):
        yield from where(answers.of("how"), answers.place, state)


def where(how, place, state):
    """The groups of those who see people so: `how` are keys of `FORMAT`, any of them if empty.

    `place` is a `places.Place` or None; `state` a code or "".
    """
    ways = [(_format(name), *_reached(name, place, state)) for name in how or FORMAT]
    if place:
        yield Around("near", place=parse(str(place)), miles=USUAL_RADIUS)
    yield Either("where", ways=tuple(ways))


def _format(name):
    return groups.Keys(f"must {name}", options={name: FORMAT[name]}, chosen=(name,))


def _reached(how, place, state):
    """The groups that a place adds to a way of seeing somebody."""
    if how == "in-person" and place:
        here = parse(str(place))
        return [Around("near", place=here, miles=USUAL_RADIUS, or_unstated=True)]
    if not state:
        return []
    facet = "state" if how == "in-person" else "licence"
    options = {state: [(facet, state)]}
    return [groups.Keys(f"must {facet}", options=options, chosen=(state,))]


def _cost(answers):
    """The groups of what it may cost; any of them is enough."""
    if answers.of("insurance"):
        yield _keys(answers, "insurance", or_unstated=True)
    if answers.of("fee") is not None:
        yield groups.AtMost("fee", dollars=answers.of("fee"), or_unstated=True)


def _keys(answers, name, *, or_unstated):
    one = answers.lists[name]
    return groups.Keys(
        f"must {name}",
        options=_options(answers, name, answers.of(name)),
        chosen=tuple(answers.of(name)),
        stated=("stated", str(one.vocabulary)),
        or_unstated=or_unstated,
        are_counted=False,
    )


def _options(answers, name, slugs):
    return {slug: [("term", str(answers.terms[name, slug]))] for slug in slugs}


# --- what is wished for ---


def _wishes(answers):
    """Each issue is a wish; each other list is one, met by any of what was chosen in it.

    That they have room is everybody's wish.
    """
    wishes = [ROOM]
    wishes += [_wish(answers, "issue", [slug], f"issue {slug}") for slug in answers.issues]
    for name in answers.lists:
        if name != "issue" and name != "age" and answers.of(name):
            wishes.append(_wish(answers, name, answers.of(name), name))
    if answers.of("fee") is not None:
        wishes.append(FeeWish("fee", dollars=answers.of("fee")))
    if answers.of("way"):
        wishes.append(_way(answers.of("way")))
    return wishes


def _wish(answers, name, slugs, label):
    one = answers.lists[name]
    return Wish(
        f"wish {label}",
        kind=name,
        options=_options(answers, name, slugs),
        chosen=tuple(slugs),
        # A list of issues is never whole: who leaves one out has not said no to it.
        stated=("stated", str(one.vocabulary)) if name != "issue" else (),
    )


def _way(chosen):
    by_way = approaches_by_way()
    options = {way: [("approach", number) for number in by_way[way]] for way, _ in WAYS}
    return Wish(
        "wish way",
        kind="way",
        options={way: options[way] for way in chosen},
        chosen=tuple(chosen),
    )
