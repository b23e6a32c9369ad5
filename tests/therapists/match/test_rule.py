"""The order of a match, worked out again from what /how-we-order/ says of it, in plain Python."""

import hashlib
import random
import re

import pytest
from django.utils import timezone

from approaches.models import Approach
from tests import factories
from tests.kept import kept
from tests.therapists.geography import miles_between
from tests.therapists.reading import slugs
from therapists.match.ways import WAYS
from therapists.models import Place, Therapist

pytestmark = pytest.mark.django_db

LISTS = {
    "issue": ["grief", "panic", "sleep"],
    "age": ["children", "adults"],
    "client": ["individual", "couple"],
    "insurance": ["aetna", "cigna"],
    "language": ["english", "spanish"],
    "faith": ["quaker", "none"],
}
SEATS = [("Portland", "OR"), ("Gresham", "OR"), ("Salem", "OR"), ("", "OR"), ("Boise", "ID"), None]
STATES = ["OR", "WA", "ID"]


@kept
def people():
    """Forty therapists who differ in everything that is asked; four approaches."""
    chance = random.Random("a fixed crowd")
    terms = {}
    for name, values in LISTS.items():
        vocabulary = factories.VocabularyFactory(slug=name, may_be_unstated=name == "faith")
        for value in values:
            terms[name, value] = factories.TermFactory(vocabulary=vocabulary, slug=value)
    approaches = [
        factories.ApproachFactory(ways=chance.sample([way for way, _ in WAYS], 2)) for _ in range(4)
    ]
    for number in range(40):
        seat = chance.choice(SEATS)
        therapist = factories.TherapistFactory(
            slug=f"tess-{number}",
            office=False,
            in_person=chance.random() < 0.6,
            online=chance.random() < 0.6,
            availability=chance.choice(["open", "full", "waiting-list", ""]),
            fee_from=chance.choice([None, 60, 100, 160]),
            terms=[term for term in terms.values() if chance.random() < 0.35],
        )
        if seat:
            factories.OfficeFactory(therapist=therapist, city=seat[0], state=seat[1])
        for state in STATES:
            if chance.random() < 0.4:
                factories.LicenceFactory(therapist=therapist, state=state)
        if chance.random() < 0.8:
            factories.SpecialistFactory(therapist=therapist, approach=chance.choice(approaches))
    return list(Therapist.objects.prefetch_related("terms__vocabulary", "offices", "licences"))


def some_answers(chance):
    """Answers as a form sends them."""
    answers = {
        name: chance.sample(values, chance.choice([0, 0, 1, 2])) for name, values in LISTS.items()
    }
    answers["near"] = chance.choice(["", "Portland, OR", "97301", "Oregon"])
    answers["how"] = chance.choice([[], ["in-person"], ["online"], ["in-person", "online"]])
    answers["fee"] = chance.choice(["", "100"])
    answers["cost-must"] = chance.choice([[], ["yes"]])
    answers["way"] = chance.sample([way for way, _ in WAYS], chance.choice([0, 1, 2]))
    return answers


# --- the published rule ---------------------------------------------------------------------------


def stated(therapist, name):
    return {term.slug for term in therapist.terms.all() if term.vocabulary.slug == name}


def fits(therapist, answers):
    """What must hold."""
    age, insurance, fee = answers["age"], answers["insurance"], answers["fee"]
    ages = stated(therapist, "age")
    if age and ages and not ages & set(age):
        return False
    if answers["cost-must"] and (insurance or fee):
        taken = stated(therapist, "insurance")
        by_insurance = insurance and (not taken or taken & set(insurance))
        by_fee = fee and (therapist.fee_from is None or therapist.fee_from <= int(fee))
        if not (by_insurance or by_fee):
            return False
    if not (answers["near"] or answers["how"]):
        return True
    how = answers["how"] or ["in-person", "online"]
    return ("in-person" in how and therapist.in_person and reached(therapist, answers["near"])) or (
        "online" in how and therapist.online and licensed(therapist, answers["near"])
    )


def reached(therapist, near):
    offices = list(therapist.offices.all())
    if near == "Oregon":
        return any(office.state == "OR" for office in offices)
    if not near:
        return True
    place = Place.objects.get(key="97301" if near == "97301" else "portland|OR")
    return any(
        # Who names the state alone has not said in which town they sit.
        not office.city and office.state == "OR" or office.city and apart(place, town(office)) <= 25
        for office in offices
    )


def apart(one, other):
    return miles_between(one.latitude, one.longitude, other.latitude, other.longitude)


def town(office):
    return Place.objects.get(key=f"{office.city.lower()}|{office.state}")


def licensed(therapist, near):
    return not near or any(licence.state == "OR" for licence in therapist.licences.all())


def wishes(therapist, answers):
    """For each wish: True where it is met, False where it is contradicted, else None."""
    yield {"open": True, "": None}.get(therapist.availability, False)
    for issue in answers["issue"]:
        yield True if issue in stated(therapist, "issue") else None
    for name in ("client", "insurance", "language", "faith"):
        if answers[name]:
            said = stated(therapist, name)
            yield bool(said & set(answers[name])) if said else None
    if answers["fee"]:
        fee = therapist.fee_from
        yield None if fee is None else fee <= int(answers["fee"])
    if answers["way"]:
        practised = Approach.objects.filter(specialists__therapist=therapist)
        works_so = any(set(one.ways) & set(answers["way"]) for one in practised)
        yield True if works_so else None


def expected(people, answers):
    day = timezone.localdate()

    def place(therapist):
        met = list(wishes(therapist, answers))
        rank = hashlib.md5(f"{day} {therapist.slug}".encode()).hexdigest()
        return -met.count(True), met.count(False), rank

    return [one.slug for one in sorted(people, key=place) if fits(one, answers)]


def shown(client, answers):
    """Everyone of the result, page after page."""
    found, page = [], 1
    while True:
        response = client.post("/match/", answers | {"page": page})
        found += slugs(response)
        if f'name="page" value="{page + 1}"' not in response.text:
            return found
        page += 1


@pytest.mark.parametrize("seed", range(6))
def test_the_result_is_what_the_published_rule_says(client, people, seed):
    chance = random.Random(seed)
    for _ in range(4):
        answers = some_answers(chance)
        assert shown(client, answers) == expected(people, answers), answers


def test_the_page_that_publishes_the_rule_names_its_numbers(client):
    page = re.sub(r"<[^>]+>|\s+", " ", client.get("/how-we-order/").text)
    for said in (
        "within 25 miles",
        "whose town is not given counts as near",
        "If you choose both or neither, either will do.",
        "Your insurance or your fee: one of them is enough.",
        "each wish counts one: that they have room; each thing that brings you; who comes; your "
        "insurance; a usual fee",
        "those who contradict the fewest",
    ):
        assert said in page
