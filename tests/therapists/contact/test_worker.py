"""The queue's worker as a process: letters leave, once, whatever dies meanwhile."""

import asyncio
import contextlib
import random
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import OperationalError, connection
from procrastinate.contrib.django import app

from tests.mail import HANGS_UP, MailServer
from tests.processes import Site, database_url, environment, wait_until
from tests.therapists.contact.cast import WORDS, letter_of, written
from therapists.contact import messages
from therapists.models import Delivery, Message
from therapists.worker import _side_by_side

pytestmark = pytest.mark.django_db(transaction=True)

State = Delivery.State


def ask(query, *values):
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else None


@pytest.fixture(autouse=True)
def empty_queue(transactional_db):
    ask("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


@pytest.fixture
def server():
    with MailServer() as server:
        yield server


@pytest.fixture
def work(server, tmp_path, settings):
    """Starts a worker on what the test has written; none of them outlives it."""
    started = []

    def work(*arguments, **variables):
        env = environment(
            tmp_path, DATABASE_URL=database_url(), DJANGO_SETTINGS_MODULE="tests.hurried",
            EMAIL_URL=f"smtp://127.0.0.1:{server.port}", HTTPS="false", PORT=0,
            SECRET_KEY=settings.SECRET_KEY, MESSAGE_KEYS=settings.MESSAGE_KEYS[0], **variables,
        )  # fmt: skip
        log = tmp_path / f"worker-{len(started)}.txt"
        started.append(Site("manage.py", "work_queue", *arguments, env=env, log=log))
        return started[-1]

    yield work
    for one in started:
        one.__exit__()
    ask(HANG_UP)


# The database hangs up on everybody but the test.
HANG_UP = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def all_arrive(seconds=40):
    """The last letter leaves before long. What each row says is in the failure, should it not."""
    left = Delivery.objects.exclude(state=State.DELIVERED)
    try:
        wait_until(lambda: not left.exists(), seconds)
    except AssertionError:
        assert list(left.values("state", "attempts", "fault")) == []


def test_what_was_taken_arrives_and_leaves_no_job(work, server):
    message = written()  # before there was a worker
    work()
    all_arrive()
    assert server.receivers == ["tess@post.example"]
    assert Message.objects.get(pk=message.pk).handed_on_at
    wait_until(lambda: ask("SELECT count(*) FROM procrastinate_jobs") == [(0,)])

    written("otto@post.example")  # while it sleeps
    all_arrive()
    assert len(server.letters) == 2


def test_four_leave_at_once_and_one_that_is_slow_holds_up_nobody(work, server):
    server.may_take.clear()
    waiting = [written(f"t{number}@post.example") for number in range(6)]
    work("--concurrency", "4")
    wait_until(lambda: server.busy == 4)

    server.holds = {"t0@post.example"}  # whoever holds the first letter, goes on holding it
    server.may_take.set()
    all_arrive()
    assert server.busiest == 4
    assert set(server.copies.values()) == {1}
    assert len(waiting) == len(server.letters)


def test_a_receiver_whose_server_is_slow_holds_up_nobody(work, server):
    server.may_take.clear()
    server.holds = {"slow@post.example"}
    slow = written("slow@post.example")
    work()
    wait_until(server.asked.is_set)
    for number in range(10):
        written(f"t{number}@post.example")

    wait_until(lambda: len(server.letters) == 10)
    assert letter_of(slow).state == State.WAITING
    server.may_take.set()
    all_arrive()
    assert len(server.letters) == 11


def test_a_letter_without_a_job_gets_one(work, server):
    written()
    ask("TRUNCATE procrastinate_jobs CASCADE")  # a backup that was restored, or whatever
    work()
    all_arrive()
    assert len(server.letters) == 1


def test_asked_to_stop_it_sends_what_it_has_begun(work, server):
    server.may_take.clear()
    written()
    worker = work()
    wait_until(server.asked.is_set)
    worker.process.send_signal(signal.SIGTERM)
    server.may_take.set()

    assert worker.process.wait(20) == 0
    assert letter_of(Message.objects.get()).state == State.DELIVERED
    assert ask("SELECT count(*) FROM procrastinate_workers") == [(0,)]
    assert len(server.letters) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_every_way_of_asking_stops_one_that_has_nothing_to_do(work, number):
    worker = work()
    wait_until(lambda: ask("SELECT count(*) FROM procrastinate_workers") == [(1,)])
    worker.process.send_signal(number)
    assert worker.process.wait(10) == 0
    assert "Traceback" not in worker.said


def test_it_ends_with_the_process_that_it_belongs_to(work, tmp_path):
    script = "import os, sys; os.execv(sys.executable, [sys.executable, '-c', 'input()'])"
    parent = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE)
    worker = work("--belongs-to", str(parent.pid))  # and it is not that one's child
    assert worker.process.wait(20) == 0
    parent.communicate(b"\n")


