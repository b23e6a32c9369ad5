"""Bylines: how a statement is signed, and how a signature is read back.

All parts present: `Name, Title in City, ST`. City missing: `in Oregon`, the state's name. State
missing: `in City`. Both missing: no `in` at all. Never a dangling comma.
"""

import re
from dataclasses import dataclass

from therapists.states import STATES, state_code

# What a line that signs a statement begins with: em dash, en dash, horizontal bar, hyphens.
DASHES = "—–―‒-"

# Belongs to the name although a comma stands before it.
_NAME_SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "esq"}

# "PhD", "LCSW-R", "M.A.", "MT-BC": short, no spaces, at least two capitals.
_POST_NOMINAL = re.compile(r"(?=(?:[^A-Z]*[A-Z]){2})[A-Za-z][A-Za-z.\-/®]{1,9}$")

# "Counselor in Training" names no town. These ends of titles are never read as a place.
_NOT_PLACES = {
    "training",
    "residence",
    "supervision",
    "private practice",
    "independent practice",
    "group practice",
}

# The word that begins a place. What follows may lack a part: "in , OR", "in Eugene,", "in ,".
_IN = re.compile(r"(?:(?<=[\s,])|^)in(?=\s|$)")


@dataclass(frozen=True)
class Byline:
    """The parts of a signature. `state` is a two-letter code; all but the name may be ""."""

    name: str
    title: str = ""
    city: str = ""
    state: str = ""
    post_nominals: str = ""

    @property
    def place(self):
        """`Portland, OR`, `Oregon`, `Portland`, or nothing."""
        if self.city and self.state:
            return f"{self.city}, {self.state}"
        return self.city or STATES.get(self.state, self.state)

    @property
    def credit(self):
        """What follows the name: `, Title in City, ST`, or less."""
        title = f", {self.title}" if self.title else ""
        place = f" in {self.place}" if self.place else ""
        return title + place

    def __str__(self):
        return self.name + self.credit


def parse_byline(line):
    """Read a signature, with or without its dash, and return a `Byline`.

    Where words allow two readings the commoner one is taken: a state's name alone is the state
    ("in New York"), and the last "in" begins the place. Raises ValueError, with a sentence, when
    no name can be found.
    """
    text = " ".join(line.split()).lstrip(DASHES).strip()
    credit, city, state = _split_place(text)
    name, post_nominals, title = _split_credit(credit)
    if not any(character.isalpha() for character in name):
        raise ValueError("the signature has no name")
    return Byline(name, title, city, state, post_nominals)


def _split_place(text):
    """("Jane Doe, Psychologist", "Eugene", "OR") out of "Jane Doe, Psychologist in Eugene, OR"."""
    # The last "in" that reads as a place counts: "Specialist in Trauma in Austin, TX".
    for found in reversed(list(_IN.finditer(text))):
        place = text[found.end() :].strip()
        if place.casefold() in _NOT_PLACES:
            break
        parts = _read_place(place)
        if parts is not None:
            return text[: found.start()].rstrip(" ,"), *parts
    return text, "", ""


def _read_place(place):
    """(city, state code), either of which may be ""; None where the words are no place."""
    city, comma, state = (part.strip() for part in place.rpartition(","))
    if not comma:
        code = state_code(place)
        return ("", code) if code else (place, "")
    if not state and "," in city:  # "in Portland, OR,"
        return _read_place(city)
    if not state or state_code(state):
        return city.strip(" ,"), state_code(state)
    if re.fullmatch(r"[A-Z]{2}", state):
        raise ValueError(f"“{state}” is not a state that we know")
    return None


def _split_credit(credit):
    """("Jane Doe, Jr.", "PhD, ABPP", "Psychologist") out of what stands before the place."""
    name, *rest = [part.strip() for part in credit.split(",")]
    while rest and rest[0].rstrip(".").casefold() in _NAME_SUFFIXES:
        name = f"{name}, {rest.pop(0)}"
    letters = []
    # The last part is the title even if it is short and in capitals: "Jane Doe, LCSW".
    while len(rest) > 1 and _POST_NOMINAL.match(rest[0]):
        letters.append(rest.pop(0))
    return name, ", ".join(letters), ", ".join(part for part in rest if part)
