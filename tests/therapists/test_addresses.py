"""One address for one search, and the pages of a list."""

import re
from urllib.parse import quote, quote_plus, urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests import factories
from tests.kept import kept
from tests.therapists.cast import nine_at_random
from tests.therapists.reading import get, links, query_of, slugs

pytestmark = pytest.mark.django_db

# The database is filled once, before the first example, and only read from then on.
searches = hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@kept
def nine():
    nine_at_random()


@pytest.fixture
def people(settings, nine):
    """Nine therapists over five pages."""
    settings.THERAPISTS_PER_PAGE = 2


# --- one address for one search -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("state=OR&approach=emdr", "approach=emdr&state=OR"),
        ("format=online&format=in-person", "format=in-person&format=online"),
        ("format=online&format=online", "format=online"),
        ("q=&approach=&fee=", ""),
        ("page=1", ""),
        ("page=", ""),
        ("page=2&format=online", "format=online&page=2"),
        ("page=2&day=2026-01-02&fee=90", "fee=90&day=2026-01-02&page=2"),
        ("utm_source=elsewhere", ""),
        ("fee=$090", "fee=90"),
        ("q=a%20%20b", "q=a+b"),
        ("unstated=fee&fee=90&state=OR", "state=OR&fee=90&unstated=fee"),
        ("unstated=fee", ""),
        ("unstated=near&unstated=fee&fee=90", "fee=90&unstated=fee"),
        ("approach=zzz&approach=emdr", "approach=emdr&approach=zzz"),
        ("within=10&near=97214", "near=97214&within=10"),
        ("near=%20Boise,%20ID%20", "near=Boise%2C+ID"),
        ("near=&within=", ""),
        ("within=5&within=10&near=97214", "near=97214&within=10"),
        ("licence=WA&licence=OR&state=OR", "state=OR&licence=OR&licence=WA"),
        ("free-call=yes&sliding=yes&fee=9", "fee=9&sliding=yes&free-call=yes"),
        ("training=formal&training=certified&q=a", "q=a&training=certified&training=formal"),
        ("order=", ""),
        ("page=2&day=2026-01-02&order=fee&fee=900", "fee=900&order=fee&day=2026-01-02&page=2"),
        ("order=zzz&state=OR", "state=OR&order=zzz"),
        ("state=OR&approach=zzz", "approach=zzz&state=OR"),
        ("city=bend-or", ""),
        ("&&&", ""),
    ],
)
def test_equal_searches_lead_to_one_address(client, people, asked, canonical):
    response = client.get(f"/therapists/?{asked}")
    assert response.status_code == 302
    assert response["Location"] == "/therapists/" + (f"?{canonical}" if canonical else "")
    assert client.get(response["Location"]).status_code == 200


@pytest.mark.parametrize(
    "query",
    [
        "", "q=grief", "state=OR&fee=90&unstated=fee", "page=2", "within=10",
        "near=Bend%2C+OR&within=100&unstated=near&order=nearest&day=2026-03-01",
        "training=certified&licence=OR&sliding=yes&free-call=yes&order=fee",
    ],
)  # fmt: skip
def test_the_canonical_address_is_answered_where_it_is(client, people, query):
    assert client.get("/therapists/", QUERY_STRING=query).status_code == 200


known = {
    "q": ["grief", "tess", "the"],
    "approach": ["emdr"],
    "training": ["certified", "formal"],
    "faith": ["quaker"],
    "issue": ["grief"],
    "near": ["Bend, OR", "97214", "Portland", "Nowhere at all"],
    "within": ["5", "25", "100"],
    "state": ["OR"],
    "format": ["in-person", "online"],
    "licence": ["OR", "CO", "WY"],
    "availability": ["open", "full", "waiting-list"],
    "fee": ["60", "$120", "0"],
    "sliding": ["yes"],
    "free-call": ["yes"],
    "unstated": ["fee", "faith", "availability", "training", "near", "sliding", "free-call"],
    "order": ["nearest", "fee", "words"],
    "day": ["2026-01-01", "2026-05-05"],
    "page": ["1", "2", "3"],
}
understood = st.sampled_from([(name, value) for name, values in known.items() for value in values])
odd = st.sampled_from(
    ["", "\0", "\u200f", "\u202eabc", "مرحبا", "😀", "\ufffd", "%", "'", '"', "<b>", "&", "#",
     "a" * 999, "-1", "0", "00", "01", "٣", "99999999999",
     "\u2028", "\x85", "\r\n", "*~", "(", ":*", "NaN"]
)  # fmt: skip
anything = st.tuples(
    st.sampled_from([*known, "other", "", "\0", "\u200f", "page[]"]),
    odd | st.text(max_size=12) | understood.map(lambda pair: pair[1]),
)
# What no browser sends: bytes that are no UTF-8, half an escape, bare separators.
raw = st.text("abcq=&;%+?#/0123456789fF", max_size=30).map(lambda text: text.replace("#", ""))
queries = st.builds(
    lambda pairs, encode, tail: "&".join(filter(None, [urlencode(pairs, quote_via=encode), tail])),
    st.lists(understood | anything, max_size=8),
    st.sampled_from([quote, quote_plus]),
    st.just("") | raw | st.just("q=%ff%fe") | st.just("q=%ed%a0%80"),
)


