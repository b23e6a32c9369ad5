"""What clients wrote is erased when its time is over, and its keys can be changed."""

import io
import secrets
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from tests import factories
from tests.therapists.contact.cast import SAID, WORDS, letter_of, written
from therapists.contact import delivery, messages, queue
from therapists.models import Delivery, Message

pytestmark = pytest.mark.django_db

OLD, NEW = "an old key of more than thirty-two characters", "a new key of more than thirty-two"


def ran(name, *arguments):
    out = io.StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


def ask(query, *values):
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall() if cursor.description else None


def written_days_ago(days, **options):
    message = written(**options)
    received = timezone.now() - timedelta(days=days)
    Message.objects.filter(pk=message.pk).update(received_at=received)
    return message


# --- Erasing --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "left"), [(0, 1), (89, 1), (90, 0), (400, 0)])
def test_what_is_older_than_its_time_is_erased_with_its_letters(days, left):
    written_days_ago(days)
    assert ran("erase_messages") == f"Messages erased: {1 - left}.\n"
    assert (Message.objects.count(), Delivery.objects.count()) == (left, left)


def test_another_time_can_be_given_for_once():
    written_days_ago(8), written_days_ago(6)
    assert ran("erase_messages", "--older-than", "7") == "Messages erased: 1.\n"
    assert ran("erase_messages", "--older-than", "0") == "Messages erased: 1.\n"


def test_the_queue_erases_by_the_clock():
    from procrastinate.contrib.django import app

    written_days_ago(91)
    app.tasks["therapists.erase_messages"](timestamp=0)
    assert not Message.objects.exists()
    clocks = {task for task, _ in app.periodic_registry.periodic_tasks}
    assert clocks >= {"therapists.erase_messages", "therapists.tidy_queue"}


def test_many_are_erased_in_portions():
    tess = factories.TherapistFactory()
    day = timezone.now() - timedelta(days=100)
    Message.objects.bulk_create(
        Message(therapist=tess, mark=secrets.token_hex(16), sealed=b"x", received_at=day)
        for _ in range(1201)
    )
    assert messages.erase_old() == 1201


