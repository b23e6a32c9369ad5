"""From a profile to a message that is kept: with and without JavaScript."""

import re
import threading

import pytest
from playwright.sync_api import expect

from tests import factories
from therapists import cookieless
from therapists.contact import views
from therapists.models import Message

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tess(no_wait):
    return factories.TherapistFactory(
        name="Tess Testwell", email="tess@practice.example", phone="(555) 555-0100"
    )


def fill_in(page):
    page.get_by_label("What should Tess Testwell call you?").fill("Ines")
    page.get_by_label("Phone number").fill("(555) 555-0123")
    page.get_by_label("Your message").fill("I can't sleep.")


@pytest.mark.parametrize("javascript", [True, False], ids=["with a script", "without"])
def test_a_client_writes_mends_sends_and_erases(visit, tess, javascript):
    page = visit(360, 780, java_script_enabled=javascript)
    page.goto(tess.get_absolute_url())
    page.get_by_role("link", name="Write to Tess Testwell").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Write to Tess Testwell")

    page.get_by_label("What should Tess Testwell call you?").fill("梅 Mei")
    page.get_by_label("Your message").fill("I can't sleep.\nHave you room?")
    page.get_by_role("button", name="Send").click()

    expect(page).to_have_title("Error: Write to Tess Testwell · Attune")
    page.get_by_role("alert").get_by_role("link").click()  # leads to the field
    expect(page).to_have_url(f"{page.url.partition('#')[0]}#email")
    expect(page.get_by_label("Your message")).to_have_value("I can't sleep.\nHave you room?")
    page.get_by_label("E-mail address").fill("mei@client.example")
    page.get_by_role("button", name="Send").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("On its way to Tess Testwell")
    said = Message.objects.get().said
    assert (said["name"], said["email"]) == ("梅 Mei", "mei@client.example")
    assert said["text"] == "I can't sleep.\nHave you room?"
    assert page.context.cookies() == []
    assert page.url.endswith("/contact/") or page.url.endswith("/contact/#email")

    page.locator(".erase-link a").click()
    page.get_by_role("button", name="Erase it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("It is erased")
    assert not Message.objects.exists()
    if javascript:
        assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_who_presses_back_after_it_was_sent_reads_nothing_of_it(visit, tess):
    page = visit(360, 780, java_script_enabled=False)  # with one, Back leads further back
    page.goto(f"{tess.get_absolute_url()}contact/")
    fill_in(page)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("On its way to Tess Testwell")
    page.go_back()
    expect(page.get_by_label("Your message")).to_have_value("")


def test_keys_alone_are_enough_and_never_meet_the_field_for_robots(page, tess):
    page.goto(f"{tess.get_absolute_url()}contact/")
    page.get_by_label("What should Tess Testwell call you?").focus()
    met = []
    for typed in ("Ines", "", "(555) 555-0123", "I can't sleep."):
        met.append(page.evaluate("document.activeElement.name"))
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    met.append(page.evaluate("document.activeElement.name"))
    page.keyboard.press("Tab")
    met.append(page.evaluate("document.activeElement.textContent"))
    assert met == ["name", "email", "phone", "message", "receipt", "Send"]
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("On its way to Tess Testwell")
    assert Message.objects.get().said["phone"] == "(555) 555-0123"


def test_what_went_wrong_has_the_focus_and_each_field_tells_its_own_fault(page, tess):
    page.goto(f"{tess.get_absolute_url()}contact/")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_be_focused()
    field = page.get_by_label("E-mail address")
    expect(field).to_have_accessible_description(
        "Leave an e-mail address or a phone number, so that Tess Testwell can answer you."
    )
    expect(field).to_have_attribute("aria-invalid", "true")


def test_a_double_click_comes_once(page, tess):
    page.goto(f"{tess.get_absolute_url()}contact/")
    fill_in(page)
    page.get_by_role("button", name="Send").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("On its way to Tess Testwell")
    assert Message.objects.count() == 1


def test_a_page_that_was_open_for_a_day_is_sent_with_one_more_press(page, tess, monkeypatch):
    page.goto(f"{tess.get_absolute_url()}contact/")
    page.get_by_label("What should Tess Testwell call you?").fill("Ines")
    page.get_by_label("Phone number").fill("(555) 555-0123")
    page.get_by_label("Your message").fill("\n I can't sleep.")
    page.get_by_label("E-mail me a link").check()
    page.get_by_label("E-mail address").fill("ines@client.example")
    with monkeypatch.context() as a_day_later:
        a_day_later.setattr(cookieless, "MAX_AGE", -1)
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("alert")).to_contain_text("open for a long time")
    expect(page.get_by_label("E-mail me a link")).to_be_checked()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("On its way to Tess Testwell")


