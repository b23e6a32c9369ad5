"""/my/messages/: a therapist reads what clients wrote, and says what became of it."""

import re
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.dateformat import format as date_format

from tests import factories
from tests.pages import Form, text
from tests.therapists.contact.people import written
from therapists.contact import answers
from therapists.models import Message, Therapist

pytestmark = pytest.mark.django_db

State = Message.State
HERE = "/my/messages/"
OTHER_KEY = ["another key, which is also long enough to be taken"]


def page_of(message):
    return f"{HERE}{message.pk}/"


def press(browser, message, button, **typed):
    """Press a button that the page has, as a browser does. Returns the page that follows."""
    page = browser.get(page_of(message))
    assert f'name="answer" value="{button}"' in page.text, f"no button {button}"
    form = Form(page, "answer_form").fill(**typed)
    return browser.post(page_of(message), form | {"answer": button}, follow=True)


def ago(**time):
    return timezone.now() - timedelta(**time)


# --- The list -------------------------------------------------------------------------------------


def test_nobody_has_written_yet(owner):
    page = owner.get(HERE)
    assert "Nobody has written to you by this directory yet." in text(page)
    assert "open." not in text(page)


def test_open_ones_stand_first_then_the_newest(owner, profile, owner_user):
    for name, days, verb in [
        ("Old and open", 30, None), ("New and open", 2, None), ("Answered", 1, answers.answered),
        ("No room", 0, answers.no_room), ("Spam", 40, answers.spam),
    ]:  # fmt: skip
        message = written(profile, name=name, received_at=ago(days=days))
        if verb:
            verb(message, by=owner_user)
    page = owner.get(HERE)
    names = re.findall(r"<h2><a href=[^>]*>([^<]*)</a>", page.text)
    assert names == ["New and open", "Old and open", "No room", "Answered", "Spam"]
    assert "2 open. Messages are erased 90 days after they came." in text(page)
    assert "(2 open)" in text(page)
    assert "to Tess Ownwords" not in text(page)  # there is only one profile


def test_the_first_words_stand_there_escaped_and_cut(owner, profile):
    written(profile, name="<b>Bo</b>", text="<i>One</i>\n\ntwo " + "long " * 200)
    page = owner.get(HERE)
    assert "&lt;b&gt;Bo&lt;/b&gt;" in page.text
    assert "&lt;i&gt;One&lt;/i&gt; two long" in page.text
    assert page.text.count("long") < 60
    assert "<i>One" not in page.text


def test_who_has_two_profiles_sees_which_was_written_to(owner, owner_user, profile):
    second = factories.TherapistFactory(name="Tess Second", owner=owner_user)
    written(profile), written(second)
    said = text(owner.get(HERE))
    assert "to Tess Ownwords" in said
    assert "to Tess Second" in said
    assert "2 open." in said


def test_there_are_25_on_a_page_and_none_beyond_the_last(owner, profile):
    for number in range(26):
        written(profile, name=f"Client {number:02}", received_at=ago(hours=number))
    first, second = owner.get(HERE), owner.get(HERE + "?page=2")
    assert "Client 24" in text(first)
    assert "Client 25" not in text(first)
    assert "Client 25" in text(second)
    assert "Client 24" not in text(second)
    for beyond in ("3", "0", "x", "-1", "%00", "02"):
        assert owner.get(f"{HERE}?page={beyond}").status_code == 404


def test_many_take_as_many_queries_as_one(owner, owner_user, profile):
    owner.get(page_of(written(profile)))  # whoever asks first on a day takes the index on to it
    asked = []
    for number in (1, 20):
        factories.TherapistFactory(name=f"Tess {number}", owner=owner_user)
        for _ in range(number):
            message = written(profile)
        counted = []
        for address in (HERE, page_of(message)):
            with CaptureQueriesContext(connection) as queries:
                owner.get(address)
            counted.append(len(queries))
        asked.append(counted)
    assert asked[0] == asked[1]
    assert asked[0][0] <= 10
    assert asked[0][1] <= 16


# --- One message ----------------------------------------------------------------------------------


def test_a_message_says_all_of_it_and_how_to_reach_them(owner, profile):
    message = written(
        profile, phone="503 555 0134", text="First.\n\n<script>x</script>",
        received_at=ago(days=1),
    )  # fmt: skip
    page = owner.get(page_of(message))
    assert "no-store" in page["Cache-Control"]
    assert "<p>First.</p>" in page.text
    assert "&lt;script&gt;x" in page.text
    assert 'href="mailto:ines@client.example"' in page.text
    assert 'href="tel:5035550134"' in page.text
    assert 'href="sms:5035550134"' in page.text
    day = timezone.localtime(message.received_at) + timedelta(days=91)
    assert f"We erase this message by {day:%B %-d, %Y}." in text(page)
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)", page.text)


