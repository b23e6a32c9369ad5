"""The number beside each choice: what choosing it alone in its group finds."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from approaches.models import Approach
from tests import factories
from tests.kept import kept
from tests.therapists.cast import six_people
from tests.therapists.reading import (
    choosing_alone,
    counts,
    get,
    offers,
    silent,
    slugs,
    ticks,
    total,
    words,
)

pytestmark = pytest.mark.django_db

# The database is filled once, before the first example, and only read from then on.
searches = hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@kept
def people():
    six_people()


def promises(response):
    """[(parameter, value, the number beside it)] of every choice on the page."""
    numbers = [(n, v, tick.count) for (n, v), tick in ticks(response).items() if n != "unstated"]
    radii = [("within", radius, number) for radius, number in counts(response, "within").items()]
    return numbers + radii


# --- every number is kept -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "/therapists/",
        "/therapists/?issue=grief",
        "/therapists/?issue=grief&issue=panic&format=online",
        "/therapists/?approach=emdr&fee=120&unstated=fee",
        "/therapists/?near=Portland%2C+OR&within=10",
        "/therapists/?near=Boise%2C+ID&state=OR",
        "/therapists/?q=grief&licence=OR",
        "/therapists/?licence=OR&licence=UT&format=online",
        "/therapists/?faith=quaker&availability=full",
        "/therapists/?sliding=yes&free-call=yes&unstated=free-call",
        "/therapists/?availability=full&order=fee&day=2026-02-03",
        "/therapists/?q=nonesuch",
        "/approaches/emdr/",
        "/approaches/emdr/?training=certified",
        "/approaches/gestalt/?issue=panic&near=97214",
    ],
)
def test_every_number_is_what_its_choice_finds(client, people, address):
    response = get(client, address)
    kept = promises(response)
    assert len(kept) > 15
    for name, value, number in kept:
        assert total(get(client, choosing_alone(response, name, value))) == number, (name, value)


@pytest.mark.parametrize("query", ["training=certified", "approach=emdr&training=certified"])
def test_the_number_beside_an_approach_is_of_those_trained_in_it(client, people, query):
    response = client.get(f"/therapists/?{query}")
    assert counts(response, "approach") == {"emdr": 1, "gestalt": 1}


def test_leaving_out_the_approach_finds_those_trained_in_any(client, people):
    response = client.get("/therapists/?q=cleo&approach=emdr&training=certified")
    assert total(response) == 0
    address, count = offers(response)["Without “EMDR”"]
    assert slugs(get(client, address)) == ["cleo"]
    assert count == 1


# --- what they count ------------------------------------------------------------------------------


def test_without_a_choice_everyone_is_counted_and_nobody_who_is_hidden(client, people):
    emdr = Approach.objects.get(slug="emdr")
    for trait in ("draft", "withdrawn", "stale"):
        hidden = factories.TherapistFactory(online=True, sliding_scale=True, **{trait: True})
        factories.SpecialistFactory(therapist=hidden, approach=emdr, training="certified")
    response = client.get("/therapists/")
    expected = {
        "issue": {"grief": 3, "panic": 2, "sleep": 0},
        "faith": {"quaker": 2},
        "approach": {"emdr": 3, "gestalt": 2},
        "training": {"certified": 2, "formal": 2},
        "state": {"ID": 1, "OR": 4},
        "format": {"in-person": 2, "online": 2},
        "licence": {"CO": 1, "ID": 2, "OR": 2, "UT": 1},
        "availability": {"open": 4, "waiting-list": 0, "full": 1},
        "sliding": {"yes": 1},
        "free-call": {"yes": 2},
    }
    assert {name: counts(response, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("name", "value", "other"),
    [("issue", "grief", "panic"), ("format", "online", "in-person"), ("state", "ID", "OR"),
     ("availability", "full", "open"), ("licence", "ID", "OR"), ("training", "formal", "certified"),
     ("approach", "gestalt", "emdr")],
)  # fmt: skip
def test_the_numbers_of_a_group_ignore_its_own_choice(client, people, name, value, other):
    before, after = (get(client, f"/therapists/?fee=500&unstated=fee{q}") for q in
                     ("", f"&{name}={value}"))  # fmt: skip
    assert counts(before, name) == counts(after, name)
    assert counts(after, name)[other] > 0


def test_the_choices_of_other_groups_hold(client, people):
    response = client.get("/therapists/?format=online")
    assert counts(response, "issue") == {"grief": 2, "panic": 1, "sleep": 0}
    assert counts(response, "state") == {"ID": 0, "OR": 2}


def test_a_choice_that_would_find_nobody_shows_0_and_can_be_made(client, people):
    response = client.get("/therapists/?state=ID")
    assert counts(response, "format") == {"in-person": 0, "online": 0}

    chosen = get(client, choosing_alone(response, "format", "online"))

    assert total(chosen) == 0
    assert ticks(chosen)["format", "online"].is_chosen
    assert "Nobody here fits all of this at once." in words(chosen)


def test_those_who_have_not_said_count_where_their_group_includes_them(client, people):
    response = client.get("/therapists/?fee=80&unstated=fee")
    assert counts(response, "issue") == {"grief": 3, "panic": 1, "sleep": 0}
    without = client.get("/therapists/?fee=80")
    assert counts(without, "issue") == {"grief": 1, "panic": 0, "sleep": 0}


# --- whatever is searched -------------------------------------------------------------------------

CHOICES = {
    "q": ["grief", "bela", "the"],
    "approach": ["emdr", "gestalt"],
    "faith": ["quaker"],
    "issue": ["grief", "panic", "sleep"],
    "near": ["Portland, OR", "97701", "Boise"],
    "within": ["5", "100"],
    "state": ["OR", "ID"],
    "format": ["in-person", "online"],
    "licence": ["OR", "ID", "CO", "WA"],
    "availability": ["open", "full", "waiting-list"],
    "fee": ["80", "120", "0"],
    "sliding": ["yes"],
    "free-call": ["yes"],
    "order": ["fee"],
}
pairs = st.lists(
    st.sampled_from([(name, value) for name, values in CHOICES.items() for value in values]),
    max_size=4,
    unique=True,
)


@searches
@given(pairs=pairs, data=st.data())
def test_any_number_on_any_page_is_what_its_choice_finds(people, pairs, data):
    client = Client()
    response = get(client, f"/therapists/?{urlencode(pairs)}")
    name, value, number = data.draw(st.sampled_from(promises(response)))
    assert total(get(client, choosing_alone(response, name, value))) == number


@searches
@given(pairs=pairs)
@example(pairs=[("q", "grief"), ("availability", "waiting-list"), ("fee", "0")])
@example(pairs=[("near", "Boise"), ("within", "5"), ("issue", "grief")])
def test_any_other_number_that_is_promised_is_what_its_link_finds(people, pairs):
    client = Client()
    response = get(client, f"/therapists/?{urlencode(pairs)}")
    for address, count in offers(response).values():
        assert total(get(client, address)) == count > 0
    for address, more in silent(response).values():
        assert total(get(client, address)) == total(response) + more > total(response)
