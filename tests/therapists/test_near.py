"""Near a ZIP code or a city: who is, and what the page makes of the words."""

import pytest

from tests import factories
from tests.kept import kept
from tests.therapists.cast import ON_THE_MAP, miles, nine_people, person
from tests.therapists.geography import miles_between
from tests.therapists.reading import (
    chosen,
    counts,
    distances,
    get,
    left_out,
    links,
    near,
    offers,
    paragraphs,
    query_of,
    silent,
    slugs,
    total,
    words,
)
from therapists.models import Therapist
from therapists.places import Place

pytestmark = pytest.mark.django_db


@kept
def people():
    nine_people()


# --- what is understood ---------------------------------------------------------------------------


@pytest.mark.parametrize("radius", [5, 10, 25, 50, 100])
@pytest.mark.parametrize(
    ("place", "key"),
    [("97214", "97214"), ("Portland, OR", "portland|OR"), ("Salem OR", "salem|OR")],
)
def test_who_has_an_office_in_the_circle_is_found(client, people, place, key, radius):
    expected = [slug for slug in ON_THE_MAP if miles(key, slug) <= radius]
    response = near(client, place, within=radius)
    assert sorted(slugs(response)) == expected
    assert total(response) == len(expected)


def test_without_a_radius_it_is_25_miles(client, people):
    assert sorted(slugs(near(client, "97214"))) == ["anna", "bela", "dora"]
    assert "Near: Portland, OR 97214, within 25 miles" in chosen(near(client, "97214"))


@pytest.mark.parametrize(
    "written",
    ["Boise, ID", "boise, id", "Boise ID", "Boise, Idaho", "boise idaho", "BOISE", "83702",
     "83702-1234", "Boise, ID 83702", " Boise ,  ID "],
)  # fmt: skip
def test_a_place_is_understood_as_people_write_it(client, people, written):
    response = near(client, written)
    assert slugs(response) == ["gail"]
    assert not left_out(response)
    assert any(one.startswith("Near: Boise, ID") for one in chosen(response))


def test_the_place_is_said_in_words_and_kept_in_the_field(client, people):
    response = near(client, "portland or", within=10)
    assert list(chosen(response)) == ["Near: Portland, OR", "Within: 10 miles"]
    assert 'name="near" value="Portland, OR"' in response.text
    assert '<option value="10" selected>' in response.text


def test_a_zip_code_of_an_office_says_more_than_its_town(client):
    person("anna", office__postal_code="97140-1234")  # Sherwood, though it says Portland
    at_home = Place.objects.get(key="97140")
    assert slugs(near(client, "97140", within=5)) == ["anna"]
    assert distances(near(client, "97140", within=5)) == {"anna": "less than a mile away"}
    assert miles_between(45.52, -122.65, at_home.latitude, at_home.longitude) > 10
    assert slugs(near(client, "97214", within=10)) == []


def test_any_office_counts_and_somebody_with_three_is_found_once(client):
    anna = person("anna", office=("Boise", "ID"))
    factories.OfficeFactory(therapist=anna, city="Portland", state="OR")
    factories.OfficeFactory(therapist=anna, city="Gresham", state="OR")
    response = near(client, "Portland, OR")
    assert (slugs(response), total(response)) == (["anna"], 1)
    assert counts(response, "within") == {"5": 1, "10": 1, "25": 1, "50": 1, "100": 1}
    assert distances(response) == {"anna": "less than a mile away"}


def test_an_office_that_moves_is_found_where_it_is_now(client):
    office = person("anna").offices.get()
    office.city, office.state = "Boise", "ID"
    office.save()
    assert slugs(near(client, "Portland, OR")) == []
    assert slugs(near(client, "Boise, ID")) == ["anna"]


@pytest.mark.parametrize("trait", ["draft", "withdrawn", "stale"])
def test_nobody_who_is_hidden_is_near_anything(client, trait):
    factories.TherapistFactory(office__city="Hiddenville", **{trait: True})
    factories.TherapistFactory(**{trait: True})
    assert total(near(client, "Portland, OR")) == 0
    assert offers(near(client, "Boise, ID")) == {}
    assert "We do not know the place “Hiddenville, OR”" in words(near(client, "Hiddenville, OR"))


