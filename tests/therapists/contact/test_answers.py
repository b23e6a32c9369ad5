"""A therapist decides on a message: once, and what was a wrong click can be taken back."""

import json
import threading
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from tests import factories
from tests.processes import wait_until
from tests.therapists.contact.people import written
from therapists import publishing
from therapists.contact import answers, delivery, messages
from therapists.models import Delivery, Message, Therapist

pytestmark = pytest.mark.django_db

State, Kind = Message.State, Delivery.Kind
VERBS = [answers.answered, answers.no_room, answers.refer, answers.spam]


def kinds(message):
    return list(message.deliveries.order_by("kind").values_list("kind", flat=True))


def delivered(message, kind):
    message.deliveries.filter(kind=kind).update(state="delivered", delivered_at=timezone.now())


def jobs():
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs")
        return [json.loads(row[0]) for row in cursor.fetchall()]


def test_answered_mails_nobody(profile, owner_user):
    message = answers.answered(written(profile), by=owner_user)
    message.refresh_from_db()
    assert message.state == State.ANSWERED
    assert timezone.now() - message.answered_at < timedelta(minutes=1)
    assert kinds(message) == []
    profile.refresh_from_db()
    assert profile.availability == "open"


def test_no_room_closes_the_profile_and_queues_the_letter(profile, owner_user):
    profile.availability_confirmed_on = factories.days_ago(50)
    profile.save()
    message = answers.no_room(written(profile), by=owner_user, note="Try me\r\nin May.\0")
    profile.refresh_from_db()
    assert (profile.availability, profile.availability_confirmed_on) == ("full", factories.today())
    message.refresh_from_db()
    assert (message.state, kinds(message)) == (State.FULL, [Kind.FULL])
    assert message.said["note"] == "Try me\nin May."
    assert message.said["text"] == "I can't sleep since my mother died."
    assert jobs() == [{"delivery": message.deliveries.get().pk}]


def test_not_a_fit_leaves_the_profile_open(profile, owner_user):
    message = answers.refer(written(profile), by=owner_user)
    profile.refresh_from_db()
    assert profile.availability == "open"
    assert (message.state, kinds(message)) == (State.REFERRED, [Kind.REFERRED])


@pytest.mark.parametrize("verb", [answers.no_room, answers.refer])
def test_who_left_a_phone_alone_gets_no_letter(profile, owner_user, verb):
    message = verb(written(profile, email="", phone="503 555 0134"), by=owner_user)
    assert message.answered_at
    assert kinds(message) == []
    assert jobs() == []


@pytest.mark.parametrize("verb", [answers.no_room, answers.refer])
def test_too_many_own_words_change_nothing(profile, owner_user, verb):
    message = written(profile)
    with pytest.raises(ValidationError, match="at most 1,000 characters. Take out 5"):
        verb(message, by=owner_user, note="x" * 1005)
    message.refresh_from_db()
    profile.refresh_from_db()
    assert (message.state, profile.availability, kinds(message)) == (State.SENT, "open", [])


def test_spam_drops_the_letters_that_have_not_left(profile, owner_user):
    message = messages.take(profile, {"email": "a@b.example", "text": "Hi"}, mark="m", receipt=True)
    assert kinds(message) == [Kind.MESSAGE, Kind.RECEIPT]
    delivered(message, Kind.MESSAGE)
    answers.spam(message, by=owner_user)
    message.refresh_from_db()
    assert (message.state, message.answered_at) == (State.SPAM, None)
    assert kinds(message) == [Kind.MESSAGE]


@pytest.mark.parametrize("first", VERBS)
@pytest.mark.parametrize("second", VERBS)
def test_what_is_decided_stands_and_the_second_is_told(profile, owner_user, first, second):
    message = written(profile)
    state = first(message, by=owner_user).state
    before = Message.objects.values().get(), kinds(message), LogEntry.objects.count()
    with pytest.raises(ValidationError, match=f"This was {answers.DECIDED[state]}"):
        second(message, by=owner_user)
    assert (Message.objects.values().get(), kinds(message), LogEntry.objects.count()) == before
    profile.refresh_from_db()
    assert profile.availability == ("full" if first == answers.no_room else "open")


