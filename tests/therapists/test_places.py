"""Places: what a reader's words mean, and which lie near."""

import io
import math

import pytest
import zipcodes
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests import factories
from tests.therapists.geography import miles_between, understood
from tests.therapists.reading import words
from therapists.models import Therapist
from therapists.places import Asked, Place, label, parse, suggest

pytestmark = pytest.mark.django_db

with_database = hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def answer(sql, *params):
    """The rows of a query."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


def key(city="", state="", postal_code=""):
    return answer("SELECT therapists_place_key(%s, %s, %s)", city, state, postal_code)[0][0]


def within(latitude, longitude, miles):
    """{key: miles} of the places where somebody sits."""
    sql = "SELECT place, miles FROM therapists_search_around(%s, %s, %s)"
    return dict(answer(sql, latitude, longitude, miles))


# --- what is there ------------------------------------------------------------------------------


def test_a_zip_code_is_where_the_package_says():
    (said,) = zipcodes.matching("97214")
    place = Place.objects.get(key="97214")
    assert (place.name, place.state, place.zip_code, place.size) == ("Portland", "OR", "97214", 1)
    assert (place.latitude, place.longitude) == (float(said["lat"]), float(said["long"]))


def test_a_town_lies_in_the_middle_of_its_zip_codes_that_are_not_only_boxes():
    zips = [
        entry
        for entry in zipcodes.filter_by(state="OR", active=True)
        if "Salem" in [entry["city"], *entry["acceptable_cities"]]
    ]
    streets = [entry for entry in zips if entry["zip_code_type"] != "PO BOX"]
    assert 0 < len(streets) < len(zips)

    town = Place.objects.get(key="salem|OR")

    assert town.size == len(zips)
    assert town.latitude == pytest.approx(sum(float(z["lat"]) for z in streets) / len(streets))
    assert town.longitude == pytest.approx(sum(float(z["long"]) for z in streets) / len(streets))


def test_a_town_with_boxes_alone_is_a_town_too():
    (said,) = zipcodes.filter_by(city="Crater Lake", state="OR", active=True)
    assert said["zip_code_type"] == "PO BOX"
    town = Place.objects.get(key="crater lake|OR")
    assert (town.latitude, town.longitude) == (float(said["lat"]), float(said["long"]))


def test_a_name_that_the_post_accepts_is_a_town():
    assert "Hollywood" not in {entry["city"] for entry in zipcodes.filter_by(state="CA")}
    assert Place.objects.get(key="hollywood|CA").name == "Hollywood"


def test_military_foreign_inactive_and_unlocated_zip_codes_are_left_out():
    known = set(Place.objects.exclude(zip_code="").values_list("zip_code", flat=True))
    assert len(known) > 40_000
    assert not known & {"09001", "96939", "96940", "96960"}  # military mail; Palau, Marshalls
    assert not known & {entry["zip_code"] for entry in zipcodes.filter_by(active=False)}
    assert not Place.objects.filter(state__in=["AA", "AE", "AP", "FM", "MH", "PW", ""]).exists()
    assert not Place.objects.filter(latitude=0).exists()
    assert Place.objects.filter(state="PR").exists()


def test_names_of_one_town_are_one_town():
    (town,) = understood(Asked(town="St Louis", state="MO"))
    assert town.name == "Saint Louis"
    assert Place.objects.get(key="mclean|VA").name == "McLean"


def test_load_places_fills_it_again_and_says_how_many():
    before = Place.objects.count()
    Place.objects.filter(state="OR").delete()
    Place.objects.create(
        key="atlantis|OR", name="Atlantis", state="OR", zip_code="", latitude=1, longitude=1, size=1
    )

    said = io.StringIO()
    call_command("load_places", stdout=said)

    zips = Place.objects.exclude(zip_code="").count()
    assert said.getvalue() == f"Places: {zips:,} ZIP codes, {before - zips:,} towns.\n"
    assert Place.objects.count() == before
    assert not Place.objects.filter(key="atlantis|OR").exists()


def test_the_page_about_the_order_names_the_source_of_coordinates(client):
    assert "GeoNames ( CC BY 4.0 )" in words(client.get("/how-we-order/"))


# --- the place of an office ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("city", "state", "postal_code", "expected"),
    [
        ("Portland", "OR", "97214", "97214"),
        ("Portland", "OR", "97214-1234", "97214"),
        ("", "", " 97214 ", "97214"),
        ("Portland", "OR", "", "portland|OR"),
        ("Portland", "OR", "00000", "portland|OR"),
        ("Portland", "OR", "n/a", "portland|OR"),
        ("  PORTLAND. ", "or", "", "portland|OR"),
        ("San   José", "CA", "", "san jose|CA"),
        ("St. Louis", "MO", "", "saint louis|MO"),
        ("st louis", "MO", "", "saint louis|MO"),
        ("Port St. Lucie", "FL", "", "port saint lucie|FL"),
        ("Sault Ste. Marie", "MI", "", "sault sainte marie|MI"),
        ("Ft. Worth", "TX", "", "fort worth|TX"),
        ("Mt Vernon", "NY", "", "mount vernon|NY"),
        ("Mc Lean", "VA", "", "mclean|VA"),
        ("Winston-Salem", "NC", "", "winston salem|NC"),
        ("O’Fallon", "MO", "", "o fallon|MO"),
        ("Coeur d'Alene", "ID", "", "coeur d alene|ID"),
        ("Lee's Summit", "MO", "", "lees summit|MO"),
        ("Stockton", "CA", "", "stockton|CA"),
        ("Portland", "AK", "", None),
        ("", "OR", "", None),
        ("", "", "", None),
        ("北京", "OR", "", None),
        (None, None, None, None),
        (None, "OR", "97214", "97214"),
    ],
)
def test_the_place_of_an_office(city, state, postal_code, expected):
    assert key(city, state, postal_code) == expected


def test_every_town_is_found_by_its_own_name_and_every_zip_code_by_itself():
    strays = answer(
        "SELECT key FROM therapists_place"
        " WHERE therapists_place_key(name, state, zip_code) IS DISTINCT FROM key"
    )
    assert strays == []


def test_a_place_is_found_under_an_empty_search_path_as_when_a_backup_is_restored():
    ((schema,),) = answer("SELECT current_schema()")
    answer("SELECT set_config('search_path', '', true)")
    found = answer(f"SELECT {schema}.therapists_place_key('St. Louis', 'MO', '')")
    assert found == [("saint louis|MO",)]


# --- what a reader means ------------------------------------------------------------------------

PORTLAND = Asked(town="Portland", state="OR")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("97214", Asked("97214")),
        (" 97214-1234 ", Asked("97214")),
        ("972141234", Asked("97214")),
        ("９７２１４", Asked("97214")),
        ("Portland, OR", PORTLAND),
        ("Portland,OR", PORTLAND),
        ("Portland , Or.", PORTLAND),
        ("Portland OR", PORTLAND),
        ("Portland Oregon", PORTLAND),
        ("portland or", Asked(town="portland", state="OR")),
        ("Portland,\n Oregon", PORTLAND),
        ("portland, oregon 97214", Asked("97214", "portland", "OR")),
        ("97214 Portland, OR", Asked("97214", "Portland", "OR")),
        ("Portland", Asked(town="Portland")),
        ("Portland, Atlantis", Asked(town="Portland, Atlantis")),
        ("Washington", Asked(town="Washington")),
        ("Washington DC", Asked(town="Washington", state="DC")),
        ("Washington, D.C.", Asked(town="Washington", state="DC")),
        ("Washington, District of Columbia", Asked(town="Washington", state="DC")),
        ("Kansas City", Asked(town="Kansas City")),
        ("Kansas City Kansas", Asked(town="Kansas City", state="KS")),
        ("Oregon City, OR", Asked(town="Oregon City", state="OR")),
        ("Oregon City", Asked(town="Oregon City")),
        ("New York", Asked(town="New York")),
        ("N.Y.C.", Asked(town="New York", state="NY")),
        ("LA", Asked(town="Los Angeles", state="CA")),
        ("New York, NY", Asked(town="New York", state="NY")),
        ("New York New York", Asked(town="New York", state="NY")),
        ("New York, N.Y. 10001", Asked("10001", "New York", "NY")),
        ("Charleston West Virginia", Asked(town="Charleston", state="WV")),
        ("West Virginia", None),
        ("Port Washington", Asked(town="Port Washington")),
        ("Port Washington, NY", Asked(town="Port Washington", state="NY")),
        ("West New York NJ", Asked(town="West New York", state="NJ")),
        ("29 Palms", Asked(town="29 Palms")),
        ("OR", None),
        (", OR", None),
        ("北京", Asked(town="北京")),
        ("Port\0land", Asked(town="Port land")),
        ("", None),
        ("???", None),
        ("123", None),
        ("123456", None),
        ("1 2 3 4 5", None),
        ("\0", None),
        ("\ud800", None),
        ("a" * 10_000, None),
        (" " * 10_000 + "97214", Asked("97214")),
    ],
)
def test_what_was_asked(text, expected):
    assert parse(text) == expected


def test_every_label_is_understood_as_its_place():
    for place in Place.objects.all():
        assert parse(label(place)) == Asked(place.zip_code, place.name, place.state)


def test_a_label_says_the_zip_code_where_there_is_one():
    assert label(Place.objects.get(key="97214")) == "Portland, OR 97214"
    assert label(Place.objects.get(key="portland|OR")) == "Portland, OR"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Portland, ME 97214", ["97214"]),
        ("Portland", ["portland|OR", "portland|ME"]),
        ("portland me", ["portland|ME"]),
        ("Portland, OR 00000", ["portland|OR"]),
        ("Washington", ["washington|DC"]),
        ("Washington D.C.", ["washington|DC"]),
        ("Kansas City", ["kansas city|MO", "kansas city|KS"]),
        ("St. Louis", ["saint louis|MO"]),
        ("Port Washington", ["port washington|NY"]),
        ("West New York", ["west new york|NJ"]),
    ],
)
def test_the_likeliest_place_comes_first(text, first):
    assert [place.key for place in understood(parse(text))][: len(first)] == first


@pytest.mark.parametrize("text", ["00000", "Portland, AK", "Nowhere at all", "北京"])
def test_a_place_that_is_not_known_is_not_guessed(text):
    assert understood(parse(text)) == []


def test_of_many_towns_the_eight_largest_are_named_and_ties_stand_by_state():
    found = understood(Asked(town="Springfield"))
    assert len(found) == 8
    assert found == sorted(found, key=lambda place: (-place.size, place.state))
    known = Place.objects.filter(name="Springfield", zip_code="")
    assert found[0].size == max(place.size for place in known)


# --- suggestions --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("97214", ["Portland, OR 97214"]),
        ("97214-1", ["Portland, OR 97214"]),
        ("Portland, OR 97214", ["Portland, OR 97214"]),
        ("portland or", ["Portland, OR"]),
        ("Portland, o", ["Portland, OR", "Portland, OH"]),
        ("portland, oreg", ["Portland, OR"]),
        ("new or", ["New Orleans, LA"]),
        ("st. louis pa", ["Saint Louis Park, MN"]),
    ],
)
def test_what_is_begun_is_suggested(text, expected):
    assert suggest(text) == expected


def test_the_largest_are_suggested_first():
    assert suggest("portl", limit=2) == ["Portland, OR", "Portland, ME"]
    assert suggest("972", limit=2) == ["Portland, OR 97201", "Portland, OR 97202"]


def test_st_begins_saint_louis_and_stockton_too():
    found = suggest("St", limit=20)
    assert {"Saint Louis, MO", "Stockton, CA"} <= set(found)


def test_suggesting_asks_the_database_once(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert len(suggest("p")) == 8


@pytest.mark.parametrize("text", ["", " ", "?", "%", "_", ",", "'", "北", "\0", "x" * 10_000])
def test_for_rubbish_nothing_is_suggested(text):
    assert suggest(text) == []


@with_database
@given(st.text(max_size=120) | st.text("0123456789 ,-PortlandOR.%_\\'\0", max_size=30))
@example("\ud800 portland")
@example("portland, \udfff")
@example("o'")
def test_any_words_can_be_asked(text):
    asked = parse(text)
    if asked:
        assert len(understood(asked)) <= 8
    assert len(suggest(text)) <= 8


# --- distances ----------------------------------------------------------------------------------


@pytest.fixture
def everywhere():
    """All places; somebody sits in each."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO therapists_searchat (place, slots, latitude, longitude)"
            " SELECT key, '{0}', latitude, longitude FROM therapists_place"
        )
    return list(Place.objects.all())