def test_an_address_cannot_add_to_the_link_that_writes_to_it(owner, profile):
    page = owner.get(page_of(written(profile, email="a?bcc=all&x@client.example")))
    assert 'href="mailto:a%3Fbcc%3Dall%26x@client.example"' in page.text


def test_the_therapist_sees_the_three_and_the_letter_before_pressing(owner, profile):
    profile.in_person = True
    profile.save()
    for number in range(4):
        factories.TherapistFactory(name=f"Open {number}", in_person=True, phone="1")
    message = written(profile)
    page = owner.get(page_of(message))
    shown = re.findall(r'<li><a href="/therapists/(open-\d)/"', page.text)
    assert len(shown) == 3
    assert "The letter for “I have no room”, word for word" in text(page)
    assert "Tess Ownwords has read your message, and has no room" in text(page)
    assert "/messages/erase/" not in page.text  # that link is the client's
    press(owner, message, "referred")
    assert message.deliveries.get().kind == "referred"


@pytest.mark.parametrize(
    ("button", "state", "said"),
    [
        ("answered", State.ANSWERED, "Noted: you have answered."),
        ("no-room", State.FULL, "your profile says that you have no room. We write to them."),
        ("referred", State.REFERRED, "We write to them."),
        ("spam", State.SPAM, "Noted as spam."),
    ],
)
def test_each_button_does_what_it_says_and_can_be_taken_back(owner, profile, button, state, said):
    message = written(profile)
    page = press(owner, message, button)
    assert page.redirect_chain == [(page_of(message), 302)]
    assert said in text(page)
    message.refresh_from_db()
    assert message.state == state
    assert f"This was {answers.DECIDED[state]}" in text(page)
    page = press(owner, message, "open")
    assert "The message is open again." in text(page)
    message.refresh_from_db()
    assert message.state == State.SENT


def test_the_page_says_until_when_a_letter_can_be_taken_back(owner, profile):
    message = written(profile)
    assert "You have 5 minutes to take it back." in text(owner.get(page_of(message)))
    page = text(press(owner, message, "referred", note="Try me in May."))
    due = timezone.localtime(message.deliveries.get().due_at)
    assert f"Our letter to them leaves at {date_format(due, 'g:i a T')}" in page
    assert "Your own words to them: Try me in May." in page
    message.deliveries.update(due_at=timezone.now())
    page = text(owner.get(page_of(message)))
    assert "Our letter to them is on its way." in page
    assert "leaves at" not in page


@pytest.mark.parametrize("before", ["open", "waiting-list"])
def test_no_room_is_taken_back_on_the_profile_in_the_same_step(owner, profile, before):
    profile.availability = before
    profile.save()
    message = written(profile)
    label = profile.get_availability_display()
    assert f"It says “{label}” again, as before." in text(press(owner, message, "no-room"))
    page = text(press(owner, message, "open-both"))
    assert "The message is open again, and your profile is as before." in page
    profile.refresh_from_db()
    message.refresh_from_db()
    assert (profile.availability, message.state) == (before, State.SENT)


@pytest.mark.parametrize("before", ["full", ""])
def test_where_the_profile_said_nothing_else_before_nothing_is_offered(owner, profile, before):
    profile.availability = before
    profile.save()
    message = written(profile)
    told = "Your profile says so already." if before else "Your profile says so from today, too."
    assert told in text(owner.get(page_of(message)))
    page = press(owner, message, "no-room")
    assert 'value="open-both"' not in page.text
    assert "Your profile says that you have no room. Has that changed?" in text(page)
    press(owner, message, "open")


def test_what_the_profile_says_by_now_is_what_the_page_says(owner, profile):
    message = written(profile)
    press(owner, message, "no-room")
    Therapist.objects.update(availability="waiting-list")
    page = owner.get(page_of(message))
    assert "Your profile says that you have no room." not in text(page)
    assert 'value="open-both"' not in page.text


def test_ones_own_words_go_along_and_too_many_are_not_lost(owner, profile):
    message = written(profile)
    long = "Try me in May. " * 80
    page = press(owner, message, "no-room", note=long)
    assert "at most 1,000 characters" in text(page)
    assert Form(page, "answer_form")["note"].strip() == long.strip()
    message.refresh_from_db()
    assert message.state == State.SENT
    press(owner, message, "no-room", note="Try me in May. 春")
    message.refresh_from_db()
    assert message.said["note"] == "Try me in May. 春"


