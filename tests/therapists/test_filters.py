"""The filters, as addresses of the list: any of the choices in a group, all of the groups."""

import pytest

from tests import factories
from tests.kept import kept
from tests.therapists.cast import six_people
from tests.therapists.reading import counts, get, left_out, slugs, ticks, total, words
from therapists.fields import printable

pytestmark = pytest.mark.django_db


@kept
def people():
    six_people()


SEARCHES = {
    "": "anna bela cleo dora emil fred",
    "approach=emdr": "anna cleo emil",
    "approach=emdr&approach=gestalt": "anna bela cleo emil",
    "training=certified": "anna cleo",
    "training=formal": "bela emil",
    "training=certified&training=formal": "anna bela cleo emil",
    "training=formal&unstated=training": "bela cleo emil",
    "approach=emdr&training=certified": "anna",
    "approach=emdr&training=formal": "emil",
    "approach=emdr&training=certified&unstated=training": "anna cleo",
    "approach=gestalt&training=certified": "cleo",
    "approach=gestalt&training=certified&unstated=training": "cleo",
    "approach=emdr&approach=gestalt&training=certified": "anna cleo",
    "issue=grief": "anna cleo emil",
    "issue=grief&issue=panic": "anna bela cleo emil",
    "issue=sleep": "",
    "faith=quaker": "cleo dora",
    "faith=quaker&unstated=faith": "anna bela cleo dora emil fred",
    "near=Portland,+OR": "anna bela cleo",
    "near=97214&within=100": "anna bela cleo",
    "near=Bend,+OR&within=5": "emil",
    "near=Boise,+ID&format=online": "",
    "near=Boise,+ID&unstated=near": "dora",
    "state=OR": "anna bela cleo emil",
    "state=OR&state=ID": "anna bela cleo dora emil",
    "state=OR&near=Bend,+OR": "emil",
    "state=WA": "",
    "format=online": "anna cleo",
    "format=online&format=in-person": "anna bela cleo",
    "format=online&unstated=format": "anna cleo dora emil fred",
    "licence=OR": "anna bela",
    "licence=ID": "cleo dora",
    "licence=CO": "cleo",
    "licence=OR&licence=UT": "anna bela cleo",
    "licence=OR&format=online": "anna",
    "licence=WA": "",
    "licence=VT": "",
    "availability=full": "emil",
    "availability=full&unstated=availability": "emil fred",
    "fee=80": "anna dora",
    "fee=119": "anna dora",
    "fee=120": "anna bela dora",
    "fee=80&unstated=fee": "anna cleo dora emil",
    "sliding=yes": "anna",
    "sliding=yes&unstated=sliding": "anna bela cleo emil fred",
    "free-call=yes": "bela fred",
    "free-call=yes&unstated=free-call": "anna bela cleo dora emil fred",
    "free-call=yes&sliding=yes": "",
    "free-call=yes&sliding=yes&unstated=sliding": "bela fred",
    "q=grief": "anna cleo emil",
    "q=bela": "bela",
    "approach=emdr&issue=panic": "cleo",
    "approach=emdr&approach=gestalt&issue=panic": "bela cleo",
    "approach=emdr&state=OR&format=online&availability=open&fee=80": "anna",
    "approach=emdr&fee=80&unstated=fee&unstated=availability": "anna cleo emil",
    "q=grief&approach=emdr&format=online": "anna cleo",
    "q=grief&faith=quaker&unstated=faith&fee=80&unstated=fee": "anna cleo emil",
    "q=grief&training=certified&near=97214&within=10&licence=OR&sliding=yes": "anna",
    "issue=grief&near=Boise,+ID": "",
    "unstated=fee": "anna bela cleo dora emil fred",
    "within=5": "anna bela cleo dora emil fred",
}


@pytest.mark.parametrize("query", SEARCHES)
def test_any_choice_inside_a_group_and_all_groups_together(client, people, query):
    response = get(client, f"/therapists/?{query}")
    assert sorted(slugs(response)) == SEARCHES[query].split()
    assert total(response) == len(SEARCHES[query].split())


@pytest.mark.parametrize("order", ["nearest", "fee", "words"])
def test_an_order_narrows_nothing(client, people, order):
    response = get(client, f"/therapists/?near=Portland,+OR&q=licensed&order={order}")
    assert sorted(slugs(response)) == ["anna", "bela", "cleo"]


