"""Counting: sums of a day, in memory first, written together, lost by no fault of the database."""

import re
import signal
import threading
import urllib.request
from datetime import UTC, datetime, timedelta
from io import StringIO
from time import monotonic

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.processes import KEYS, Site, database_url, environment, free_port, manage
from therapists import counters
from therapists.counters import Counts, counts
from therapists.models import DirectoryDay, ProfileDay, Therapist

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counting(settings):
    """Counts from nothing, and writes when the test says so."""
    settings.COUNTS_WRITTEN_EVERY = 3600
    counts.held, counts.due, counts.day_listed = {}, monotonic() + 3600, None
    yield
    counts.held = {}


def written():
    """{name: (shown, opened, contacted)} of today, once all is written."""
    counts.write()
    return {
        one.therapist.name: (one.shown, one.opened, one.contacted)
        for one in ProfileDay.objects.filter(day=timezone.localdate())
    }


def test_a_list_a_profile_and_a_quotation_count(client):
    approach = factories.ApproachFactory()
    quoted = factories.SpecialistFactory(approach=approach, therapist__name="Ana").therapist
    factories.TherapistFactory(name="Bo")
    client.get("/therapists/")  # Ana, Bo
    client.get(quoted.get_absolute_url())
    client.get(approach.get_absolute_url())  # Ana: quoted and on the list, once
    client.get(approach.get_absolute_url() + "specialists/")
    counters.count_contacted(quoted.pk)
    assert written() == {"Ana": (3, 1, 1), "Bo": (1, 0, 0)}
    day = DirectoryDay.objects.get()
    assert (day.shown, day.listed, day.fair_share) == (4, 2, 2.0)


def test_only_those_on_the_page_that_was_asked_for_count(client, settings):
    settings.THERAPISTS_PER_PAGE = 2
    factories.TherapistFactory.create_batch(5)
    client.get("/therapists/?page=3")
    assert len(written()) == 1


def test_what_nobody_looks_at_counts_for_nothing(client):
    tess = factories.TherapistFactory()
    for address in ("/therapists/", tess.get_absolute_url()):
        client.head(address)
        for purpose in ("prefetch", "prefetch;prerender"):
            client.get(address, headers={"sec-purpose": purpose})
    client.get("/therapists/?page=7")
    client.get("/therapists/nobody/")
    client.get("/therapists/?page=")  # leads elsewhere
    client.post(tess.get_absolute_url())
    assert counts.held == {}
    assert written() == {}


def test_nothing_is_counted_where_the_operator_wants_none(client, settings):
    settings.COUNTS_WRITTEN_EVERY = 0
    factories.TherapistFactory()
    client.get("/therapists/")
    assert counts.held == {}


def test_counting_asks_the_database_nothing_while_a_page_is_made(client, settings):
    tess = factories.TherapistFactory()
    for address in ("/therapists/", tess.get_absolute_url()):
        asked = []
        for seconds in (0, 3600):
            settings.COUNTS_WRITTEN_EVERY = seconds
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            # A moment in a question is another each time.
            asked.append(
                [re.sub(r"'\d{4}-\d\d-\d\d \S+'", "'then'", one["sql"]) for one in queries]
            )
        assert asked[0] == asked[1]
    assert counts.held


def test_what_is_due_is_written_once_the_answer_has_left(client):
    tess = factories.TherapistFactory()
    counts.add(counters.SHOWN, [tess.pk])
    client.get("/robots.txt")
    assert not ProfileDay.objects.exists()  # not yet due
    counts.due = 0
    client.get("/robots.txt")
    assert ProfileDay.objects.get().shown == 1
    assert counts.held == {}
    assert counts.due > monotonic() + 3000


def test_a_day_goes_by_the_directorys_own_clock(monkeypatch):
    tess = factories.TherapistFactory()
    evening = datetime(2026, 3, 2, 4, 30, tzinfo=UTC)  # 11.30 p.m. of the day before in New York
    for moment in (evening, evening + timedelta(hours=1)):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        counts.add(counters.OPENED, [tess.pk])
    counts.write()
    days = ProfileDay.objects.order_by("day").values_list("day", "opened")
    assert [(str(day), opened) for day, opened in days] == [("2026-03-01", 1), ("2026-03-02", 1)]


def test_who_is_deleted_before_the_numbers_are_written_is_left_out():
    gone, stays = factories.TherapistFactory(), factories.TherapistFactory(name="Stays")
    counts.add(counters.SHOWN, [gone.pk, stays.pk])
    Therapist.objects.filter(pk=gone.pk).delete()
    assert written() == {"Stays": (1, 0, 0)}


def test_a_profile_that_is_deleted_takes_its_numbers_along():
    tess = factories.TherapistFactory()
    counts.add(counters.SHOWN, [tess.pk])
    counts.write()
    tess.delete()
    assert not ProfileDay.objects.exists()


