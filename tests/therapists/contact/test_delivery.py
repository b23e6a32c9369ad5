"""A letter that leaves: what the mail server may say, and what then stands in its row."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db.models import F
from django.utils import timezone

from tests.mail import HANGS_UP
from tests.processes import wait_until
from tests.therapists.contact.cast import SAID, WORDS, letter_of, written
from therapists.contact import delivery, handed_over, messages, queue
from therapists.models import Delivery, Message, Therapist

pytestmark = pytest.mark.django_db

State = Delivery.State


@pytest.fixture
def server(postbox):
    return postbox


def tried(message):
    """Its letter after one more try, whenever that was due."""
    Delivery.objects.filter(message=message).update(due_at=timezone.now())
    delivery.deliver(letter_of(message).pk)
    return letter_of(message)


def time_passes(held, **time):
    """So much time has passed since whatever stands in this row."""
    passed = {
        name: F(name) - timedelta(**time)
        for name in ("queued_at", "due_at", "refused_at", "tried_at")
    }
    Delivery.objects.filter(pk=held.pk).update(**passed)


def until_it_is_over(message, most=30):
    held = tried(message)
    while held.state == State.WAITING and held.attempts < most:
        held = tried(message)
    return held


def test_a_message_arrives_with_its_words_and_can_be_replied_to(server):
    message = written()

    held = tried(message)

    assert held.state == State.DELIVERED
    assert held.delivered_at
    assert held.fault == ""
    message.refresh_from_db()
    assert message.handed_on_at == held.delivered_at
    [letter] = server.letters
    assert letter["To"] == "tess@post.example"
    assert letter["Reply-To"] == SAID["email"]
    assert SAID["text"] in letter.get_content()


def test_what_is_sent_is_not_sent_again(server):
    message = written()
    for _ in range(3):
        tried(message)
    assert len(server.letters) == 1


def test_a_letter_that_is_not_due_stays(server):
    message = written()
    Delivery.objects.update(due_at=timezone.now() + timedelta(seconds=30))
    delivery.deliver(letter_of(message).pk)
    assert not server.letters


def test_what_was_erased_meanwhile_sends_nothing(server):
    message = written()
    number = letter_of(message).pk
    messages.erase(message)
    delivery.deliver(number)
    assert not server.letters


def test_who_withdrew_meanwhile_gets_what_was_written_to_them(server):
    message = written()
    Therapist.objects.update(status=Therapist.Status.WITHDRAWN)
    assert tried(message).state == State.DELIVERED


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("answer", ["451 try later", "421 closing", HANGS_UP])
def test_what_is_the_matter_for_now_is_tried_again(server, stage, answer):
    message = written()
    server.says(stage, answer, times=1)

    held = tried(message)

    assert (held.state, held.attempts) == (State.WAITING, 1)
    assert held.due_at > timezone.now() + timedelta(seconds=50)
    assert held.fault.startswith("The mail server")
    assert tried(message).state == State.DELIVERED
    assert len(server.letters) == 1


@pytest.mark.parametrize(
    ("stage", "answer"),
    [
        ("MAIL", "550 5.7.1 sender rejected"),
        ("MAIL", "552 5.3.4 too large"),
        ("RCPT", "530 5.7.0 must issue STARTTLS first"),
        ("RCPT", "550 5.7.1 relaying denied"),
        ("RCPT", "554 5.7.1 blocked by our list"),
        ("RCPT", "552 5.2.2 mailbox full"),
        ("RCPT", "503 5.5.1 authenticate first"),
        ("DATA", "554 5.7.1 message rejected by policy"),
        ("DATA", "552 5.3.4 size"),
        ("DATA", "550 5.3.0 out of service"),
    ],
)
def test_what_is_the_servers_fault_or_ours_ends_no_letter(server, stage, answer):
    message = written()
    server.says(stage, answer)
    for _ in range(4):
        held = tried(message)
        time_passes(held, days=1)
    assert (held.state, held.attempts, held.refused_at) == (State.WAITING, 4, None)

    server.says_nothing_special()
    assert tried(message).state == State.DELIVERED


@pytest.mark.parametrize(
    ("stage", "answer", "fault"),
    [
        ("RCPT", "550 5.1.1 unknown", "The mail server refused the address (550)."),
        ("RCPT", "550 nobody of this name", "The mail server refused the address (550)."),
        ("RCPT", "553 5.1.3 bad address", "The mail server refused the address (553)."),
        ("RCPT", "551 5.1.6 moved away", "The mail server refused the address (551)."),
        ("DATA", "554 5.6.0 malformed", "The mail server refused the letter (554)."),
        ("DATA", "554 no", "The mail server refused the letter (554)."),
    ],
)
def test_a_refusal_for_good_is_believed_when_it_is_said_again_hours_later(
    server, stage, answer, fault
):
    message = written()
    server.says(stage, answer)

    held = tried(message)
    assert (held.state, held.fault) == (State.WAITING, fault)
    assert held.due_at - held.refused_at == timedelta(hours=6)
    assert tried(message).state == State.WAITING  # asked too soon
    time_passes(held, hours=6)
    held = tried(message)

    assert (held.state, held.fault) == (State.DEAD, fault)
    message.refresh_from_db()
    assert message.handed_on_at is None


def test_a_server_that_was_set_up_wrongly_for_an_hour_ends_no_letter(server):
    message = written()
    server.says("RCPT", "550 5.1.1 I know nobody", times=1)
    time_passes(tried(message), hours=6)
    server.says("RCPT", "451 4.3.0 just a moment", times=1)
    time_passes(tried(message), hours=6)
    server.says("RCPT", "550 5.1.1 I know nobody", times=1)
    assert tried(message).state == State.WAITING  # the first of a new row of refusals
    assert tried(message).state == State.DELIVERED


def test_a_mail_server_that_says_nothing_is_waited_for_no_longer_than_its_time(server, settings):
    settings.EMAIL_TIMEOUT = 0.3
    server.may_take.clear()
    message = written()
    assert tried(message).fault.startswith("The mail server could not be reached")
    wait_until(lambda: server.busy == 0)
    server.may_take.set()
    settings.EMAIL_TIMEOUT = 15
    assert tried(message).state == State.DELIVERED
    assert len(server.letters) == 1


def test_a_wrong_password_is_ours(server, settings):
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "attune", "wrong"
    held = tried(written())
    assert held.state == State.WAITING
    assert held.fault.startswith("The mail server could not")


def test_without_a_mail_server_it_waits_longer_each_time_and_then_staff_are_told(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    message, waits = written(), []
    while (held := tried(message)).state == State.WAITING:
        waits.append(round((held.due_at - held.tried_at).total_seconds()))

    assert waits == settings.DELIVERY_WAITS
    assert waits == sorted(waits)
    assert 5 <= sum(waits) / 86_400 < 6
    assert held.state == State.DEAD
    assert held.fault == "The mail server could not be reached (ConnectionRefusedError)."


def test_a_letter_to_nobody_is_given_up_at_once(server):
    held = tried(written(to=""))
    assert (held.state, held.fault) == (State.DEAD, "There is no e-mail address to send it to.")


def test_with_a_lost_key_it_waits_for_the_key(server, settings):
    message, keys = written(), settings.MESSAGE_KEYS
    settings.MESSAGE_KEYS = ["another key of more than thirty-two characters"]
    held = tried(message)
    assert held.state == State.WAITING
    assert "MESSAGE_KEYS" in held.fault
    settings.MESSAGE_KEYS = [*settings.MESSAGE_KEYS, *keys]
    assert tried(message).state == State.DELIVERED


def test_a_fault_of_ours_is_tried_again(server, settings):
    settings.DEFAULT_FROM_EMAIL = "two\nlines@directory.example"
    held = tried(written())
    assert (held.state, held.attempts) == (State.WAITING, 1)
    assert held.fault == "Something went wrong on our side (ValueError)."


def test_nothing_of_it_stands_in_a_fault_or_an_exception(server, caplog):
    server.says("RCPT", "550 <tess@post.example> has no quagmire of ines@client.example")
    held = until_it_is_over(written(), most=3)
    ours = [record for record in caplog.records if record.name != "mail.log"]
    told = held.fault + str([record.getMessage() for record in ours])
    assert not any(word in told for word in [*WORDS, "tess@post"])


def test_a_worker_that_was_killed_over_a_letter_leaves_it_due_again(server, settings):
    message = written()
    taken = delivery._taken(letter_of(message).pk)  # and then it was killed
    assert taken.attempts == 1
    delivery.deliver(taken.pk)
    assert not server.letters
    time_passes(taken, seconds=settings.DELIVERY_LEASE)
    delivery.deliver(taken.pk)
    assert len(server.letters) == 1


# --- It left, and the database could not be told --------------------------------------------------


@pytest.fixture
def noted(server):
    """A letter that the mail server has, while its row says that it waits."""
    held = letter_of(written())
    taken = delivery._taken(held.pk)
    handed_over.note(taken)
    return taken


def test_what_is_noted_as_taken_is_not_sent_again(
    noted, server, django_capture_on_commit_callbacks
):
    Delivery.objects.update(due_at=timezone.now())  # the lease is over
    with django_capture_on_commit_callbacks(execute=True):
        delivery.deliver(noted.pk)
    noted.refresh_from_db()
    assert (noted.state, noted.attempts, server.letters) == (State.DELIVERED, 1, [])
    assert Message.objects.get().handed_on_at
    assert not handed_over.is_noted(noted)


def test_a_note_of_another_try_counts_for_nothing(noted, server):
    # Staff sent it on its way again; or a database was restored, and numbers begin anew.
    Delivery.objects.update(state=State.DEAD)
    delivery.try_again(noted, by=None)
    delivery.deliver(noted.pk)
    assert len(server.letters) == 1
    time_passes(letter_of(noted.message), hours=1)
    Delivery.objects.update(state=State.WAITING, delivered_at=None)
    delivery.deliver(noted.pk)
    assert len(server.letters) == 2


def test_a_disk_that_takes_no_note_stops_no_letter(server, settings, tmp_path, caplog):
    (tmp_path / "handed-over").write_text("a file where a folder should be")
    settings.VAR_DIR = tmp_path
    assert tried(written()).state == State.DELIVERED
    assert len(server.letters) == 1
    assert "No note could be made of a letter that left (FileExistsError)" in caplog.text


def test_notes_go_with_what_no_longer_waits(noted):
    other = delivery._taken(letter_of(written()).pk)
    handed_over.note(other)
    messages.erase(noted.message)
    queue.tidy()
    assert handed_over.is_noted(other)
    assert not handed_over.is_noted(noted)
    Delivery.objects.update(state=State.DEAD)
    queue.tidy()
    assert not handed_over.is_noted(other)


def test_a_letter_that_kills_every_worker_is_given_up_in_the_end():
    message = written()
    for _ in range(11):
        Delivery.objects.update(due_at=timezone.now())
        assert delivery._taken(letter_of(message).pk)
    assert tried(message).state == State.DEAD


# --- What staff do with those that were given up --------------------------------------------------


@pytest.fixture
def dead(db):
    held = letter_of(written())
    Delivery.objects.filter(pk=held.pk).update(
        state=State.DEAD, attempts=11, fault="The address gave it back (5.1.1).",
        refused_at=timezone.now(),
    )  # fmt: skip
    held.refresh_from_db()
    return held


def test_staff_send_it_on_its_way_again(dead, server, staff_user):
    delivery.try_again(dead, by=staff_user)
    dead.refresh_from_db()
    assert (dead.state, dead.attempts, dead.fault) == (State.WAITING, 0, "")
    assert dead.refused_at is None
    delivery.deliver(dead.pk)
    assert len(server.letters) == 1


def test_staff_close_it(dead, staff_user):
    delivery.close(dead, by=staff_user)
    dead.refresh_from_db()
    assert dead.closed_on == timezone.localdate()
    assert dead.closed_by == staff_user
    with pytest.raises(ValidationError, match="closed this already"):
        delivery.close(dead, by=staff_user)


def test_what_was_closed_can_still_be_sent(dead, server, staff_user):
    delivery.close(dead, by=staff_user)
    delivery.try_again(dead, by=staff_user)
    dead.refresh_from_db()
    assert (dead.closed_on, dead.closed_by) == (None, None)


@pytest.mark.parametrize("verb", [delivery.try_again, delivery.close])
def test_what_was_not_given_up_is_left_alone(verb, staff_user):
    held = letter_of(written())
    with pytest.raises(ValidationError, match="On its way"):
        verb(held, by=staff_user)


@pytest.mark.parametrize("verb", [delivery.try_again, delivery.close])
def test_what_was_erased_meanwhile_is_a_sentence(verb, dead, staff_user):
    Message.objects.all().delete()
    with pytest.raises(ValidationError, match="erased meanwhile"):
        verb(dead, by=staff_user)


def test_a_message_that_is_sent_twice_has_one_letter():
    message = written()
    again = messages.take(message.therapist, SAID, mark=message.mark)
    assert again == message
    assert Delivery.objects.count() == 1


def test_the_outbox_of_a_site_without_mail_server_gets_it_too():
    assert tried(written()).state == State.DELIVERED
    assert len(mail.outbox) == 1
