"""A therapist answers in a real browser, with real letters, with a script and without."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests import factories
from tests.browser.reading import sign_in
from tests.browser.sight import DJANGOS_OWN, TOO_WIDE, barriers
from tests.therapists.contact.people import written
from therapists.contact import answers, delivery, messages
from therapists.models import Delivery, Message

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SAID = {"name": "Ines", "email": "ines@client.example", "text": "I can't sleep since my loss."}


@pytest.fixture
def tess(owner_user):
    owner_user.email = "tess@practice.example"
    owner_user.save()
    return factories.TherapistFactory(name="Tess Ownwords", owner=owner_user, in_person=True)


def deliver_all():
    """What the queue's worker does, once the minutes are over in which a wrong click is undone."""
    Delivery.objects.filter(state="waiting").update(due_at=timezone.now())
    for number in Delivery.objects.filter(state="waiting").values_list("pk", flat=True):
        delivery.deliver(number)


@pytest.mark.parametrize("scripts", [True, False])
def test_from_the_letter_to_no_room_and_the_clients_three(visit, postbox, tess, client, scripts):
    others = [
        factories.TherapistFactory(name=f"Open {number}", in_person=True, phone="1")
        for number in range(4)
    ]
    messages.take(tess, SAID, mark="m")
    deliver_all()
    letter = postbox.letters[-1]
    assert letter["To"] == "tess@practice.example"
    link = re.search(r"http://\S*/my/messages/\S*", letter.get_content())[0]

    page = visit(360, 740, java_script_enabled=scripts)
    page.goto(link)
    page.get_by_label("E-mail address, or user name").fill("tess-therapist")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page).to_have_url(link)
    expect(page.get_by_text("I can't sleep since my loss.")).to_be_visible()
    seen = page.locator(".suggested a").all_inner_texts()
    assert len(seen) == 3
    page.get_by_label("Your own words to them").fill("I have room again in May.")
    page.get_by_role("button", name="I have no room").click()
    expect(page.get_by_text("From today your profile says that you have no room.")).to_be_visible()
    expect(page.get_by_text("Our letter to them leaves at")).to_be_visible()
    before = len(postbox.letters)
    page.get_by_role("button", name="Take it back, my profile too").click()
    expect(page.get_by_text("The message is open again")).to_be_visible()
    assert "Has room for new clients" in client.get(tess.get_absolute_url()).text
    deliver_all()
    assert len(postbox.letters) == before

    page.get_by_label("Your own words to them").fill("I have room again in May.")
    page.get_by_role("button", name="I have no room").click()
    assert page.evaluate(TOO_WIDE) <= 0

    deliver_all()
    answer = postbox.letters[-1]
    assert answer["To"] == "ines@client.example"
    words = answer.get_content().replace("\r\n", "\n")
    assert "> I have room again in May." in words
    assert re.findall(r"(?m)^(Open \d), ", words) == seen
    paths = re.findall(r"http://\S*(/therapists/[\w-]+/)$", words, re.MULTILINE)
    assert len(paths) == 3
    for path in paths:
        assert client.get(path).status_code == 200
        assert path in [one.get_absolute_url() for one in others]
    page.reload()
    expect(page.get_by_text("We wrote to them on")).to_be_visible()
    expect(page.get_by_role("button", name="Take it back")).to_have_count(0)
    assert "Has no room at present" in client.get(tess.get_absolute_url()).text
    assert len(postbox.letters) == 2

    # The client erases what they wrote, by the letter's link.
    erase = re.search(r"http://\S*/messages/erase/\S*", words)[0]
    theirs = visit(360, 740, java_script_enabled=scripts)
    theirs.goto(erase)
    theirs.get_by_role("button", name="Erase it").click()
    expect(theirs.get_by_role("heading", name="It is erased")).to_be_visible()
    assert theirs.context.cookies() == []
    assert not Message.objects.exists()


def test_the_pages_are_free_of_faults_that_axe_can_see(
    visit, owner_user, tess, live_server, settings
):
    factories.TherapistFactory(
        name="Donaudampfschifffahrtsgesellschaft Kapitän", in_person=True, phone="1"
    )
    long = {"name": "Rindfleischetikettierungsüberwachung", "text": "x" * 300 + "\n\nWords."}
    rows = [written(tess, phone="503 555 0134", **long) for _ in range(30)]
    rows += [written(tess, email="", phone="503 555 0134")]
    answers.refer(rows[0], by=owner_user)
    answers.spam(rows[1], by=owner_user)
    page = sign_in(visit(320, 640, reduced_motion="reduce"), owner_user, live_server)
    faults = []
    page.on("console", lambda said: faults.append(said.text))
    page.on("pageerror", lambda error: faults.append(str(error)))

    def look(where):
        page.goto(where)
        check(where)

    def check(where):
        assert faults == []
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert barriers(page, but=DJANGOS_OWN) == {}, where
        faults.clear()  # axe itself tries inline styles

    look("/my/messages/")
    look("/my/messages/?page=2")
    for row in (rows[0], rows[1], rows[2], rows[-1]):  # decided, spam, open, a phone alone
        look(f"/my/messages/{row.pk}/")
    page.goto("/my/messages/0/")
    faults.clear()  # the browser says that it got a 404
    check("gone")
    page.goto(f"/my/messages/{rows[2].pk}/")
    page.get_by_label("Your own words to them").fill("x" * 1001)
    page.get_by_role("button", name="I have no room").click()
    expect(page.get_by_role("alert")).to_contain_text("Take out 1.")
    check("too many words")
    settings.MESSAGE_KEYS = ["another key, which is also long enough to be taken"]
    look("/my/messages/")
    look(f"/my/messages/{rows[2].pk}/")