@pytest.mark.parametrize("verb", VERBS)
def test_a_wrong_click_is_taken_back_while_nothing_was_mailed(profile, owner_user, verb):
    message = verb(written(profile), by=owner_user)
    assert answers.can_be_taken_back(message)
    message = answers.take_back(message, by=owner_user)
    assert (message.state, message.answered_at, kinds(message)) == (State.SENT, None, [])
    answers.refer(message, by=owner_user)  # and then it can be decided anew
    assert kinds(message) == [Kind.REFERRED]


@pytest.mark.parametrize("verb", [answers.no_room, answers.refer])
def test_what_was_mailed_is_not_taken_back(profile, owner_user, verb):
    message = verb(written(profile), by=owner_user)
    delivered(message, answers.LETTERS[message.state])
    assert not answers.can_be_taken_back(message)
    with pytest.raises(ValidationError, match="letter to them has left"):
        answers.take_back(message, by=owner_user)
    message.refresh_from_db()
    assert message.answered_at


def test_what_may_be_in_the_mail_servers_hands_is_not_taken_back(profile, owner_user):
    message = answers.refer(written(profile), by=owner_user)
    message.deliveries.update(attempts=1, tried_at=timezone.now())
    assert not answers.can_be_taken_back(message)
    with pytest.raises(ValidationError, match="is leaving now"):
        answers.take_back(message, by=owner_user)
    assert kinds(message) == [Kind.REFERRED]


def test_a_letter_that_never_arrived_does_not_hold_it(profile, owner_user):
    message = answers.refer(written(profile), by=owner_user)
    message.deliveries.update(state="dead", attempts=9, fault="refused")
    assert answers.can_be_taken_back(message)
    assert answers.take_back(message, by=owner_user).state == State.SENT


def test_a_letter_to_the_client_waits_for_minutes_in_which_it_can_be_taken_back(
    profile, owner_user, settings
):
    settings.ANSWERS_LEAVE_AFTER = 300
    message = answers.refer(written(profile), by=owner_user)
    letter = message.deliveries.get()
    wait = letter.due_at - letter.queued_at
    assert timedelta(seconds=299) < wait < timedelta(seconds=301)
    assert scheduled() == [letter.due_at]  # and nobody looks at it before
    answers.take_back(message, by=owner_user)
    answers.no_room(message, by=owner_user)
    assert kinds(message) == [Kind.FULL]


def scheduled():
    with connection.cursor() as cursor:
        cursor.execute("SELECT scheduled_at FROM procrastinate_jobs")
        return [at for (at,) in cursor.fetchall()]


def test_no_room_is_taken_back_on_the_profile_too_and_what_changed_since_stands(
    profile, owner_user
):
    message = answers.no_room(written(profile), by=owner_user)
    answers.take_back(message, by=owner_user, profile_too=True)
    profile.refresh_from_db()
    assert profile.availability == "open"

    message = answers.no_room(message, by=owner_user)
    publishing.confirm_availability(profile, by=owner_user, availability="waiting-list")
    answers.take_back(message, by=owner_user, profile_too=True)
    profile.refresh_from_db()
    assert profile.availability == "waiting-list"

    answers.refer(message, by=owner_user)
    Therapist.objects.update(availability="full")  # by another message
    answers.take_back(message, by=owner_user, profile_too=True)
    profile.refresh_from_db()
    assert profile.availability == "full"


def test_a_profile_is_not_opened_where_the_letter_has_left(profile, owner_user):
    message = answers.no_room(written(profile), by=owner_user)
    delivered(message, Kind.FULL)
    with pytest.raises(ValidationError, match="has left"):
        answers.take_back(message, by=owner_user, profile_too=True)
    profile.refresh_from_db()
    assert profile.availability == "full"


def test_an_open_message_cannot_be_opened(profile, owner_user):
    with pytest.raises(ValidationError, match="open already"):
        answers.take_back(written(profile), by=owner_user)


@pytest.mark.parametrize("verb", [*VERBS, answers.take_back])
def test_what_is_held_or_erased_is_not_there(profile, owner_user, verb):
    held = written(profile, state=State.HELD, held_for="a link")
    gone = written(profile)
    Message.objects.filter(pk=gone.pk).delete()
    for message in (held, gone):
        with pytest.raises(ValidationError, match="not here any more"):
            verb(message, by=owner_user)
    profile.refresh_from_db()
    assert profile.availability == "open"


