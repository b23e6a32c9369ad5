"""Pages of the index's orders: one after the other they are the whole list, on every day."""

import datetime
from collections import Counter

import pytest
from django.db import connection
from django.http import QueryDict

from tests import factories
from tests.kept import kept
from tests.therapists.search.oracle import Answer
from tests.therapists.search.people import Directory
from therapists.filters import TherapistFilter
from therapists.models import SearchEntry, Therapist
from therapists.order import FIRST_DAY, rank
from therapists.search import order
from therapists.search.index import Search

pytestmark = pytest.mark.django_db

DAY = datetime.date(2026, 3, 1)
EVERY_ORDER = ["", "fee=120", "near=Portland,+OR&order=nearest", "order=fee", "q=grief&order=words"]


def days(number):
    return [DAY + datetime.timedelta(days=n) for n in range(number)]


def person(number, **differences):
    return factories.TherapistFactory(
        **{"slug": f"person-{number}", "name": "Ada Anders", "title": ""} | differences
    )


def sixty():
    """Sixty people in tiers of many sizes, whatever they are ordered by."""
    grief = factories.TermFactory(name="Grief")
    for number in range(60):
        person(
            number,
            name="Grief Birch" if number % 20 == 0 else "Ada Anders",
            about="winter grief" if number % 3 == 0 else "",
            terms=[grief] if number % 2 else [],
            fee_from=[None, 80, 80, 80, 90, 119, 120, 120, 200, 200][number % 10],
            office__city="Bend" if number % 6 == 0 else "Portland",
        )


@kept
def people():
    sixty()


@pytest.fixture(params=[0, 5, 6, 11, 12, 5_000])
def few(request, monkeypatch):
    """Tiers up to so many are ranked one by one, greater ones are walked."""
    monkeypatch.setattr(order, "is_sooner_walked", lambda size, _: size > request.param)
    return request.param


@pytest.fixture
def walked(monkeypatch):
    walk_most(monkeypatch)


def walk_most(patch):
    patch.setattr(order, "is_sooner_walked", lambda size, _: size > 5)


def search(address=""):
    query = QueryDict(address)
    return Search(TherapistFilter(query).groups, by=query.get("order", ""))


def page(found, day, start, stop):
    """The slugs on these places."""
    return slugs_of(found.slots(day, start, stop))


def pages(address, day, size):
    """All pages of so many, one after the other."""
    found = search(address)
    starts = range(0, found.total, size)
    return slugs_of([slot for n in starts for slot in found.slots(day, n, n + size)])


def slugs_of(slots):
    slugs = dict(SearchEntry.objects.values_list("slot", "therapist__slug"))
    return [slugs[slot] for slot in slots]


def expected(address, day):
    """The oracle's list."""
    query = dict(QueryDict(address).lists())
    (by,) = query.pop("order", [""])
    return Answer(Directory(factories.today(), 180), query).order(by, day)


# --- pages ----------------------------------------------------------------------------------------


def test_pages_one_after_the_other_are_the_whole_list(people, few):
    for address in EVERY_ORDER:
        whole = expected(address, DAY)
        assert len(whole) >= 20
        for size in (3, 7, 20):
            assert pages(address, DAY, size) == whole, address


def test_a_page_beyond_the_last_place_is_empty_and_one_across_it_is_short(people, few):
    found, whole = search(), expected("", DAY)
    assert page(found, DAY, 60, 80) == []
    assert page(found, DAY, 55, 80) == whole[55:]


def test_a_page_is_full_though_all_of_a_tier_stand_late_that_day(walked):
    """The margin by which the day is walked does not reach the first of them."""
    numbers = [n for n in range(2_000) if rank(DAY, f"person-{n}") > "e"][:60]
    for number in numbers:
        person(number)
    assert pages("", DAY, 10) == expected("", DAY)
    assert page(search(), DAY, 0, 10) == expected("", DAY)[:10]


def test_an_empty_directory_has_an_empty_page(walked):
    assert page(search(), DAY, 0, 20) == []


def test_the_same_distance_is_the_same_tier_whether_by_town_or_by_zip_code():
    """The ZIP code 97604 is all of Crater Lake, so they are equally far from anywhere."""
    for number in range(12):
        if number % 2:
            person(number, office__city="Crater Lake")
        else:
            person(number, office__city="", office__postal_code="97604")
    address = "near=97604&order=nearest"
    for day in days(3):
        assert pages(address, day, 5) == expected(address, day)


# --- after a day was laid ready -------------------------------------------------------------------


@kept
def two_days():
    """Sixty people, and two days that lie ready."""
    sixty()
    with pytest.MonkeyPatch.context() as patch:
        walk_most(patch)
        for day in days(2):
            assert pages("", day, 20) == expected("", day)


@pytest.fixture
def laid(two_days, walked):
    """Two days that lie ready, and go on being walked."""


def all_are_right():
    """Whether the days that lie ready, and one that does not, hold everybody once and in order."""
    return all(pages("", day, 9) == expected("", day) for day in days(3))


def test_a_newcomer_stands_where_their_rank_is(laid):
    for number in range(100, 140):
        person(number)
    assert all_are_right()