def test_training_on_a_page_about_an_approach_is_training_in_that_one(client, people):
    certified = get(client, "/approaches/emdr/?training=certified")
    included = get(client, "/approaches/emdr/?training=certified&unstated=training")

    assert slugs(certified) == ["anna"]  # cleo is certified, but in something else
    assert sorted(slugs(included)) == ["anna", "cleo"]
    assert counts(certified, "training") == {"certified": 1, "formal": 1}


def test_training_in_an_approach_that_is_not_public_is_not_told(client, people):
    zora = factories.TherapistFactory(slug="zora")
    factories.SpecialistFactory(
        therapist=zora, approach__status="draft", approach__slug="secret", training="certified"
    )

    assert sorted(slugs(get(client, "/therapists/?training=certified"))) == ["anna", "cleo"]
    assert "We do not know “secret”" in words(get(client, "/therapists/?approach=secret"))


@pytest.mark.parametrize("trait", ["draft", "withdrawn", "stale"])
def test_what_only_the_unlisted_state_is_not_even_offered(client, people, trait):
    hidden = factories.TherapistFactory(office__city="Zebra", office__state="NV", **{trait: True})
    factories.SpecialistFactory(therapist=hidden, approach__name="Hiddenwork")
    factories.LicenceFactory(therapist=hidden, state="AK")

    page = words(client.get("/therapists/"))

    for untold in ("Zebra", "Nevada", "Alaska", "Hiddenwork"):
        assert untold not in page


def test_terms_of_nobody_are_offered_and_states_and_approaches_of_nobody_are_not(client, people):
    factories.ApproachFactory(name="Unpractised therapy", slug="unpractised")

    offered = ticks(client.get("/therapists/"))

    assert offered["issue", "sleep"].label == "Sleep"
    assert ("approach", "unpractised") not in offered
    assert [value for name, value in offered if name == "state"] == ["ID", "OR"]
    assert [value for name, value in offered if name == "licence"] == ["CO", "ID", "OR", "UT"]
    assert [value for name, value in offered if name == "approach"] == ["emdr", "gestalt"]


def test_a_state_of_nobody_that_the_address_names_is_offered_all_the_same(client, people):
    page = client.get("/therapists/?state=WA")
    assert ticks(page)["state", "WA"].is_chosen
    assert ticks(page)["state", "WA"].count == 0


def test_what_is_chosen_stands_first_in_its_group(client, people):
    page = client.get("/therapists/?approach=gestalt")
    assert [value for name, value in ticks(page) if name == "approach"] == ["gestalt", "emdr"]
    assert "1 chosen" in words(page)


# --- who may see people in a state ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("ended", "found"), [(None, True), (-30, True), (-1, True), (0, True), (1, False), (300, False)]
)
def test_a_licence_counts_to_its_last_day(client, ended, found):
    expires_on = None if ended is None else factories.days_ago(ended)
    licence = factories.LicenceFactory(state="OR", expires_on=expires_on)
    assert (slugs(client.get("/therapists/?licence=OR")) == [licence.therapist.slug]) is found


def licensed_in(client, *states):
    """Whether the one therapist of this directory is found for each of the states."""
    return [total(get(client, f"/therapists/?licence={state}")) == 1 for state in states]


def test_a_compact_carries_as_far_as_it_operates_and_follows_what_staff_change(client):
    compact = factories.CompactFactory(states=["CO"], operates=False)
    factories.LicenceFactory(state="OR", compact=compact, therapist__online=True)
    assert licensed_in(client, "OR", "CO", "WY") == [True, False, False]

    compact.operates = True
    compact.save()
    assert licensed_in(client, "OR", "CO", "WY") == [True, True, False]

    compact.states = ["WY"]
    compact.save()
    assert licensed_in(client, "OR", "CO", "WY") == [True, False, True]


def test_a_compact_carries_nobody_who_does_not_work_online(client):
    compact = factories.CompactFactory(states=["CO"])
    licence = factories.LicenceFactory(state="OR", compact=compact, therapist__in_person=True)
    assert licensed_in(client, "OR", "CO") == [True, False]

    licence.therapist.online = True
    licence.therapist.save()
    assert licensed_in(client, "OR", "CO") == [True, True]


def test_somebody_licensed_twice_for_a_state_is_found_once(client):
    tess = factories.TherapistFactory(online=True)
    for compact in (None, factories.CompactFactory(states=["CO"])):
        factories.LicenceFactory(therapist=tess, state="CO", compact=compact)
    page = client.get("/therapists/?licence=CO")
    assert slugs(page) == [tess.slug]
    assert counts(page, "licence") == {"CO": 1}


