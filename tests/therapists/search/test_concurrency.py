"""Several at once, each with a connection of its own: nobody waits for ever, and no bit is lost."""

import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.http import QueryDict
from django.utils import timezone

from approaches.models import Approach, Specialist
from approaches.moderation import approve
from approaches.publishing import publish
from tests import factories
from therapists.filters import TherapistFilter
from therapists.models import Compact, Office, SearchEntry, Term, Therapist
from therapists.order import rank
from therapists.publishing import withdraw
from therapists.search import order, upkeep
from therapists.search.index import Search

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 20  # seconds until a test gives up
ROUNDS = 20


@pytest.fixture
def start():
    """Starts work in a thread with its own connection; the future has the connection's `pid`."""
    with ThreadPoolExecutor(4) as pool:

        def begun(work):
            pids = queue.Queue()

            def alone():
                try:
                    connection.ensure_connection()
                    pids.put(connection.connection.info.backend_pid)
                    return work()
                finally:
                    connection.close()

            future = pool.submit(alone)
            future.pid = pids.get(timeout=PATIENCE)
            return future

        yield begun


def until_it_waits(future):
    """Return when somebody's connection waits for a lock."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_blocking_pids(%s) <> '{}'", [future.pid])
            if cursor.fetchone()[0]:
                return
        assert not future.done(), future.result()
    pytest.fail("it does not wait")


def in_step(start, *works):
    """Each of them in many rounds, which all begin at once."""
    together = threading.Barrier(len(works), timeout=PATIENCE)

    def rounds(work):
        try:
            for turn in range(ROUNDS):
                together.wait()
                work(turn)
        except BaseException:
            together.abort()
            raise

    futures = [start(lambda work=work: rounds(work)) for work in works]
    for error in [future.exception(PATIENCE) for future in futures]:
        # Whose neighbours broke off did not fail.
        if error and not isinstance(error, threading.BrokenBarrierError):
            raise error


def lock():
    """Keep all writers of the index waiting, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT therapists_search_lock()")


def search(address=""):
    return Search(TherapistFilter(QueryDict(address)).groups)


def listed(address="", day=None):
    """The slugs on a list, in the order of a day."""
    slots = search(address).slots(day or factories.today(), 0, 100)
    slugs = dict(SearchEntry.objects.values_list("slot", "slug"))
    return [slugs[slot] for slot in slots]


def in_order(slugs, day):
    return sorted(slugs, key=lambda slug: rank(day, slug))


def index():
    """What the index says of whom: whatever their slots and the numbers of keys."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT 'key', facet || ' ' || value, e.slug
                FROM therapists_searchentry e CROSS JOIN unnest(keys) AS one
                JOIN therapists_searchkey k ON k.id = one
            UNION ALL
            SELECT 'bits', facet || ' ' || value, e.slug
                FROM therapists_searchbits b JOIN therapists_searchkey k ON k.id = b.key
                JOIN therapists_searchentry e ON e.slot >> 14 = b.block
                WHERE get_bit(b.bits, e.slot & 16383) = 1
            UNION ALL
            SELECT 'count', facet || ' ' || value, sum(count)::text
                FROM therapists_searchbits b JOIN therapists_searchkey k ON k.id = b.key
                WHERE count > 0 GROUP BY 2
            UNION ALL
            SELECT 'at', place, e.slug FROM therapists_searchat CROSS JOIN unnest(slots) AS one
                JOIN therapists_searchentry e ON e.slot = one
            UNION ALL
            SELECT 'document', document::text, slug FROM therapists_searchentry
            UNION ALL
            SELECT 'word', word, '' FROM therapists_searchspelling WHERE near = word
            ORDER BY 1, 2, 3
            """
        )
        return cursor.fetchall()


def is_as_if_built_anew():
    """Whether the index that writes have made is the one that is built from nothing."""
    kept = index()
    upkeep.rebuild()
    return kept == index()


# --- writers --------------------------------------------------------------------------------------


def test_two_who_write_to_the_same_therapists_in_opposite_order_wait_and_lose_nothing(start):
    anna, bela = factories.TherapistFactory(slug="anna"), factories.TherapistFactory(slug="bela")
    grief, panic = factories.TermFactory(name="Grief"), factories.TermFactory(name="Panic")

    def writer(who, column, term, city):
        def write(turn):
            with transaction.atomic():
                for one in who:
                    Therapist.objects.filter(pk=one.pk).update(**{column: turn % 2 == 1})
                    one.terms.add(term) if turn % 2 else one.terms.remove(term)
                    Office.objects.create(therapist=one, city=f"{city} {turn}", state="OR")

        return write

    in_step(
        start,
        writer([anna, bela], "online", grief, "Upper"),
        writer([bela, anna], "in_person", panic, "Lower"),
    )

    for address in (
        "format=online",
        "format=in-person",
        "issue=grief",
        "issue=panic",
        "q=lower+19",
    ):
        assert sorted(listed(address)) == ["anna", "bela"], address
    assert is_as_if_built_anew()