def test_two_tabs_and_two_people_are_told_what_was_decided(owner, profile):
    message = written(profile)
    first, second = (Form(owner.get(page_of(message)), "answer_form") for _ in range(2))
    owner.post(page_of(message), first | {"answer": "referred"})
    page = owner.post(page_of(message), second | {"answer": "no-room", "note": "May"})
    assert page.status_code == 200
    assert "This was answered with “not a fit”" in text(page)
    assert "Nothing was changed." in text(page)
    profile.refresh_from_db()
    assert profile.availability == "open"
    assert message.deliveries.count() == 1


@pytest.mark.parametrize(
    ("phone", "dials"),
    [
        ("+1 (503) 555-0134", "+15035550134"),
        ("503.555.0134 ext. 5", "5035550134"),
        ("after 5: 503 555 0134", "5035550134"),
        ("5035550134?body=I%20agree", "5035550134"),
        ("**21*5035550134#", "5035550134"),
        ("030/123456", "030123456"),
        ("٠١٢٣٤٥٦٧٨٩", "0123456789"),
    ],
)
def test_a_button_calls_a_number_and_nothing_else(owner, profile, phone, dials):
    page = owner.get(f"/my/messages/{written(profile, phone=phone).pk}/")
    for way in ("tel", "sms"):
        assert f'href="{way}:{dials}"' in page.text


def test_who_left_a_phone_alone_is_to_be_told_by_the_therapist(owner, profile):
    profile.in_person = True
    profile.save()
    factories.TherapistFactory(name="Open Heart", in_person=True, phone="1")
    message = written(profile, email="", phone="503 555 0134")
    before = owner.get(page_of(message))
    for page in (before, press(owner, message, "no-room")):
        assert "They left a phone number alone" in text(page)
        assert "What you could say" in text(page)
        assert "Open Heart" in text(page)
        assert "mailto:" not in page.text
    assert "Please tell them." in text(page)
    assert message.deliveries.count() == 0


def test_what_was_mailed_cannot_be_taken_back_and_a_dead_letter_is_told_of(owner, profile):
    message = written(profile, phone="503 555 0134")
    press(owner, message, "referred")
    message.deliveries.update(state="dead", fault="The mail server refused the address (550).")
    page = owner.get(page_of(message))
    assert "Our letter to them could not be delivered. Please call or text." in text(page)
    message.deliveries.update(state="delivered", delivered_at=timezone.now())
    page = owner.get(page_of(message))
    assert f"We wrote to them on {timezone.localdate():%B %-d, %Y}." in text(page)
    assert 'value="open"' not in page.text
    page = owner.post(page_of(message), {"answer": "open"})
    assert "Our letter to them has left" in text(page)


def test_a_letter_that_never_reached_the_therapist_is_told_of(owner, profile):
    message = written(profile)
    message.deliveries.create(kind="message", state="dead", fault="gone")
    assert "We could not mail you this message." in text(owner.get(page_of(message)))


def test_a_lost_key_is_a_sentence(owner, profile, settings):
    message = written(profile, name="Ines")
    settings.MESSAGE_KEYS = OTHER_KEY
    assert "The key that opens this message is lost" in text(owner.get(HERE))
    page = owner.get(page_of(message))
    assert "nobody can read it here any more" in text(page)
    assert "Ines" not in page.text
    assert 'value="no-room"' not in page.text
    page = owner.post(page_of(message), {"answer": "no-room"})
    assert "We cannot read this message any more" in text(page)
    assert "Noted: you have answered." in text(press(owner, message, "answered"))


@pytest.mark.parametrize("button", ["", "x", "\0", "delete"])
def test_an_unknown_button_changes_nothing(owner, profile, button):
    message = written(profile)
    page = owner.post(page_of(message), {"answer": button, "note": "Kept"})
    assert page.status_code == 200
    assert "Please press one of the buttons." in text(page)
    assert "Kept" in text(page)
    assert owner.post(page_of(message)).status_code == 200
    message.refresh_from_db()
    assert message.state == State.SENT


# --- Whose they are -------------------------------------------------------------------------------


def test_what_is_held_is_invisible(owner, profile):
    held = written(profile, name="Held Harry", state=State.HELD, held_for="a link")
    assert "Held Harry" not in owner.get(HERE).text
    assert "open)" not in text(owner.get(HERE))
    for browse in (owner.get, owner.post):
        assert browse(page_of(held)).status_code == 404


def test_another_therapist_and_staff_find_nothing(owner, other_profile, staff):
    message = written(other_profile, name="Secret Sam")
    assert "Secret Sam" not in owner.get(HERE).text
    for browser, status in ((owner, 404), (staff, 302), (Client(), 302)):
        assert browser.get(page_of(message)).status_code == status
        answer = browser.post(page_of(message), {"answer": "spam"})
        assert answer.status_code == status
        assert "Secret Sam" not in answer.text
    message.refresh_from_db()
    assert message.state == State.SENT


