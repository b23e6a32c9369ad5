"""The fair order of a day, as anybody may work it out again."""

import datetime
import html
import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests import factories
from tests.kept import kept
from tests.therapists.cast import person
from tests.therapists.reading import get, left_out, orders, query_of, slugs, words
from therapists.models import Therapist
from therapists.order import FIRST_DAY, parse_day, rank

TODAY = datetime.date(2026, 11, 24)


def in_order(day, among):
    """The published rule in plain Python."""
    return sorted(among, key=lambda slug: rank(day, slug))


@kept
def twelve():
    return [factories.TherapistFactory(online=n % 2 == 0).slug for n in range(12)]


# --- the rule -----------------------------------------------------------------------------------


def test_the_rank_is_the_md5_sum_of_the_day_and_the_slug():
    known = "ba1a666ff1c115795c6be344078a076b"
    assert len(rank(TODAY, "tess-tester")) == len(known)
    # echo -n "2026-11-24 tess-tester" | md5sum
    assert rank(TODAY, "tess-tester") == known


def test_over_a_year_everyone_stands_first_about_equally_often():
    people = [f"tess-{n}" for n in range(5)]
    days = [FIRST_DAY + datetime.timedelta(days=n) for n in range(365)]
    firsts = [in_order(day, people)[0] for day in days]
    # 73 each are expected; five standard deviations lie within 35 and 111.
    assert all(35 < firsts.count(slug) < 111 for slug in people)


# --- on the page --------------------------------------------------------------------------------


def test_the_python_on_the_page_about_order_recomputes_the_real_list(client, twelve):
    page = client.get("/how-we-order/").content.decode()
    published = re.search(r'(?s)<code id="recompute">(.*?)</code>', page)[1]
    theirs = {}
    exec(html.unescape(published), theirs)  # what a reader would do with it
    for day in (factories.today(), factories.days_ago(1), FIRST_DAY):
        listed = slugs(client.get(f"/therapists/?day={day}"))
        assert len(listed) == 12
        assert theirs["in_order"](day, sorted(listed)) == listed
        assert theirs["in_order"](str(day), sorted(listed)) == listed


def test_the_python_on_the_page_says_todays_first_three_in_their_order(client, twelve, capsys):
    page = client.get("/how-we-order/").content.decode()
    published = re.search(r'(?s)<code id="recompute">(.*?)</code>', page)[1]
    exec(html.unescape(published), {})
    assert capsys.readouterr().out == f"{in_order(factories.today(), twelve)[:3]}\n"


def test_the_python_on_the_page_of_an_empty_directory_runs(client, db):
    page = client.get("/how-we-order/").content.decode()
    exec(html.unescape(re.search(r'(?s)<code id="recompute">(.*?)</code>', page)[1]), {})


def test_the_worked_example_names_todays_first_three(client, twelve):
    shown = words(client.get("/how-we-order/"))
    today = factories.today()
    for slug in in_order(today, twelve)[:3]:
        assert f"{today} {slug} gives {rank(today, slug)[:8]}…" in shown


def test_without_a_day_the_list_stands_in_todays_order(client, twelve):
    assert slugs(client.get("/therapists/")) == in_order(factories.today(), twelve)


def test_the_order_changes_from_day_to_day_and_an_old_one_can_be_had_again(client, twelve):
    orders = []
    for day in [factories.days_ago(n) for n in range(4)] * 2:
        orders.append(slugs(client.get(f"/therapists/?day={day}")))
        assert orders[-1] == in_order(day, twelve)
    assert orders[:4] == orders[4:]
    assert len({tuple(order) for order in orders}) == 4


def test_a_filter_takes_people_out_and_leaves_the_order_of_the_others(client, twelve):
    everyone = slugs(client.get("/therapists/"))
    online = slugs(client.get("/therapists/?format=online"))
    assert len(online) == 6
    assert online == [slug for slug in everyone if slug in online]


@pytest.mark.parametrize(
    "day",
    ["2999-01-01", "2025-12-31", "2026-02-30", "yesterday", "2026-1-5", "2026-W03-1", "20260105"],
)
def test_a_day_without_an_order_is_named_and_todays_order_shown(client, twelve, day):
    response = client.get(f"/therapists/?day={day}")
    assert f"We do not know “{day}” (Day), so it is left out." in words(response)
    assert slugs(response) == in_order(factories.today(), twelve)


def test_tomorrow_is_refused_so_that_nobody_can_look_ahead(client, twelve):
    tomorrow = factories.days_ago(-1)
    response = client.get(f"/therapists/?day={tomorrow}")
    assert f"We do not know “{tomorrow}”" in words(response)
    assert slugs(response) == in_order(factories.today(), twelve)


@hypothesis_settings(max_examples=200, deadline=None)
@given(st.dates() | st.text(max_size=12))
def test_a_day_is_read_exactly_as_it_is_written_or_not_at_all(asked):
    known = isinstance(asked, datetime.date) and FIRST_DAY <= asked <= TODAY
    assert parse_day(str(asked), TODAY) == (asked if known else None)


def test_both_ends_of_the_days_that_can_be_asked_for():
    assert parse_day("2026-01-01", TODAY) == FIRST_DAY
    assert parse_day("2026-11-24", TODAY) == TODAY
    assert parse_day("2026-11-25", TODAY) is None


# --- other orders -------------------------------------------------------------------------------


@kept
def priced():
    """Ten people: {who: the lowest fee}."""
    fees = [None, 90, 0, 90, 250, None, 60, 90, 20_000, 0]
    for n, fee in enumerate(fees):
        person(f"tess-{n}", fee_from=fee, fee_to=fee and fee + 100)
    return {f"tess-{n}": fee for n, fee in enumerate(fees)}


