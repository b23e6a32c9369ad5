"""Whom the public sees on a day and what they are found by, in plain Python, for the oracle.

It reads the tables that people write to and nothing of the index, and has PostgreSQL work nothing
out.
"""

import datetime
import re
import unicodedata
from dataclasses import dataclass

from approaches.models import Approach, Specialist
from therapists.models import Place, Term, Therapist, Vocabulary
from therapists.states import STATES

# The words that these tests use, as PostgreSQL's English dictionary leaves them; "" for those that
# say nothing to it. A word that is missing here is a KeyError: a stemmer is not written twice.
ENGLISH = {
    "ada": "ada", "an": "", "and": "", "anders": "ander", "attacks": "attack", "bend": "bend",
    "bereavement": "bereav", "bereavment": "bereav", "bereevement": "bereev", "birch": "birch",
    "cleo": "cleo", "cormorant": "cormor", "cormorent": "cormor", "cormoront": "cormoront",
    "crater": "crater", "gest": "gest", "gestalt": "gestalt", "greif": "greif", "grief": "grief",
    "jewish": "jewish", "lake": "lake", "loss": "loss", "louis": "loui", "mourning": "mourn",
    "nirgendwo": "nirgendwo", "panic": "panic", "portland": "portland", "practice": "practic",
    "quaker": "quaker", "relational": "relat", "relatonal": "relaton", "river": "river",
    "rivers": "river", "somatic": "somat", "st": "st", "the": "", "therapy": "therapi",
    "vancouver": "vancouv", "walk": "walk", "walking": "walk", "who": "", "winter": "winter",
    "zzyzx": "zzyzx", "北京": "北京",
}  # fmt: skip


def tokens(text):
    return re.findall(r"\w+", text.lower())


def stems(text):
    return {ENGLISH[token] for token in tokens(text)} - {""}


def fold(town):
    """A town's name without what parts nobody: accents, capitals, dots, "St." for "Saint"."""
    plain = unicodedata.normalize("NFKD", town.lower())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    short = {"st": "saint", "ft": "fort", "mt": "mount"}
    return " ".join(short.get(word, word) for word in re.findall("[a-z0-9]+", plain))


def own_town(town):
    """How a town is compared that has no coordinates: a name in another script stays as it is."""
    return fold(town) or town.strip().lower()


# --- what the tables say --------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """Somebody whom the public sees, and what they are found by."""

    slug: str
    terms: frozenset
    vocabularies: frozenset
    trained: dict  # {approach: training}
    quoted: dict  # {approach: pinned place or None}
    states: frozenset
    towns: frozenset  # (name, state) of those without coordinates
    unplaced: frozenset  # the states of offices without coordinates
    points: tuple  # (latitude, longitude)
    licences: frozenset
    formats: frozenset
    availability: str
    sliding: bool | None
    free_call: bool | None
    fee: int | None
    name: frozenset
    stems: frozenset


class Directory:
    """What the tables say on a day, when the silent are hidden after so many days."""

    def __init__(self, today, hidden_after):
        self.today = today
        self._understood = {}
        self.approaches = {one.pk: one for one in Approach.objects.all()}
        self.published = {pk for pk, one in self.approaches.items() if one.status == "published"}
        self.vocabularies = list(Vocabulary.objects.all())
        self.terms = list(Term.objects.all())
        oldest = today - datetime.timedelta(days=hidden_after)
        listed = [
            one
            for one in Therapist.objects.prefetch_related(
                "terms", "offices", "licences__compact", "specialisms"
            )
            if one.status == "published"
            and one.availability_confirmed_on is not None
            and one.availability_confirmed_on >= oldest
        ]
        self._places = _places_of([office for one in listed for office in one.offices.all()])
        self.people = [self._person(one) for one in listed]

    def _person(self, one):
        specialisms, offices = list(one.specialisms.all()), list(one.offices.all())
        placed = [(office, self._place(office)) for office in offices]
        quoted = [s for s in specialisms if s.state == Specialist.State.APPROVED]
        said = [one.name, one.post_nominals, one.title, one.about]
        said += [office.city for office in offices]
        said += [s.statement for s in quoted if s.approach_id in self.published]
        formats = {"in-person": one.in_person, "online": one.online}
        return Person(
            slug=one.slug,
            terms=frozenset(term.pk for term in one.terms.all()),
            vocabularies=frozenset(term.vocabulary_id for term in one.terms.all()),
            trained={s.approach_id: s.training for s in specialisms},
            quoted={s.approach_id: s.position for s in quoted},
            states=frozenset(office.state for office in offices if office.state),
            towns=frozenset(
                (own_town(office.city), office.state)
                for office, place in placed
                if not place and office.city
            ),
            unplaced=frozenset(o.state for o, place in placed if not place and o.state),
            points=tuple({(place.latitude, place.longitude) for _, place in placed if place}),
            licences=frozenset(self._states_of(one)),
            formats=frozenset(name for name, yes in formats.items() if yes),
            availability=one.availability,
            sliding=one.sliding_scale,
            free_call=one.free_first_call,
            fee=one.fee_from,
            name=frozenset(tokens(one.name)),
            stems=frozenset(stems(" ".join(said))),
        )

    def _place(self, office):
        keys = _keys_of(office)
        return next((self._places[key] for key in keys if key in self._places), None)

    def _states_of(self, one):
        """Where they may see people; a compact lets them do so online."""
        for licence in one.licences.all():
            if licence.expires_on is None or licence.expires_on >= self.today:
                yield licence.state
                if one.online and licence.compact and licence.compact.operates:
                    yield from licence.compact.states

    def number_of(self, approach):
        """The published approach of a slug, or None."""
        pks = [pk for pk in self.published if self.approaches[pk].slug == approach]
        return pks[0] if pks else None

    def understood(self, asked):
        """The place that somebody meant by `places.Asked`, or None."""
        if asked not in self._understood:
            self._understood[asked] = _understood(asked)
        return self._understood[asked]

    @property
    def called(self):
        """What terms and published approaches are called: [("term", number, words)]."""
        return [
            (kind, one.pk, " ".join([one.name, *one.synonyms]))
            for kind, things in [
                ("term", self.terms),
                ("approach", [self.approaches[pk] for pk in self.published]),
            ]
            for one in things
        ]


def _keys_of(office):
    """Keys of the places that an office may be at, the likeliest first."""
    return [office.postal_code.strip()[:5], f"{fold(office.city)}|{office.state}"]


def _places_of(offices):
    keys = {key for office in offices for key in _keys_of(office)}
    return {place.key: place for place in Place.objects.filter(key__in=keys)}


def _understood(asked):
    by_zip = Place.objects.filter(key=asked.zip_code, zip_code__gt="").first()
    if by_zip:
        return by_zip
    states = [asked.state] if asked.state else list(STATES)
    towns = Place.objects.filter(key__in=[f"{fold(asked.town)}|{state}" for state in states])
    return min(towns, key=lambda place: (-place.size, place.state), default=None)
