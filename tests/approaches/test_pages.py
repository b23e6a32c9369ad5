"""The approach pages as a visitor reads them."""

import datetime
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approaches.models import Approach, Specialist
from tests import factories
from tests.approaches.pages import cards_of, quotes_of
from tests.pages import text
from therapists.order import rank

pytestmark = pytest.mark.django_db

ALL, PAGE, EVERYONE = "/approaches/", "/approaches/drama/", "/approaches/drama/specialists/"

# Who practises the approach, yet is not quoted.
SILENT = {
    "a draft statement": {"state": "draft"},
    "no statement": {"state": "draft", "statement": ""},
}
HIDDEN = {
    "a draft profile": {"therapist__draft": True},
    "a withdrawn profile": {"therapist__withdrawn": True},
    "a stale profile": {"therapist__stale": True},
    "an availability never confirmed": {"therapist__availability_confirmed_on": None},
}


@pytest.fixture
def drama():
    return factories.ApproachFactory(name="Drama therapy", slug="drama")


def specialist(approach, **parts):
    return factories.SpecialistFactory(approach=approach, **parts)


# --- what is public ---


@pytest.mark.parametrize("address", [PAGE, EVERYONE])
@pytest.mark.parametrize("slug", ["drama", "no-such-thing"])
def test_a_draft_and_an_unknown_approach_are_not_found(address, slug, client):
    specialist(factories.ApproachFactory(slug="drama", status=Approach.Status.DRAFT))

    assert client.get(address.replace("drama", slug)).status_code == 404


def test_the_overview_names_published_approaches_a_to_z_with_the_number_of_their_therapists(client):
    music = factories.ApproachFactory(name="Music therapy", summary="Songs.")
    dance = factories.ApproachFactory(name="Dance therapy")
    factories.ApproachFactory(name="Eclectic draft", status=Approach.Status.DRAFT)
    mei = specialist(music)
    specialist(dance, therapist=mei.therapist)
    for parts in [*SILENT.values(), *HIDDEN.values()]:
        specialist(music, **parts)
    client.get("/therapists/")  # takes the index on to today

    page = client.get(ALL)

    entries = re.findall(r'<h2><a href="(.*?)">(.*?)</a></h2>', page.content.decode())
    assert entries == [(one.get_absolute_url(), one.name) for one in (dance, music)]
    counts = re.findall(r"\d+ therapists?\b", text(page))
    assert counts == ["1 therapist", "3 therapists"]
    assert "Songs." in text(page)
    assert "Eclectic" not in text(page)


@pytest.mark.parametrize("address", ["/", ALL])
def test_the_first_visitor_of_a_day_reads_todays_numbers(address, drama, client):
    specialist(drama)
    specialist(drama, therapist__stale=True)  # listed on the day that a new index begins with

    counts = re.findall(r"\d+ therapists?\b", text(client.get(address)))

    assert set(counts) == {"1 therapist"}


def test_a_directory_without_approaches_says_so(client):
    assert "No approach has been published yet." in text(client.get(ALL))


@pytest.mark.parametrize("address", [PAGE, EVERYONE])
@pytest.mark.parametrize("parts", [*SILENT.values(), *HIDDEN.values()], ids=[*SILENT, *HIDDEN])
def test_only_approved_statements_of_listed_therapists_are_quoted(address, parts, drama, client):
    specialist(drama, statement="I may be read.")
    specialist(drama, **{"statement": "Not for the public.", **parts})

    page = client.get(address)

    assert [quote.statement for quote in quotes_of(page)] == ["I may be read."]
    assert "Not for the public." not in text(page)


def test_the_list_below_holds_those_without_a_statement_and_nobody_who_is_hidden(drama, client):
    seen = [specialist(drama, **parts).therapist.name for parts in [{}, *SILENT.values()]]
    for parts in HIDDEN.values():
        specialist(drama, **parts)
    factories.SpecialistFactory()  # practises something else

    page = client.get(PAGE)

    assert sorted(cards_of(page)) == sorted(seen)
    assert "3 therapists practice Drama therapy" in text(page)


def test_an_approach_that_nobody_practises_is_explained_and_quotes_nobody(drama, client):
    page = client.get(PAGE)

    assert drama.overview in text(page)
    assert quotes_of(page) == cards_of(page) == []
    assert "Meet the specialists" not in text(page)
    assert "0 therapists practice Drama therapy" in text(page)
    assert "Nobody has said yet how they work this way." in text(client.get(EVERYONE))


# --- quotations ---


