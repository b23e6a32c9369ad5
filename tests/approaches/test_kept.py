"""What a process keeps of the approaches' pages is never out of date, whoever wrote."""

import pytest
from django.db import connection, transaction

from approaches.models import Approach, ApproachAlias, Source
from approaches.publishing import unpublish
from tests import factories
from therapists.models import Term, Vocabulary
from therapists.search.offered import Kept, stamp

pytestmark = pytest.mark.django_db

PAGE = "/approaches/drama/"


@pytest.fixture
def drama():
    drama = factories.ApproachFactory(name="Drama therapy", slug="drama")
    factories.SourceFactory(approach=drama, citation="Stage, A. (2020). Roles.")
    drama.helps_with.add(factories.TermFactory(name="Shyness", slug="shyness"))
    drama.related.add(factories.ApproachFactory(name="Dance therapy", slug="dance"))
    return drama


def sql(query):
    def run(_):
        with connection.cursor() as cursor:
            cursor.execute(query)

    return run


WRITES = {
    "its text is changed": lambda drama: Approach.objects.update(overview="It is all new."),
    "it is withdrawn": lambda drama: unpublish(drama, by=None),
    "it gets another address": lambda drama: (
        Approach.objects.filter(pk=drama.pk).update(slug="theater"),
        ApproachAlias.objects.create(slug="drama", approach=drama),
    ),
    "a source is added": lambda drama: factories.SourceFactory(approach=drama),
    "sources are added in bulk": lambda drama: Source.objects.bulk_create(
        [Source(approach=drama, citation="Stage, B. (2021). Masks.")]
    ),
    "a source is changed": lambda drama: Source.objects.update(citation="Stage, C. Curtains."),
    "a source is taken away": lambda drama: drama.sources.all().delete(),
    "all sources are emptied in psql": sql(
        "SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE approaches_source"
    ),
    "an issue is added": lambda drama: drama.helps_with.add(factories.TermFactory(name="Loss")),
    "the issues are taken away": lambda drama: drama.helps_with.clear(),
    "an issue is renamed": lambda drama: Term.objects.update(name="Stage fright"),
    "the list of issues is renamed in addresses": lambda drama: Vocabulary.objects.update(
        slug="matter"
    ),
    "a related page is added": lambda drama: drama.related.add(factories.ApproachFactory()),
    "a related page is taken away": lambda drama: drama.related.clear(),
    "a related page is withdrawn": lambda drama: unpublish(drama.related.get(), by=None),
    "a related page is renamed": lambda drama: drama.related.update(name="Movement"),
    "somebody writes in psql": sql("UPDATE approaches_approach SET limits = 'Not in a hurry.'"),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_every_write_is_on_the_next_page_as_if_nothing_had_been_kept(
    write, drama, client, monkeypatch
):
    before, old_stamp = client.get(PAGE), stamp()
    write(drama)
    assert stamp() != old_stamp
    kept = client.get(PAGE)
    monkeypatch.setattr(Kept, "at", lambda self, _: self.make())
    anew = client.get(PAGE)
    assert (kept.status_code, kept.content) == (anew.status_code, anew.content)
    assert (kept.status_code, kept.content) != (before.status_code, before.content)


def test_what_was_rolled_back_is_on_no_page(drama, client):
    before = client.get(PAGE).content
    with transaction.atomic():
        drama.sources.all().delete()
        assert client.get(PAGE).content != before
        transaction.set_rollback(True)
    assert client.get(PAGE).content == before


def test_an_address_that_leads_nowhere_is_asked_for_again(client):
    assert client.get(PAGE).status_code == 404
    factories.ApproachFactory(name="Drama therapy", slug="drama")
    assert client.get(PAGE).status_code == 200
