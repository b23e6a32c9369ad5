"""The list on an approach page, and the form that begins it: where, and how."""

import re

import pytest

from tests import factories
from tests.approaches.pages import cards_of, quotes_of
from tests.pages import text

pytestmark = pytest.mark.django_db

PAGE = "/approaches/drama/"


@pytest.fixture
def drama():
    return factories.ApproachFactory(name="Drama therapy", slug="drama")


def specialist(approach, **parts):
    return factories.SpecialistFactory(approach=approach, **parts)


def test_narrowing_the_list_narrows_the_list_alone(drama, client):
    here = specialist(drama).therapist.name
    specialist(drama, therapist__office__city="Seattle", therapist__office__state="WA")

    page = client.get(f"{PAGE}?state=OR")

    assert cards_of(page) == [here]
    assert len(quotes_of(page)) == 2


def match_form(page):
    """({field: what stands in it}, [(field, value)] that are hidden) of "find your match"."""
    (form,) = re.findall(r'(?s)<form class="match".*?</form>', page.content.decode())
    lists = re.findall(r'(?s)<select id="[^"]*" name="([^"]*)">(.*?)</select>', form)
    shown = {
        name: "".join(re.findall(r'<option value="([^"]*)" selected>', options))
        for name, options in lists
    }
    shown |= dict(re.findall(r'<input id="[^"]*" name="([^"]*)" value="([^"]*)"', form))
    return shown, re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)


def test_find_your_match_remembers_the_place_and_carries_every_other_choice(drama, client):
    grief = factories.TermFactory(name="Grief", slug="grief")
    specialist(drama, therapist__online=True, therapist__terms=[grief])
    specialist(drama, therapist__office__city="Seattle", therapist__office__state="WA")

    page = client.get(
        f"{PAGE}?q=tess&training=formal&near=Portland%2C+OR&issue=grief&state=OR&format=online"
        "&licence=OR&fee=90&sliding=yes&unstated=fee",
        follow=True,
    )

    shown, carried = match_form(page)
    assert shown == {"near": "Portland, OR", "format": "online"}
    assert sorted(carried) == [
        ("fee", "90"), ("issue", "grief"), ("licence", "OR"), ("q", "tess"), ("sliding", "yes"),
        ("state", "OR"), ("training", "formal"), ("unstated", "fee"),
    ]  # fmt: skip
    assert match_form(client.get(PAGE)) == ({"near": "", "format": ""}, [])


def test_find_your_match_leads_to_those_who_are_near(drama, client):
    here = specialist(drama, therapist__in_person=True).therapist.name
    specialist(drama, therapist__office__city="Seattle", therapist__office__state="WA")

    page = client.get(PAGE, {"near": "Portland", "format": "in-person"}, follow=True)

    assert cards_of(page) == [here]
    assert "1 therapist practices Drama therapy and fits your choice" in text(page)
    assert "Near Portland, OR, not Portland, ME or" in text(page)


def test_training_is_asked_in_the_approach_of_the_page(drama, client):
    mei = specialist(drama, training="certified").therapist
    other = factories.ApproachFactory(slug="music")
    specialist(
        other, therapist=specialist(drama, training="formal").therapist, training="certified"
    )
    silent = specialist(drama).therapist

    assert cards_of(client.get(f"{PAGE}?training=certified")) == [mei.name]
    included = client.get(f"{PAGE}?training=certified&unstated=training")
    assert sorted(cards_of(included)) == sorted([mei.name, silent.name])


def test_an_approach_is_not_offered_as_a_filter_of_its_own_page(drama, client):
    specialist(drama)
    page = client.get(PAGE)
    assert 'name="training"' in page.text
    assert 'name="approach"' not in page.text
    assert client.get(f"{PAGE}?approach=drama")["Location"] == PAGE
