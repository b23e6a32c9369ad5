"""A client writes to a therapist: without a cookie, without JavaScript, and nothing is lost."""

import threading

import pytest
from django.core import signing
from django.db import OperationalError, connection
from django.test import Client

from tests import factories
from tests.pages import Form, text
from tests.therapists.contact.clients import WORDS, address, fill, press, send
from therapists import cookieless
from therapists.contact import forms, messages, views
from therapists.contact.links import link_for
from therapists.models import Delivery, HoldRule, Message, Therapist

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_wait")]


@pytest.fixture
def tess():
    return factories.TherapistFactory(
        name="Tess Testwell", slug="tess", email="tess@practice.example", phone="(555) 555-0100"
    )


# --- the way through ---


def test_what_a_client_writes_is_kept_sealed_and_queued(client, tess):
    assert f'href="{address(tess)}"' in client.get(tess.get_absolute_url()).text

    page = send(client, tess, message="I can't sleep.\r\nCan you help?", phone="(555) 555-0123")

    assert page.status_code == 200
    assert "On its way to Tess Testwell" in text(page)
    message = Message.objects.get()
    assert (message.therapist, message.state, message.held_for) == (tess, "sent", "")
    assert message.said == {
        "name": "Ines",
        "email": "ines@client.example",
        "phone": "(555) 555-0123",
        "text": "I can't sleep.\nCan you help?",
    }
    assert [one.kind for one in Delivery.objects.all()] == ["message"]
    assert f"http://testserver{link_for(message)}" in text(page)


@pytest.mark.parametrize(
    ("email", "phone"), [("a@b.example", ""), ("", "555 555 0123"), ("a@b.example", "5555550123")]
)
def test_one_way_to_answer_is_enough(client, tess, email, phone):
    assert send(client, tess, email=email, phone=phone).status_code == 200
    said = Message.objects.get().said
    assert (said["email"], said["phone"]) == (email, phone)


def test_a_letter_with_the_link_goes_only_to_whom_asks_for_it(client, tess):
    assert fill(client, tess).get("receipt") is None  # not ticked: others may read the mail
    send(client, tess, receipt="on")
    assert {one.kind for one in Delivery.objects.all()} == {"message", "receipt"}


def test_nothing_is_kept_of_the_client_but_what_is_sealed(client, tess):
    page = send(client, tess, name="Inesquagmire", message="Nights of hippogriffs.")
    assert not client.cookies
    assert not client.session.keys()
    for one in (client.get(address(tess)), page):
        assert "cookie" not in one.headers.get("Vary", "").lower()
        assert one.headers["Cache-Control"] == "no-store"
        assert one.headers["X-Robots-Tag"] == "noindex"
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows = " ".join(row for (row,) in cursor.fetchall())
            for word in ("quagmire", "ines@client", "hippogriff"):
                assert word not in rows, f"{word} in {table}"


def test_the_form_says_who_reads_it_how_long_it_is_kept_and_what_it_is_not_for(
    client, tess, settings
):
    settings.MESSAGES_KEPT_FOR = 12
    page = client.get(address(tess))
    for said in (
        "Only Tess Testwell reads it.",
        "our staff read it first",
        "not for emergencies",
        "erase our copy after 12 days",
    ):
        assert said in text(page)
    assert "crisis-short" in page.text
    assert "tess@practice.example" not in page.text


def test_who_writes_of_dying_sees_the_numbers_first_and_the_letter_stays_as_it_is(client, tess):
    assert "crisis-short" not in send(client, tess).text
    page = send(client, tess, message="I want to die.")
    assert page.text.index("crisis-short") < page.text.index("<h1>On its way")
    assert Message.objects.first().said["text"] == "I want to die."


# --- whom it leads to ---


@pytest.mark.parametrize(
    ("ways", "offered"),
    [
        ([], True),
        (["form"], True),
        (["email"], True),
        (["phone", "email"], True),
        (["phone"], False),
        (["text", "phone"], False),
    ],
)
def test_the_form_is_offered_to_whom_chose_it_or_mail_or_nothing(client, tess, ways, offered):
    vocabulary = factories.VocabularyFactory(slug="contact")
    tess.terms.set([factories.TermFactory(vocabulary=vocabulary, slug=way) for way in ways])
    profile = client.get(tess.get_absolute_url()).text
    assert (f'href="{address(tess)}"' in profile) == offered
    assert client.get(address(tess)).status_code == (200 if offered else 410)
    assert "(555) 555-0100" in profile  # never behind the form
    assert "mailto:" not in profile
    assert "practice.example" not in profile


def test_who_bookmarked_a_form_that_is_closed_learns_how_else_to_reach_them(client, tess):
    filled = fill(client, tess, **WORDS)
    tess.terms.add(factories.TermFactory(vocabulary__slug="contact", slug="phone", name="Phone"))
    opened = client.get(address(tess))
    assert opened.status_code == 410
    assert "Tess Testwell takes no messages here" in text(opened)
    assert opened.headers["Cache-Control"] == "no-store"
    sent = press(client, tess, filled)
    assert sent.status_code == 410
    assert Form(sent, "again")["message"] == WORDS["message"]
    for page in (opened, sent):
        assert "First contact by phone" in text(page)
        assert 'href="tel:(555)555-0100"' in page.text
        assert f'href="{address(tess)}"' not in page.text
    assert not Message.objects.exists()


