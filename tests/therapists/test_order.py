"""The fair order of a day, as anybody may work it out again."""

import datetime
import html
import re

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests import factories
from tests.therapists.reading import slugs, words
from therapists.models import Therapist
from therapists.order import FIRST_DAY, parse_day, rank

TODAY = datetime.date(2026, 11, 24)


def in_order(day, among):
    """The published rule in plain Python."""
    return sorted(among, key=lambda slug: rank(day, slug))


@pytest.fixture
def twelve(db):
    return [factories.TherapistFactory(online=n % 2 == 0).slug for n in range(12)]


# --- the rule -----------------------------------------------------------------------------------


def test_postgresql_and_python_agree_on_the_order_of_a_day(twelve):
    day = factories.days_ago(3)
    ordered = [therapist.slug for therapist in Therapist.objects.in_fair_order(day)]
    assert ordered == in_order(day, twelve)
    assert len(ordered) == 12


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
