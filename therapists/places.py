"""Places with coordinates: what a reader means by "97214" or "Portland, OR", and how far it is.

The rows come from the package `zipcodes`, once with the migration and again with `load_places`.
How names are compared, and which places lie within a circle, is decided in PostgreSQL alone
(`migrations/sql/place.sql`); here is how a reader's words are taken apart.
"""

import re
import unicodedata
from dataclasses import dataclass

from django.db import models

from therapists.states import STATES, state_code

LONGEST_QUESTION = 100  # characters; the longest name of a town has 28


class Place(models.Model):
    """A ZIP code ("97214") or a town ("portland|OR") of the United States."""

    key = models.TextField(primary_key=True)
    name = models.TextField()
    state = models.TextField()
    zip_code = models.TextField()  # "" for towns
    latitude = models.FloatField()
    longitude = models.FloatField()
    size = models.IntegerField()  # towns: how many ZIP codes bear the name; ZIP codes: 1

    class Meta:
        db_table = "therapists_place"
        managed = False  # reference data: a flush leaves it alone
        default_permissions = ()

    def __str__(self):
        return label(self)


@dataclass(frozen=True)
class Asked:
    """What somebody wrote for a place. "" where they did not say; `state` is a code."""

    zip_code: str = ""
    town: str = ""
    state: str = ""

    def __str__(self):
        """As it stands in an address: "97214", "Portland, OR" or "Portland"."""
        town = self.town.title() if self.state and self.town.islower() else self.town
        return self.zip_code or ", ".join(filter(None, [town, self.state]))


_ZIP = re.compile(r"(?<!\w)([0-9]{5})(?:[- ]?[0-9]{4})?(?!\w)")
_ZIP_BEGUN = re.compile(r"([0-9]{1,5})(?:-[0-9]{0,4})?")

# "Port Washington" and "West New York" are towns; there is no Port in the state of Washington.
_BEGINNINGS = {
    "e", "east", "fort", "ft", "mount", "mt", "n", "new", "north", "old", "point", "port", "pt",
    "s", "south", "w", "west",
}  # fmt: skip


# What towns are called by those who live there; the data know none of it.
_NICKNAMES = {
    "dc": ("Washington", "DC"),
    "la": ("Los Angeles", "CA"),
    "manhattan": ("New York", "NY"),
    "nyc": ("New York", "NY"),
    "new york city": ("New York", "NY"),
    "philly": ("Philadelphia", "PA"),
    "sf": ("San Francisco", "CA"),
}
# Of the states' names, the two by which people mean a town.
_TOWNS_LIKE_STATES = {"new york", "washington"}


def is_state(text):
    """Whether this is the name or code of a state, and nothing that people call a town by."""
    name = " ".join(text.casefold().replace(".", "").split())
    return bool(_state(name)) and name not in _TOWNS_LIKE_STATES | _NICKNAMES.keys()


def _plain(text):
    """One line of printable characters, without NUL or halves of characters; "" if too long."""
    text = unicodedata.normalize("NFKC", text)
    text = "".join(letter if letter.isprintable() else " " for letter in text)
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_QUESTION else ""


def _state(text):
    return state_code(text.replace(".", ""))


def parse(text):
    """`Portland, Oregon 97214` -> Asked("97214", "Portland", "OR"). None for what is no place.

    A state alone is none: it has no middle that anybody is near to.
    """
    text = _plain(text)
    zip_code = _ZIP.search(text)
    if zip_code:
        text = f"{text[: zip_code.start()]} {text[zip_code.end() :]}"
    text = " ".join(text.split()).strip(" ,")
    if not any(letter.isalpha() for letter in text):
        text = ""
    if not zip_code and (not text or is_state(text)):
        return None
    return Asked(zip_code[1] if zip_code else "", *_town_and_state(text))


def _town_and_state(text):
    """("Portland", "OR") of "Portland, Oregon"; a state alone may be a town: ("Washington", "")."""
    nickname = _NICKNAMES.get(text.casefold().replace(".", ""))
    if nickname:
        return nickname
    town, _, state = text.rpartition(",")
    if town and _state(state):
        return town.rstrip(" ,"), _state(state)
    words = [] if _state(text) else text.split()
    # The longest name first: "Charleston West Virginia".
    for count in range(min(3, len(words) - 1), 0, -1):
        town, state = " ".join(words[:-count]).rstrip(" ,"), " ".join(words[-count:])
        is_name = len(state) > len("D.C.")
        if _state(state) and not (is_name and town.casefold().rstrip(".") in _BEGINNINGS):
            return town, _state(state)
    return text, ""


def label(place):
    """`Portland, OR 97214`, or `Portland, OR`."""
    return f"{place.name}, {place.state} {place.zip_code}".rstrip()