@pytest.mark.parametrize("days", [0, 1, 30])
def test_the_lowest_fee_stands_first_and_among_equals_the_days_order_decides(client, priced, days):
    day = factories.days_ago(days)
    response = client.get(f"/therapists/?order=fee&day={day}")

    def place(slug):
        return (priced[slug] is None, priced[slug] or 0, rank(day, slug))

    assert slugs(response) == sorted(priced, key=place)
    assert orders(response)[1] == "Lowest fee first"
    assert "Lowest fee first, and among equals in the order of" in words(response)


def test_who_states_no_fee_stands_last_and_is_not_left_out(client, priced):
    assert set(slugs(client.get("/therapists/?order=fee"))[-2:]) == {"tess-0", "tess-5"}


def test_a_narrowed_list_stands_in_the_order_of_fees_too(client, priced):
    day = factories.today()
    affordable = [slug for slug, fee in priced.items() if fee is not None and fee <= 90]
    expected = sorted(affordable, key=lambda slug: (priced[slug], rank(day, slug)))
    assert slugs(client.get("/therapists/?fee=90&order=fee")) == expected


@kept
def rivers():
    """People whose name, terms, approach, or only own words speak of rivers."""
    river = factories.TermFactory(name="River walks", slug="river")
    person("own-words", about="I like a river.")
    person("own-words-too", about="A river, a river, a river, a river.")
    person("term", terms=[river])
    person("name", terms=[river], about="A river.")
    therapy = factories.ApproachFactory(name="River therapy")
    factories.SpecialistFactory(therapist=person("approach"), approach=therapy, state="draft")
    Therapist.objects.filter(slug="name").update(name="Rhea River")


@pytest.mark.parametrize("days", [0, 1, 2, 3])
def test_the_best_word_match_is_the_name_then_terms_and_approaches_then_own_words(
    client, rivers, days
):
    day = factories.days_ago(days)
    response = client.get(f"/therapists/?q=river&order=words&day={day}")
    assert slugs(response) == [
        "name",
        *in_order(day, ["term", "approach"]),
        *in_order(day, ["own-words", "own-words-too"]),
    ]
    assert orders(response)[1] == "Best word match first"
    assert "Best word match first, and among equals in the order of" in words(response)


def test_of_several_words_the_best_match_has_all_of_them_in_the_name(client, db):
    for slug, name in [("both", "Rhea Stone"), ("one", "Rhea Hill"), ("none", "Ada Hill")]:
        factories.TherapistFactory(slug=slug, name=name, about="Rhea, a stone")
    assert slugs(client.get("/therapists/?q=stone+rhea&order=words"))[0] == "both"


@pytest.mark.parametrize("typed", ["the rhea", "rhae"])
def test_a_word_that_says_nothing_or_is_misspelled_does_not_spoil_the_best_match(client, db, typed):
    factories.TherapistFactory(slug="named", name="Rhea Stone")
    factories.TherapistFactory(slug="writes", name="Ada Hill", about="Rhea and the stone")
    day = next(
        day
        for day in map(factories.days_ago, range(100))
        if in_order(day, ["named", "writes"]) == ["writes", "named"]
    )
    page = client.get("/therapists/", {"q": typed, "order": "words", "day": day})
    assert slugs(page) == ["named", "writes"]


def test_every_order_that_is_possible_is_a_link_away_and_the_search_stays(client, rivers):
    response = client.get("/therapists/?q=river&state=OR")
    others, this = orders(response)
    assert this == "The day's order"
    assert list(others) == ["Lowest fee first", "Best word match first"]
    for label, address in others.items():
        assert orders(get(client, address))[1] == label
        assert set(query_of(address)) > {("q", "river"), ("state", "OR")}
    near = get(client, "/therapists/?near=Portland,+OR&order=fee")
    assert list(orders(near)[0]) == ["The day's order", "Nearest first"]
    assert query_of(orders(near)[0]["The day's order"]) == [("near", "Portland, OR")]


def test_the_best_match_without_words_is_named_and_the_days_order_holds(client, twelve):
    response = client.get("/therapists/?order=words")
    assert slugs(response) == in_order(factories.today(), twelve)
    ((said, remove),) = left_out(response).items()
    assert said == "“Best word match first” needs words to look for."
    assert query_of(get(client, remove)) == []


@pytest.mark.parametrize("order", ["best", "FEE", "-fee", "rank", "?"])
def test_an_order_that_does_not_exist_is_named_and_the_days_order_holds(client, twelve, order):
    response = client.get("/therapists/", {"order": order})
    assert slugs(response) == in_order(factories.today(), twelve)
    assert list(left_out(response)) == [f"We do not know “{order}” (Order), so it is left out."]


def test_the_days_order_of_a_page_about_an_approach_is_the_same_rule(client, db):
    approach = factories.ApproachFactory(slug="emdr")
    people = [factories.SpecialistFactory(approach=approach).therapist.slug for _ in range(8)]
    day = factories.days_ago(2)
    assert slugs(client.get(f"/approaches/emdr/?day={day}")) == in_order(day, people)


def test_who_is_listed_meanwhile_finds_their_place_and_nobody_elses_changes(client, twelve):
    day = factories.today()
    before = slugs(client.get("/therapists/"))
    newcomer = factories.TherapistFactory(slug="newcomer").slug
    assert slugs(client.get("/therapists/")) == in_order(day, [*before, newcomer])

    Therapist.objects.filter(slug=before[0]).update(slug="renamed")
    assert slugs(client.get("/therapists/")) == in_order(day, [*before[1:], newcomer, "renamed"])
