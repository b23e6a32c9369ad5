"""Who is suggested instead: worked out again from what /how-we-order/ says, in plain Python."""

import hashlib
import random
import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.therapists.geography import miles_between
from therapists.contact.suggestions import suggestions
from therapists.models import Place, Term, Therapist

pytestmark = pytest.mark.django_db

LISTS = {
    "issue": ["grief", "panic attacks", "sleep"],
    "age": ["children", "adults"],
    "insurance": ["aetna", "cigna"],
    "language": ["english", "spanish"],
    "contact": ["email", "text"],
    "credential": ["psychologist"],
}
SEATS = [("Portland", "OR"), ("Gresham", "OR"), ("Salem", "OR"), ("", "OR"), ("Nowhereville", "OR"),
         ("Boise", "ID"), None]  # fmt: skip
WORDS = ["", "I grieve.", "Grief, and PANIC   ATTACKS!", "I can't sleep: insomnia since my loss"]


@pytest.fixture
def people():
    """Sixty therapists who differ in all that counts."""
    chance = random.Random("another fixed crowd")
    terms = {}
    for name, values in LISTS.items():
        vocabulary = factories.VocabularyFactory(slug=name)
        for value in values:
            synonyms = ["insomnia"] if value == "sleep" else []
            terms[name, value] = factories.TermFactory(
                vocabulary=vocabulary, name=value.capitalize(), synonyms=synonyms
            )
    approaches = [factories.ApproachFactory() for _ in range(3)]
    approaches.append(factories.ApproachFactory(status="draft", published_on=None))
    for number in range(60):
        seat = chance.choice(SEATS)
        therapist = factories.TherapistFactory(
            slug=f"tess-{number}",
            office=False,
            in_person=chance.random() < 0.6,
            online=chance.random() < 0.6,
            availability=chance.choice(["open", "open", "open", "full", "waiting-list", ""]),
            phone=chance.choice(["503 555 0134", "503 555 0134", ""]),
            email=chance.choice(["tess@practice.example", "", ""]),
            terms=[term for term in terms.values() if chance.random() < 0.35],
        )
        if seat:
            factories.OfficeFactory(therapist=therapist, city=seat[0], state=seat[1])
        for state in ("OR", "ID"):
            if chance.random() < 0.5:
                factories.LicenceFactory(therapist=therapist, state=state)
        for approach in chance.sample(approaches, chance.choice([0, 1, 2])):
            factories.SpecialistFactory(therapist=therapist, approach=approach)
    person = {"office__city": "Fargo", "office__state": "ND", "in_person": True}
    factories.TherapistFactory(slug="far-from-all", **person)
    return list(
        Therapist.objects.order_by("pk").prefetch_related(
            "terms__vocabulary", "offices", "licences", "specialisms__approach"
        )
    )


# --- the published rule ---------------------------------------------------------------------------


def stated(therapist, name):
    return {term.slug for term in therapist.terms.all() if term.vocabulary.slug == name}


def practised(therapist):
    return {one.approach for one in therapist.specialisms.all()
            if one.approach.status == "published"}  # fmt: skip


def state_of(therapist):
    """The state of the first office, or without one of the first license."""
    for one in [*therapist.offices.all(), *therapist.licences.all()]:
        return one.state
    return None


def fits(other, therapist):
    """Has room, can be reached, and is seen the same way."""
    ways = stated(other, "contact")
    by_form = other.email and (not ways or "email" in ways)
    if other == therapist or other.availability != "open" or not (other.phone or by_form):
        return False
    state = state_of(therapist)
    neither = not (therapist.in_person or therapist.online)
    in_person = other.in_person and is_near(other, therapist, state)
    online = other.online and any(licence.state == state for licence in other.licences.all())
    return bool(state) and bool(
        ((therapist.in_person or neither) and in_person)
        or ((therapist.online or neither) and online)
    )


def is_near(other, therapist, state):
    here = next(iter(therapist.offices.all()), None)
    town = here and town_of(here)
    for office in other.offices.all():
        there = town_of(office)
        if town is None and office.state == state:
            return True
        # Who names the state alone, or a town on no map, has not said where in it they sit.
        if town and (office.state == state if there is None else apart(town, there) <= 25):
            return True
    return False


def town_of(office):
    return Place.objects.filter(key=f"{office.city.lower()}|{office.state}").first()


def apart(one, other):
    return miles_between(one.latitude, one.longitude, other.latitude, other.longitude)