# --- a name of several places ---------------------------------------------------------------------


def test_a_city_without_its_state_is_the_largest_and_the_others_are_a_link_away(client, people):
    person("zora", office=("Portland", "ME"))
    response = near(client, "Portland", format="", within=10)
    (understood,) = paragraphs(response, "understood")
    assert understood.startswith("Near Portland, OR, not Portland, ME or ")
    assert "zora" not in slugs(response)

    (address,) = [address for label, address in links(response) if label == "Portland, ME"]
    changed = get(client, address)

    assert query_of(changed) == [("near", "Portland, ME"), ("within", "10")]
    assert slugs(changed) == ["zora"]
    assert paragraphs(changed, "understood") == []


@pytest.mark.parametrize("written", ["97214", "Portland, OR", "Portland OR 97214", "Gresham, OR"])
def test_where_only_one_place_can_be_meant_no_other_is_named(client, people, written):
    assert paragraphs(near(client, written), "understood") == []


def test_where_more_places_are_called_so_than_are_named_the_page_says_how_to_reach_them(client):
    (many,) = paragraphs(near(client, "Springfield"), "understood")
    assert many.endswith("Another one? Write its state, too.")
    (two,) = paragraphs(near(client, "Anchorage"), "understood")
    assert two.startswith("Near Anchorage, AK, not Anchorage, KY")
    assert "Another" not in two


def test_near_and_online_alone_leads_to_all_who_may_see_people_of_the_state(client, people):
    far = person("zora", office=("Boise", "ID"), online=True)
    factories.LicenceFactory(therapist=far, state="OR")
    response = near(client, "97214", format="online", within=10)
    assert "zora" not in slugs(response)
    (address,) = [url for label, url in links(response) if label.endswith("people in Oregon")]

    there = get(client, address)

    assert query_of(there) == [("format", "online"), ("licence", "OR")]
    assert "zora" in slugs(there)


@pytest.mark.parametrize(
    "asked",
    [
        {"near": "97214"},
        {"near": "97214", "format": "in-person"},
        {"near": "97214", "format": ["in-person", "online"]},
        {"near": "97214", "format": "online", "licence": "WA"},
        {"near": "Nowhere at all", "format": "online"},
        {"format": "online"},
    ],
)
def test_elsewhere_nothing_is_said_of_working_online(client, people, asked):
    assert "work online with" not in words(client.get("/therapists/", asked, follow=True))


# --- what is not understood -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "written", ["Nowhere at all", "00000", "99999", "Portland, AK", "Αθήνα", "x" * 100]
)
def test_an_unknown_place_is_named_and_narrows_nothing(client, people, written):
    response = near(client, written, state="ID")
    shown = written if len(written) <= 60 else f"{written[:59]}…"
    assert slugs(response) == ["gail"]
    ((said, remove),) = left_out(response).items()
    assert said == (
        f"We do not know the place “{shown}”, so it is left out. "
        "Try a ZIP code, or a city with its state."
    )
    assert list(chosen(response)) == ["Office in the state of: Idaho"]
    assert query_of(get(client, remove)) == [("state", "ID")]


def test_a_state_is_no_place_and_the_page_says_where_to_choose_it(client, people):
    response = near(client, "Oregon")
    assert total(response) == 9
    assert list(left_out(response)) == [
        "“Oregon” is a state: choose it under “Office in the state of”, or write a city."
    ]


def test_a_radius_without_a_place_is_named_and_narrows_nothing(client, people):
    response = client.get("/therapists/?within=10")
    assert total(response) == 9
    assert not chosen(response)
    ((said, remove),) = left_out(response).items()
    assert said == "“Within 10 miles” needs a place: write a ZIP code or a city."
    assert query_of(get(client, remove)) == []


def test_a_radius_around_an_unknown_place_says_so_too(client, people):
    response = near(client, "Nowhere at all", within=10)
    assert total(response) == 9
    assert not chosen(response)
    assert len(left_out(response)) == 2