def in_all_tables(words):
    """(table, word) wherever a word stands, in any column of any table."""
    tables = ask("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
    return [
        (table, word)
        for (table,) in tables
        for word in words
        if ask(f'SELECT 1 FROM "{table}" t WHERE t::text ILIKE %s LIMIT 1', f"%{word}%")
    ]


@pytest.mark.parametrize("ends", ["waiting", "delivered", "dead"])
def test_neither_before_nor_after_is_there_a_trace(ends, staff_user, settings, caplog):
    message = written()
    held = letter_of(message)
    if ends == "delivered":
        delivery.deliver(held.pk)
    elif ends == "dead":
        Delivery.objects.update(state=Delivery.State.DEAD, fault="Refused (550).")
        delivery.close(held, by=staff_user)
        delivery.try_again(held, by=staff_user)
        assert LogEntry.objects.count() == 2
    assert in_all_tables(WORDS) == []
    messages.erase(message)

    left = [message.mark, *WORDS, "Message to"]
    assert in_all_tables(left) == []
    assert not Delivery.objects.exists()
    assert not any(word in caplog.text for word in left)


def test_a_job_holds_a_number_alone():
    held = letter_of(written())
    jobs = ask("SELECT args, lock, queueing_lock FROM procrastinate_jobs ORDER BY id DESC LIMIT 1")
    assert jobs == [(f'{{"delivery": {held.pk}}}', None, None)]


# --- Changing keys --------------------------------------------------------------------------------


def test_keys_are_changed_by_a_command_that_can_be_run_again(settings):
    settings.MESSAGE_KEYS = [OLD]
    message = written()
    settings.MESSAGE_KEYS = [NEW, OLD]
    other = written("otto@post.example")

    said = ran("rotate_message_keys")
    assert "sealed under the first key: 1." in said
    assert "so already: 1." in said
    settings.MESSAGE_KEYS = [NEW]
    for one in (message, other):
        one.refresh_from_db()
        assert one.said == SAID
    assert "sealed under the first key: 0." in ran("rotate_message_keys")


def test_what_no_key_opens_is_counted_and_stays(settings):
    settings.MESSAGE_KEYS = [OLD]
    message = written()
    settings.MESSAGE_KEYS = [NEW]
    with pytest.raises(CommandError, match="no key in MESSAGE_KEYS opens: 1"):
        ran("rotate_message_keys")
    settings.MESSAGE_KEYS = [OLD]
    message.refresh_from_db()
    assert message.said == SAID


def test_without_messages_there_is_nothing_to_do():
    assert "needed no longer" in ran("rotate_message_keys")
    assert ran("erase_messages") == "Messages erased: 0.\n"


# --- Whether letters leave ------------------------------------------------------------------------


def a_worker(seconds_ago=0):
    ask("TRUNCATE procrastinate_workers CASCADE")
    ask(
        "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s * interval '1 s')",
        seconds_ago,
    )


def test_letters_leave_while_a_worker_is_heard_of():
    a_worker(seconds_ago=9)
    written()
    said = ran("check_queue")
    assert "Letters on their way: 1." in said
    assert said.endswith("Letters leave.\n")


@pytest.mark.parametrize("seconds_ago", [None, 61, 4000])
def test_a_worker_that_does_not_run_is_told(seconds_ago):
    ask("TRUNCATE procrastinate_workers CASCADE")
    if seconds_ago:
        a_worker(seconds_ago)
    with pytest.raises(CommandError, match="worker does not run: manage.py work_queue"):
        ran("check_queue")


def test_a_letter_that_should_have_left_is_told():
    a_worker()
    held = letter_of(written())
    Delivery.objects.filter(pk=held.pk).update(due_at=timezone.now() - timedelta(minutes=16))
    with pytest.raises(CommandError, match="due for more than 15 minutes"):
        ran("check_queue")
    Delivery.objects.filter(pk=held.pk).update(due_at=timezone.now() + timedelta(days=1))
    assert "Letters leave." in ran("check_queue")


def test_letters_given_up_are_told_until_staff_close_them(staff_user):
    a_worker()
    held = letter_of(written())
    Delivery.objects.update(state=Delivery.State.DEAD)
    with pytest.raises(CommandError, match="given up, which staff have to look at: 1"):
        ran("check_queue")
    delivery.close(held, by=staff_user)
    assert "Letters leave." in ran("check_queue")


def test_how_letters_stand_is_asked_in_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        queue.health()


# --- What the queue itself leaves behind ----------------------------------------------------------


def a_job(status, days_ago=0):
    [(job,)] = ask(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status)"
        " VALUES ('default', 'x', '{}', 'todo') RETURNING id"
    )
    ask("UPDATE procrastinate_jobs SET status = %s WHERE id = %s", status, job)
    moved = "UPDATE procrastinate_events SET at = at - %s * interval '1 day' WHERE job_id = %s"
    ask(moved, days_ago, job)
    return job


def test_jobs_that_are_over_or_stranded_are_erased_with_all_that_is_known_of_them():
    kept = {a_job("todo", 40), a_job("doing")}
    gone = [a_job("doing", 2), a_job("failed"), a_job("succeeded"), a_job("aborted")]
    queue.tidy()
    left = {job for (job,) in ask("SELECT id FROM procrastinate_jobs")}
    assert kept <= left
    assert left.isdisjoint(gone)
    events = {job for (job,) in ask("SELECT job_id FROM procrastinate_events")}
    assert events.isdisjoint(gone)


def test_the_clock_leaves_one_row_for_each_of_its_tasks():
    for hour in range(3):
        ask(
            "SELECT procrastinate_defer_periodic_job_v2"
            "('default', NULL, NULL, 'therapists.tidy_queue', 0, '', %s, '{}')",
            hour,
        )
    rows = ask(
        "SELECT count(*) FROM procrastinate_periodic_defers WHERE task_name = %s",
        "therapists.tidy_queue",
    )
    assert rows == [(1,)]