def test_without_the_key_it_can_be_closed_but_nobody_written_to(profile, owner_user, settings):
    message = written(profile)
    settings.MESSAGE_KEYS = ["another key, which is also long enough to be taken"]
    with pytest.raises(ValidationError, match="cannot read this message"):
        answers.no_room(message, by=owner_user)
    profile.refresh_from_db()
    assert profile.availability == "open"
    assert answers.answered(message, by=owner_user).state == State.ANSWERED


def test_the_history_says_who_and_what_without_a_word_of_it(profile, owner_user):
    message = written(profile)
    answers.no_room(message, by=owner_user, note="Try me in May.")
    answers.take_back(message, by=owner_user)
    answers.answered(message, by=owner_user)
    lines = LogEntry.objects.order_by("pk")
    assert [(line.content_type.model, line.change_message) for line in lines] == [
        ("therapist", "Availability confirmed."),
        ("message", "Answered with “no room”."),
        ("message", "Opened again."),
        ("message", "Marked as answered."),
    ]
    assert {line.user for line in lines} == {owner_user}
    kept = str(list(lines.values()))
    assert not any(word in kept for word in ("Ines", "ines@", "sleep", "May."))

    messages.erase(message)
    assert [line.change_message for line in lines.all()] == ["Availability confirmed."]


# --- Two at once ----------------------------------------------------------------------------------


def at_once(*acts):
    """What came of each: a row, or the sentence of a refusal."""
    outcomes, barrier = [], threading.Barrier(len(acts))

    def run(act):
        try:
            barrier.wait(20)
            outcomes.append(act())
        except ValidationError as error:
            outcomes.append(error.messages[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    return outcomes


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("other", VERBS)
def test_of_two_at_once_one_decides(profile, owner_user, other):
    message = written(profile)
    outcomes = at_once(
        lambda: answers.no_room(message, by=owner_user), lambda: other(message, by=owner_user)
    )
    rows = [one for one in outcomes if isinstance(one, Message)]
    assert len(rows) == 1
    assert len(outcomes) == 2
    message.refresh_from_db()
    assert message.state == rows[0].state
    assert len(kinds(message)) == (message.state in answers.LETTERS)
    profile.refresh_from_db()
    assert profile.availability == ("full" if message.state == State.FULL else "open")


@pytest.mark.django_db(transaction=True)
def test_who_erases_while_somebody_decides_erases_all_of_it(profile, owner_user):
    message = written(profile)
    with transaction.atomic():
        answers.refer(message, by=owner_user)
        erasing = threading.Thread(target=at_once, args=[lambda: messages.erase(message)])
        erasing.start()
        wait_until(lambda: waits_for_a_row())
    erasing.join(40)
    assert not Message.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("erase", [messages.erase, lambda message: messages.erase_old(0)])
def test_who_erases_while_a_worker_writes_down_what_it_sent_ends_neither(profile, erase):
    message = written(profile)
    delivery.queue(message, Kind.MESSAGE)
    outcomes = []
    with transaction.atomic():
        message.deliveries.update(attempts=1)  # its letter first, and then the message
        erasing = threading.Thread(target=lambda: outcomes.extend(at_once(lambda: erase(message))))
        erasing.start()
        wait_until(lambda: waits_for_a_row())
        Message.objects.filter(pk=message.pk).update(handed_on_at=timezone.now())
    erasing.join(40)
    assert len(outcomes) == 1
    assert not Message.objects.exists()


def waits_for_a_row():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


@pytest.mark.django_db(transaction=True)
def test_a_letter_that_is_leaving_at_this_moment_is_not_called_back(profile, owner_user):
    """And whoever tries waits for no mail server."""
    message = answers.refer(written(profile), by=owner_user)
    with transaction.atomic():
        Delivery.objects.select_for_update().get()  # as who sends it holds it
        (outcome,) = at_once(lambda: answers.take_back(message, by=owner_user))
    assert "letter to them has left" in outcome
    assert kinds(message) == [Kind.REFERRED]