def test_a_radius_goes_with_the_place_and_stays_with_every_other_change(client, people):
    response = near(client, "97214", within=10, format="online", fee=90)
    removals = chosen(response)
    without_place = removals["Near: Portland, OR 97214"]
    assert query_of(without_place) == [("format", "online"), ("fee", "90")]
    without_fee = removals["Fee for one session, at most: $90"]
    assert query_of(without_fee) == [("near", "97214"), ("within", "10"), ("format", "online")]


# --- offices that do not say where they are -------------------------------------------------------


def test_who_names_only_the_state_has_not_said_and_can_be_included(client, people):
    response = near(client, "Portland, OR")
    assert "emil" not in slugs(response)
    ((address, more),) = silent(response).values()
    assert more == 2  # emil, and fred in Nowhereville; hugo is of another state

    included = get(client, address)

    assert total(included) == total(response) + 2
    assert set(slugs(included)) - set(slugs(response)) == {"emil", "fred"}
    assert silent(included) == {}
    assert ("unstated", "near") in query_of(included)


def test_who_has_not_said_stands_behind_all_who_have_and_no_distance_is_told(client, people):
    response = near(client, "Portland, OR", unstated="near", order="nearest")
    assert set(slugs(response)[-2:]) == {"emil", "fred"}
    assert not {"emil", "fred"} & set(distances(response))


def test_where_everyone_has_said_nothing_is_offered(client):
    person("anna")
    assert silent(near(client, "Portland, OR")) == {}


# --- towns that are on no map ---------------------------------------------------------------------


@pytest.mark.parametrize("written", ["Nowhereville, OR", "nowhereville or", "Nowhereville"])
def test_a_town_that_only_an_office_knows_finds_that_office(client, people, written):
    response = near(client, written)
    assert slugs(response) == ["fred"]
    assert not left_out(response)
    assert any(one.startswith("Near: ") for one in chosen(response))
    assert distances(response) == {}


def test_it_is_not_found_in_another_state(client, people):
    assert "We do not know the place “Nowhereville, ID”" in words(near(client, "Nowhereville, ID"))


@pytest.mark.parametrize(
    ("town", "state", "asked"),
    [("東", "OR", "東, OR"), ("西", "", "西"), ("Ålborgsminde", "ID", "alborgsminde")],
)
def test_such_a_town_may_be_in_any_script(client, people, town, state, asked):
    person("zora", office=(town, state))
    assert slugs(near(client, asked)) == ["zora"]


def test_one_town_written_in_two_ways_is_one_town(client):
    person("anna", office=("St. Paul", "MN"))
    person("bela", office=("St Paul", "MN"))
    for asked in ("St. Paul, MN", "Saint Paul, MN", "st paul mn"):
        assert sorted(slugs(near(client, asked, within=5))) == ["anna", "bela"]


def test_a_town_on_no_map_has_no_order_by_distance(client, people):
    response = near(client, "Nowhereville, OR", order="nearest")
    assert slugs(response) == ["fred"]
    assert not distances(response)


# --- counts ---------------------------------------------------------------------------------------


def test_a_number_stands_beside_each_radius_and_is_what_it_finds(client, people):
    response = near(client, "Salem, OR", q="licensed")
    beside = counts(response, "within")
    assert list(beside) == ["5", "10", "25", "50", "100"]
    for radius, count in beside.items():
        assert total(near(client, "Salem, OR", q="licensed", within=radius)) == count
    assert beside["5"] == 1 < beside["50"]


def test_without_a_place_no_number_stands_beside_a_radius(client, people):
    assert counts(client.get("/therapists/"), "within") == {}


def test_the_other_groups_count_those_who_are_near(client, people):
    assert counts(near(client, "Portland, OR"), "state") == {"OR": 2, "WA": 1, "ID": 0}


# --- on the page of an approach -------------------------------------------------------------------


def test_find_your_match_takes_a_place_and_the_list_below_is_near_it(client, people):
    emdr = factories.ApproachFactory(slug="emdr", name="EMDR")
    for slug in ("anna", "gail"):
        factories.SpecialistFactory(approach=emdr, therapist=Therapist.objects.get(slug=slug))
    page = client.get("/approaches/emdr/?near=Boise")
    assert slugs(page) == ["gail"]
    assert "1 therapist practices EMDR and fits your choice" in words(page)
    assert 'id="match-near" name="near" value="Boise"' in page.text