# --- with a script: the page stays, and so do the words ---

WORDS = "I lie awake at night."


def write_to_tess(page, tess, words=WORDS):
    page.goto(tess.get_absolute_url())
    page.get_by_role("link", name="Write to Tess Testwell").click()
    page.get_by_label("What should Tess Testwell call you?").fill("Ines")
    page.get_by_label("E-mail address").fill("ines@client.example")
    page.get_by_label("Your message").fill(words)


def fields_of(page):
    """What stands in all fields that a person sees."""
    fields = page.locator("main :is(input:not([type=hidden], [type=checkbox]), textarea)")
    return "".join(fields.evaluate_all("all => all.map(one => one.value)"))


def press_send(page):
    page.get_by_role("button", name="Send").click()


@pytest.mark.parametrize("way", ["typed", "with a fault", "sent", "gone on to the profile"])
@pytest.mark.parametrize("remembers", [True, False], ids=["kept in memory", "fetched again"])
def test_after_leave_now_back_shows_nothing_that_was_written(
    page, remembering, tess, live_server, settings, way, remembers
):
    settings.QUICK_EXIT_URL = f"{live_server.url}/how-we-order/"
    page = remembering if remembers else page
    write_to_tess(page, tess)
    if way == "with a fault":
        page.get_by_label("E-mail address").fill("ines@")
        press_send(page)
        expect(page.get_by_role("alert")).to_be_focused()
    elif way == "sent":
        press_send(page)
        expect(page.get_by_role("heading", name="On its way")).to_be_focused()
    elif way == "gone on to the profile":
        page.locator(".crumb a").click()
        page.wait_for_url(re.compile(f"{tess.get_absolute_url()}$"))
    page.get_by_role("link", name="Leave now").click()
    page.wait_for_url(settings.QUICK_EXIT_URL)
    if way == "gone on to the profile":
        go_back(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("Write to Tess Testwell")
        expect(page.get_by_label("Your message")).to_have_value("")
        assert fields_of(page) == ""
    go_back(page)
    expect(page).to_have_title(re.compile("^Tess Testwell"))
    assert "ines@client.example" not in page.content()


def go_back(page):
    """Of a page that ends with the call, no answer comes."""
    page.evaluate("() => void setTimeout(() => history.back())")


def test_going_to_the_profile_and_back_loses_no_word(remembering, tess):
    write_to_tess(remembering, tess)
    remembering.locator(".crumb a").click()
    expect(remembering).to_have_title(re.compile("^Tess Testwell"))
    remembering.evaluate("history.back()")
    expect(remembering.get_by_label("Your message")).to_have_value(WORDS)


def test_where_the_network_fails_the_words_stay_and_arrive_once(page, tess):
    write_to_tess(page, tess)
    page.context.set_offline(True)
    press_send(page)
    expect(page.locator("main").get_by_role("status")).to_contain_text("Your words are still here.")
    expect(page.get_by_label("Your message")).to_have_value(WORDS)
    page.context.set_offline(False)
    page.route("**/contact/", lambda route: route.fulfill(status=502, body="Bad gateway"))
    press_send(page)
    expect(page.locator("main").get_by_role("status")).to_contain_text("Your words are still here.")
    page.unroute("**/contact/")
    press_send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("On its way to Tess Testwell")
    assert [one.said["text"] for one in Message.objects.all()] == [WORDS]
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_while_very_many_write_one_presses_again(page, tess, monkeypatch):
    write_to_tess(page, tess)
    with monkeypatch.context() as meanwhile:
        nobody_more = threading.BoundedSemaphore(1)
        meanwhile.setattr(views, "_at_once", nobody_more)
        nobody_more.acquire()
        press_send(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("It is not sent yet")
        expect(page.get_by_label("What you wrote")).to_have_value(WORDS)
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("On its way to Tess Testwell")
    assert Message.objects.count() == 1


def test_what_is_too_long_to_be_read_is_still_there(page, tess, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000
    long = "x" * 20_000
    write_to_tess(page, tess, long)
    press_send(page)
    expect(page.get_by_role("alert")).to_contain_text("far too long for us to read")
    expect(page.get_by_label("Your message")).to_have_value(long)
    page.get_by_label("Your message").fill(WORDS)
    press_send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("On its way to Tess Testwell")
