"""The list's addresses, pages and neighbouring searches."""

import re
from urllib.parse import parse_qsl, quote, quote_plus, urlencode

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests import factories
from tests.therapists.reading import get, links, slugs, total, words
from therapists.filters import TherapistFilter
from therapists.models import INVENTED, Therapist

pytestmark = pytest.mark.django_db

# The database is filled once, before the first example, and only read from then on.
searches = hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def people(settings):
    """Nine therapists over five pages, who differ in what they state."""
    settings.THERAPISTS_PER_PAGE = 2
    faith = factories.VocabularyFactory(
        slug="faith", question="Does faith matter?", may_be_unstated=True
    )
    quaker = factories.TermFactory(vocabulary=faith, slug="quaker", name="Quaker")
    grief = factories.TermFactory(slug="grief", name="Grief")
    emdr = factories.ApproachFactory(name="EMDR", slug="emdr")
    for n in range(9):
        therapist = factories.TherapistFactory(
            slug=f"tess-{n}",
            online=n % 2 == 0,
            fee_from=[None, 60, 120][n % 3],
            availability=["", "open", "full"][n // 3],
            terms=[quaker, grief][: n % 4],
            office__city=["Bend", "Portland"][n % 2],
        )
        if n in (1, 4, 6):
            factories.SpecialistFactory(therapist=therapist, approach=emdr)


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
        ("approach=zzz&approach=emdr", "approach=emdr&approach=zzz"),
        ("&&&", ""),
    ],
)
def test_equal_searches_lead_to_one_address(client, people, asked, canonical):
    response = client.get(f"/therapists/?{asked}")
    assert response.status_code == 302
    assert response["Location"] == "/therapists/" + (f"?{canonical}" if canonical else "")
    assert client.get(response["Location"]).status_code == 200


@pytest.mark.parametrize("query", ["", "q=grief", "state=OR&fee=90&unstated=fee", "page=2"])
def test_the_canonical_address_is_answered_where_it_is(client, people, query):
    assert client.get("/therapists/", QUERY_STRING=query).status_code == 200


known = {
    "q": ["grief", "tess", "the"],
    "approach": ["emdr"],
    "faith": ["quaker"],
    "issue": ["grief"],
    "state": ["OR"],
    "city": ["bend-or", "portland-or"],
    "format": ["in-person", "online"],
    "availability": ["open", "full", "waiting-list"],
    "fee": ["60", "$120", "0"],
    "unstated": ["fee", "faith", "availability"],
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
@example(query="city=%E2%80%8Fbend-or&page=2")
def test_any_query_string_is_answered_or_leads_once_to_an_address_that_stays(people, query):
    client = Client(raise_request_exception=False)
    first = client.get("/therapists/", QUERY_STRING=query)
    assert first.status_code in (200, 302, 404)
    if first.status_code == 302:
        path, _, stable = first["Location"].partition("?")
        assert path == "/therapists/"
        assert client.get(path, QUERY_STRING=stable).status_code in (200, 404)


@searches
@given(pairs=st.lists(understood, max_size=6, unique=True), shuffled=st.randoms())
def test_the_order_of_parameters_makes_no_difference(people, pairs, shuffled):
    client = Client()
    # Of a parameter that takes one value the last counts, so each such stands once.
    pairs = list(
        {(n if n in ("q", "fee", "day", "page") else (n, v)): (n, v) for n, v in pairs}.values()
    )
    other = shuffled.sample(pairs, len(pairs))
    one = get(client, f"/therapists/?{urlencode(pairs)}")
    two = get(client, f"/therapists/?{urlencode(other)}")
    assert one.request["QUERY_STRING"] == two.request["QUERY_STRING"]
    assert one.status_code == two.status_code


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
    ("query", "pages", "everyone"), [("", 5, 9), ("?format=online", 3, 5), ("?q=grief", 2, 4)]
)
def test_the_pager_leads_to_everyone_once_and_back_on_the_same_day(
    client, people, query, pages, everyone
):
    there = list(walk(client, f"/therapists/{query}", "next"))
    assert len(there) == pages
    assert len({slug for page in there for slug in slugs(page)}) == everyone
    assert sum(len(slugs(page)) for page in there) == everyone
    for page in there[1:]:
        assert ("day", str(factories.today())) in parse_qsl(page.request["QUERY_STRING"])

    last = f"/therapists/?{there[-1].request['QUERY_STRING']}"
    back = list(walk(client, last, "prev"))
    assert [slugs(page) for page in back] == [slugs(page) for page in reversed(there)]