def test_newcomers_of_one_write_stand_where_their_ranks_are(laid):
    common = {"status": "published", "availability_confirmed_on": factories.today()}
    common |= {"consent_on": DAY, "published_on": DAY, "consent_basis": "Form", "name": "Ada"}
    Therapist.objects.bulk_create(Therapist(slug=f"new-{n}", **common) for n in range(40))
    assert all_are_right()


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "withdrawn"},
        {"availability_confirmed_on": datetime.date(2026, 1, 1)},
        {"availability_confirmed_on": None},
    ],
)
def test_those_who_leave_are_gone_and_stand_in_their_place_when_they_come_back(laid, changes):
    leaving = Therapist.objects.filter(slug__endswith="3")
    before = list(leaving.values_list("pk", "status", "availability_confirmed_on"))
    leaving.update(**changes)
    assert len(expected("", DAY)) == 54
    assert all_are_right()
    for pk, status, confirmed_on in before:
        one = Therapist.objects.filter(pk=pk)
        one.update(status=status, availability_confirmed_on=confirmed_on)
    assert all_are_right()


def test_somebody_deleted_is_gone(laid):
    Therapist.objects.get(slug="person-7").delete()
    Therapist.objects.filter(slug__endswith="1").delete()
    assert all_are_right()


def test_a_new_slug_is_a_new_place(laid):
    Therapist.objects.filter(slug="person-8").update(slug="somebody-else")
    assert "somebody-else" in pages("", DAY, 10)
    assert all_are_right()


def test_two_who_stand_side_by_side_and_get_new_slugs_at_once_stand_there_once(walked):
    """Both lie in one bucket of the day: nobody may be left behind in it."""
    ranks, twins = {}, None
    for number in range(2_000):
        twins = ranks.setdefault(rank(DAY, f"person-{number}")[:3], number), number
        if twins[0] != twins[1]:
            break
    for number in [*range(2_000, 2_010), *twins]:
        person(number)
    assert pages("", DAY, 20) == expected("", DAY)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE therapists_therapist SET slug = 'new-' || slug")
    assert pages("", DAY, 20) == expected("", DAY)


def test_slugs_that_are_exchanged_exchange_their_places(laid):
    with connection.cursor() as cursor:
        for old, new in [("person-1", "x"), ("person-2", "person-1"), ("x", "person-2")]:
            cursor.execute("UPDATE therapists_therapist SET slug = %s WHERE slug = %s", [new, old])
    assert all_are_right()


# --- days -----------------------------------------------------------------------------------------


def test_an_old_day_can_be_had_again_and_at_most_eight_lie_ready(people, walked):
    asked = [*days(12), *days(3), *reversed(days(12)), FIRST_DAY, DAY]
    for day in asked:
        assert pages("", day, 20) == expected("", day)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(DISTINCT day) FROM therapists_searchorder")
            assert 1 <= cursor.fetchone()[0] <= 8


def test_the_newest_days_stay(people, walked):
    for day in days(12):
        page(search(), day, 0, 10)
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT day FROM therapists_searchorder ORDER BY 1")
        assert [day for (day,) in cursor] == days(12)[-8:]


# --- fairness -------------------------------------------------------------------------------------

# Upper critical values of chi-square at p = 0.001, by degrees of freedom: NIST/SEMATECH e-Handbook
# of Statistical Methods, 1.3.6.7.4.
CRITICAL = {19: 43.820, 23: 49.728, 29: 58.301, 59: 98.324}
YEAR = [FIRST_DAY + datetime.timedelta(days=n) for n in range(365)]


def chi_square(exposures, first):
    """How unequally often people stood on the first page, which holds `first` of them each day.

    Nobody stands on one page twice, so the counts spread less than those of drawing with putting
    back: the last factor makes up for it.
    """
    people, total = len(exposures), sum(exposures)
    mean = total / people
    spread = sum((count - mean) ** 2 for count in exposures) / mean
    return spread * (people - 1) / (people - first)


def exposures(first_pages, everyone):
    """How often each of everyone stood on a first page."""
    shown = Counter(one for page in first_pages for one in page)
    return [shown[one] for one in everyone]


@pytest.mark.parametrize(
    ("address", "many"),
    [("", 60), ("format=online", 30), ("issue=grief", 20), ("fee=120&format=online", 24)],
)
def test_over_a_year_all_have_the_same_chance_of_the_first_page(walked, address, many):
    grief = factories.TermFactory(name="Grief")
    for number in range(60):
        person(
            number,
            online=number % 2 == 0,
            terms=[grief] if number % 3 == 0 else [],
            fee_from=[120, 200, 80, 200, 80, 120, 200, 80, 90, None][number % 10],
        )
    found = search(address)
    everyone = found.slots(DAY, 0, 60)
    assert len(everyone) == many
    counts = exposures([found.slots(day, 0, 10) for day in YEAR], everyone)
    assert sum(counts) == 10 * len(YEAR)
    assert chi_square(counts, 10) < CRITICAL[many - 1]


def test_the_measure_of_fairness_would_tell_of_an_order_that_is_not():
    """Always the same ten; everyone by turns; and one who is let in every other day."""
    everyone = range(60)
    by_turns = [[(day + place) % 60 for place in range(10)] for day in range(360)]
    favoured = [[0, *page[1:]] if day % 2 else page for day, page in enumerate(by_turns)]
    assert chi_square(exposures([everyone[:10]] * 365, everyone), 10) > CRITICAL[59]
    assert chi_square(exposures(favoured, everyone), 10) > CRITICAL[59]
    assert chi_square(exposures(by_turns, everyone), 10) == 0