# --- The worker is killed -------------------------------------------------------------------------


def test_killed_before_the_letter_was_taken_the_next_worker_sends_it_once(work, server):
    server.may_take.clear()
    written()
    worker = work(HURRIED_LEASE=2)
    wait_until(server.asked.is_set)
    worker.end(signal.SIGKILL)
    wait_until(lambda: server.busy == 0)  # the server has seen it go, and thrown the letter away
    server.may_take.set()
    work(HURRIED_LEASE=2)
    all_arrive()
    assert list(server.copies.values()) == [1]


def test_killed_before_it_heard_that_the_letter_was_taken_it_comes_twice_under_one_name(
    work, server
):
    server.may_answer.clear()
    written()
    worker = work(HURRIED_LEASE=2)
    wait_until(server.has_letter.is_set)
    worker.end(signal.SIGKILL)
    server.may_answer.set()
    work(HURRIED_LEASE=2)
    all_arrive()
    [copies] = server.copies.values()  # mail programs show it once
    assert copies >= 2


def test_the_job_of_a_worker_that_was_killed_does_not_stay(work, server):
    server.may_take.clear()
    written()
    worker = work(HURRIED_LEASE=2)
    wait_until(server.asked.is_set)
    worker.end(signal.SIGKILL)
    ask("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '61 seconds'")
    server.may_take.set()
    work(HURRIED_LEASE=2)
    all_arrive()
    wait_until(lambda: ask("SELECT count(*) FROM procrastinate_jobs") == [(0,)])


# --- The mail server goes away --------------------------------------------------------------------


def test_a_mail_server_that_is_away_gets_everything_when_it_is_back(work, server):
    server.die()
    waiting = [written(f"t{number}@post.example") for number in range(5)]
    work()
    wait_until(lambda: Delivery.objects.filter(attempts__gte=2).count() == 5)
    assert letter_of(waiting[0]).fault.startswith("The mail server could not be reached")

    server.live()
    all_arrive()
    assert sorted(server.copies.values()) == [1] * 5


def test_a_mail_server_that_dies_over_a_letter_gets_it_again(work, server):
    server.may_take.clear()
    written()
    work()
    wait_until(server.asked.is_set)
    server.die()
    server.may_take.set()
    server.live()
    all_arrive()
    assert list(server.copies.values()) == [1]


def test_a_mail_server_that_took_a_letter_and_died_before_it_said_so_gets_it_twice_under_one_name(
    work, server
):
    server.says("TAKEN", HANGS_UP, times=1)
    written()
    work()
    all_arrive()
    assert list(server.copies.values()) == [2]


# --- The database goes away -----------------------------------------------------------------------


@pytest.mark.parametrize("gate", ["may_take", "may_answer"])
def test_a_database_that_hangs_up_over_a_letter_gets_it_once(work, server, gate):
    getattr(server, gate).clear()
    written()
    worker = work()
    wait_until(server.asked.is_set)
    ask(HANG_UP)
    getattr(server, gate).set()
    all_arrive()
    written("otto@post.example")  # and the worker goes on
    all_arrive()
    assert sorted(server.copies.values()) == [1, 1]
    assert worker.process.poll() is None
    assert "Traceback" not in worker.said


@contextlib.contextmanager
def an_outage():
    """The database hangs up on everybody, and lets nobody in."""
    name = connection.settings_dict["NAME"]
    gate = f"ALTER DATABASE {connection.ops.quote_name(name)} ALLOW_CONNECTIONS"
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f"{gate} false")
        try:
            cursor.execute(HANG_UP.replace("current_database()", "%s"), [name])
            yield name
        finally:
            cursor.execute(f"{gate} true")


def test_database_and_worker_end_over_a_letter_that_was_taken_and_it_comes_once(
    work, server, tmp_path
):
    server.may_answer.clear()
    number = letter_of(written()).pk
    worker = work(HURRIED_LEASE=2)
    wait_until(server.has_letter.is_set)
    with an_outage():
        server.may_answer.set()
        wait_until((tmp_path / "handed-over" / str(number)).exists)
        worker.end(signal.SIGKILL)
    assert Delivery.objects.get().state == State.WAITING
    work(HURRIED_LEASE=2)
    all_arrive()
    assert list(server.copies.values()) == [1]
    wait_until(lambda: list((tmp_path / "handed-over").iterdir()) == [])


