"""The page that the project started from: a file beside the repository, imported and served."""

import html
import os
import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.approaches.pages import cards_of, quotes_of
from tests.pages import text
from therapists.states import STATES

SEED = Path(__file__).resolve().parents[3] / "shared" / "seed" / "relational-therapy.txt"

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines():
    if not SEED.exists():
        advice = f"no seed page: put it at {SEED}"
        if os.environ.get("REQUIRE_SEED") == "1":
            pytest.fail(advice)
        pytest.skip(advice)
    return [line.strip() for line in SEED.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def page(lines, client):
    call_command("import_approach", str(SEED), publish=True, stdout=StringIO())
    return client.get(f"/approaches/{lines[0].lower().replace(' ', '-')}/")


def heading(lines):
    return lines.index("Meet the specialists")


def signature(line):
    """By simpler rules than the site's: behind the last " in " stand city and state."""
    who, _, place = line.rpartition(" in ")
    if not who:
        return line
    city, _, state = (part.strip() for part in place.partition(","))
    if not city and not state:
        return who
    return f"{who} in {f'{city}, {state}' if city and state else city or STATES[state]}"


def signatures(lines):
    return [signature(line) for line in lines if line.startswith("—")]


def test_the_rules_of_this_test_know_every_shape_of_a_signature():
    assert signature("— A B, C in D E, OR") == "— A B, C in D E, OR"
    assert signature("— A B, C in , OR") == "— A B, C in Oregon"
    assert signature("— A B, C in ,") == "— A B, C"
    assert signature("— A B, C") == "— A B, C"


def test_the_seventeen_are_quoted_word_for_word_and_signed_as_they_sign(page, lines):
    below = [line for line in lines[heading(lines) + 1 :] if line]
    pairs = zip(below[::2], map(signature, below[1::2]), strict=True)

    quoted = {(quote.statement, quote.signature) for quote in quotes_of(page)}

    assert len(quotes_of(page)) == 17
    assert quoted == set(pairs)


def test_no_signature_has_a_dangling_comma_or_an_in_that_leads_nowhere(page):
    for quote in quotes_of(page):
        assert not re.search(r",\s*(,|$)|\bin\s*(,|$)", quote.signature)


def test_every_name_leads_to_a_profile_that_says_the_same(page, client):
    assert len({quote.href for quote in quotes_of(page)}) == 17
    for quote in quotes_of(page):
        profile = client.get(quote.href)
        assert profile.status_code == 200
        assert quote.statement in html.unescape(profile.content.decode())


def test_the_list_below_holds_the_same_seventeen(page, lines):
    assert f"17 therapists practice {lines[0]}" in text(page)
    assert len(cards_of(page)) == 17
    names = {one.removeprefix("— ").split(",")[0] for one in signatures(lines)}
    assert set(cards_of(page)) == names


def test_the_overview_is_there_and_the_call_to_action_is_not(page, lines):
    title, overview, *call = [line for line in lines[: heading(lines)] if line]

    assert f"<h1>{title}</h1>" in page.content.decode()
    (served,) = re.findall(
        r'(?s)<div class="prose" id="overview">(.*?)</div>', page.content.decode()
    )
    assert html.unescape(re.sub(r"<[^>]+>", "", served)).strip() == overview
    assert call
    assert call[0] not in text(page)


def test_the_overview_of_all_approaches_counts_the_seventeen(page, lines, client):
    assert f"{lines[0]} " in text(client.get("/approaches/"))
    assert re.findall(r"\d+ therapists?\b", text(client.get("/approaches/"))) == ["17 therapists"]
