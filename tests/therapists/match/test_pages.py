"""The questions, and what the reader is shown: why somebody is, and what to loosen."""

import re

import pytest

from tests import factories
from tests.pages import text
from tests.therapists.reading import slugs
from therapists.models import Therapist

pytestmark = pytest.mark.django_db


@pytest.fixture
def grief():
    issue = factories.VocabularyFactory(slug="issue", question="What brings you")
    return factories.TermFactory(
        vocabulary=issue, slug="grief", name="Grief", synonyms=["lost my mother", "mourning"]
    )


@pytest.fixture
def quaker():
    faith = factories.VocabularyFactory(
        slug="faith", question="Faith or none", may_be_unstated=True
    )
    return factories.TermFactory(vocabulary=faith, slug="quaker", name="Quaker")


def asked(client, **answers):
    return client.post("/match/", answers)


def test_the_questions_are_one_page_that_holds_no_answer(client, grief, quaker):
    factories.TermFactory(vocabulary=factories.VocabularyFactory(slug="age"))
    page = client.get("/match/")
    assert page.status_code == 200
    titles = re.findall(r'<h2 id="t-[a-z]+" tabindex="-1">(.*?)</h2>', page.text)
    assert len(titles) == 6
    assert "checked" not in page.text


def test_an_empty_list_is_not_asked_for(client):
    page = client.get("/match/").text
    assert "What matters to you" not in page
    assert "Where, and how?" in page


def test_everyone_is_shown_why(client, grief, quaker):
    factories.TherapistFactory(name="Ada Both", terms=[grief, quaker], fee_from=80)
    factories.TherapistFactory(name="Bea Silent", terms=[grief])
    other = factories.TermFactory(vocabulary=quaker.vocabulary, slug="none", name="None")
    factories.TherapistFactory(name="Cal Other", terms=[other], fee_from=200, availability="full")

    page = asked(client, issue="grief", faith="quaker", fee="100")

    assert slugs(page) == ["ada-both", "bea-silent", "cal-other"]
    said = text(page)
    assert "4 of 4 has room works with Grief Faith or none: Quaker asks $100 or less" in said
    assert "2 of 4 has room works with Grief Faith or none: not stated Fee: not stated" in said
    assert (
        "0 of 4 has no room at once does not name Grief Faith or none: something else "
        "asks more than $100"
    ) in said


LONG = "I have been feeling so very tired and far from everybody since I lost my mother"


@pytest.mark.parametrize("words", ["I lost my mother", "GRIEF!", "mourning, and tired", LONG])
def test_own_words_are_understood_by_names_and_synonyms(client, grief, words):
    factories.TherapistFactory(name="Ada Grief", terms=[grief])
    page = asked(client, words=words)
    assert "works with Grief" in text(page)
    assert "Grief" in text(page).partition("Who is it for?")[0]


@pytest.mark.parametrize(
    ("name", "words"), [("Panic attacks", "a panic attack"), ("Nightmare", "my nightmares")]
)
def test_one_is_meant_as_many_and_many_as_one(client, name, words):
    issue = factories.VocabularyFactory(slug="issue")
    term = factories.TermFactory(vocabulary=issue, name=name)
    factories.TherapistFactory(terms=[term])
    assert f"works with {name}" in text(asked(client, words=words))


def test_a_retired_issue_is_not_understood_any_more(client, grief):
    factories.TermFactory(
        vocabulary=grief.vocabulary, slug="nerves", name="Nerves", retired_on=factories.today()
    )
    page = asked(client, words="nerves and mourning")
    assert page.status_code == 200
    assert "What brings you? “nerves and mourning”; Grief" in text(page)


def test_words_that_name_nothing_are_said_to(client, grief):
    page = text(asked(client, words="my goldfish"))
    assert "“my goldfish” names nothing on our list, so it is left out." in page
    assert "names nothing" not in text(asked(client, words="mourning my goldfish"))


def test_what_was_not_understood_can_be_mended(client, grief):
    """Without a script: the result hands it to the questions, as it was typed."""
    typed = {"near": "Xyzzyville", "fee": "about 90", "words": "my goldfish"}
    page = asked(client, **typed).text
    for name, value in typed.items():
        assert f'<input type="hidden" name="{name}" value="{value}">' in page
    change = asked(client, **typed, change="where").text
    for value in typed.values():
        assert f'value="{value}"' in change


def test_a_part_of_a_word_is_no_word(client, grief):
    factories.TherapistFactory(terms=[grief])
    assert "works with" not in text(asked(client, words="aggrieved"))


def test_words_of_danger_show_help_first(client):
    page = text(asked(client, words="I want to end my life"))
    assert page.index("Call 988") < page.index("Check your answers")


