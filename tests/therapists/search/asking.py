"""Asks the index by words."""

from django.http import QueryDict

from tests import factories
from therapists.filters import TherapistFilter
from therapists.models import SearchEntry
from therapists.search.index import Search


def search(words, by=""):
    query = QueryDict(mutable=True)
    query["q"] = words
    return Search(TherapistFilter(query).groups, by=by)


def in_order(words, by=""):
    """The slugs of those who are found, first to last."""
    slots = search(words, by).slots(factories.today(), 0, 100)
    slugs = dict(SearchEntry.objects.values_list("slot", "therapist__slug"))
    return [slugs[slot] for slot in slots]


def find(words):
    return set(in_order(words))


def meant(words):
    """{word that nobody has: [those looked for instead]}."""
    return search(words).sets.meant


def named(slug, name, **differences):
    return factories.TherapistFactory(slug=slug, name=name, title="", **differences)


def two_people():
    """Anna, of whom much is known, and Bela."""
    grief = factories.TermFactory(name="Perinatal grief", synonyms=["bereavement", "mourning"])
    gestalt = factories.ApproachFactory(
        name="Hypnotherapy", slug="hypnotherapy", synonyms=["Trance"]
    )
    anna = named("anna", "Anna Cormorant", terms=[grief])
    factories.SpecialistFactory(
        therapist=anna, approach=gestalt, statement="We walk by rivers in winter."
    )
    named("bela", "Bela Quillfeather", about="I listen. Somatic, and slow.")
