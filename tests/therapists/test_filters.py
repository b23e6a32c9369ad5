"""The filters, as addresses of the list: any of the choices in a group, all of the groups."""

import pytest

from tests import factories
from tests.therapists.reading import get, links, slugs, total, words
from therapists.filters import printable

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    """Six listed therapists who differ in what the filters ask."""
    issue = factories.VocabularyFactory(slug="issue", question="What is it about?")
    faith = factories.VocabularyFactory(
        slug="faith", question="Does faith matter?", may_be_unstated=True
    )
    grief = factories.TermFactory(vocabulary=issue, slug="grief", name="Grief")
    panic = factories.TermFactory(vocabulary=issue, slug="panic", name="Panic")
    quaker = factories.TermFactory(vocabulary=faith, slug="quaker", name="Quaker")
    emdr = factories.ApproachFactory(name="EMDR", slug="emdr")
    gestalt = factories.ApproachFactory(name="Gestalt therapy", slug="gestalt")

    def person(slug, approaches=(), **differences):
        one = factories.TherapistFactory(slug=slug, name=slug.capitalize(), **differences)
        for approach in approaches:
            factories.SpecialistFactory(therapist=one, approach=approach)

    person("anna", [emdr], terms=[grief], online=True, fee_from=80)
    person("bela", [gestalt], terms=[panic], in_person=True, fee_from=120, fee_to=150)
    person("cleo", [emdr, gestalt], terms=[grief, panic, quaker], online=True, in_person=True)
    person("dora", [], terms=[quaker], office__city="Boise", office__state="ID", fee_from=80)
    person("emil", [emdr], terms=[grief], availability="full", office__city="Bend")
    person("fred", [], availability="", office=False, fee_from=200)


SEARCHES = {
    "": "anna bela cleo dora emil fred",
    "approach=emdr": "anna cleo emil",
    "approach=emdr&approach=gestalt": "anna bela cleo emil",
    "issue=grief": "anna cleo emil",
    "issue=grief&issue=panic": "anna bela cleo emil",
    "faith=quaker": "cleo dora",
    "faith=quaker&unstated=faith": "anna bela cleo dora emil fred",
    "state=OR": "anna bela cleo emil",
    "state=OR&state=ID": "anna bela cleo dora emil",
    "city=boise-id": "dora",
    "city=boise-id&city=bend-or": "dora emil",
    "format=online": "anna cleo",
    "format=online&format=in-person": "anna bela cleo",
    "availability=full": "emil",
    "availability=full&unstated=availability": "emil fred",
    "fee=80": "anna dora",
    "fee=119": "anna dora",
    "fee=120": "anna bela dora",
    "fee=80&unstated=fee": "anna cleo dora emil",
    "q=grief": "anna cleo emil",
    "q=bela": "bela",
    "approach=emdr&issue=panic": "cleo",
    "approach=emdr&approach=gestalt&issue=panic": "bela cleo",
    "approach=emdr&state=OR&format=online&availability=open&fee=80": "anna",
    "approach=emdr&fee=80&unstated=fee&unstated=availability": "anna cleo emil",
    "q=grief&approach=emdr&format=online": "anna cleo",
    "q=grief&faith=quaker&unstated=faith&fee=80&unstated=fee": "anna cleo emil",
    "issue=grief&city=boise-id": "",
    "unstated=fee": "anna bela cleo dora emil fred",
}


@pytest.mark.parametrize("query", SEARCHES)
def test_any_choice_inside_a_group_and_all_groups_together(client, people, query):
    response = get(client, f"/therapists/?{query}")
    assert sorted(slugs(response)) == SEARCHES[query].split()
    assert total(response) == len(SEARCHES[query].split())


@pytest.mark.parametrize("trait", ["draft", "withdrawn", "stale"])
def test_what_only_the_unlisted_state_is_not_even_offered(client, people, trait):
    hidden = factories.TherapistFactory(office__city="Zebra", office__state="UT", **{trait: True})
    factories.SpecialistFactory(therapist=hidden, approach__name="Hiddenwork")
    page = client.get("/therapists/").content.decode()
    assert "Zebra" not in page
    assert "Utah" not in page
    assert "Hiddenwork" not in page


# --- values that do not exist -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unknown", "value", "group"),
    [
        ("approach=emdrr", "emdrr", "Approach"),
        ("issue=greif", "greif", "What is it about?"),
        ("state=Oregon", "Oregon", "State"),
        ("state=or", "or", "State"),
        ("city=bend", "bend", "City"),
        ("format=phone", "phone", "In person or online"),
        ("availability=maybe", "maybe", "Room for new clients"),
        ("unstated=issue", "issue", "Not stated"),
        ("fee=cheap", "cheap", "Fee for one session, at most"),
        ("day=today", "today", "Day"),
        ("issue=%3Cb%3E", "<b>", "What is it about?"),
        ("issue=quaker", "quaker", "What is it about?"),
    ],
)
def test_an_unknown_value_is_named_and_removable_while_the_others_hold(
    client, people, unknown, value, group
):
    response = get(client, f"/therapists/?format=online&{unknown}")
    assert sorted(slugs(response)) == ["anna", "cleo"]
    assert f"We do not know “{value}” ({group}), so it is left out." in words(response)

    (remove,) = [address for label, address in links(response) if label == "Remove it"]
    without = get(client, remove)

    assert slugs(without) == slugs(response)
    assert "We do not know" not in words(without)
    assert without.request["QUERY_STRING"] == "format=online"


