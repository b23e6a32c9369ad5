"""Nearest first, how far it is, and what is offered where nobody is near."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.kept import kept
from tests.therapists.cast import miles, nine_people, person
from tests.therapists.reading import (
    chosen,
    distances,
    get,
    left_out,
    near,
    offers,
    orders,
    query_of,
    slugs,
    total,
    words,
)
from therapists.order import rank

pytestmark = pytest.mark.django_db


@kept
def people():
    nine_people()


# --- nearest first --------------------------------------------------------------------------------


def test_nearest_first_orders_by_distance_and_says_it(client, people):
    response = near(client, "97214", within=100, order="nearest")
    found = ["anna", "bela", "cleo", "dora"]
    assert slugs(response) == sorted(found, key=lambda slug: miles("97214", slug))
    assert distances(response) == {
        "anna": "less than a mile away",
        "dora": f"about {miles('97214', 'dora'):.0f} miles away",
        "bela": f"about {miles('97214', 'bela'):.0f} miles away",
        "cleo": f"about {miles('97214', 'cleo'):.0f} miles away",
    }
    assert orders(response)[1] == "Nearest first"
    assert "Nearest first, and among equals in the order of" in words(response)


def test_a_mile_is_one_mile(client):
    person("anna").offices.update(postal_code="97232")
    assert distances(near(client, "97214")) == {"anna": "about 1 mile away"}


def test_the_distance_is_told_in_any_order(client, people):
    assert distances(near(client, "97214")) == distances(near(client, "97214", order="nearest"))
    assert distances(client.get("/therapists/")) == {}


def test_those_of_one_town_stand_in_the_days_order(client):
    for number in range(8):
        person(f"tess-{number}")
    person("zora", office=("Gresham", "OR"))
    day = factories.days_ago(5)
    expected = sorted((f"tess-{n}" for n in range(8)), key=lambda slug: rank(day, slug))
    for place in ("Portland, OR", "97214"):
        response = near(client, place, order="nearest", day=str(day))
        assert slugs(response) == [*expected, "zora"]


def test_the_pages_of_the_nearest_hold_everybody_once(client, people, settings):
    settings.THERAPISTS_PER_PAGE = 1
    address = "/therapists/?near=97214&order=nearest"
    pages = [get(client, f"{address}&page={number}") for number in (1, 2, 3)]
    assert [slugs(page) for page in pages] == [["anna"], ["dora"], ["bela"]]
    assert get(client, f"{address}&page=4").status_code == 404


def test_nearest_without_a_place_is_named_and_the_days_order_holds(client, people):
    response = client.get("/therapists/?order=nearest")
    assert slugs(response) == slugs(client.get("/therapists/"))
    ((said, remove),) = left_out(response).items()
    assert said == "“Nearest first” needs a place: write a ZIP code or a city."
    assert query_of(get(client, remove)) == []
    assert "Nearest first" not in {*orders(response)[0], orders(response)[1]}


@pytest.mark.parametrize("place", ["Nowhere at all", "Nowhereville, OR"])
def test_nearest_to_what_is_on_no_map_is_named_and_not_offered(client, people, place):
    response = near(client, place, order="nearest")
    assert orders(response)[1] == "The day's order"
    assert "Nearest first" not in orders(response)[0]
    assert "“Nearest first”" in words(response)


def test_the_order_goes_with_the_place_that_it_needs(client, people):
    response = near(client, "97214", order="nearest")
    without = get(client, chosen(response)["Near: Portland, OR 97214, within 25 miles"])
    assert query_of(without) == []
    assert left_out(without) == {}


# --- nobody near ----------------------------------------------------------------------------------


def test_the_next_radius_that_finds_anybody_is_offered_and_finds_so_many(client, people):
    response = near(client, "Salem, OR", within=5, q="anna")
    assert total(response) == 0
    address, count = offers(response)["Within 50 miles of Salem, OR"]
    wider = get(client, address)
    assert total(wider) == count == 1
    assert ("within", "50") in query_of(wider)


@pytest.mark.parametrize("asked", ["q=97214", "q=97214-1234", "q=97214&order=words"])
def test_a_zip_code_among_the_words_is_offered_as_a_place(client, people, asked):
    client.get("/therapists/")  # the first reads what is offered
    with CaptureQueriesContext(connection) as queries:
        response = client.get(f"/therapists/?{asked}")
    assert total(response) == 0
    assert len(queries) <= 8
    address, count = offers(response)["Near Portland, OR 97214"]
    there = get(client, address)
    assert query_of(there) == [("near", "97214")]
    assert total(there) == count == 3


def test_a_zip_code_among_the_words_where_nobody_is_leads_to_where_the_nearest_is_told(
    client, people
):
    address, count = offers(client.get("/therapists/?q=59801"))["Near Missoula, MT 59801"]
    assert count == 0
    assert next(iter(offers(get(client, address)))).startswith("The nearest: Boise, ID")


@pytest.mark.parametrize("asked", ["q=00000", "q=972", "q=97214&near=Missoula,+MT", "q=nobody"])
def test_other_words_that_nobody_has_are_not_taken_for_a_place(client, people, asked):
    assert not [label for label in offers(get(client, f"/therapists/?{asked}")) if "97214" in label]


def test_outside_every_radius_the_nearest_place_is_offered_and_finds_so_many(client, people):
    response = near(client, "Missoula, MT")
    away = round(miles("missoula|MT", "gail"))
    assert away > 100
    (label, (address, count)), *_ = offers(response).items()
    assert label == f"The nearest: Boise, ID, about {away} miles away"
    there = get(client, address)
    assert slugs(there) == ["gail"]
    assert count == 1

    far = round(miles("miami|FL", "gail"))
    assert next(iter(offers(near(client, "Miami, FL")))).endswith(f", about {far:,} miles away")


def test_the_nearest_place_is_one_where_somebody_fits_the_rest(client, people):
    person("jane", office=("Seattle", "WA"), online=True)
    response = near(client, "Missoula, MT", format="online")
    (label, (address, count)), *_ = offers(response).items()
    assert label.startswith("The nearest: Seattle, WA, ")
    assert slugs(get(client, address)) == ["jane"]
    assert count == 1


@pytest.mark.parametrize("beside", ["Meridian", "Garden City"])
def test_the_count_of_the_nearest_place_holds_where_others_sit_beside_it(client, people, beside):
    person("jane", office=(beside, "ID"))
    response = near(client, "Missoula, MT", within=25)
    (_, (address, count)), *_ = offers(response).items()
    assert total(get(client, address)) == count == 2


def test_where_nobody_sits_anywhere_no_place_is_offered(client):
    person("iris", office=None)
    response = near(client, "Boise, ID")
    assert total(response) == 0
    assert list(offers(response)) == ["Without “Boise, ID, within 25 miles”"]


def test_leaving_out_the_place_is_offered_with_its_radius(client, people):
    response = near(client, "Missoula, MT", within=5, state="ID")
    address, count = offers(response)["Without “Missoula, MT”"]
    assert query_of(get(client, address)) == [("state", "ID")]
    assert total(get(client, address)) == count == 1