def test_an_outage_is_told_in_two_lines_without_a_detail(work, server):
    worker = work()
    wait_until(lambda: ask("SELECT count(*) FROM procrastinate_workers") == [(1,)])
    with an_outage() as name:
        wait_until(lambda: "The queue stopped" in worker.said)
    wait_until(lambda: "The queue works again" in worker.said)
    written()
    all_arrive()
    assert len(worker.said.strip().splitlines()) == 2, worker.said
    assert name not in worker.said


def test_what_forgets_that_it_was_to_end_is_asked_again():
    async def ends():
        pass

    async def forgets():
        for _ in range(2):
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(60)

    async def both():
        return await asyncio.wait_for(_side_by_side(ends(), forgets()), 20)

    with ThreadPoolExecutor() as thread:  # a browser's loop may run in this one
        assert thread.submit(lambda: asyncio.run(both())).result() == "its connection ended"


JOBS = {
    "therapists.deliver": {"delivery": 1},
    "therapists.erase_messages": {"timestamp": 0},
    "therapists.forget_tallies": {"timestamp": 0},
    "therapists.tidy_queue": {"timestamp": 0},
}


def test_a_job_that_meets_an_outage_leaves_it_to_the_worker_to_tell():
    assert {name for name in app.tasks if name.startswith("therapists.")} == set(JOBS)
    with an_outage():
        for name, given in JOBS.items():
            app.tasks[name](**given)  # raises nothing, or its traceback would be in the log
            assert connection.connection is None


def test_a_fault_of_the_database_that_is_no_outage_is_told():
    other = connection.copy()
    try:
        other.set_autocommit(False)
        other.cursor().execute("LOCK TABLE therapists_contacttally")
        ask("SET lock_timeout = 1")
        with pytest.raises(OperationalError):
            app.tasks["therapists.forget_tallies"](timestamp=0)
    finally:
        other.close()
        ask("SET lock_timeout = 0")


# --- All of it at once ----------------------------------------------------------------------------


def test_whatever_happens_in_whatever_order_everybody_gets_theirs(work, server):
    chance, kills = random.Random(5), 0
    worker = work(HURRIED_LEASE=2)

    def kill_the_worker():
        nonlocal worker, kills
        worker.end(signal.SIGKILL)
        worker, kills = work(HURRIED_LEASE=2), kills + 1

    def restart_the_mail_server():
        server.die()
        server.live()

    faults = [
        lambda: ask(HANG_UP),
        restart_the_mail_server,
        lambda: server.says("DATA", "451 later", times=3),
        lambda: server.says("RCPT", HANGS_UP, times=3),
        lambda: server.says("MAIL", "421 too busy", times=3),
        # Of this one alone: what is said twice of the same letter would be believed.
        lambda: server.says("RCPT", "550 5.1.1 I know nobody", f"t{number}@post.example", times=1),
        lambda: ask("DELETE FROM procrastinate_jobs WHERE status = 'todo'"),
    ]
    plan = [*faults, kill_the_worker, *chance.choices(faults, k=5)]
    chance.shuffle(plan)

    def tried(least):
        return Delivery.objects.filter(attempts__gte=1).count() >= least

    for number, fault in enumerate(plan):
        written(f"t{number}@post.example")
        written(f"u{number}@post.example")
        fault()
        # On to the next while this one's letters are on their way, or put off.
        wait_until(partial(tried, number + 1))
    all_arrive(60)

    names = {}
    for letter in server.letters:
        names.setdefault(letter["To"], set()).add(letter["Message-ID"])
    assert len(names) == 2 * len(plan)
    assert all(len(one) == 1 for one in names.values())
    assert sum(server.copies.values()) - len(server.copies) <= 4 * kills


# --- And tells nobody -----------------------------------------------------------------------------


def test_nothing_that_goes_wrong_writes_down_a_word(work, server):
    server.says("RCPT", "550 <tess@post.example> refuses the quagmire of ines@client.example", "a")
    server.says("DATA", "451 4.7.1 quagmire by ines@client.example", times=3)
    server.says("MAIL", HANGS_UP, times=2)
    worker = work()
    written()
    all_arrive()
    ask(HANG_UP)
    worker.process.send_signal(signal.SIGTERM)
    worker.process.wait(20)
    assert not [word for word in [*WORDS, "tess@post"] if word in worker.said]


def test_erasing_does_not_wait_for_the_mail_server(work, server):
    server.may_take.clear()
    message = written()
    work()
    wait_until(server.asked.is_set)
    messages.erase(message)  # would fail by its time limit, were the row held
    assert not Delivery.objects.exists()
    server.may_take.set()
    wait_until(lambda: server.busy == 0)
