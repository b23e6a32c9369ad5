"""What nobody should send and somebody will: each parameter with rubbish, at each address."""

import re

import pytest
from django.http import QueryDict
from django.test import Client

from tests import factories
from tests.kept import kept
from tests.therapists.reading import left_out, slugs, words
from therapists.filters import TherapistFilter

RUBBISH = {
    "words": "rubbish",
    "long": "rubbish" * 1000,
    "huge": "9" * 400,
    "negative": "-1",
    "exponent": "1e400",
    "NUL": "\0",
    "a NUL inside": "a\0b",
    "Arabic": "مرحبا",
    "Chinese": "東京都",
    "other digits": "٣٠",
    "a power": "²",
    "a right-to-left mark": "\u200f",
    "an override": "\u202ereversed",
    "emoji": "👩🏽‍⚕️",
    "no character": "\ufffe",
    "the last character": "\U0010ffff",
    "SQL": "'; DROP TABLE therapists_therapist; --",
    "a union": "1 UNION SELECT password FROM auth_user",
    "a script": "<script>alert(1)</script>",
    "an attribute": "\" onmouseover='alert(1)'",
    "a template": "{{ 7|add:7 }}{% now %}",
    "formats": "%s %(x)s %% {0}",
    "backslash": "\\",
    "a wildcard": "%_*?",
    "a query": "&& | ! :* <->",
    "a path": "../../etc/passwd",
    "an escape": "\x1b[31m",
    "lines": "a\r\nb\u2028c\x85d",
    "a list": "[]",
    "no number": "NaN",
    "nothing": "None",
    "combining": "e" + "\u0301" * 500,
    "grows": "ﷺ" * 200,  # eighteen letters each, where it is made plain
    "lowers": "İß" * 60,
}
RAW = {
    "no UTF-8": "%ff%fe",
    "half a character": "%ed%a0%80",
    "two halves": "%ed%a0%bd%ed%b8%80",
    "half an escape": "%e",
    "an overlong slash": "%c0%af",
}
ADDRESSES = ["/therapists/", "/approaches/emdr/"]
SUGGESTING = ["/therapists/suggest/places/", "/therapists/suggest/words/"]


@kept
def names():
    """Every parameter of the list, and one that it does not have; somebody is listed."""
    emdr = factories.ApproachFactory(slug="emdr", name="EMDR")  # no number, which rubbish might be
    factories.SpecialistFactory(
        approach=emdr, therapist__slug="anna", therapist__name="Anna", statement="I listen."
    )
    factories.TermFactory(name="Grief")
    return [*TherapistFilter(QueryDict("")).filters, "order", "day", "page", "nonesuch"]


@pytest.fixture
def browser():
    """A visitor to whom a fault of ours is a page with status 500."""
    return Client(raise_request_exception=False)


def says_what_it_did_not_understand(response):
    """Whether the page names what it left out, or says that nobody fits."""
    return bool(left_out(response)) or "Nobody fits your choice" in words(response)


# --- one value ------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("kind", RUBBISH)
def test_rubbish_is_named_or_not_found_and_breaks_nothing(names, browser, address, kind):
    for name in names:
        response = browser.get(address, {name: RUBBISH[kind]}, follow=True)
        if name == "page":
            empty = not RUBBISH[kind].strip("\0")
            assert response.status_code == (200 if empty else 404)
            continue
        assert response.status_code == 200, name
        assert len(response.redirect_chain) <= 1, name
        if response.request["QUERY_STRING"]:
            assert says_what_it_did_not_understand(response), name
        else:
            assert slugs(response) == ["anna"], name
        assert not re.search("<script>alert|onmouseover='|<b>|>14<", response.text), name


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("kind", RAW)
def test_bytes_that_are_no_text_break_nothing(names, browser, address, kind):
    for name in names:
        response = browser.get(f"{address}?{name}={RAW[kind]}", follow=True)
        assert response.status_code == (404 if name == "page" else 200), name
        assert len(response.redirect_chain) <= 1, name


