"""How a profile is erased, and how an import knows somebody who had theirs erased.

Kept is a `Departure`: the day, and marks of name and place. A mark is an HMAC under the site's
secret. Who knows a name and the secret can ask whether it is there; nobody can read a name from it.
"""

import unicodedata
from itertools import product

from django.contrib.admin.utils import NestedObjects
from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils.crypto import salted_hmac

from therapists import letters
from therapists.contact import messages
from therapists.history import lines_about
from therapists.models import Departure, Therapist
from therapists.search.turns import take_turn
from therapists.takeout import EXPORTED

# What a therapist calls what `takeout` names otherwise.
IN_PLAIN_WORDS = {
    "specialisms": "approaches that you work with",
    "proposals": "versions and wishes that you sent us",
    "conflicts of imports": "notes of staff on what an import said",
    "days with counts": "days with numbers of views",
    "possible faults": "notes of staff on what may be wrong",
    "messages of clients": "messages that people wrote to you",
    "letters of messages": "our letters about these messages",
}

# Stands for the part of a place that an office does not state: it agrees with any.
ANY = "*"


@transaction.atomic
def erase(therapist):
    """Erase a profile, all that hangs on it, its lines in the history, and a sign-in for it alone.

    Files go, and a letter is sent, once the transaction holds. Returns whether the sign-in went:
    it stays where it keeps another profile, or is one of the staff's.
    """
    take_turn()
    therapist = Therapist.objects.select_for_update(of=("self",)).get(pk=therapist.pk)
    owner, to, name = therapist.owner, therapist.letters_to, therapist.name
    owner_goes = sign_in_goes(therapist)
    leaves = [therapist, owner] if owner_goes else [therapist]
    Departure.objects.create(marks=_marks_of(therapist))
    messages.erase_all(therapist.messages.all())
    for model, rows in _what_goes(leaves).items():
        lines_about(model, [row.pk for row in rows]).delete()
    therapist.delete()
    if owner_goes:
        owner.delete()
    if to:
        letters.send("erased", to, name=name, sign_in_goes=owner_goes)
    return owner_goes


def will_go(therapist):
    """{name of the things: number} of what `erase` takes along."""
    going = {
        EXPORTED.get(model._meta.label, str(model._meta.verbose_name_plural)): len(rows)
        for model, rows in _what_goes([therapist]).items()
        if model is not Therapist and not model._meta.auto_created
    }
    return {IN_PLAIN_WORDS.get(name, name): number for name, number in going.items()}


def sign_in_goes(therapist):
    """Whether the owner's sign-in is for this profile alone, and goes with it."""
    owner = therapist.owner
    if owner is None or owner.is_staff or owner.is_superuser:
        return False
    return not owner.profiles.exclude(pk=therapist.pk).exists()


def departed(name, *, city="", state=""):
    """The day on which somebody of this name and place had their profile erased, or None.

    A part of the place that either side does not state agrees with any.
    """
    cities, states = {city, ANY} if city else {""}, {state, ANY} if state else {""}
    asked = [_mark(name, *place) for place in product(cities, states)]
    found = Departure.objects.filter(marks__overlap=asked).order_by("-left_on").first()
    return found and found.left_on


def _marks_of(therapist):
    """Marks of the name with every place that an import could write for it."""
    places = {
        place
        for office in list(therapist.offices.all()) or [None]
        for place in product(
            {office.city or ANY if office else ANY, ""},
            {office.state or ANY if office else ANY, ""},
        )
    }
    return sorted(_mark(therapist.name, *place) for place in places)


def _mark(*parts):
    text = "\n".join(unicodedata.normalize("NFKC", part).casefold() for part in parts)
    text = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    return salted_hmac("therapists.leaving", text, algorithm="sha256").hexdigest()


def _what_goes(rows):
    """{model: rows} of all that deleting these rows deletes."""
    nested = NestedObjects(using=DEFAULT_DB_ALIAS)
    for row in rows:
        nested.collect([row])
    return nested.data
