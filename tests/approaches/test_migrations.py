"""Migrations that move what people have written: nothing of it is lost on the way."""

import datetime

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from tests import factories

BEFORE = [("approaches", "0002_search_follows"), ("therapists", "0005_review")]
AFTER = [("approaches", "0003_statements_wait_as_proposals")]

NOW = timezone.now()
EARLIER = NOW - datetime.timedelta(days=3)


def migrate(targets):
    executor = MigrationExecutor(connection)
    executor.migrate(targets)
    return executor.loader.project_state(targets).apps


@pytest.fixture
def before(transactional_db):
    """The models as they were; the database is taken to today's again afterwards."""
    people = factories.TherapistFactory.create_batch(2)
    ways = factories.ApproachFactory.create_batch(3)
    pairs = [(person.pk, way.pk) for person in people for way in ways]
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    old = migrate(BEFORE)
    yield old.get_model("approaches", "Specialist"), pairs
    migrate(latest)


def write(specialists, pairs):
    """One of each kind that there was; returns {statement: primary key}."""
    rows = [
        {"state": "submitted", "submitted_at": EARLIER, "statement": "Waits."},
        {"state": "submitted", "submitted_at": None, "statement": "Waits, and since when?"},
        {"state": "sent-back", "submitted_at": EARLIER, "decided_at": NOW,
         "statement": "Came back.", "decision_note": "Name no client."},
        {"state": "sent-back", "statement": ""},
        {"state": "approved", "submitted_at": EARLIER, "decided_at": NOW, "statement": "Public."},
        {"state": "draft", "decided_at": NOW, "statement": "Withdrawn."},
    ]  # fmt: skip
    for (therapist, approach), row in zip(pairs, rows, strict=True):
        specialists.objects.create(therapist_id=therapist, approach_id=approach, **row)
    return dict(specialists.objects.values_list("statement", "pk"))


def test_what_waits_or_was_sent_back_becomes_a_version_of_its_own(before):
    specialists, pairs = before
    keys = write(specialists, pairs)

    apps = migrate(AFTER)

    versions = apps.get_model("therapists", "Proposal").objects.order_by("pk")
    told = {one.text: one for one in versions}
    assert set(told) == {"Waits.", "Waits, and since when?", "Came back."}
    waits, back = told["Waits."], told["Came back."]
    assert (waits.specialist_id, waits.part) == (keys["Waits."], "statement")
    assert (waits.state, waits.submitted_at, waits.decided_at) == ("waiting", EARLIER, None)
    assert (back.state, back.reason, back.decided_at) == ("sent-back", "Name no client.", NOW)
    kept = apps.get_model("approaches", "Specialist").objects
    assert sorted(kept.values_list("statement", "state", "decided_at")) == [
        *[("", "draft", None)] * 4,
        ("Public.", "approved", NOW),
        ("Withdrawn.", "draft", NOW),
    ]


def test_the_way_back_loses_nothing_either(before):
    specialists, pairs = before
    write(specialists, pairs)
    columns = ["statement", "state", "decision_note", "decided_at"]
    old = sorted(map(repr, specialists.objects.values_list(*columns).exclude(statement="")))

    migrate(AFTER)
    apps = migrate(BEFORE)

    rows = apps.get_model("approaches", "Specialist").objects.exclude(statement="")
    assert sorted(map(repr, rows.values_list(*columns))) == old
    assert not apps.get_model("therapists", "Proposal").objects.exists()