@pytest.mark.parametrize(
    "query",
    ["%00=1", "=", "=x", "&&&", "?", "q", "near", "page[]=2", "q[]=a", "q.q=1", "__proto__=1",
     "csrfmiddlewaretoken=x", "%ff=%ff", "Q=anna", "a" * 3000],
)  # fmt: skip
def test_a_parameter_that_does_not_exist_is_dropped(names, browser, query):
    response = browser.get(f"/therapists/?{query}", follow=True)
    assert response.status_code == 200
    assert slugs(response) == ["anna"]


def test_what_is_named_is_cut_to_a_length_and_escaped(names, browser):
    response = browser.get("/therapists/", {"fee": "<b>&" * 100}, follow=True)
    ((said, _),) = left_out(response).items()
    shown = ("<b>&" * 100)[:59] + "…"
    sentence = f"We do not know “{shown}” (Fee for one session, at most), so it is left out."
    assert said == f"{sentence} Write whole dollars, like 120."
    assert "<b>&" not in response.text


# --- many values ----------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ADDRESSES)
def test_ten_thousand_values_of_a_parameter_are_answered(names, browser, address):
    for name in names:
        query = "&".join(f"{name}=rubbish-{number}" for number in range(10_000))
        response = browser.get(f"{address}?{query}", follow=True)
        assert response.status_code == (404 if name == "page" else 200), name
        assert len(left_out(response)) <= 50, name
        assert len(response.request["QUERY_STRING"]) < 2500, name


def test_all_parameters_with_rubbish_at_once_are_answered(names, browser):
    for kind, rubbish in RUBBISH.items():
        # No longer than what a web server takes for an address.
        values = [rubbish[:30], "rubbish", rubbish[:30]]
        asked = {name: values for name in names if name != "page"}
        response = browser.get("/therapists/", asked, follow=True)
        assert response.status_code == 200, kind
        assert says_what_it_did_not_understand(response), kind


@pytest.mark.parametrize("address", [*SUGGESTING, "/approaches/emdr/specialists/"])
def test_beside_ten_thousand_values_what_comes_first_is_answered(names, browser, address):
    rubbish = "&".join(f"rubbish={number}" for number in range(10_000))
    assert browser.get(f"{address}?begun=or&{rubbish}").status_code == 200


# --- one thing without the other ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("within=10", "“Within 10 miles” needs a place: write a ZIP code or a city."),
        ("within=7", "We do not know “7” (Within), so it is left out."),
        ("order=nearest", "“Nearest first” needs a place: write a ZIP code or a city."),
        ("order=words", "“Best word match first” needs words to look for."),
        ("near=Nowhere+at+all", "We do not know the place “Nowhere at all”, so it is left out. "
         "Try a ZIP code, or a city with its state."),
        ("near=Nowhere+at+all&within=5&unstated=near", "We do not know the place “Nowhere at all”"),
        ("near=00000", "We do not know the place “00000”"),
        ("near=-&order=nearest", "“Nearest first” needs a place: write a ZIP code or a city."),
    ],
)  # fmt: skip
def test_what_needs_something_else_says_so(names, browser, query, sentence):
    response = browser.get(f"/therapists/?{query}", follow=True)
    assert response.status_code == 200
    assert slugs(response) == ["anna"]
    assert sentence in words(response)


# --- suggestions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("address", SUGGESTING)
@pytest.mark.parametrize("kind", RUBBISH)
def test_rubbish_suggests_a_list(names, browser, address, kind):
    response = browser.get(address, {"begun": RUBBISH[kind]})
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert isinstance(response.json(), list)
    assert len(response.json()) <= 8


@pytest.mark.parametrize("address", SUGGESTING)
@pytest.mark.parametrize(
    "query",
    ["", "begun=", "begun=%20", "other=1", "begun=%ff%fe", "begun=%ed%a0%80", "begun=e&begun="],
)
def test_what_begins_nothing_suggests_nothing(names, browser, address, query):
    response = browser.get(f"{address}?{query}")
    assert (response.status_code, response.json()) == (200, [])


@pytest.mark.parametrize("address", SUGGESTING)
def test_suggestions_are_for_reading_and_leave_no_trace(names, browser, address):
    many = "&".join(["begun=an"] * 900)
    for query in ("begun=an", many):
        response = browser.get(f"{address}?{query}")
        assert response.json()
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
    assert browser.post(address, {"begun": "an"}).status_code == 405
