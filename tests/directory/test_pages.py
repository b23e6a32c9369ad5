"""Home, health, robots, and the pages for what went wrong; and no draft at any address."""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from approaches.models import Approach
from tests import factories
from tests.pages import named_patterns, public_addresses, text
from tests.processes import KEYS, Site, environment, free_port, manage, status, wait_until
from therapists.addresses import LONGEST
from therapists.models import Therapist

WORDS = (
    "I sit with people while the hard weeks pass, and we look together at what comes after them."
)


def test_home_of_an_empty_directory_says_so_and_leads_on(client, db):
    home = client.get("/")
    assert "Read how therapists work" in text(home)
    assert "No approach has been published yet." in text(home)
    assert "blockquote" not in home.text
    assert client.get("/therapists/").status_code == 200


def test_home_with_one_therapist_quotes_them_and_counts_one(client, db):
    specialist = factories.SpecialistFactory(statement=WORDS)
    home = client.get("/")
    assert re.search(r"\b1 therapist\b(?!s)", text(home))
    assert WORDS in text(home)
    for where in (specialist.approach, specialist.therapist):
        assert where.name in text(home)
    assert f'href="{specialist.approach.get_absolute_url()}"' in home.text


def test_home_counts_those_who_are_listed_alone(client, db):
    factories.TherapistFactory.create_batch(3)
    factories.TherapistFactory(draft=True)
    factories.TherapistFactory(stale=True)
    assert "Read how 3 therapists work" in text(client.get("/"))


@pytest.mark.parametrize(
    "change",
    [
        {"state": "draft"},
        {"therapist__draft": True},
        {"therapist__stale": True},
        {"approach__status": "draft"},
    ],
)
def test_home_quotes_nobody_whom_the_public_may_not_read(client, db, change):
    factories.SpecialistFactory(statement=WORDS, **change)
    assert WORDS not in text(client.get("/"))


@pytest.mark.parametrize("address", ["/", "/how-we-order/"])
def test_ten_of_everything_ask_the_database_as_often_as_one(client, db, address):
    client.get("/therapists/")  # takes the search index on to today
    asked = []
    for more in (1, 9):
        factories.SpecialistFactory.create_batch(more, statement=WORDS)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]
    assert asked[0] <= 8


def dressed(answer):
    """Whether the page wears the site's clothes: name, way out, numbers, style."""
    page = answer.content.decode()
    return (
        f"{settings.SITE_NAME}</title>" in page
        and f'href="{settings.QUICK_EXIT_URL}"' in page
        and f'href="tel:{settings.CRISIS_PHONE}"' in page
        and f'href="tel:{settings.EMERGENCY_PHONE}"' in page
        and "css/site.css" in page
        and "js/exit.js" in page
    )


@pytest.mark.parametrize(
    "address",
    ["/nowhere/", "/therapists/nobody/", "/approaches/nothing/", "/approaches/nothing/specialists/",
     "/media/photos/none.webp", "/media/photos/" + "a" * 3000,
     "/media/settings.env", "/media/", "/favicon.ico"],
)  # fmt: skip
def test_what_is_not_there_is_a_404_in_the_sites_clothes(client, db, address):
    answer = client.get(address)
    assert answer.status_code == 404
    assert "We can’t find that page" in text(answer)
    assert dressed(answer)


@pytest.mark.parametrize(
    ("address", "headers"),
    [("/", {"host": "elsewhere.example"}), ("/media/photos/../../settings.env", {})],
)
def test_what_cannot_be_read_is_a_400_in_the_sites_clothes(client, db, address, headers):
    answer = client.get(address, headers=headers)
    assert answer.status_code == 400
    assert "We could not read that request" in text(answer)
    assert dressed(answer)


def test_what_is_not_yours_is_a_403_in_the_sites_clothes(owner, profile):
    answer = owner.get(f"/my/therapists/myprofile/{profile.pk}/delete/")
    assert answer.status_code == 403
    assert "You can’t open this page" in text(answer)
    assert dressed(answer)


def test_what_broke_is_a_500_in_the_sites_clothes_and_asks_the_database_nothing(db):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE therapists_searchoffered RENAME COLUMN stamp TO gone")
    client = Client(raise_request_exception=False)
    answer = client.get(
        "/therapists/"
    )  # the transaction is broken now, so another query would fail
    assert answer.status_code == 500
    assert "Something broke on our side" in text(answer)
    assert dressed(answer)
    assert not answer.cookies