def test_without_an_address_for_letters_there_is_no_form(client):
    nobody = factories.TherapistFactory(email="")
    for page in (client.get(address(nobody)), client.get(nobody.get_absolute_url())):
        assert "No way of contact is stated yet." in text(page)
    user = factories.UserFactory(email="owner@practice.example")
    owned = factories.TherapistFactory(email="", owner=user)
    page = client.get(address(owned))
    assert page.status_code == 200
    assert "owner@practice" not in page.text + client.get(owned.get_absolute_url()).text


def test_who_has_no_room_can_be_written_to_and_others_are_pointed_out(client, tess):
    tess.availability = "full"
    tess.save()
    for page in (client.get(tess.get_absolute_url()), client.get(address(tess))):
        assert "You can still write" in text(page)
        assert 'href="/therapists/?availability=open"' in page.text
    assert client.get("/therapists/?availability=open").status_code == 200


@pytest.mark.parametrize("hidden", ["draft", "withdrawn", "stale"])
def test_who_is_not_listed_has_no_form_and_gets_nothing(client, hidden):
    nobody = factories.TherapistFactory(
        name="Nora Notpublic", email="n@p.example", **{hidden: True}
    )
    assert client.get(address(nobody)).status_code == 404
    page = press(client, nobody, WORDS)
    assert page.status_code == 410
    assert "Nora" not in page.text
    assert press(client, Therapist(slug="never-was"), WORDS).text == page.text.replace(
        nobody.slug, "never-was"
    )
    assert not Message.objects.exists()


def test_who_withdraws_while_it_is_written_gets_nothing_and_the_words_can_be_copied(client, tess):
    filled = fill(client, tess, **WORDS | {"message": "Words & <b>care</b>."})
    Therapist.objects.update(status="withdrawn")
    page = press(client, tess, filled)
    assert page.status_code == 410
    assert "takes no messages here any more" in text(page)
    assert Form(page, "again")["message"] == "Words & <b>care</b>."
    assert not Message.objects.exists()


# --- where it comes from, and when ---


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
    ],
)
def test_another_site_cannot_send_the_form(client, tess, headers):
    page = send(client, tess, headers=headers)
    assert page.status_code == 400
    assert "does not say that this came from our own page" in text(page)
    assert "I can&#x27;t sleep." in page.text
    assert not Message.objects.exists()


@pytest.mark.parametrize("token", ["", "rubbish", "1.a.1:rubbish", "\0"])
def test_a_forged_token_is_not_taken_and_the_fresh_one_is(client, tess, token):
    page = send(client, tess, token=token)
    assert page.status_code == 400
    assert press(client, tess, Form(page, "contact_form")).status_code == 200
    assert Message.objects.count() == 1


def test_a_token_of_another_therapist_or_another_purpose_is_not_taken(client, tess):
    other = factories.TherapistFactory(email="o@p.example")
    assert send(client, tess, token=forms.tokens.issue(other)).status_code == 400
    foreign = signing.Signer(salt="therapists.contact.erasing").sign(f"{tess.pk}.a.1")
    assert send(client, tess, token=foreign).status_code == 400
    assert not Message.objects.exists()


def test_a_form_that_was_open_for_a_day_is_sent_with_one_more_press(client, tess, monkeypatch):
    filled = fill(client, tess, **WORDS)
    monkeypatch.setattr(cookieless, "MAX_AGE", -1)
    page = press(client, tess, filled)
    assert page.status_code == 400
    assert "open for a long time" in text(page)
    monkeypatch.undo()  # also the quickest that people write: what is pressed again need not wait
    assert press(client, tess, Form(page, "contact_form")).status_code == 200


def test_who_is_quicker_than_people_write_presses_again(client, tess, monkeypatch):
    monkeypatch.setattr(forms, "QUICKEST", 3)
    page = send(client, tess)
    assert page.status_code == 400
    assert "quicker than people write" in text(page)
    again = Form(page, "contact_form")
    assert press(client, tess, again).status_code == 400  # not a moment later

    now = cookieless.time.time()
    monkeypatch.setattr(cookieless.time, "time", lambda: now + 4)
    assert press(client, tess, again).status_code == 200


def test_who_presses_send_too_soon_is_told_what_is_missing_and_no_more(client, tess, monkeypatch):
    monkeypatch.setattr(forms, "QUICKEST", 3)
    page = send(client, tess, message="")
    assert "Write a few words." in text(page)
    assert "quicker than people write" not in text(page)


def test_a_field_that_only_robots_see_must_stay_empty_and_a_person_can_pass(client, tess):
    page = send(client, tess, website="https://spam.example/")
    assert page.status_code == 400
    assert "The field “Website” must stay empty" in text(page)
    assert not Message.objects.exists()
    again = Form(page, "contact_form")
    assert again["website"] == ""
    assert press(client, tess, again).status_code == 200


