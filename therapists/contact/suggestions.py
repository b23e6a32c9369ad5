"""Three who have room, for a client whom a therapist cannot take: `/how-we-order/` says by what.

Worked out when it is asked for and kept nowhere: the therapist sees them before they press, and the
letter names those of the day on which it leaves.
"""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from therapists import places
from therapists.match.questions import NOT_ASKED, WHAT, issues_named_in
from therapists.match.rule import Match, Wish, where
from therapists.models import SearchEntry, Term, Therapist
from therapists.search import groups
from therapists.wordings import BY_FORM

HOW_MANY = 3
# Everybody speaks it here, so it is nothing that two have in common.
COMMON = ("language", "english")

# Who has room may be out of reach, but not so many in a row: then nobody is suggested.
LOOKED_AT = (30, 300, 3000)

HAS_ROOM = groups.Keys(
    "must room", options={"open": [("availability", "open")]}, chosen=("open",), are_counted=False
)


@dataclass(frozen=True)
class Suggestions:
    """`therapists`, at most three, in the order of `day`."""

    therapists: list
    day: object

    def __bool__(self):
        return bool(self.therapists)

    def __iter__(self):
        return iter(self.therapists)


def suggestions(therapist, words, *, day=None):
    """`Suggestions` for who wrote `words` to `therapist`."""
    day = day or timezone.localdate()
    musts = _reached_the_same_way(therapist)
    if musts is None:
        return Suggestions([], day)
    match = Match([HAS_ROOM, *musts], [*_wishes_of_words(words), *_wishes_of(therapist)])
    return Suggestions(_first_within_reach(match, day, therapist), day)


# --- what must hold ---


def _reached_the_same_way(therapist):
    """The groups of place and format; None where nothing is known of where the client may be."""
    how = [way for way, does in _ways(therapist) if does]
    office = therapist.main_office
    place = _town(office) if office else None
    state = office.state if office else ""
    state = state or getattr(place, "state", "") or _licensed_in(therapist)
    return list(where(how, place, state)) if state else None


def _ways(therapist):
    return ("in-person", therapist.in_person), ("online", therapist.online)


def _town(office):
    """Its town, as the public sees it: a ZIP code may be that of a home."""
    asked = places.parse(office.place) if office.city else None
    return places.understood(asked) if asked else None


def _licensed_in(therapist):
    """The state of the first license, for who has no office."""
    return next((licence.state for licence in therapist.licences.all()), "")


# --- what is wished for ---


def _wishes_of_words(words):
    """One for each issue that the client names."""
    for term in issues_named_in(words):
        yield _wish(f"issue {term.pk}", [("term", term.pk)])


def _wishes_of(therapist):
    """One for the approaches, and one for each list of which this therapist has stated anything."""
    practised = therapist.specialisms.filter(approach__status="published")
    approaches = practised.order_by("approach").values_list("approach", flat=True)
    if approaches:
        yield _wish("approaches", [("approach", number) for number in approaches])
    terms = therapist.terms.exclude(vocabulary__slug__in=(*WHAT, *NOT_ASKED)).exclude(
        vocabulary__slug=COMMON[0], slug=COMMON[1]
    )
    stated = {}
    for number, vocabulary in terms.order_by("pk").values_list("pk", "vocabulary"):
        stated.setdefault(vocabulary, []).append(("term", number))
    for vocabulary, keys in stated.items():
        yield _wish(f"list {vocabulary}", keys, stated=("stated", str(vocabulary)))


def _wish(name, keys, stated=()):
    """Met by any of these keys; contradicted by who has stated something else, if `stated`."""
    keys = [(facet, str(number)) for facet, number in keys]
    return Wish(f"wish {name}", options={"any": keys}, chosen=("any",), stated=stated)


# --- who ---


def _first_within_reach(match, day, therapist):
    found, start = [], 0
    for stop in LOOKED_AT:
        slots = match.slots(day, start, stop)
        found += _within_reach(slots, therapist)
        if len(found) >= HOW_MANY or len(slots) < stop - start:
            break
        start = stop
    return found[:HOW_MANY]


def _can_be_reached():
    """By phone or a link, or by the form: in SQL what `wordings.takes_messages` says of one."""
    ways = Term.objects.filter(vocabulary__slug="contact", therapists=OuterRef("pk"))
    gets_letters = ~Q(email="") | Q(owner__isnull=False) & ~Q(owner__email="")
    by_form = gets_letters & (Exists(ways.filter(slug__in=BY_FORM)) | ~Exists(ways))
    return ~Q(phone="") | ~Q(website="") | ~Q(booking_url="") | by_form


def _within_reach(slots, therapist):
    """Those of these slots whom a client can write to or call, without `therapist`."""
    entries = SearchEntry.objects.filter(slot__in=slots).values_list("therapist", "slot")
    slot_of = dict(entries)
    others = Therapist.objects.filter(_can_be_reached(), pk__in=slot_of).exclude(pk=therapist.pk)
    return sorted(others.prefetch_related("offices"), key=lambda one: slots.index(slot_of[one.pk]))