def test_writers_of_many_tables_at_once_lose_nothing(start):
    people = [factories.TherapistFactory() for _ in range(6)]
    approach, term = factories.ApproachFactory(), factories.TermFactory(name="Grief")

    def practise(turn):
        for one in people[turn % 2 :: 2]:
            Specialist.objects.update_or_create(therapist=one, approach=approach)

    def rename(turn):
        Term.objects.update(name=f"Grief {turn}", slug=f"grief-{turn}")
        Approach.objects.update(name=f"Gestalt {turn}", slug=f"gestalt-{turn}")

    def state(turn):
        for one in reversed(people):
            one.terms.set([term] if turn % 2 else [])

    def come_and_go(turn):
        factories.TherapistFactory(slug=f"new-{turn}", terms=[term])
        Therapist.objects.filter(slug=f"new-{turn - 1}").delete()

    in_step(start, practise, rename, state, come_and_go)
    assert search("q=gestalt").total == 6
    assert is_as_if_built_anew()


@pytest.mark.parametrize("thing", ["term", "approach"])
def test_a_term_or_approach_gets_another_slug_while_somebody_takes_it_up(start, thing):
    """The row of the term must not be held by one who waits for the index."""
    term, approach = factories.TermFactory(), factories.ApproachFactory()
    one = factories.TherapistFactory()
    with transaction.atomic():
        if thing == "term":
            one.terms.add(term)
            renaming = start(lambda: Term.objects.filter(pk=term.pk).update(slug="other"))
        else:
            factories.SpecialistFactory(therapist=one, approach=approach)
            renaming = start(lambda: Approach.objects.filter(pk=approach.pk).update(slug="other"))
        until_it_waits(renaming)
    assert renaming.result(PATIENCE) == 1
    assert listed("issue=other" if thing == "term" else "approach=other") == [one.slug]


def test_a_compact_is_changed_by_two_at_once(start):
    compact = factories.CompactFactory(states=["CO"])
    licence = factories.LicenceFactory(compact=compact, therapist__online=True)
    with transaction.atomic():
        Therapist.objects.update(in_person=True)
        joining = start(lambda: Compact.objects.update(states=["CO", "UT"]))
        until_it_waits(joining)
        Compact.objects.update(name="Renamed")
    joining.result(PATIENCE)
    assert listed("licence=UT") == [licence.therapist.slug]