def offers(page):
    """{what its button sends: (label, how many it finds)} of what could be made wider."""
    found = re.findall(
        r'name="loosen" value="([a-z-]+)">([^<]+)</button> ([\d,]+) therapist', page.text
    )
    return {key: (label, int(count)) for key, label, count in found}


def test_few_are_told_what_to_loosen_and_what_that_yields(client):
    ages = factories.VocabularyFactory(slug="age")
    adults = factories.TermFactory(vocabulary=ages, slug="adults")
    factories.TermFactory(vocabulary=ages, slug="children")
    for _ in range(4):
        factories.TherapistFactory(terms=[adults], in_person=True)

    page = asked(client, age="children", how="in-person")

    assert "Nobody fits all of this at once" in text(page)
    assert offers(page) == {"age": ("Leave out the age", 4)}  # to meet online finds no more


def test_each_way_to_loosen_finds_as_many_as_it_says(client):
    ages = factories.VocabularyFactory(slug="age")
    adults = factories.TermFactory(vocabulary=ages, slug="adults")
    children = factories.TermFactory(vocabulary=ages, slug="children")
    here = {"terms": [children], "in_person": True, "fee_from": 90}
    factories.TherapistFactory(name="Fay Fits", **here)
    factories.TherapistFactory(**here | {"terms": [adults]})
    factories.TherapistFactory(**here | {"fee_from": 200})
    factories.TherapistFactory(**here, office__city="Bend")
    factories.TherapistFactory(**here, office__city="Boise", office__state="ID")
    online = factories.TherapistFactory(**here | {"in_person": False}, online=True)
    factories.LicenceFactory(therapist=online, state="OR")
    wanted = {"near": "Portland, OR", "how": "in-person", "age": "children", "fee": "90"}
    wanted |= {"cost-must": "yes"}

    page = asked(client, **wanted)

    assert slugs(page) == ["fay-fits"]
    assert offers(page) == {
        "online": ("Meet online as well", 2),
        "state": ("Look in all of Oregon", 2),
        "age": ("Leave out the age", 2),
        "cost": ("Show those who do not fit the cost, too", 2),
        "place": ("Leave out the place", 3),
    }
    assert list(offers(page))[-1] == "place"  # not everybody there may see the reader
    for key, (_, count) in offers(page).items():
        then = asked(client, **wanted, loosen=key)
        assert len(slugs(then)) == count, key
        assert f'name="loosen" value="{key}"' not in then.text


def test_where_no_single_answer_helps_that_is_said(client):
    ages = factories.VocabularyFactory(slug="age")
    adults = factories.TermFactory(vocabulary=ages, slug="adults")
    factories.TermFactory(vocabulary=ages, slug="children")
    factories.TherapistFactory(terms=[adults], online=True)
    page = asked(client, age="children", how="in-person")
    assert offers(page) == {}
    assert "Changing one answer alone finds nobody." in text(page)


@pytest.mark.parametrize("key", ["", "age", "\x00", "nothing like it"])
def test_what_is_not_there_to_loosen_changes_nothing(client, grief, key):
    factories.TherapistFactory(name="Ada Grief", terms=[grief])
    assert slugs(asked(client, issue="grief", loosen=key)) == ["ada-grief"]


def test_who_is_not_sure_says_so_and_is_asked_again(client, grief):
    factories.TherapistFactory(terms=[grief])
    page = asked(client, unsure=["who", "where"], how="online")
    assert "Where, and how? Online" in text(page)  # what was answered holds
    assert "Not answered: Change: What brings you?" in text(page)
    assert 'name="unsure" value="where"' in page.text
    factories.TermFactory(vocabulary=factories.VocabularyFactory(slug="age"))
    assert "Who is it for? Not sure" in text(asked(client, unsure="who"))
    change = asked(client, unsure="who", change="who").text
    assert 'name="unsure" value="who" checked' in change
    assert change.count(" checked") == 1


def test_each_question_offers_not_sure(client, grief):
    page = client.get("/match/").text
    steps = page.split('<section class="step"')[1:]
    assert len(steps) >= 4
    assert all('name="unsure"' in step for step in steps)


def test_a_long_list_is_folded_until_something_in_it_is_chosen(client, grief):
    for _ in range(12):
        factories.TermFactory(vocabulary=grief.vocabulary)
    assert "<details><summary>Choose from 13</summary>" in client.get("/match/").text
    change = asked(client, issue="grief", change="what").text
    assert "<details open><summary>Choose from 13</summary>" in change


def test_what_was_not_understood_is_said_and_the_rest_holds(client, grief):
    factories.TherapistFactory(name="Ada Grief", terms=[grief])
    page = text(asked(client, near="Xyzzyville", fee="a lot", issue="grief"))
    assert "We do not know the place “Xyzzyville”, so it is left out." in page
    assert "“a lot” is no number of dollars, so it is left out." in page
    assert "works with Grief" in page


