"""A client erases what they wrote, by a link that is the secret."""

import threading

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from tests import factories
from tests.pages import Form, text
from therapists.contact import delivery, messages
from therapists.contact.links import link_for
from therapists.models import Delivery, Message

OURS = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
SAID = {"name": "Ines", "email": "ines@client.example", "phone": "", "text": "I can't sleep."}


@pytest.fixture
def message(db):
    tess = factories.TherapistFactory(name="Tess Testwell", email="tess@practice.example")
    return messages.take(tess, SAID, mark="a" * 32)


def test_opening_the_link_erases_nothing_and_names_nobody(client, message):
    for method in (client.get, client.head):
        assert method(link_for(message)).status_code == 200
    page = client.get(link_for(message), headers={"Sec-Purpose": "prefetch"})
    assert Form(page, "erase") == {}  # a button alone
    day = timezone.localtime(message.received_at)
    assert f"You wrote it on {day:%B} {day.day}, {day.year}." in text(page)
    for word in ("Ines", "client.example", "sleep", "Tess", "Testwell"):
        assert word not in page.text
    assert Message.objects.exists()


def test_the_button_erases_the_message_and_its_letters(client, message):
    page = Client(enforce_csrf_checks=True).post(link_for(message), headers=OURS)
    assert "It had not been mailed yet, so nobody gets it." in text(page)
    assert not Message.objects.exists()
    assert not Delivery.objects.exists()

    for again in (client.get(link_for(message)), client.post(link_for(message), headers=OURS)):
        assert again.status_code == 410
        assert "It is gone already" in text(again)


def test_what_was_mailed_cannot_be_called_back_and_the_page_says_so(client, message):
    now = timezone.now()
    message.deliveries.update(state=Delivery.State.DELIVERED, delivered_at=now)
    page = client.post(link_for(message), headers=OURS)
    assert "we cannot call that back" in text(page)
    assert not Message.objects.exists()


def test_what_a_worker_mails_at_this_moment_may_arrive_and_the_page_says_so(client, message):
    # A worker takes the letter, and holds nothing while it talks to the mail server.
    assert delivery._taken(message.deliveries.get().pk)
    page = client.post(link_for(message), headers=OURS)
    assert "it may still arrive" in text(page)
    assert "nobody gets it" not in text(page)
    assert not Message.objects.exists()


def test_what_came_back_was_mailed(client, message):
    message.deliveries.update(
        state=Delivery.State.DEAD, attempts=1, delivered_at=timezone.now(), fault="It came back."
    )
    assert "we cannot call that back" in text(client.post(link_for(message), headers=OURS))


def test_no_cookie_and_no_trace_on_the_way(client, message):
    for page in (
        client.get(link_for(message)),
        client.post(link_for(message), headers=OURS),
        client.get(link_for(message)),
        client.get("/messages/erase/rubbish/"),
    ):
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Robots-Tag"].startswith("noindex")
        assert not page.cookies
        assert "cookie" not in page.headers.get("Vary", "").lower()


def test_another_site_cannot_press_the_button(client, message):
    page = client.post(link_for(message), headers={"Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 403
    assert Message.objects.exists()


@pytest.mark.parametrize(
    "change", [lambda t: t[:-2], lambda t: "b" + t[1:], lambda t: "x", str.upper]
)
def test_a_link_that_is_cut_or_guessed_says_so(client, message, change):
    token = link_for(message).split("/")[-2]
    for answer in (client.get, client.post):
        page = answer(f"/messages/erase/{change(token)}/")
        assert page.status_code == 404
        assert "This link does not work" in text(page)
    assert Message.objects.exists()


def test_the_link_says_nothing_of_the_message_but_its_random_word(message):
    assert link_for(message).startswith(f"/messages/erase/{message.mark}:")
    assert message.mark not in (str(message.pk), str(message.therapist_id))


@pytest.mark.django_db(transaction=True)
def test_while_a_worker_mails_it_nothing_is_erased_and_the_page_does_not_wait(client):
    message = messages.take(factories.TherapistFactory(email="t@p.example"), SAID, mark="c" * 32)
    holds, may_go = threading.Event(), threading.Event()

    def worker():
        with transaction.atomic():
            list(Delivery.objects.select_for_update())
            holds.set()
            may_go.wait(20)
        connection.close()

    thread = threading.Thread(target=worker)
    thread.start()
    try:
        assert holds.wait(20)
        page = client.post(link_for(message), headers=OURS)
    finally:
        may_go.set()
        thread.join()
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "60"
    assert "being mailed at this moment" in text(page)
    assert Message.objects.exists()
    assert client.post(link_for(message), headers=OURS).status_code == 200