def test_memory_is_bounded_and_those_counted_already_go_on(monkeypatch):
    monkeypatch.setattr(counters, "KEPT_AT_MOST", 3)
    counts.add(counters.SHOWN, range(100))
    counts.add(counters.SHOWN, range(100))
    assert sorted(counts.held.values()) == [[2, 0, 0]] * 3


def test_a_database_that_cannot_be_written_to_breaks_no_page_and_loses_nothing(client, caplog):
    tess = factories.TherapistFactory(name="Tess")
    client.get("/therapists/")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        counts.due = 0
        assert client.get(tess.get_absolute_url()).status_code == 200
        counts.write()
        transaction.set_rollback(True)
    assert "Counts could not be written and are kept" in caplog.text
    assert "Tess" not in caplog.text
    assert written() == {"Tess": (1, 1, 0)}


@pytest.mark.django_db(transaction=True)
def test_a_row_that_somebody_holds_is_not_waited_for_long():
    tess = factories.TherapistFactory(name="Tess")
    today = timezone.localdate()
    DirectoryDay.objects.create(day=today)
    counts.add(counters.SHOWN, [tess.pk])
    begun = monotonic()
    with transaction.atomic():
        DirectoryDay.objects.select_for_update().get(day=today)
        in_thread(counts.write)
    assert monotonic() - begun < 4
    assert not ProfileDay.objects.exists()
    assert written() == {"Tess": (1, 0, 0)}


@pytest.mark.django_db(transaction=True)
def test_somebody_who_saves_a_therapist_does_not_stop_the_counting():
    tess = factories.TherapistFactory(name="Tess")
    counts.add(counters.SHOWN, [tess.pk])
    with transaction.atomic():
        Therapist.objects.select_for_update().get(pk=tess.pk)
        in_thread(counts.write)
        assert counts.held == {}
    assert written() == {"Tess": (1, 0, 0)}


@pytest.mark.django_db(transaction=True)
def test_many_processes_at_once_lose_nothing_and_never_wait_for_each_other():
    people = [one.pk for one in factories.TherapistFactory.create_batch(12)]
    processes = [Counts() for _ in range(4)]

    def work(mine, order):
        for _ in range(15):
            mine.add(counters.SHOWN, order)
            mine.write()

    in_thread(
        *(
            lambda mine=mine, turn=turn: work(mine, people[turn:] + people[:turn])
            for turn, mine in enumerate(processes)
        )
    )
    assert [one.held for one in processes] == [{}] * 4
    assert set(ProfileDay.objects.values_list("shown", flat=True)) == {60}
    assert DirectoryDay.objects.get().shown == 12 * 60


def in_thread(*jobs):
    """Run each in a thread of its own, with a database connection of its own."""

    def run(job):
        try:
            job()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_ends_writes_down_what_it_has_counted(tmp_path):
    tess = factories.TherapistFactory(name="Tess")
    env = environment(
        tmp_path / "var", **KEYS, HTTPS="false", PORT=free_port(), WEB_CONCURRENCY=1,
        DATABASE_URL=database_url(), COUNTS_WRITTEN_EVERY=3600,
    )  # fmt: skip
    assert manage("collectstatic", "--noinput", "-v0", env=env).returncode == 0
    with Site("-m", "gunicorn", "directory.wsgi", env=env, log=tmp_path / "said.txt") as site:
        site.wait("/healthz")
        for address in ("/therapists/", tess.get_absolute_url(), tess.get_absolute_url()):
            with urllib.request.urlopen(site.address(address), timeout=20) as answer:
                assert answer.status == 200
        assert site.end(signal.SIGTERM) == 0
    day = ProfileDay.objects.get()
    assert day.opened in (1, 2)  # the first answer of a process is written at once
    assert day.opened + day.shown == 3


def test_old_days_are_erased_and_the_rest_is_kept(settings):
    settings.COUNTS_KEPT_FOR = 10
    tess = factories.TherapistFactory()
    for age in (0, 10, 11, 400):
        day = factories.days_ago(age)
        ProfileDay.objects.create(therapist=tess, day=day, shown=1)
        DirectoryDay.objects.create(day=day, shown=1, listed=1)
    ProfileDay.objects.create(therapist_id=tess.pk + 99, day=factories.today(), shown=1)
    out = StringIO()
    call_command("erase_old_counts", stdout=out)
    assert "Days erased: 2." in out.getvalue()
    assert "Counts of deleted profiles erased: 1." in out.getvalue()
    kept = {factories.today(), factories.days_ago(10)}
    assert set(ProfileDay.objects.values_list("day", flat=True)) == kept
    assert set(DirectoryDay.objects.values_list("day", flat=True)) == kept
    call_command("erase_old_counts", stdout=out)
    assert "Days erased: 0." in out.getvalue()