@pytest.mark.parametrize(
    ("parts", "signature"),
    [
        ({}, "— Mei Lantern, Licensed Clinical Social Worker in Portland, OR"),
        ({"office__city": ""}, "— Mei Lantern, Licensed Clinical Social Worker in Oregon"),
        ({"office__state": ""}, "— Mei Lantern, Licensed Clinical Social Worker in Portland"),
        ({"office": False}, "— Mei Lantern, Licensed Clinical Social Worker"),
        ({"title": ""}, "— Mei Lantern in Portland, OR"),
        ({"title": "", "office": False}, "— Mei Lantern"),
        ({"name": "Rook & <Ribbon>", "title": "Group Practice"},
         "— Rook & <Ribbon>, Group Practice in Portland, OR"),
    ],
)  # fmt: skip
def test_a_statement_is_signed_with_what_is_known_and_the_name_leads_to_the_profile(
    parts, signature, drama, client
):
    parts = {"name": "Mei Lantern", **parts}
    mei = specialist(drama, **{f"therapist__{name}": part for name, part in parts.items()})

    for address in (PAGE, EVERYONE):
        (quote,) = quotes_of(client.get(address))
        assert (quote.statement, quote.signature) == (mei.statement, signature)
        assert quote.href == mei.therapist.get_absolute_url()
        assert parts["name"] in text(client.get(quote.href))


def test_a_statement_is_plain_text_and_keeps_its_paragraphs(drama, client):
    words = "One <script>alert(1)</script> & *two*.\n\n[three](javascript:alert(1))"
    specialist(drama, statement=words)

    page = client.get(PAGE)

    assert quotes_of(page)[0].statement == words
    assert "<script>alert" not in page.content.decode()
    assert '"javascript:' not in page.content.decode()


@pytest.mark.parametrize(
    ("statement", "pull"),
    [
        ("I listen first. Then I ask.", "I listen first."),
        ("Who & <what> is it? I ask.\n\nThen I wait. Slowly.", "Who & <what> is it?"),
        ("I learned from Dr. Fern. Then I taught.", "I learned from Dr. Fern."),
        ("I learned from J. Fern and Mrs. Reed! Then I taught.",
         "I learned from J. Fern and Mrs. Reed!"),
        ("One sentence is all of it.", ""),
        ("So. Then I ask you what happened, and it is one long sentence", ""),
        (f"A sentence of many words{', and more' * 12}. Then a short one.", ""),
        ("Six of us, and Mr. Fern", ""),
    ],
)  # fmt: skip
def test_a_short_first_sentence_is_marked_and_no_word_of_the_statement_changes(
    statement, pull, drama, client
):
    specialist(drama, statement=statement)

    for address in (PAGE, EVERYONE):
        (quote,) = quotes_of(client.get(address))
        assert (quote.statement, quote.pull) == (statement, pull)


def test_a_statement_is_quoted_once_and_not_again_on_its_card(drama, client):
    mei = specialist(drama, statement="I ask you to stand up.")
    specialist(factories.ApproachFactory(), therapist=mei.therapist, statement="Something else.")

    page = client.get(PAGE)

    assert cards_of(page) == [mei.therapist.name]
    assert text(page).count("I ask you to stand up.") == 1
    assert "Something else." not in text(page)


def test_twenty_of_twenty_five_are_quoted_and_a_link_leads_to_all_each_exactly_once(drama, client):
    people = [specialist(drama).therapist for _ in range(25)]
    today = factories.today()
    in_order = sorted(people, key=lambda one: (rank(today, one.slug), one.slug))
    addresses = [one.get_absolute_url() for one in in_order]

    page = client.get(PAGE)
    assert [quote.href for quote in quotes_of(page)] == addresses[:20]
    assert "20 of 25, in an order that changes every day" in text(page)
    (way,) = re.findall(r'href="([^"]*)">Read all 25 statements', page.content.decode())

    first = client.get(way)
    assert "25 statements, in the order of" in text(first)
    (way_on,) = re.findall(r'rel="next" href="([^"]*)"', first.content.decode())
    last = client.get(EVERYONE + way_on.replace("&amp;", "&"))
    assert [one.href for one in quotes_of(first) + quotes_of(last)] == addresses
    assert 'rel="next"' not in last.content.decode()


@pytest.mark.parametrize("count", [1, 20])
def test_where_all_are_quoted_no_link_leads_to_more(count, drama, client):
    for _ in range(count):
        specialist(drama)

    page = client.get(PAGE)

    assert len(quotes_of(page)) == count
    assert "Read all" not in text(page)
    assert "In their own words. The order changes every day." in text(page)


def test_another_day_has_another_order_and_a_day_always_the_same(drama, client):
    people = [specialist(drama).therapist for _ in range(12)]

    for days in (1, 2, 3):
        day = factories.days_ago(days)
        expected = [p.get_absolute_url() for p in sorted(people, key=lambda p: rank(day, p.slug))]
        for address in (PAGE, EVERYONE):
            page = client.get(f"{address}?day={day}")
            assert [quote.href for quote in quotes_of(page)] == expected


