"""`check_search_index`: it proves the index, names what differs, mends it, and builds it anew."""

import io

import pytest
from django.core.management import call_command
from django.db import connection

from tests import factories
from tests.therapists.reading import get, slugs
from therapists.search import upkeep

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(client):
    issue = factories.VocabularyFactory(slug="issue")
    grief = factories.TermFactory(vocabulary=issue, slug="grief", name="Grief")
    for slug, town in (("anna", "Portland"), ("bela", "Bend"), ("cleo", "Nowhereville")):
        therapist = factories.TherapistFactory(
            slug=slug, name=slug.capitalize(), office__city=town, terms=[grief], online=True
        )
        factories.SpecialistFactory(therapist=therapist, statement=f"{slug} listens to rain.")
        factories.LicenceFactory(therapist=therapist)
    factories.TherapistFactory(slug="dora", stale=True)
    get(client, "/therapists/")  # the first visitor takes the index on to today


def run(*arguments):
    """(what the command says, its exit status)."""
    out = io.StringIO()
    try:
        call_command("check_search_index", *arguments, stdout=out)
    except SystemExit as end:
        return out.getvalue(), end.code
    return out.getvalue(), 0


def ask(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchall() if cursor.description else None


def behind_its_back(sql):
    """Change the index where its triggers do not see it."""
    ask("SET CONSTRAINTS ALL IMMEDIATE")
    ask("ALTER TABLE therapists_searchentry DISABLE TRIGGER USER")
    ask(sql)
    ask("ALTER TABLE therapists_searchentry ENABLE TRIGGER USER")


def contents():
    """All that the index says of whom, without its own numbers."""
    return {
        "entries": ask(
            """
            SELECT slug, names, places, document::text, changes_on
            FROM therapists_searchentry ORDER BY 1
            """
        ),
        "keys": ask(
            """
            SELECT e.slug, k.facet, k.value FROM therapists_searchentry e
            CROSS JOIN unnest(e.keys) AS key JOIN therapists_searchkey k ON k.id = key
            ORDER BY 1, 2, 3
            """
        ),
        "counts": ask(
            """
            SELECT k.facet, k.value, sum(b.count) FROM therapists_searchbits b
            JOIN therapists_searchkey k ON k.id = b.key GROUP BY 1, 2 HAVING sum(b.count) > 0
            ORDER BY 1, 2
            """
        ),
        "places": ask(
            """
            SELECT place, cardinality(slots), latitude, longitude FROM therapists_searchat
            WHERE slots <> '{}' ORDER BY 1
            """
        ),
        "words": ask("SELECT near, word FROM therapists_searchspelling ORDER BY 1, 2"),
    }


DAMAGE = {
    "an entry is missing": "DELETE FROM therapists_searchentry WHERE slug = 'anna'",
    "an entry is old": "UPDATE therapists_searchentry SET document = '' WHERE slug = 'anna'",
    "an entry lacks a key": "UPDATE therapists_searchentry SET keys = keys[2:] WHERE slug = 'anna'",
    "bits are wrong": """
        UPDATE therapists_searchbits SET bits = ~bits
        WHERE key = (SELECT id FROM therapists_searchkey WHERE value = 'online')
    """,
    "bits are missing": "DELETE FROM therapists_searchbits WHERE counted",
    "bits are too many": """
        INSERT INTO therapists_searchbits (key, block, counted, bits)
        SELECT key, 3, counted, bits FROM therapists_searchbits WHERE count > 0 LIMIT 1
    """,
    "a place is empty": "UPDATE therapists_searchat SET slots = '{}' WHERE place = 'bend|OR'",
    "a place has a stranger": """
        UPDATE therapists_searchat SET slots = slots || 999 WHERE place = 'bend|OR'
    """,
    "a place lies elsewhere": "UPDATE therapists_searchat SET latitude = 0 WHERE place = 'bend|OR'",
    "a place lies nowhere": "UPDATE therapists_searchat SET longitude = NULL",
    "a spelling is missing": "DELETE FROM therapists_searchspelling WHERE word = 'grief'",
    "a spelling is left over": """
        INSERT INTO therapists_searchspelling (near, word) VALUES ('zorro', 'zorro')
    """,
    "a day is out of order": """
        UPDATE therapists_searchorder SET bucket = 4095 - bucket
    """,
}


def test_what_the_triggers_keep_is_right(people):
    assert run() == ("The search index is right.\n", 0)


def test_an_empty_directory_is_right(db):
    assert run() == ("The search index is right.\n", 0)
    assert run("--rebuild")[1] == 0
    assert run() == ("The search index is right.\n", 0)


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_found_and_mended(client, people, damage, monkeypatch):
    # So that a day is laid ready even for three.
    monkeypatch.setattr("therapists.search.order.is_sooner_walked", lambda *_: True)
    before = slugs(get(client, "/therapists/"))
    whole = contents()
    behind_its_back(DAMAGE[damage])

    said, status = run()
    assert "differ" in said
    assert status == 1

    said, status = run("--repair")
    assert "Mended." in said
    assert status == 0
    assert run() == ("The search index is right.\n", 0)
    assert slugs(get(client, "/therapists/")) == before
    assert contents() == whole


def test_looking_mends_nothing(people):
    behind_its_back(DAMAGE["bits are missing"])
    run()
    assert run()[1] == 1


def test_built_anew_it_says_the_same(people):
    before = contents()
    said, status = run("--rebuild")
    assert (said, status) == ("The search index has been built anew.\n", 0)
    assert contents() == before
    assert run() == ("The search index is right.\n", 0)


def test_built_anew_it_follows_writes_as_before(client, people):
    run("--rebuild")
    factories.TherapistFactory(slug="emma", office__city="Bend")
    assert sorted(slugs(get(client, "/therapists/?near=Bend%2C+OR"))) == ["bela", "emma"]
    assert run() == ("The search index is right.\n", 0)


def test_common_words_become_keys_and_find_the_same(client, people, monkeypatch):
    before = sorted(slugs(get(client, "/therapists/?q=rain")))
    monkeypatch.setattr(upkeep, "FREQUENT_AT_LEAST", 1)
    run("--rebuild")
    assert ask("SELECT count(*) FROM therapists_searchkey WHERE facet = 'word'") != [(0,)]
    assert sorted(slugs(get(client, "/therapists/?q=rain"))) == before == ["anna", "bela", "cleo"]
    assert run() == ("The search index is right.\n", 0)


def test_progress_ends_at_the_end(people):
    told = []
    upkeep.rebuild(lambda done, of: told.append((done, of)))
    assert told
    assert told == sorted(told)
    assert told[-1] == (4, 4)


def test_new_coordinates_reach_the_index(client, people):
    ask("DELETE FROM therapists_place WHERE key = 'nowhereville|OR'")
    assert slugs(get(client, "/therapists/?near=Nowhereville%2C+OR")) == ["cleo"]
    call_command("load_places", stdout=io.StringIO())
    assert run() == ("The search index is right.\n", 0)