def test_a_known_and_an_unknown_value_of_one_group_stand_apart(client, people):
    response = get(client, "/therapists/?issue=greif&issue=grief&issue=pannic")
    assert sorted(slugs(response)) == ["anna", "cleo", "emil"]
    assert words(response).count("We do not know") == 2


def test_an_unknown_value_alone_narrows_nothing(client, people):
    assert total(get(client, "/therapists/?approach=nonesuch")) == 6


# --- fees ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "canonical"),
    [("$120", "120"), ("0120", "120"), (" 120 ", "120"), ("$ 120", "120"), ("1,000", "1000"),
     ("0", "0"), ("10000", "10000")],
)  # fmt: skip
def test_a_fee_is_understood_as_people_write_it(client, people, written, canonical):
    response = client.get("/therapists/", {"fee": written}, follow=True)
    assert response.request["QUERY_STRING"] == f"fee={canonical}"
    assert "We do not know" not in words(response)
    assert total(response) == {"120": 3, "1000": 4, "0": 0, "10000": 4}[canonical]


@pytest.mark.parametrize(
    "rubbish",
    ["free", "-5", "12.50", "1e3", "$", "10001", "99999999999999999999", "٣٠", "²", "0x10", "½",
     "NaN", "None", "💰", "$$80", "80 90", "--", "' OR 1=1"],
)  # fmt: skip
def test_a_fee_that_is_no_number_is_named_and_narrows_nothing(client, people, rubbish):
    response = client.get("/therapists/", {"fee": rubbish}, follow=True)
    assert response.status_code == 200
    assert f"We do not know “{rubbish}”" in words(response)
    assert total(response) == 6


# --- rubbish in general -------------------------------------------------------------------------


def test_a_thousand_values_are_answered(client, people):
    query = "&".join(f"issue=nonsense-{n}" for n in range(1000))
    response = get(client, f"/therapists/?{query}")
    assert response.status_code == 200
    assert total(response) == 6


def test_more_values_than_anybody_chooses_are_refused_and_break_nothing(client, people):
    query = "&".join(f"issue=nonsense-{n}" for n in range(1001))
    assert client.get(f"/therapists/?{query}").status_code == 400


def test_words_are_cut_to_a_length_that_nobody_types(client, people):
    response = client.get("/therapists/", {"q": "word " * 2000}, follow=True)
    assert response.status_code == 200
    assert len(response.request["QUERY_STRING"]) <= 202


@pytest.mark.parametrize("query", ["q=be%00la", "q=%00", "issue=%00grief", "%00=1", "day=%00"])
def test_a_nul_never_reaches_the_database(client, people, query):
    assert get(client, f"/therapists/?{query}").status_code == 200


@pytest.mark.parametrize(
    ("text", "line"),
    [("a\0b", "a b"), (" a \n b\t", "a b"), ("\x1b[0m", "[0m"), ("\ud800", ""), ("مرحبا", "مرحبا")],
)
def test_printable_keeps_what_can_be_read_on_one_line(text, line):
    assert printable(text) == line


# --- what staff set up --------------------------------------------------------------------------


def test_a_new_vocabulary_is_a_filter_at_once(client, people):
    vocabulary = factories.VocabularyFactory(slug="language", question="Which language?")
    finnish = factories.TermFactory(vocabulary=vocabulary, slug="finnish", name="Finnish")
    factories.TherapistFactory(slug="aino", terms=[finnish])
    assert "Which language?" in words(client.get("/therapists/"))
    assert slugs(get(client, "/therapists/?language=finnish")) == ["aino"]


def test_without_any_vocabulary_the_list_still_stands(client):
    factories.TherapistFactory(slug="anna")
    assert slugs(client.get("/therapists/")) == ["anna"]


def test_one_town_written_in_two_ways_is_one_choice_that_finds_both(client):
    factories.TherapistFactory(slug="anna", office__city="St. Paul", office__state="MN")
    factories.TherapistFactory(slug="bela", office__city="St Paul", office__state="MN")
    response = get(client, "/therapists/?city=st-paul-mn")
    assert sorted(slugs(response)) == ["anna", "bela"]
    assert response.content.decode().count('value="st-paul-mn"') == 1


def test_two_towns_in_another_script_are_two_choices(client):
    factories.TherapistFactory(slug="anna", office__city="東", office__state="OR")
    factories.TherapistFactory(slug="bela", office__city="西", office__state="")
    page = client.get("/therapists/").content.decode()
    assert '<option value="東-or">東, OR</option>' in page
    assert '<option value="西">西</option>' in page
    assert slugs(client.get("/therapists/", {"city": "東-or"}, follow=True)) == ["anna"]
    assert slugs(client.get("/therapists/", {"city": "西"}, follow=True)) == ["bela"]