def test_health_is_told_and_never_kept(client, db):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"database": "answers"})
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.fixture
def without_a_database(tmp_path):
    """gunicorn, and nobody listens where its database should be."""
    nobody_listens = f"postgres://nobody@127.0.0.1:{free_port()}/none"
    env = environment(
        tmp_path / "var", **KEYS, DATABASE_URL=nobody_listens, HTTPS="false",
        PORT=free_port(), WEB_CONCURRENCY=1,
    )  # fmt: skip
    collected = manage("collectstatic", "--noinput", "-v0", env=env)
    assert collected.returncode == 0, collected.stdout
    with Site("-m", "gunicorn", "directory.wsgi", env=env, log=tmp_path / "said.txt") as site:
        yield site.wait("/robots.txt")  # what needs no database is served


def test_health_and_pages_are_503_while_no_database_answers(without_a_database):
    site = without_a_database
    assert wait_until(lambda: status(site.address("/healthz"))) == 503
    for address in ("/", "/therapists/?q=grief", "/therapists/suggest/words/?begun=gr"):
        assert status(site.address(address)) == 503
    assert status(site.address("/nowhere/")) == 404


def test_the_server_takes_the_longest_address_that_a_list_leads_to(without_a_database):
    assert status(without_a_database.address(f"/nowhere/?{'x' * LONGEST}")) == 404


def test_robots_may_read_what_is_curated_and_keep_out_of_the_admins(client, db):
    answer = client.get("/robots.txt")
    assert answer.headers["Content-Type"].startswith("text/plain")
    lines = answer.text.splitlines()
    assert lines[0] == "User-agent: *"
    for closed in ("/admin/", "/my/"):
        assert f"Disallow: {closed}" in lines
    assert "Disallow: /" not in lines


def test_every_url_name_reverses_to_an_address_that_answers(client, db):
    names = {name for name, _ in named_patterns()}
    assert {"home", "therapists:profile", "approaches:specialists", "healthz"} <= names
    for site in ("admin", "my"):
        assert reverse(f"{site}:index")
    for name, pattern in named_patterns():
        if not pattern.pattern.converters:
            assert client.get(reverse(name)).status_code == 200, name
        else:
            with pytest.raises(NoReverseMatch):
                reverse(name)


DRAFTS = [
    {"draft": True}, {"withdrawn": True}, {"stale": True}, {"availability_confirmed_on": None},
]  # fmt: skip


@pytest.mark.parametrize("state", DRAFTS, ids=lambda state: next(iter(state)))
def test_a_hidden_therapist_is_404_at_their_addresses_and_named_at_no_other(client, db, state):
    hidden = factories.TherapistFactory(name="Hilda Hidden", office__city="Hiddenville", **state)
    specialist = factories.SpecialistFactory(therapist=hidden, statement=WORDS)
    term = factories.TermFactory(name="Sadness")
    hidden.terms.add(term)
    swept = public_addresses(Therapist.objects.all(), Approach.objects.all())
    factories.LicenceFactory(therapist=hidden)
    searches = [
        "/therapists/?q=Hilda", "/therapists/?issue=sadness", "/therapists/?state=OR",
        "/therapists/?licence=OR&order=fee", "/therapists/?near=97214&within=100&unstated=near",
        "/therapists/?near=Boise%2C+ID&order=nearest", "/therapists/suggest/words/?begun=hid",
        "/therapists/suggest/places/?begun=hidden",
    ]  # fmt: skip
    found = 0
    for address in [*swept, *searches]:
        answer = client.get(address, follow=True)
        if hidden.slug in address:
            found += 1
            assert answer.status_code == 404, address
        else:
            assert answer.status_code == 200, address
        page = answer.text.replace("q=Hilda", "").replace('value="Hilda"', "")
        for told in ("Hilda Hidden", "Hiddenville", specialist.statement, f"/{hidden.slug}/"):
            assert told not in page, address
    assert found


def test_a_draft_approach_is_404_at_its_addresses_and_named_at_no_other(client, db):
    draft = factories.ApproachFactory(name="Unready Therapy", status="draft", published_on=None)
    other = factories.ApproachFactory()
    other.related.add(draft)
    factories.SpecialistFactory(approach=draft, statement=WORDS)
    found = 0
    for address in public_addresses(Therapist.objects.all(), Approach.objects.all()):
        answer = client.get(address, follow=True)
        if draft.slug in address:
            found += 1
        assert answer.status_code == (404 if draft.slug in address else 200), address
        for told in ("Unready Therapy", "unready-therapy", WORDS):
            assert told not in answer.text, address
    assert found == 2