def wishes(other, therapist, words):
    """For each wish: True where it is met, False where it is contradicted, else None."""
    plain = f" {' '.join(re.findall(r'[a-z]+', words.lower()))} "
    for issue in Term.objects.filter(vocabulary__slug="issue"):
        if any(f" {name.lower()} " in plain for name in [issue.name, *issue.synonyms]):
            yield True if issue.slug in stated(other, "issue") else None
    if practised(therapist):
        yield True if practised(other) & practised(therapist) else None
    for name in ("age", "insurance", "language"):
        mine = stated(therapist, name) - {"english"}
        if mine:
            theirs = stated(other, name)
            yield bool(theirs & mine) if theirs else None


def expected(people, therapist, words, day):
    def place(other):
        met = list(wishes(other, therapist, words))
        rank = hashlib.md5(f"{day} {other.slug}".encode()).hexdigest()
        return -met.count(True), met.count(False), rank

    return [one.slug for one in sorted(people, key=place) if fits(one, therapist)][:3]


def test_those_are_suggested_whom_the_published_rule_names(people):
    chance, numbers = random.Random("who asks"), set()
    in_idaho = [one for one in people if state_of(one) == "ID"][:4]
    for therapist in [*chance.sample(people, 20), *in_idaho, people[-1]]:
        words, day = chance.choice(WORDS), chance.choice([date(2026, 3, 1), None])
        found = suggestions(therapist, words, day=day)
        assert found.day == (day or timezone.localdate())
        slugs = [one.slug for one in found]
        assert slugs == expected(people, therapist, words, found.day), (therapist, words)
        numbers.add(len(slugs))
    assert min(numbers) < 3 == max(numbers)  # few and many


def test_the_page_that_publishes_the_rule_says_all_of_it(client):
    page = re.sub(r"<[^>]+>|\s+", " ", client.get("/how-we-order/").text)
    page = " ".join(page.split())
    for said in (
        "When a therapist has no room",
        "within 25 miles of the town of the therapist's first office",
        "valid for the state of that office",
        "each thing that the message names",
        "practice one of the same approaches",
        "English aside",
        "Issues, credentials and ways of first contact do not count here",
        "No order depends on how soon",
    ):
        assert said in page


# --- edges ----------------------------------------------------------------------------------------


def reachable(**differences):
    return factories.TherapistFactory(
        phone="503 555 0134", **{"in_person": True, "online": True, **differences}
    )


def test_only_who_can_be_reached_is_suggested_however_many_stand_before():
    tess = reachable(availability="full")
    for number in range(40):
        factories.TherapistFactory(in_person=True, slug=f"silent-{number}")
    assert not suggestions(tess, "")
    owner = factories.UserFactory(email="anna@practice.example")
    ways = [{"website": "https://anna.example"}, {"booking_url": "https://anna.example"},
            {"owner": owner}]  # fmt: skip
    open_to_all = [factories.TherapistFactory(in_person=True, **way) for way in ways]
    assert set(suggestions(tess, "")) == set(open_to_all)


def test_a_draft_a_hidden_and_a_withdrawn_profile_are_not_suggested():
    tess = reachable()
    reachable(draft=True), reachable(stale=True), reachable(withdrawn=True)
    assert not suggestions(tess, "")


def test_who_says_nothing_of_the_place_gets_no_suggestion():
    """Nobody knows where the client may be, and a license holds in its state alone."""
    reachable()
    assert not suggestions(reachable(office=False), "")


def test_a_town_without_its_state_is_the_place_that_people_mean_by_it():
    near = reachable()
    tess = reachable(office__state="", availability="full", online=False)
    assert list(suggestions(tess, "")) == [near]


def test_a_word_that_staff_have_retired_is_nobodys_wish():
    factories.TermFactory(slug="grief", name="Grief", retired_on=factories.today())
    tess, other = reachable(availability="full"), reachable()
    assert list(suggestions(tess, "Grief")) == [other]


@pytest.mark.parametrize("words", ["\0", "悲しみ" * 1600, "<b>&</b>", "\u202e" * 5000])
def test_any_words_will_do(words):
    tess, other = reachable(), reachable()
    assert list(suggestions(tess, words)) == [other]


def test_the_first_of_a_day_are_not_those_of_every_day():
    tess = reachable(availability="full")
    for number in range(12):
        reachable(slug=f"open-{number}")
    days = [tuple(suggestions(tess, "", day=date(2026, 3, day))) for day in range(1, 8)]
    assert len(set(days)) > 3
    assert all(len(found) == 3 for found in days)


def test_many_take_as_many_queries_as_one():
    tess = reachable(terms=[factories.TermFactory(slug="grief", name="Grief")])
    factories.SpecialistFactory(therapist=tess)
    reachable()
    suggestions(tess, "")  # whoever asks first on a day takes the index on to it
    asked = []
    for number in (1, 20):
        for _ in range(number):
            reachable()
        with CaptureQueriesContext(connection) as queries:
            assert suggestions(tess, "Grief and loss")
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 12