@pytest.mark.parametrize("number", ["0", "999999", "99999999999999999999999"])
def test_a_message_that_is_not_there_is_not_found(owner, number):
    assert owner.get(f"{HERE}{number}/").status_code == 404
    assert owner.post(f"{HERE}{number}/", {"answer": "spam"}).status_code == 404


def test_an_erased_message_is_not_found(owner, profile):
    message = written(profile)
    form = Form(owner.get(page_of(message)), "answer_form")
    Message.objects.all().delete()
    for page in (
        owner.post(page_of(message), form | {"answer": "answered"}), owner.get(page_of(message))
    ):  # fmt: skip
        assert page.status_code == 404
        assert "This message is not here Who wrote it may have erased it." in text(page)
        assert "no-store" in page["Cache-Control"]


def test_after_one_is_decided_the_page_leads_to_who_has_waited_longest(owner, profile):
    first, second, third = (written(profile, received_at=ago(days=number)) for number in (9, 3, 1))
    assert "See the next one" not in text(owner.get(page_of(third)))
    page = press(owner, third, "answered")
    assert "2 more wait for you." in text(page)
    assert f'href="{page_of(first)}">See the next one' in page.text
    press(owner, first, "spam")
    assert "1 more waits for you." in text(owner.get(page_of(third)))
    assert "No other message waits for you." in text(press(owner, second, "answered"))


def test_whose_profile_is_not_public_any_more_still_reads_and_answers(owner, profile):
    message = written(profile)
    Therapist.objects.update(status=Therapist.Status.WITHDRAWN)
    assert "I can't sleep" in text(owner.get(page_of(message))).replace("’", "'")
    press(owner, message, "referred")
    assert message.deliveries.get().kind == "referred"
    assert "I have answered" not in text(owner.get(page_of(message)))


def test_a_button_from_another_site_does_nothing(owner_user, profile):
    message = written(profile)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner_user)
    assert browser.post(page_of(message), {"answer": "spam"}).status_code == 403
    message.refresh_from_db()
    assert message.state == State.SENT


def test_no_word_of_a_client_is_left_in_session_or_notices(owner, profile, caplog):
    message = written(profile, name="Ines", text="I cannot sleep")
    form = Form(owner.get(page_of(message)), "answer_form")
    answer = owner.post(page_of(message), form | {"answer": "no-room", "note": "Call me in May"})
    kept = [str(one.get_decoded()) for one in Session.objects.all()]
    kept += [str(owner.cookies), str(answer.headers), caplog.text]
    for word in ("Ines", "ines@", "sleep", "in May"):
        assert not any(word in one for one in kept)


# --- How soon -------------------------------------------------------------------------------------


def test_a_therapist_is_told_how_soon_they_answer_and_what_people_read(owner, profile, settings):
    settings.ANSWERS_KNOWN_FROM = 2
    assert "So far we know of 0." in text(owner.get(HERE))
    for days in (1.5, 1.8):
        came = ago(days=20)
        written(profile, received_at=came, answered_at=came + timedelta(days=days),
                state=State.ANSWERED)  # fmt: skip
    written(profile, received_at=ago(days=15))
    page = text(owner.get(HERE))
    assert "We know of 2 answers, and of 1 message without one for two weeks." in page
    assert "People read on your page: usually answers within 2 days ." in page
    public = text(Client().get(profile.get_absolute_url()))
    assert "Usually answers within 2 days" in public
    factories.TermFactory(vocabulary__slug="contact", slug="form").therapists.add(profile)
    profile.email = "tess@practice.example"
    profile.save()
    form = text(Client().get(f"{profile.get_absolute_url()}contact/"))
    assert "Tess Ownwords usually answers within 2 days." in form
    for _ in range(2):
        written(profile, received_at=ago(days=15))
    assert "so people read nothing of it." in text(owner.get(HERE))
    assert "Usually answers" not in text(Client().get(profile.get_absolute_url()))


def test_the_profile_leads_to_the_messages(owner, profile):
    page = owner.get(f"/my/therapists/myprofile/{profile.pk}/change/")
    assert f'href="{HERE}">Messages</a>' in page.text
    written(profile)
    page = owner.get(f"/my/therapists/myprofile/{profile.pk}/change/")
    assert f'href="{HERE}">Messages (1 open)</a>' in page.text
    assert f'href="{HERE}">Messages: 1 open</a>' in page.text