def office_at(latitude, longitude):
    """Somebody sits in a place that lies there; its key."""
    place = Place.objects.create(
        key="beyond|AK", name="Beyond", state="AK", zip_code="", latitude=latitude, size=1,
        longitude=longitude,
    )  # fmt: skip
    factories.TherapistFactory(office__city="Beyond", office__state="AK")
    return place.key


# Towns near and far, the end of the Aleutians, Guam, the poles, and either side of 180°.
CENTRES = [
    (45.5142, -122.6364),
    (40.7581, -73.9813),
    (51.88, -176.65),
    (52.9, 179.9),
    (52.9, -179.9),
    (71.29, -156.79),
    (13.47, 144.75),
    (18.4, -66.1),
    (90.0, 0.0),
    (-90.0, 0.0),
    (0.0, 180.0),
]


@hypothesis_settings(parent=with_database, max_examples=60)
@given(
    st.sampled_from(CENTRES)
    | st.tuples(st.floats(17, 72), st.floats(-180, -64))
    | st.tuples(st.floats(50, 54), st.floats(170, 180) | st.floats(-180, -165)),
    st.floats(5, 100),
)
def test_the_places_within_a_circle_are_those_that_python_finds(everywhere, centre, miles):
    expected = {}
    for place in everywhere:
        # A hundred miles are less than two degrees of latitude.
        if abs(place.latitude - centre[0]) < 2:
            distance = miles_between(*centre, place.latitude, place.longitude)
            if distance <= miles:
                expected[place.key] = distance

    found = within(*centre, miles)

    rounding = {
        name
        for name in expected.keys() ^ found.keys()
        if not math.isclose(expected.get(name) or found.get(name), miles, rel_tol=1e-9)
    }
    assert rounding == set()
    shared = expected.keys() & found.keys()
    assert all(found[name] == pytest.approx(expected[name], abs=1e-4) for name in shared)


def test_a_circle_reaches_over_the_180th_meridian():
    place = office_at(52, -179.8)
    assert within(52, 179.8, 25) == {place: pytest.approx(17.01, abs=0.01)}


def test_a_circle_reaches_over_a_pole():
    place = office_at(89.9, 20)
    assert within(89.9, -160, 25) == {place: pytest.approx(13.82, abs=0.01)}


def test_a_large_circle_holds_everything_and_one_without_size_its_middle(everywhere):
    assert len(within(45.5142, -122.6364, 20_000)) == len(everywhere)
    assert within(45.5142, -122.6364, 0)["97214"] == 0
    assert within(45.5142, -122.6364, -5) == {}


def test_a_place_that_nobody_sits_at_any_more_is_not_found():
    place = office_at(52, -179.8)
    Therapist.objects.get().offices.all().delete()
    assert place not in within(52, 179.8, 25)


def test_miles_are_miles():
    # New York to Los Angeles, as atlases have it: 2,445 miles and some.
    assert miles_between(40.7128, -74.0060, 34.0522, -118.2437) == pytest.approx(2445, abs=2)
    assert miles_between(0, 0, 0, 180) == pytest.approx(math.pi * 3958.8)