def understood(asked):
    """The `Place` that is most likely meant by an `Asked`, or None where none is known."""
    where = {"zip": asked.zip_code, "town": asked.town, "state": asked.state}
    query = "SELECT * FROM therapists_places_understood(%(zip)s, %(town)s, %(state)s) LIMIT 1"
    return next(iter(Place.objects.raw(query, where)), None)


_SUGGESTED = """
SELECT * FROM therapists_place
WHERE (%(zip)s <> '' AND split_part(key, '|', 1) LIKE %(zip)s || '%%')
    OR (therapists_place_plain(%(begun)s) <> '' AND (
        split_part(key, '|', 1) LIKE therapists_place_plain(%(begun)s) || '%%'
        OR split_part(key, '|', 1) LIKE therapists_place_fold(%(begun)s) || '%%'))
    OR (split_part(key, '|', 1) = therapists_place_fold(%(town)s) AND state = ANY (%(states)s))
ORDER BY size DESC, zip_code, name, state
LIMIT %(limit)s
"""


def suggest(text, limit=8):
    """Labels of places that begin with `text`, the largest first; [] where there are none.

    `text` is the beginning of a ZIP code or of a town's name, or a town with the beginning of a
    state: "972", "portl", "portland, o", "portland or".
    """
    return [
        label(place) for place in Place.objects.raw(_SUGGESTED, _wanted(text) | {"limit": limit})
    ]


def _wanted(text):
    """The parameters of `_SUGGESTED`: {"zip", "begun", "town", "states"}."""
    text = _plain(text)
    wanted = {"zip": "", "begun": "", "town": "", "states": []}
    digits = _ZIP_BEGUN.fullmatch(text)
    asked = parse(text) or Asked()
    town, comma, state = text.partition(",")
    if digits or asked.zip_code:
        # "29" may become 29 Palms.
        return wanted | {"zip": digits[1] if digits else asked.zip_code, "begun": text}
    if comma:
        return wanted | {"town": town, "states": _states_begun(state.strip())}
    # "new or" is the state, or New Orleans.
    return wanted | {"begun": text, "town": asked.town, "states": [asked.state]}


def _states_begun(text):
    """Codes of the states whose code or name begins with `text`."""
    text = text.replace(".", "").casefold()
    return [
        code
        for code, name in STATES.items()
        if code.casefold().startswith(text) or name.casefold().startswith(text)
    ]


_FILL = """
INSERT INTO therapists_place
SELECT zip_code, name, state, zip_code, latitude, longitude, 1 FROM zip_name WHERE is_first;

WITH town AS (
    SELECT DISTINCT ON (key, zip_code) *
    FROM (SELECT *, therapists_place_fold(name) || '|' || state AS key FROM zip_name) named
    ORDER BY key, zip_code, is_first DESC, length(name) DESC
)
INSERT INTO therapists_place
SELECT
    key, mode() WITHIN GROUP (ORDER BY name), min(state), '',
    coalesce(avg(latitude) FILTER (WHERE NOT is_box), avg(latitude)),
    coalesce(avg(longitude) FILTER (WHERE NOT is_box), avg(longitude)),
    count(*)
FROM town
GROUP BY key;
"""


def fill(cursor):
    """Put the places of the package `zipcodes` into the empty table: how many ZIP codes and towns.

    Wants a transaction of its caller's.
    """
    cursor.execute(
        "CREATE TEMPORARY TABLE zip_name (zip_code text, name text, state text,"
        " latitude float8, longitude float8, is_box boolean, is_first boolean) ON COMMIT DROP"
    )
    with cursor.copy("COPY zip_name FROM STDIN") as copy:
        for row in _zip_names():
            copy.write_row(row)
    cursor.execute(_FILL)
    cursor.execute("DROP TABLE zip_name")
    cursor.execute("ANALYZE therapists_place")
    cursor.execute("SELECT count(nullif(zip_code, '')), count(*) FROM therapists_place")
    zips, places = cursor.fetchone()
    return zips, places - zips


def _zip_names():
    """(ZIP code, name, state, latitude, longitude, only boxes?, its first name?) of the package."""
    import zipcodes  # megabytes, and nothing that the site's own processes need

    # States alone: no military mail, which has no coordinates either, and no foreign post.
    for entry in zipcodes.filter_by(active=True):
        latitude, longitude = float(entry["lat"] or 0), float(entry["long"] or 0)
        if entry["state"] not in STATES or not latitude:
            continue
        is_box = entry["zip_code_type"] == "PO BOX"
        for position, name in enumerate([entry["city"], *entry["acceptable_cities"]]):
            yield (
                entry["zip_code"], _MC.sub(_capital, name), entry["state"],
                latitude, longitude, is_box, position == 0,
            )  # fmt: skip


# The package writes "Mcallen" and "Mc Lean".
_MC = re.compile(r"\bMc ?([A-Za-z])(?=[a-z]{2})")


def _capital(match):
    return f"Mc{match[1].upper()}"