def test_a_pager_that_began_on_an_older_day_stays_on_it(client, people):
    (first, second, *_) = walk(client, "/therapists/?day=2026-03-04", "next")
    assert ("day", "2026-03-04") in parse_qsl(second.request["QUERY_STRING"])
    assert not set(slugs(first)) & set(slugs(second))


def test_choosing_or_removing_a_filter_starts_on_the_first_page(client, people):
    response = client.get("/therapists/?format=online&day=2026-03-04&page=2")
    assert 'name="page"' not in response.content.decode()
    for label, address in links(response):
        if label.startswith("Remove"):
            assert "page=" not in address
            assert "day=2026-03-04" in address


# --- what is chosen -----------------------------------------------------------------------------


def test_each_choice_stands_in_words_and_is_removed_alone(client, people):
    query = "q=grief&approach=emdr&city=bend-or&city=portland-or&fee=120&unstated=fee"
    response = client.get(f"/therapists/?{query}")
    removals = {label: address for label, address in links(response) if label.startswith("Remove")}
    assert {re.sub(r"^Remove .*: | ×$", "", label) for label in removals} == {
        "grief", "EMDR", "Bend, OR", "Portland, OR", "$120", "Fee for one session, at most",
    }  # fmt: skip
    for label, address in removals.items():
        rest = parse_qsl(address.partition("#")[0].partition("?")[2])
        # With the fee goes what widens it.
        assert len(rest) == (4 if "$120" in label else 5)
        assert set(rest) < set(parse_qsl(query))
        assert client.get(address.partition("#")[0]).status_code == 200


def test_a_narrowed_list_tells_search_engines_to_leave_it_alone(client, people):
    assert b"noindex" not in client.get("/therapists/").content
    assert b'content="noindex, follow"' in client.get("/therapists/?format=online").content


# --- neighbouring searches ----------------------------------------------------------------------


def loosening(response):
    """[(address, promised count)] of what a list that found nobody offers instead."""
    return [
        (address.replace("&amp;", "&"), int(count))
        for address, count in re.findall(
            r'<a href="([^"]+)" rel="nofollow">Without [^<]*</a>: (\d+)', response.content.decode()
        )
    ]


def silent(response):
    """[(address, promised count)] of the offers to include those who have not said."""
    return [
        (address.replace("&amp;", "&"), int(count))
        for count, address in re.findall(
            r'<p class="unstated">(\d+) more .*?href="([^"]+)"', response.content.decode()
        )
    ]


def test_nothing_found_offers_what_leaving_out_one_thing_finds_most_first(client, people):
    response = client.get("/therapists/?approach=emdr&availability=waiting-list&fee=60")
    assert total(response) == 0
    assert "Nobody here fits all of this at once." in words(response)
    offers = loosening(response)
    assert [count for _, count in offers] == [2]
    for address, count in offers:
        assert total(get(client, address)) == count


def test_a_search_that_found_nobody_says_so_in_its_heading_and_its_title(client, people):
    page = client.get("/therapists/?q=nonesuch").text
    assert re.search(r"<title>Nobody found · ", page)
    assert 'id="results-title">Nobody fits your choice</h2>' in page