@searches
@given(query=queries)
@example(query="q=%00&q=%00&issue=%00")
@example(query="issue=b&issue=c&issue=a&state=%E2%80%8F&state=ZZ")
@example(query="near=%E2%80%8FBend&page=2&order=nearest")
@example(query="within=5&unstated=near&order=words&order=nearest")
def test_any_query_string_is_answered_or_leads_once_to_an_address_that_stays(people, query):
    client = Client(raise_request_exception=False)
    first = client.get("/therapists/", QUERY_STRING=query)
    assert first.status_code in (200, 302, 404)
    if first.status_code == 302:
        path, _, stable = first["Location"].partition("?")
        assert path == "/therapists/"
        assert client.get(path, QUERY_STRING=stable).status_code in (200, 404)


SINGLE = ("q", "near", "within", "fee", "order", "day", "page")


@searches
@given(pairs=st.lists(understood, max_size=8, unique=True), shuffled=st.randoms())
def test_the_order_of_parameters_makes_no_difference(people, pairs, shuffled):
    client = Client()
    # Of a parameter that takes one value the last counts, so each such stands once.
    pairs = list({(n if n in SINGLE else (n, v)): (n, v) for n, v in pairs}.values())
    other = shuffled.sample(pairs, len(pairs))
    one = get(client, f"/therapists/?{urlencode(pairs)}")
    two = get(client, f"/therapists/?{urlencode(other)}")
    assert one.request["QUERY_STRING"] == two.request["QUERY_STRING"]
    assert one.status_code == two.status_code


def test_the_usual_radius_named_or_not_is_one_search_with_one_address(client, people):
    named = get(client, "/therapists/?near=97214&within=25")
    assert query_of(named) == [("near", "97214")]


# --- pages --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "page", ["6", "0", "00", "01", "-1", "1.5", "two", "٢", "²", "99999999", "9" * 5000]
)
def test_a_page_that_does_not_exist_is_not_found(client, people, page):
    response = client.get(f"/therapists/?page={page}", follow=True)
    assert response.status_code == 404


def test_a_page_beyond_the_end_of_a_narrowed_list_is_not_found(client, people):
    assert get(client, "/therapists/?approach=emdr&page=2").status_code == 200
    assert get(client, "/therapists/?approach=emdr&page=3").status_code == 404


def walk(client, address, rel):
    """The pages from `address` on, by the links of the pager."""
    while address:
        response = client.get(address.partition("#")[0])
        assert response.status_code == 200
        yield response
        found = re.search(rf'rel="{rel} nofollow" href="([^"]+)"', response.content.decode())
        address = found and found[1].replace("&amp;", "&")


@pytest.mark.parametrize(
    ("query", "pages", "everyone"),
    [("", 5, 9), ("?format=online", 3, 5), ("?q=grief", 2, 4), ("?order=fee", 5, 9),
     ("?q=grief&order=words", 2, 4), ("?near=97214&within=100&unstated=near&order=nearest", 3, 6)],
)  # fmt: skip
def test_the_pager_leads_to_everyone_once_and_back_in_the_same_order_of_the_same_day(
    client, people, query, pages, everyone
):
    there = list(walk(client, f"/therapists/{query}", "next"))
    assert len(there) == pages
    assert len({slug for page in there for slug in slugs(page)}) == everyone
    assert sum(len(slugs(page)) for page in there) == everyone
    for page in there[1:]:
        assert set(query_of(there[0])) < set(query_of(page))
        assert ("day", str(factories.today())) in query_of(page)

    last = f"/therapists/?{there[-1].request['QUERY_STRING']}"
    back = list(walk(client, last, "prev"))
    assert [slugs(page) for page in back] == [slugs(page) for page in reversed(there)]


@pytest.mark.parametrize("order", ["", "order=fee&"])
def test_a_pager_that_began_on_an_older_day_stays_on_it(client, people, order):
    (first, second, *_) = walk(client, f"/therapists/?{order}day=2026-03-04", "next")
    assert ("day", "2026-03-04") in query_of(second)
    assert not set(slugs(first)) & set(slugs(second))


def test_choosing_or_removing_a_filter_starts_on_the_first_page(client, people):
    response = get(client, "/therapists/?format=online&order=fee&day=2026-03-04&page=2")
    assert 'name="page"' not in response.content.decode()
    for label, address in links(response):
        if label.startswith("Remove"):
            assert "page=" not in address
            assert "order=fee&day=2026-03-04" in address


def hidden_in_the_form(response):
    """[(parameter, value)] that the panel sends without being asked."""
    (form,) = re.findall(r'(?s)<form [^>]*aria-label="Filters">.*?</form>', response.text)
    return re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)


def test_the_form_keeps_the_day_and_the_order_and_sends_nothing_else_unasked(client, people):
    response = client.get("/therapists/?format=online&order=fee&day=2026-03-04")
    assert sorted(hidden_in_the_form(response)) == [("day", "2026-03-04"), ("order", "fee")]
    assert hidden_in_the_form(client.get("/therapists/?format=online")) == []
    assert hidden_in_the_form(client.get("/therapists/?order=best&day=2026-02-30")) == []