VERBS = {
    "withdraw": (lambda held: withdraw(held.therapist, by=None), Therapist, "title"),
    "approve": (lambda held: approve(held, by=None), Specialist, "training_body"),
    "publish": (lambda held: publish(held.approach, by=None), Approach, "limits"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_holds_a_row_while_a_great_write_reaches_it(start, verb):
    """Who holds a row must not wait for the index: an import may hold that, and want the row."""
    held = factories.SpecialistFactory(state="draft", approach__status="draft")
    act, model, column = VERBS[verb]
    with transaction.atomic():
        factories.TherapistFactory()
        acting = start(lambda: act(held))
        until_it_waits(acting)
        model.objects.update(**{column: "Written by an import"})
    acting.result(PATIENCE)
    assert is_as_if_built_anew()


def test_the_index_is_built_anew_while_somebody_writes(start):
    one = factories.TherapistFactory()
    with transaction.atomic():
        Office.objects.filter(pk=0).update(city="Nowhere")  # as a form does that changes nothing
        building = start(upkeep.rebuild)
        until_it_waits(building)
        Therapist.objects.filter(pk=one.pk).update(online=True)
    building.result(PATIENCE)
    assert listed("format=online") == [one.slug]


def test_the_index_is_built_anew_between_two_who_write(start):
    """The second has its table already when it waits for its turn behind the builder."""
    one = factories.TherapistFactory()
    with transaction.atomic():
        lock()
        building = start(upkeep.rebuild)
        until_it_waits(building)
        writing = start(lambda: Therapist.objects.filter(pk=one.pk).update(online=True))
        until_it_waits(writing)
    building.result(PATIENCE)
    assert writing.result(PATIENCE) == 1
    assert listed("format=online") == [one.slug]


# --- readers --------------------------------------------------------------------------------------


def test_a_reader_sees_the_old_state_until_the_writer_is_done_and_does_not_wait(start):
    one = factories.TherapistFactory(slug="anna", name="Anna Tester")
    found = "q=anna&issue=grief&near=Bend,+OR", "q=anna&near=Portland,+OR"
    assert [listed(address) for address in found] == [[], ["anna"]]
    grief = factories.TermFactory(name="Grief")
    written, read = threading.Event(), threading.Event()

    def write():
        with transaction.atomic():
            one.terms.add(grief)
            Office.objects.update(city="Bend")
            factories.TherapistFactory(slug="bela", name="Bela Tester")
            written.set()
            assert read.wait(PATIENCE)

    writing = start(write)
    assert written.wait(PATIENCE)
    assert [listed(address) for address in (*found, "")] == [[], ["anna"], ["anna"]]
    assert search("q=bela").total == 0
    read.set()
    writing.result(PATIENCE)
    assert [listed(address) for address in found] == [["anna"], []]
    assert sorted(listed()) == ["anna", "bela"]


def test_a_reader_never_sees_half_of_a_write(start):
    """Always one of two is online, whoever it is at the moment."""
    factories.TherapistFactory(online=True)
    factories.TherapistFactory(online=False)

    def swap():
        for _ in range(ROUNDS):
            with transaction.atomic():
                for one in Therapist.objects.order_by("pk"):
                    Therapist.objects.filter(pk=one.pk).update(online=not one.online)

    swapping = start(swap)
    while not swapping.done():
        found = search("format=online&fee=0&unstated=fee")
        assert found.total == 1
        assert found.counts["format"]["online"] == found.counts["availability"]["open"] == 1
    swapping.result()


# --- the order of a day ---------------------------------------------------------------------------


@pytest.fixture
def walked(monkeypatch):
    """A list is walked in the day's order that lies ready, however short it is."""
    monkeypatch.setattr(order, "is_sooner_walked", lambda *_: True)


def test_two_ask_for_a_day_at_once_that_nobody_asked_for_yet(start, walked):
    people = [factories.TherapistFactory().slug for _ in range(12)]
    day = factories.days_ago(3)
    with transaction.atomic():
        lock()
        asking = [start(lambda: listed(day=day)) for _ in range(2)]
        for one in asking:
            until_it_waits(one)
    expected = in_order(people, day)
    assert [one.result(PATIENCE) for one in asking] == [expected, expected]
    assert listed(day=day) == expected


@pytest.mark.parametrize("first", ["writer", "asker"])
def test_a_newcomer_and_the_first_who_asks_for_a_day_come_at_once(start, walked, first):
    people = [factories.TherapistFactory().slug for _ in range(12)]
    day = factories.days_ago(3)

    def write():
        Therapist.objects.filter(slug=people[0]).update(slug="renamed")
        factories.TherapistFactory(slug="newcomer")

    works = {"writer": write, "asker": lambda: listed(day=day)}
    with transaction.atomic():
        lock()
        futures = []
        for name in sorted(works, key=lambda name: name != first):
            futures.append(start(works[name]))
            until_it_waits(futures[-1])
    for future in futures:
        future.result(PATIENCE)
    assert listed(day=day) == in_order(["renamed", "newcomer", *people[1:]], day)


@pytest.mark.parametrize("is_kept", [True, False])
def test_who_asks_for_a_day_while_a_newcomer_is_being_written_waits_for_the_outcome(
    start, walked, is_kept
):
    people = [factories.TherapistFactory().slug for _ in range(12)]
    day = factories.days_ago(3)
    with transaction.atomic():
        factories.TherapistFactory(slug="newcomer")
        asking = start(lambda: listed(day=day))
        until_it_waits(asking)
        transaction.set_rollback(not is_kept)
    asking.result(PATIENCE)
    assert listed(day=day) == in_order([*people, *["newcomer"] * is_kept], day)


# --- a new day ------------------------------------------------------------------------------------


def test_two_come_first_on_a_new_day(start, monkeypatch):
    """Both see the day's state, and take the index on once."""
    yesterday, hidden, kept = map(factories.days_ago, (1, 181, 180))
    with monkeypatch.context() as then, connection.cursor() as cursor:
        then.setattr(timezone, "localdate", lambda: yesterday)
        cursor.execute("UPDATE therapists_searchday SET day = %s", [yesterday])
        factories.TherapistFactory(slug="gone", availability_confirmed_on=hidden)
        factories.TherapistFactory(slug="still", availability_confirmed_on=kept)
        assert sorted(listed()) == ["gone", "still"]
    with transaction.atomic():
        lock()
        asking = [start(listed) for _ in range(2)]
        for one in asking:
            until_it_waits(one)
    assert [one.result(PATIENCE) for one in asking] == [["still"], ["still"]]
    assert is_as_if_built_anew()