def test_when_no_single_step_helps_the_way_back_to_everyone_is_offered(client, people):
    response = client.get("/therapists/?q=nonesuch&availability=waiting-list")
    assert total(response) == 0
    assert loosening(response) == []
    assert ("Start again with everyone", "/therapists/#results") in links(response)


def test_an_empty_directory_says_so_and_leads_on(client):
    response = client.get("/therapists/")
    assert response.status_code == 200
    assert "Nobody is listed here at present." in words(response)


@pytest.mark.parametrize("group", ["fee", "faith", "availability"])
def test_those_who_have_not_said_are_counted_and_can_be_included(client, people, group):
    value = {"fee": "60", "faith": "quaker", "availability": "open"}[group]
    response = client.get(f"/therapists/?{group}={value}")
    ((address, more),) = silent(response)
    included = get(client, address)
    assert more > 0
    assert total(included) == total(response) + more
    assert silent(included) == []


chosen = st.lists(
    understood.filter(lambda pair: pair[0] not in ("page", "day", "unstated")), max_size=5
)


@searches
@given(pairs=chosen)
@example(
    pairs=[("q", "grief"), ("availability", "waiting-list"), ("fee", "0"), ("faith", "quaker")]
)
def test_every_count_that_is_promised_is_what_the_link_finds(people, pairs):
    client = Client()
    response = get(client, f"/therapists/?{urlencode(pairs)}")
    for address, count in loosening(response):
        assert total(get(client, address)) == count > 0
    for address, more in silent(response):
        assert total(get(client, address)) == total(response) + more > total(response)


def test_what_includes_the_silent_leaves_with_the_choice_that_it_widens(client):
    factories.TherapistFactory(fee_from=90)
    factories.TherapistFactory(fee_from=None)

    page = client.get("/therapists/?fee=100&unstated=fee").text
    assert 'href="/therapists/#results"' in page

    lonely = client.get("/therapists/?unstated=fee")
    assert (lonely.status_code, lonely.headers["Location"]) == (302, "/therapists/")


def test_a_second_town_in_the_address_survives_the_form(client):
    factories.TherapistFactory(office__city="Bend")
    factories.TherapistFactory(office__city="Salem")

    page = client.get("/therapists/?city=bend-or&city=salem-or").text

    assert '<option value="bend-or" selected>' in page
    assert '<input type="hidden" name="city" value="salem-or">' in page


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
     "city=killeen-or", "state=OR&format=online"],
)  # fmt: skip
def test_any_other_search_shows_no_crisis_box(client, pages_with_a_list, query):
    for page in pages_with_a_list:
        assert "crisis-short" not in get(client, f"{page}?{query}").text


def test_without_danger_words_no_search_shows_a_crisis_box(client, pages_with_a_list, settings):
    settings.DANGER_WORDS = ""
    for page in pages_with_a_list:
        assert "crisis-short" not in get(client, f"{page}?q=want+to+die").text


def test_a_choice_in_every_group_at_once_is_planned_in_no_time(people):
    """Semi-joins made PostgreSQL plan for seconds: eighteen of them can be joined in any order."""
    nothing = TherapistFilter(QueryDict(""), queryset=Therapist.objects.listed())
    every = QueryDict(mutable=True)
    for name, one in nothing.form.fields.items():
        every.setlist(name, [value for value, _ in getattr(one, "choices", [])][-1:] or ["1"])

    plan = TherapistFilter(every, queryset=Therapist.objects.listed()).qs.explain()

    assert "Semi Join" not in plan
    assert "Anti Join" not in plan
    assert plan.count("InitPlan") > 4


def test_one_of_the_demos_people_is_marked_wherever_they_stand(client):
    real = factories.TherapistFactory(name="Rhea Real")
    invented = factories.TherapistFactory(name="Ivo Invented", consent_basis=INVENTED)

    assert words(get(client, "/therapists/")).count("· invented") == 1
    assert "· invented" in words(get(client, invented.get_absolute_url()))
    assert "invented" not in words(get(client, real.get_absolute_url()))
