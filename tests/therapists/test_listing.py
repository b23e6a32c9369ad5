"""What a list says of the search, and the neighbouring searches that it offers."""

import re

import pytest

from tests import factories
from tests.kept import kept
from tests.therapists.cast import nine_at_random
from tests.therapists.reading import (
    chosen,
    get,
    links,
    offers,
    query_of,
    silent,
    total,
    words,
)
from therapists.models import INVENTED

pytestmark = pytest.mark.django_db


@kept
def people():
    nine_at_random()


# --- what is chosen -----------------------------------------------------------------------------


def test_each_choice_stands_in_words_and_is_removed_alone(client, people):
    query = (
        "q=grief&approach=emdr&training=certified&near=Bend%2C+OR&within=10&state=OR"
        "&format=in-person&format=online&licence=OR&fee=120&sliding=yes&free-call=yes&unstated=fee"
    )
    response = client.get(f"/therapists/?{query}")
    removals = chosen(response)
    assert list(removals) == [
        "Name or words: grief",
        "Approach: EMDR",
        "Training in the approach: Certified in it",
        "Near: Bend, OR",
        "Within: 10 miles",
        "Office in the state of: Oregon",
        "In person or online: In person",
        "In person or online: Online",
        "May see people who are in: Oregon",
        "Fee for one session, at most: $120",
        "Sliding scale: Lower fees for people who have less",
        "Free first call: The first call is free",
        "Not stated: Fee for one session, at most",
    ]
    everything = query_of(response)
    for label, address in removals.items():
        # With the fee goes what widens it, and with the place how near.
        takes_along = label.startswith(("Fee", "Near"))
        assert len(query_of(address)) == len(everything) - (2 if takes_along else 1)
        assert set(query_of(address)) < set(everything)
        assert get(client, address).status_code == 200


def test_a_narrowed_list_tells_search_engines_to_leave_it_alone(client, people):
    assert b"noindex" not in client.get("/therapists/").content
    assert b'content="noindex, follow"' in client.get("/therapists/?format=online").content


# --- neighbouring searches ----------------------------------------------------------------------


def test_nothing_found_offers_what_leaving_out_one_thing_finds_most_first(client, people):
    response = client.get("/therapists/?approach=emdr&availability=full&fee=60")
    assert total(response) == 0
    assert "Nobody here fits all of this at once." in words(response)
    found = offers(response)
    assert {label: count for label, (_, count) in found.items()} == {
        "Without “Has no room at present”": 2,
        "Without “EMDR”": 1,
        "Without “$60”": 1,
    }
    assert next(iter(found)) == "Without “Has no room at present”"
    for address, count in found.values():
        assert total(get(client, address)) == count


def test_a_search_that_found_nobody_says_so_in_its_heading_and_its_title(client, people):
    page = client.get("/therapists/?q=nonesuch").text
    assert re.search(r"<title>Nobody found · ", page)
    assert "all of this at once" not in page  # it is one thing
    assert re.search(r'id="results-title"[^>]*>Nobody fits your choice</h2>', page)


def test_when_no_single_step_helps_the_way_back_to_everyone_is_offered(client, people):
    response = client.get("/therapists/?q=nonesuch&availability=waiting-list")
    assert total(response) == 0
    assert offers(response) == {}
    assert ("Start again with everyone", "/therapists/#results") in links(response)


def test_an_empty_directory_says_so_and_leads_on(client):
    response = client.get("/therapists/")
    assert response.status_code == 200
    assert "Nobody is listed here at present." in words(response)


@pytest.mark.parametrize(
    ("group", "value"),
    [("fee", "60"), ("faith", "quaker"), ("availability", "open"), ("sliding", "yes"),
     ("free-call", "yes"), ("training", "certified"), ("near", "Bend, OR")],
)  # fmt: skip
def test_those_who_have_not_said_are_counted_and_can_be_included(client, people, group, value):
    response = client.get("/therapists/", {group: value}, follow=True)
    ((address, more),) = silent(response).values()
    included = get(client, address)
    assert more > 0
    assert total(included) == total(response) + more
    assert silent(included) == {}


def test_each_group_offers_its_own_silent_and_including_one_leaves_the_other(client, people):
    response = get(client, "/therapists/?fee=60&availability=open")
    both = silent(response)
    assert list(both) == ["room for new clients", "fee for one session, at most"]
    for group, (address, _) in both.items():
        assert set(silent(get(client, address))) == set(both) - {group}


def test_what_includes_the_silent_leaves_with_the_choice_that_it_widens(client):
    factories.TherapistFactory(fee_from=90)
    factories.TherapistFactory(fee_from=None)

    page = client.get("/therapists/?fee=100&unstated=fee")
    removals = chosen(page)
    assert removals["Fee for one session, at most: $100"] == "/therapists/#results"

    lonely = client.get("/therapists/?unstated=fee")
    assert (lonely.status_code, lonely.headers["Location"]) == (302, "/therapists/")


# --- searches that speak of danger --------------------------------------------------------------


def crisis_boxes_above_the_results(response):
    """The words of each short crisis box; all of them stand before the list."""
    above, _, below = response.text.partition('id="results-title"')[2].partition('class="cards"')
    assert "crisis-short" not in below
    return re.findall(r'(?s)<p class="crisis-short">(.*?)</p>', above)


@pytest.fixture
def pages_with_a_list():
    """Addresses of the two kinds of page that hold a list, with somebody on each."""
    factories.TermFactory(name="Thoughts of suicide", slug="suicidal-thoughts")
    factories.TermFactory(name="Social skills", slug="social-skills")
    one = factories.SpecialistFactory(therapist__office__city="Killeen")
    return ["/therapists/", one.approach.get_absolute_url()]


@pytest.mark.parametrize(
    "query",
    ["issue=suicidal-thoughts", "issue=suicidal-feelings", "q=want+to+die", "q=Dying", "q=SUICIDE",
     "q=self-harm", "q=self+harm", "q=selfharm", "q=kill+myself", "q=killing+myself",
     "q=end+my+life", "q=end+it+all", "q=want+to+die&format=online&state=OR"],
)  # fmt: skip
def test_a_search_that_speaks_of_dying_shows_help_above_its_results(
    client, pages_with_a_list, query
):
    for page in pages_with_a_list:
        (box,) = crisis_boxes_above_the_results(get(client, f"{page}?{query}"))
        assert 'href="tel:988"' in box
        assert 'href="sms:988"' in box


@pytest.mark.parametrize(
    "query",
    ["", "issue=social-skills", "q=grief", "q=diet", "q=skills+training", "q=weekend+my",
     "near=Killeen,+TX", "state=OR&format=online"],
)  # fmt: skip
def test_any_other_search_shows_no_crisis_box(client, pages_with_a_list, query):
    for page in pages_with_a_list:
        assert "crisis-short" not in get(client, f"{page}?{query}").text


def test_without_danger_words_no_search_shows_a_crisis_box(client, pages_with_a_list, settings):
    settings.DANGER_WORDS = ""
    for page in pages_with_a_list:
        assert "crisis-short" not in get(client, f"{page}?q=want+to+die").text


def test_one_of_the_demos_people_is_marked_wherever_they_stand(client):
    real = factories.TherapistFactory(name="Rhea Real")
    invented = factories.TherapistFactory(name="Ivo Invented", consent_basis=INVENTED)

    assert words(get(client, "/therapists/")).count("· invented") == 1
    assert "· invented" in words(get(client, invented.get_absolute_url()))
    assert "invented" not in words(get(client, real.get_absolute_url()))
