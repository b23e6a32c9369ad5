"""So many messages within an hour, and nobody can read from the counts who that was."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from django.utils import timezone

from tests import factories
from tests.pages import Form, text
from tests.therapists.contact.clients import WORDS, fill, press, send
from therapists.contact import limits
from therapists.models import ContactTally, Message

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_wait")]

HERE, THERE = "8.8.8.8", "9.9.9.9"


@pytest.fixture
def tess():
    return factories.TherapistFactory(
        name="Tess Testwell", slug="tess", email="t@practice.example", phone="(555) 555-0100"
    )


def from_network(client, address):
    client.defaults["REMOTE_ADDR"] = address
    return client


def pass_an_hour():
    ContactTally.objects.update(until=timezone.now() - timedelta(seconds=1))


# --- by network ---


def network(address, told=""):
    headers = {"X-Forwarded-For": told} if told else {}
    return limits.network_of(RequestFactory().get("/", REMOTE_ADDR=address, headers=headers))


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("8.8.8.8", "8.8.8.0/24"),
        ("8.8.8.255", "8.8.8.0/24"),
        ("8.8.9.1", "8.8.9.0/24"),
        ("2606:4700:4700:1::1", "2606:4700:4700::/48"),
        ("2606:4700:4700:ffff::9", "2606:4700:4700::/48"),
        ("::ffff:8.8.8.8", "8.8.8.0/24"),
        ("127.0.0.1", ""),  # a proxy that nobody told us of
        ("10.1.2.3", ""),
        ("fe80::1", ""),
        ("", ""),
        ("rubbish", ""),
    ],
)
def test_an_address_is_cut_to_its_network(address, known):
    assert network(address) == known


def test_behind_a_proxy_the_network_is_the_visitors(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert network("10.0.0.1", told="1.1.1.1, 8.8.8.8") == "8.8.8.0/24"
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    assert network("9.9.9.9", told="8.8.8.8") == "9.9.9.0/24"  # anybody may write the header


def test_a_network_is_asked_to_wait_and_no_word_is_lost(client, tess, settings):
    settings.CONTACT_PER_NETWORK = 2
    from_network(client, HERE)
    other = factories.TherapistFactory(email="o@practice.example")
    assert send(client, tess, email="a@b.example").status_code == 200
    assert send(client, other, email="c@d.example").status_code == 200

    page = send(client, tess, message="Written with care.")
    assert page.status_code == 429
    assert 3500 < int(page.headers["Retry-After"]) <= 3600
    assert "Many messages came from your network" in text(page)
    assert "press Send again in 60 minutes" in text(page)
    assert 'href="tel:(555)555-0100"' in page.text
    waiting = Form(page, "contact_form")
    assert waiting["message"] == "Written with care."
    assert Message.objects.count() == 2

    assert send(from_network(client, THERE), tess).status_code == 200
    pass_an_hour()
    assert press(from_network(client, HERE), tess, waiting).status_code == 200
    assert Message.objects.count() == 4


def test_what_was_sent_already_is_thanked_for_however_full_it_is(client, tess, settings):
    settings.CONTACT_PER_NETWORK = 1
    filled = fill(from_network(client, HERE), tess, **WORDS)
    assert press(client, tess, filled).status_code == 200
    assert press(client, tess, filled).status_code == 200
    assert send(client, tess).status_code == 429


# --- by therapist ---


def test_a_therapist_gets_so_many_within_an_hour_and_others_theirs(client, tess, settings):
    settings.CONTACT_PER_THERAPIST = 2
    for number in range(2):
        assert send(client, tess, email=f"{number}@b.example").status_code == 200
    for _ in range(3):  # what is refused is not counted
        page = send(client, tess)
        assert page.status_code == 429
        assert "Tess Testwell has had many messages" in text(page)
        assert page.headers["Retry-After"]
    other = factories.TherapistFactory(email="o@practice.example")
    assert send(client, other).status_code == 200
    pass_an_hour()
    assert send(client, tess).status_code == 200


# --- by sender ---


def test_many_of_one_sender_wait_for_staff_and_nobody_is_told(client, settings):
    settings.CONTACT_PER_SENDER = 2
    everyone = factories.TherapistFactory.create_batch(4, email="t@practice.example")
    ways = ["ines@client.example", "INES@Client.example", "ines@CLIENT.example"]
    for therapist, email in zip(everyone, ways, strict=False):
        page = send(client, therapist, email=email, receipt="on")
        assert page.status_code == 200
        assert "On its way" in text(page)
    held = Message.objects.get(state="held")
    assert (held.therapist, held.held_for) == (
        everyone[2],
        "Many messages of one sender within an hour.",
    )
    assert not held.deliveries.exists()  # nor letters to an address that somebody made up
    assert send(client, everyone[3], email="otto@client.example").status_code == 200
    assert Message.objects.filter(state="held").count() == 1


def test_another_way_to_write_an_address_is_no_other_sender(client, settings):
    settings.CONTACT_PER_SENDER = 2
    everyone = factories.TherapistFactory.create_batch(4, email="t@practice.example")
    ways = ["ines.a@client.example", "ines.a+1@client.example", "i.n.e.s.a+2@client.example"]
    for therapist, email in zip(everyone, ways, strict=False):
        send(client, therapist, email=email, receipt="on")
    held = Message.objects.get(state="held")
    assert held.therapist == everyone[2]
    assert not held.deliveries.exists()
    assert limits.mailbox("a@BÜCHER.example") == limits.mailbox("a@xn--bcher-kva.example")
    assert limits.mailbox("+a@b.example") != limits.mailbox("+c@b.example")


def test_the_same_words_to_many_wait_for_staff_whoever_sends_them(client, settings):
    settings.CONTACT_PER_SENDER = 2
    names = ["Tess Testwell", "Otto Other", "Ada Else"]
    everyone = [factories.TherapistFactory(name=one, email="t@p.example") for one in names]
    words = "Dear {}, my wife and I would both like so many sessions that I pay you all at once."
    for number, therapist in enumerate(everyone):
        from_network(client, f"8.8.{number}.8")
        said = words.format(therapist.name.split()[0])
        page = send(client, therapist, email=f"{number}@b{number}.example", message=said)
        assert "On its way" in text(page)
    held = Message.objects.get(state="held")
    assert (held.therapist, held.held_for) == (
        everyone[2],
        "The same words many times within an hour.",
    )


def test_few_words_that_many_write_are_not_counted(client, tess, settings):
    settings.CONTACT_PER_SENDER = 1
    for number in range(3):
        send(client, tess, email=f"{number}@b{number}.example", message="Tess, have you any room?")
    assert not Message.objects.filter(state="held").exists()


def test_a_number_is_one_sender_however_it_is_written(client, tess, settings):
    settings.CONTACT_PER_SENDER = 1
    for phone in ("(555) 555-0123", "555.555.0123"):
        send(client, tess, email="", phone=phone)
    assert Message.objects.filter(state="held").count() == 1


# --- what is kept of it ---


def test_the_counts_tell_nobody_who_it_was_and_are_gone_after_an_hour(client, tess):
    send(from_network(client, HERE), tess, phone="555 555 0123")
    assert ContactTally.objects.count() == 4
    for tally in ContactTally.objects.all():
        assert len(tally.key) == 64
        assert timezone.now() < tally.until <= timezone.now() + timedelta(hours=1)

    pass_an_hour()
    send(
        from_network(client, THERE),
        factories.TherapistFactory(email="x@p.example"),
        email="x@y.z.example",
    )
    assert ContactTally.objects.filter(until__lte=timezone.now()).count() == 0
    assert ContactTally.objects.count() == 3
    pass_an_hour()
    limits.forget()
    assert not ContactTally.objects.exists()


def test_a_count_that_ended_begins_anew(tess):
    assert [limits._counted("kind", "one", 2) for _ in range(3)] == [0, 0, 3600]
    pass_an_hour()
    assert [limits._counted("kind", "one", 2) for _ in range(2)] == [0, 0]
    assert ContactTally.objects.get().count == 2


def test_kinds_and_keys_do_not_mix(settings):
    for kind in ("email", "phone", "network", "therapist"):
        assert limits._counted(kind, "1", 1) == 0
    settings.SECRET_KEY = "another key of the same directory, long enough"
    assert limits._counted("email", "1", 1) == 0


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_counted_one_by_one():
    ready, passed = threading.Barrier(6), []
    ContactTally.objects.bulk_create(
        ContactTally(key=f"{n}", count=1, until=timezone.now() - timedelta(hours=1))
        for n in range(120)
    )

    def count():
        ready.wait(20)
        for _ in range(10):
            passed.append(limits._counted("kind", "one", 25) == 0)
        connection.close()

    counting = [threading.Thread(target=count) for _ in range(6)]
    for one in counting:
        one.start()
    for one in counting:
        one.join()
    assert (len(passed), sum(passed)) == (60, 25)
    assert ContactTally.objects.get().count == 25  # and what had ended is gone


@pytest.mark.django_db(transaction=True)
def test_the_counts_stand_in_no_write_ahead_log():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relpersistence FROM pg_class WHERE oid = 'therapists_contacttally'::regclass"
        )
        assert cursor.fetchone() == ("u",)