# --- twice, at once, in between ---


def test_what_is_sent_twice_comes_once_and_looks_the_same(client, tess):
    filled = fill(client, tess, **WORDS)
    first, second = press(client, tess, filled), press(client, tess, filled)
    assert (first.status_code, first.text) == (second.status_code, second.text)
    assert Message.objects.count() == Delivery.objects.count() == 1


def test_who_goes_back_and_writes_something_else_has_written_twice(client, tess):
    filled = fill(client, tess, **WORDS)
    press(client, tess, filled)
    press(client, tess, filled.fill(message="One more thing."))
    said = {one.said["text"] for one in Message.objects.all()}
    assert said == {"I can't sleep.", "One more thing."}


@pytest.mark.django_db(transaction=True)
def test_a_double_click_comes_once(client, tess):
    filled, pages = fill(client, tess, **WORDS), []
    ready = threading.Barrier(2)

    def click():
        ready.wait(20)
        pages.append(press(Client(), tess, filled).status_code)
        connection.close()

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join()
    assert pages == [200] * 2
    assert Message.objects.count() == Delivery.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_who_is_erased_at_that_moment_gets_nothing(client, tess, monkeypatch):
    def erased_meanwhile(*texts):
        Therapist.objects.all().delete()
        return ""

    monkeypatch.setattr(views, "reason_to_hold", erased_meanwhile)
    page = send(client, tess)
    assert page.status_code == 410
    assert Form(page, "again")["message"] == "I can't sleep."
    assert not Message.objects.exists()


def test_while_the_database_is_away_the_words_wait_on_the_page(client, tess, monkeypatch):
    def away(*_, **__):
        raise OperationalError("the connection is lost")

    filled = fill(client, tess, **WORDS)
    monkeypatch.setattr(messages, "take", away)
    page = press(client, tess, filled)
    assert page.status_code == 503
    assert page.headers["Retry-After"]
    assert "what is sent twice arrives once" in text(page)
    monkeypatch.undo()
    assert press(client, tess, Form(page, "again")).status_code == 200
    assert Message.objects.get().said["text"] == "I can't sleep."


def test_while_the_queue_is_broken_nothing_is_half_kept(client, tess, caplog):
    filled = fill(client, tess, **WORDS)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE procrastinate_jobs RENAME TO elsewhere")
    page = press(client, tess, filled)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE elsewhere RENAME TO procrastinate_jobs")
    assert page.status_code == 503
    assert Form(page, "again")["message"] == "I can't sleep."
    assert not Message.objects.exists()
    assert "A message could not be taken" in caplog.text
    assert "sleep" not in caplog.text
    assert press(client, tess, Form(page, "again")).status_code == 200


def test_however_many_write_at_once_some_threads_are_left_for_who_reads(
    client, tess, monkeypatch, caplog
):
    filled = fill(client, tess, **WORDS, receipt="on")
    monkeypatch.setattr(views, "_at_once", threading.BoundedSemaphore(1))
    with views._at_once:
        page = press(client, tess, filled)
        assert client.get(address(tess)).status_code == 200
    assert page.status_code == 503
    assert page.headers["Retry-After"] == "5"
    assert "Very many people are writing" in text(page)
    assert not caplog.records  # a flood would fill the log
    assert not Message.objects.exists()
    assert press(client, tess, Form(page, "again")).status_code == 200
    assert press(client, tess, {**WORDS, "token": "rubbish"}).status_code == 400  # all is released
    assert {one.kind for one in Delivery.objects.all()} == {"message", "receipt"}


# --- held ---


def test_what_is_held_looks_as_if_it_were_not(client, tess):
    HoldRule.objects.all().delete()
    HoldRule.objects.create(phrase="overpay *")
    free = send(client, tess, message="I overslept.")
    held = send(client, tess, message="I shall overpay you.")

    def bare(page):
        return page.text.replace(link_for(Message.objects.get(state=page.state)), "LINK")

    free.state, held.state = "sent", "held"
    assert bare(free) == bare(held)
    message = Message.objects.get(state="held")
    assert message.held_for == "It holds “overpay *”."
    assert not message.deliveries.exists()


def test_a_link_beside_the_number_is_held_as_one_in_the_words(client, tess):
    send(client, tess, phone="555 555 0123, t.me/pay")
    assert Message.objects.get().held_for == "It holds a link."


def test_who_speaks_of_dying_waits_for_nobody_over_a_link(client, tess):
    send(client, tess, message="I want to die. I wrote it all down at https://pad.example/x")
    assert Message.objects.get().state == "sent"
    assert Delivery.objects.get().kind == "message"


@pytest.mark.parametrize("name", ["Attune Support", "the team of АTTUNE"])  # a Cyrillic A
def test_nobody_writes_in_our_name_unseen(client, tess, name):
    send(client, tess, name=name)
    assert Message.objects.get().held_for == "Its sender has our name."


def test_a_page_of_the_form_asks_a_handful_of_questions(
    client, tess, django_assert_max_num_queries
):
    with django_assert_max_num_queries(3):
        client.get(address(tess))
