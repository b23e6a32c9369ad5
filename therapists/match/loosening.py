"""Where few fit: which answer could be loosened, and how many would fit then."""

from dataclasses import dataclass, field

from therapists.match.rule import how_many
from therapists.places import is_state
from therapists.states import STATES


@dataclass(frozen=True)
class Loosening:
    """One answer made wider. `key` is sent by its button; `given` takes the place of answers."""

    key: str
    label: str
    given: dict = field(default_factory=dict)
    note: str = ""
    count: int = 0


def loosened(answers, key):
    """The answers with one of them made wider; as they are, where there is no such way."""
    for one in _ways(answers):
        if one.key == key:
            return answers.but(**one.given)
    return answers


def loosenings(answers, total):
    """A `Loosening` for each way that finds more than `total`: the most first, the place last."""
    ways = list(_ways(answers))
    counts = how_many([answers.but(**way.given) for way in ways])
    offers = [
        Loosening(way.key, way.label, way.given, way.note, count)
        for way, count in zip(ways, counts, strict=True)
        if count > total
    ]
    return sorted(offers, key=lambda offer: (offer.key == "place", -offer.count))


def _ways(answers):
    """What can be made wider in these answers."""
    how, cost = answers.of("how"), answers.of("insurance") or answers.of("fee") is not None
    if how == ["in-person"]:
        yield Loosening("online", "Meet online as well", {"how": []})
    if how == ["online"]:
        yield Loosening("in-person", "Meet in person as well", {"how": []})
    if answers.place and how != ["online"] and (state := _as_written(answers.place.state)):
        yield Loosening("state", f"Look in all of {STATES[answers.place.state]}", {"near": state})
    if answers.of("age"):
        yield Loosening("age", "Leave out the age", {"age": []})
    if answers.of("cost-must") and cost:
        yield Loosening("cost", "Show those who do not fit the cost, too", {"cost-must": []})
    if answers.place or answers.state:
        note = "but not everybody may see you where you are"
        yield Loosening("place", "Leave out the place", {"near": ""}, note)


def _as_written(code):
    """A state in words that are no town's: "New York" is one, "NY" is not."""
    return next((text for text in (STATES[code], code) if is_state(text)), "")