def test_what_was_skipped_is_said_to_be(client, grief, quaker):
    page = text(asked(client, issue="grief"))
    assert "What brings you? Grief" in page
    skipped = page.partition("Not answered: ")[2].partition("to look at")[0]
    assert "Change: Where, and how?" in skipped
    assert "What brings you?" not in skipped
    assert "[]" not in page


def test_that_the_cost_must_hold_is_said_where_there_is_a_cost(client):
    said = "only who fits this, or has not said"
    assert f"at most $90; {said}" in text(asked(client, fee="90", **{"cost-must": "yes"}))
    assert said not in text(asked(client, fee="a lot", **{"cost-must": "yes"}))


def test_any_answer_can_be_changed(client, grief):
    page = asked(client, issue="grief", near="Portland, OR", how="online", change="where")
    assert re.search(r'value="grief" checked', page.text)
    assert 'value="Portland, OR"' in page.text


def test_the_search_that_it_hands_over_finds_them(client, grief):
    factories.TherapistFactory(name="Ada Grief", terms=[grief], online=True)
    page = asked(client, words="mourning", how="online", near="Portland, OR")
    (address,) = re.findall(r'<a href="(/therapists/\?[^"]*)" rel="nofollow">Show as', page.text)
    answer = client.get(address.replace("&amp;", "&"), follow=True)
    assert slugs(answer) == ["ada-grief"]
    assert "We do not know" not in text(answer)


def test_the_second_page_goes_on_and_there_is_no_page_beyond(client):
    everyone = {factories.TherapistFactory().slug for _ in range(11)}
    first, second = asked(client), asked(client, page="2")
    assert len(slugs(first)) == 10
    assert {*slugs(first), *slugs(second)} == everyone
    assert asked(client, page="3").status_code == 404


def test_who_is_not_listed_is_no_match(client, grief):
    hidden = factories.TherapistFactory(name="Hilda Hidden", terms=[grief], draft=True)
    factories.TherapistFactory(name="Stella Stale", terms=[grief], stale=True)
    page = asked(client, issue="grief")
    assert hidden.name not in page.text
    assert slugs(page) == []


def test_no_answer_is_kept_anywhere_but_in_the_answer(client, grief, caplog):
    factories.TherapistFactory(terms=[grief])
    before = list(Therapist.objects.values())
    page = asked(client, words="mourning Xanadu", near="Portland, OR", issue="grief")
    assert page["Cache-Control"] == "no-store"
    assert not page.cookies
    assert "Cookie" not in page.get("Vary", "")
    assert list(Therapist.objects.values()) == before
    assert not re.search("mourning|Xanadu|Portland|grief", caplog.text)


@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
    ],
)
def test_answers_that_another_site_sends_are_nobodys(client, grief, said):
    factories.TherapistFactory(name="Ada Grief", terms=[grief])
    page = client.post("/match/", {"issue": "grief", "words": "not mine"}, headers=said)
    assert page.status_code == 403
    assert "Another site sent answers to this page." in text(page)
    assert "What brings you?" in text(page)
    assert "checked" not in page.text
    assert "not mine" not in page.text
    assert page["Cache-Control"] == "no-store"
    assert slugs(page) == []


@pytest.mark.parametrize(
    "said",
    [
        {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"},
        {"Origin": "http://testserver"},
        {"Sec-Fetch-Site": "none"},  # a reader who sends the page again
        {"Origin": "null"},
        {},
    ],
)
def test_answers_from_our_own_page_or_of_an_old_browser_are_taken(client, grief, said):
    factories.TherapistFactory(name="Ada Grief", terms=[grief])
    page = client.post("/match/", {"issue": "grief"}, headers=said)
    assert slugs(page) == ["ada-grief"]


RUBBISH = ["\x00", "a" * 10_000, "٣٤٥", "‮abc", "'; DROP TABLE", "<script>x</script>", "9" * 400]


@pytest.mark.parametrize("rubbish", RUBBISH)
def test_rubbish_is_no_fault(client, grief, rubbish):
    names = ["words", "near", "how", "fee", "cost-must", "way", "issue", "day"]
    page = client.post("/match/", {name: [rubbish] * 9 for name in names})
    assert page.status_code == 200
    assert "<script>x" not in page.text
    assert client.post("/match/", {"page": rubbish}).status_code == 404


def test_it_asks_the_database_as_often_whatever_it_finds(
    client, grief, quaker, django_assert_max_num_queries
):
    for _ in range(12):
        factories.SpecialistFactory(therapist__terms=[grief, quaker])
    with django_assert_max_num_queries(9):
        asked(client, issue="grief", faith="quaker", near="Portland, OR", fee="9", way="body")
