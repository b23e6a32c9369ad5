"""What a process keeps of staff's lists is never out of date, whoever wrote, and however."""

import threading

import pytest
from django.db import connection, transaction

from approaches.models import Approach, ApproachAlias
from approaches.publishing import unpublish
from tests import factories
from tests.therapists.reading import counts, ticks, words
from therapists.models import Term, TermAlias, Vocabulary
from therapists.search import upkeep
from therapists.search.index import counts_of_everyone
from therapists.search.offered import Kept, stamp

pytestmark = pytest.mark.django_db


@pytest.fixture
def grief():
    grief = factories.TermFactory(name="Grief")
    factories.TherapistFactory(terms=[grief])
    return grief


@pytest.fixture
def gestalt():
    return factories.SpecialistFactory(
        approach__slug="gestalt", approach__name="Gestalt therapy"
    ).approach


def sql(query):
    def run(*_):
        with connection.cursor() as cursor:
            cursor.execute(query)

    return run


def offered(client, name):
    return {
        value: tick.label
        for (n, value), tick in ticks(client.get("/therapists/")).items()
        if n == name
    }


WRITES = {
    "a term is renamed": lambda grief, _: Term.objects.filter(pk=grief.pk).update(name="Loss"),
    "a term is added": lambda *_: factories.TermFactory(name="Panic"),
    "terms are added in bulk": lambda grief, _: Term.objects.bulk_create(
        [Term(vocabulary=grief.vocabulary, slug="panic", name="Panic")]
    ),
    "a term is taken away": lambda grief, _: (grief.therapists.clear(), grief.delete()),
    "a list is asked for otherwise": lambda *_: Vocabulary.objects.update(question="What hurts?"),
    "a list is renamed in addresses": lambda *_: Vocabulary.objects.update(slug="matter"),
    "a list is added": lambda *_: factories.TermFactory(vocabulary__slug="faith", name="Quaker"),
    "somebody writes in psql": sql("UPDATE therapists_term SET name = 'Loss'"),
    "an approach is renamed": lambda *_: Approach.objects.update(name="Gestalt"),
    "an approach is withdrawn": lambda _, gestalt: unpublish(gestalt, by=None),
    "the index is built anew": lambda *_: upkeep.rebuild(),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_every_write_is_on_the_next_page_as_if_nothing_had_been_kept(
    write, grief, gestalt, client, monkeypatch
):
    before = client.get("/therapists/").content
    old_stamp = stamp()
    write(grief, gestalt)
    assert stamp() != old_stamp
    kept = client.get("/therapists/").content
    monkeypatch.setattr(Kept, "at", lambda self, _: self.make())
    assert client.get("/therapists/").content == kept
    if write is not WRITES["the index is built anew"]:
        assert kept != before


OLD_NAMES = {
    "a term": ("/therapists/?issue=mourning", "/therapists/?issue=grief", lambda grief, _: (
        TermAlias.objects.create(vocabulary=grief.vocabulary, slug="mourning", term=grief)
    )),
    "an approach": ("/therapists/?approach=old-gestalt", "/therapists/?approach={slug}", (
        lambda _, gestalt: ApproachAlias.objects.create(slug="old-gestalt", approach=gestalt)
    )),
}  # fmt: skip


@pytest.mark.parametrize(("old", "new", "keep"), OLD_NAMES.values(), ids=OLD_NAMES.keys())
def test_an_old_name_leads_on_as_soon_as_it_is_kept(old, new, keep, grief, gestalt, client):
    assert "We do not know" in client.get(old).text  # and it is asked for once, before it is kept
    alias = keep(grief, gestalt)
    assert client.get(old).headers["Location"] == new.format(slug=gestalt.slug)
    alias.delete()
    assert "We do not know" in client.get(old).text


def test_what_therapists_write_leaves_the_copy_alone(grief, gestalt, client):
    client.get("/therapists/")
    before = stamp()
    tess = factories.TherapistFactory(terms=[grief], office__city="Nowhere-on-Sea", fee_from=90)
    tess.name = "Tess Newname"
    tess.save()
    tess.terms.clear()
    assert stamp() == before
    assert counts(client.get("/therapists/"), "issue") == {"grief": 1}


def test_a_write_that_was_taken_back_leaves_nothing_behind(grief, client):
    before, pages = stamp(), []
    for name in ("Loss", "Sorrow"):
        with transaction.atomic():
            Term.objects.update(name=name)
            pages.append(offered(client, "issue"))
            transaction.set_rollback(True)
        assert stamp() == before
        assert offered(client, "issue") == {"grief": "Grief"}
    assert pages == [{"grief": "Loss"}, {"grief": "Sorrow"}]


def test_counts_follow_keys_that_have_other_numbers(grief, client):
    assert counts_of_everyone()["term", str(grief.pk)] == 1
    upkeep.rebuild()
    assert counts_of_everyone()["term", str(grief.pk)] == 1
    assert counts(client.get("/therapists/"), "issue") == {"grief": 1}


def test_counts_beside_a_choice_follow_keys_that_have_other_numbers(grief, gestalt, client):
    loss = factories.TermFactory(name="Loss", slug="loss", vocabulary=grief.vocabulary)
    mourner, other = grief.therapists.get(), factories.TherapistFactory(terms=[loss])
    for therapist in (mourner, other):
        factories.SpecialistFactory(approach=gestalt, therapist=therapist)
    chosen = f"/therapists/?approach={gestalt.slug}&issue=grief"
    for _ in range(2):
        # What is beside the choice is counted without it: in another set than all other keys.
        assert counts(client.get(chosen), "issue") == {"grief": 1, "loss": 1}
        upkeep.rebuild()


def test_a_term_of_signs_is_shown_as_it_was_written(client):
    name = "<b>50 % & \"more\"</b> 'x' {0} %s \\1"
    factories.TherapistFactory(terms=[factories.TermFactory(name=name, slug="signs")])
    page = client.get("/therapists/")
    assert ticks(page)["issue", "signs"].label == name
    assert name in words(page)
    assert ticks(client.get("/therapists/?issue=signs"))["issue", "signs"].label == name


def test_a_copy_is_made_once_for_each_stamp():
    made = []

    def make():
        made.append(len(made))
        return len(made)

    kept = Kept(make)
    assert [kept.at(stamp) for stamp in "aabbab"] == [1, 1, 2, 2, 3, 4]


@pytest.mark.django_db(transaction=True)
def test_what_another_process_wrote_is_seen_once_it_is_there_and_not_before(grief, client):
    assert offered(client, "issue") == {"grief": "Grief"}
    # Its own connection, and none of this process's memory is told.
    with connection.connection.__class__.connect(connection.connection.info.dsn) as other:
        other.execute("UPDATE therapists_term SET name = 'Loss'")
        assert offered(client, "issue") == {"grief": "Grief"}
        other.commit()
        assert offered(client, "issue") == {"grief": "Loss"}
        other.execute("UPDATE therapists_term SET name = 'Sorrow'")
        other.rollback()
        assert offered(client, "issue") == {"grief": "Loss"}


@pytest.mark.django_db(transaction=True)
def test_two_who_write_to_lists_and_their_terms_in_another_order_do_not_wait_for_ever(grief):
    Vocabulary.objects.create(slug="faith", name="Faith", question="Which?")
    together = threading.Barrier(2, timeout=20)
    errors = []

    def write(*steps):
        try:
            for _ in range(10):
                together.wait()
                with transaction.atomic():
                    for step in steps:
                        step()
        except Exception as error:  # told below, in the thread that fails the test
            errors.append(error)
            together.abort()
        finally:
            connection.close()

    lists = [lambda: Vocabulary.objects.filter(slug="faith").update(question="Which one?")]
    terms = [lambda: Term.objects.filter(slug="grief").update(name="Grief")]
    works = [lists + terms, terms + lists]
    threads = [threading.Thread(target=write, args=steps) for steps in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors


WRITTEN = ["q=grief", "fee=0", "fee=90", "near=97214", "near=Nowhere", "within=10"]


@pytest.mark.parametrize("query", WRITTEN)
def test_a_field_that_is_kept_empty_shows_what_is_written_in_it(query, grief, client, monkeypatch):
    pages = [f"/therapists/?{query}", "/therapists/", f"/therapists/?{query}"]
    kept = [client.get(page, follow=True).content for page in pages]
    monkeypatch.setattr(Kept, "at", lambda self, _: self.make())
    assert kept == [client.get(page, follow=True).content for page in pages]
    assert kept[0] == kept[2] != kept[1]