# --- values that do not exist -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unknown", "value", "group"),
    [
        ("approach=emdrr", "emdrr", "Approach"),
        ("training=some", "some", "Training in the approach"),
        ("issue=greif", "greif", "What is it about?"),
        ("near=!!!", "!!!", "Near"),
        ("within=7", "7", "Within"),
        ("state=Oregon", "Oregon", "Office in the state of"),
        ("state=or", "or", "Office in the state of"),
        ("licence=Oregon", "Oregon", "May see people who are in"),
        ("format=phone", "phone", "In person or online"),
        ("availability=maybe", "maybe", "Room for new clients"),
        ("sliding=no", "no", "Sliding scale"),
        ("free-call=true", "true", "Free first call"),
        ("unstated=issue", "issue", "Not stated"),
        ("fee=cheap", "cheap", "Fee for one session, at most"),
        ("order=best", "best", "Order"),
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
    ((said, remove),) = left_out(response).items()
    assert said.startswith(f"We do not know “{value}” ({group}), so it is left out.")

    without = get(client, remove)

    assert slugs(without) == slugs(response)
    assert not left_out(without)
    assert without.request["QUERY_STRING"] == "format=online"


def test_a_known_and_an_unknown_value_of_one_group_stand_apart(client, people):
    response = get(client, "/therapists/?issue=greif&issue=grief&issue=pannic")
    assert sorted(slugs(response)) == ["anna", "cleo", "emil"]
    assert len(left_out(response)) == 2


def test_an_unknown_value_alone_narrows_nothing(client, people):
    assert total(get(client, "/therapists/?approach=nonesuch")) == 6


def test_city_is_no_parameter_any_more(client, people):
    response = client.get("/therapists/?city=bend-or")
    assert (response.status_code, response["Location"]) == (302, "/therapists/")


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


@pytest.mark.parametrize(
    ("dollars", "found"), [(0, "zoe"), (99, "zoe"), (100, "anna zoe"), (10_000, "anna bela zoe")]
)
def test_the_lowest_fee_decides(client, dollars, found):
    for slug, lowest, highest in [("anna", 100, 300), ("bela", 150, None), ("zoe", 0, None)]:
        factories.TherapistFactory(slug=slug, fee_from=lowest, fee_to=highest)
    factories.TherapistFactory(slug="dora", fee_from=None)
    assert sorted(slugs(client.get(f"/therapists/?fee={dollars}"))) == found.split()


def test_no_fee_is_too_high_to_be_kept_out(client):
    factories.TherapistFactory(slug="anna", fee_from=20_000)
    assert total(client.get("/therapists/?fee=10000")) == 0


# --- texts --------------------------------------------------------------------------------------


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


def test_terms_count_in_their_own_vocabulary_alone(client):
    faith = factories.VocabularyFactory(slug="faith", may_be_unstated=True)
    grief = factories.TermFactory(slug="grief")
    factories.TherapistFactory(slug="anna", terms=[grief])
    factories.TherapistFactory(
        slug="bela", terms=[factories.TermFactory(slug="grief", vocabulary=faith)]
    )
    factories.TherapistFactory(slug="cleo")
    assert slugs(client.get("/therapists/?issue=grief")) == ["anna"]
    assert slugs(client.get("/therapists/?faith=grief")) == ["bela"]
    included = client.get("/therapists/?faith=grief&unstated=faith")
    assert sorted(slugs(included)) == ["anna", "bela", "cleo"]


def test_practising_an_approach_needs_no_approved_statement(client):
    one = factories.SpecialistFactory(approach__slug="emdr", state="draft")
    assert slugs(client.get("/therapists/?approach=emdr")) == [one.therapist.slug]


def test_any_office_counts_and_three_in_one_state_make_one_therapist(client):
    anna = factories.TherapistFactory(slug="anna", office__city="Bend")
    factories.OfficeFactory(therapist=anna, city="Bend", street="Elsewhere 1")
    factories.OfficeFactory(therapist=anna, city="Boise", state="ID")
    factories.TherapistFactory(slug="bela", office__city="Boise", office__state="")
    both = client.get("/therapists/?state=ID&state=OR")
    assert slugs(both) == ["anna"]
    assert counts(both, "state") == {"ID": 1, "OR": 1}