def test_whom_the_editors_have_pinned_stands_first_and_the_page_says_so(drama, client):
    for _ in range(22):
        specialist(drama)
    second = specialist(drama, position=7).therapist.get_absolute_url()
    first = specialist(drama, position=0).therapist.get_absolute_url()
    specialist(drama, position=1, state=Specialist.State.DRAFT)

    for address in (PAGE, EVERYONE):
        page = client.get(address)
        quotes = quotes_of(page)
        assert [quote.href for quote in quotes[:2]] == [first, second]
        assert [quote.is_pinned for quote in quotes] == [True, True] + [False] * 18
        assert text(page).count("Chosen by the editors") == 2


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=3", "page=-1", "page=two", "page=²", "page=9999999999999999999999",
     "page=000000019", "day=tomorrow", "day=2025-12-31", "day=20260301", "day="],
)  # fmt: skip
def test_a_page_or_day_that_does_not_exist_is_not_found(query, drama, client):
    for _ in range(21):
        specialist(drama)

    assert client.get(f"{EVERYONE}?{query}").status_code == 404


def test_there_is_no_order_of_a_day_to_come(drama, client):
    tomorrow = factories.today() + datetime.timedelta(days=1)

    assert client.get(f"{EVERYONE}?day={tomorrow}").status_code == 404


# --- what else stands on the page ---


def test_the_page_tells_evidence_limits_sources_related_approaches_and_when_it_was_reviewed(client):
    music = factories.ApproachFactory(name="Music therapy")
    draft = factories.ApproachFactory(name="Unfinished therapy", status=Approach.Status.DRAFT)
    grief = factories.TermFactory(name="Grief")
    drama = factories.ApproachFactory(
        slug="drama",
        synonyms=["Psychodrama", "Stage work"],
        evidence="Two trials found *some* effect.",
        limits="Not for a crisis.",
        reviewed_on=datetime.date(2026, 3, 9),
        reviewed_by="Dr. Ines Paperbark",
    )
    drama.related.set([music, draft])
    drama.helps_with.set([grief])
    factories.SourceFactory(
        approach=drama, citation="Tester (2020). A & B.", url="https://a.example/x"
    )

    page = client.get(PAGE)
    source = page.content.decode()

    assert "Also called Psychodrama, Stage work" in text(page)
    assert "Two trials found <em>some</em> effect." in source
    assert "Its limits Not for a crisis." in text(page)
    assert "Tester (2020). A & B. Read it" in text(page)
    assert '<a href="https://a.example/x" rel="noopener noreferrer">' in source
    assert f'<a href="{music.get_absolute_url()}">Music therapy</a>' in source
    assert "Unfinished" not in source
    assert "Reviewed on March 9, 2026 by Dr. Ines Paperbark" in text(page)
    (link,) = re.findall(r'<a href="([^"]*)" [^>]*>Grief</a>', source)
    assert client.get(link).status_code == 200


@pytest.mark.parametrize("heading", ["What research says", "Its limits", "Sources", "Related appr"])
def test_a_part_that_has_nothing_to_say_has_no_heading(heading, drama, client):
    assert heading not in text(client.get(PAGE))
    assert "Reviewed on" not in text(client.get(PAGE))


def test_a_visitor_gets_no_cookie_and_can_only_read(drama, client):
    for address in (ALL, PAGE, EVERYONE):
        assert not client.get(address).cookies
        assert client.head(address).status_code == 200
        assert client.post(address).status_code == 405


# --- cost ---


def queries(client, address):
    client.get(address)  # reads anew what a process keeps
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def furnished(approach):
    """A further specialist, source, issue and related approach."""
    specialist(approach)
    factories.SourceFactory(approach=approach)
    approach.helps_with.add(factories.TermFactory())
    approach.related.add(factories.ApproachFactory())


@pytest.mark.parametrize(("address", "budget"), [(ALL, 3), (PAGE, 10), (EVERYONE, 6)])
def test_ten_cost_as_many_queries_as_one_and_keep_to_the_budget(address, budget, drama, client):
    furnished(drama)
    one = queries(client, address)
    for _ in range(9):
        furnished(drama)

    assert queries(client, address) == one <= budget


@pytest.mark.django_db
def test_a_page_that_opens_with_its_summary_says_it_once(client):
    factories.ApproachFactory(
        name="Drama", summary="People act.", overview="People act. Then they talk."
    )

    assert client.get("/approaches/drama/").text.count("<p>People act.") == 1
    assert 'class="lead">People act.' not in client.get("/approaches/drama/").text
