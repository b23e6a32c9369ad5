"""From a profile to a message that is kept: with and without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests import factories
from therapists.contact import form as forms
from therapists.models import Message

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tess(monkeypatch):
    monkeypatch.setattr(forms, "QUICKEST", 0)  # Playwright writes more quickly than people
    return factories.TherapistFactory(
        name="Tess Testwell", email="tess@practice.example", phone="(555) 555-0100"
    )


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


@pytest.mark.parametrize("javascript", [True, False], ids=["with a script", "without"])
def test_who_presses_back_after_it_was_sent_reads_nothing_of_it(visit, tess, javascript):
    page = visit(360, 780, java_script_enabled=javascript)
    page.goto(f"{tess.get_absolute_url()}contact/")
    page.get_by_label("What should Tess Testwell call you?").fill("Ines")
    page.get_by_label("Phone number").fill("(555) 555-0123")
    page.get_by_label("Your message").fill("I can't sleep.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("On its way to Tess Testwell")
    page.go_back()
    expect(page.get_by_label("Your message")).to_have_value("")


def test_a_page_that_the_browser_kept_whole_forgets_what_was_written(page, tess):
    page.goto(f"{tess.get_absolute_url()}contact/")
    page.get_by_label("Phone number").fill("(555) 555-0123")
    page.get_by_label("Your message").fill("I can't sleep.")
    # Chromium keeps no page whole while it is driven, so it is told that it has.
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    for label in ("Phone number", "Your message"):
        expect(page.get_by_label(label)).to_have_value("")


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
    page.get_by_label("What should Tess Testwell call you?").fill("Ines")
    page.get_by_label("Phone number").fill("(555) 555-0123")
    page.get_by_label("Your message").fill("I can't sleep.")
    page.get_by_role("button", name="Send").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("On its way to Tess Testwell")
    assert Message.objects.count() == 1


def test_a_page_that_was_open_for_a_day_is_sent_with_one_more_press(page, tess, monkeypatch):
    page.goto(f"{tess.get_absolute_url()}contact/")
    page.get_by_label("What should Tess Testwell call you?").fill("Ines")
    page.get_by_label("Phone number").fill("(555) 555-0123")
    page.get_by_label("Your message").fill("\n I can't sleep.")
    page.get_by_label("Send me a short letter").check()
    page.get_by_label("E-mail address").fill("ines@client.example")
    with monkeypatch.context() as a_day_later:
        a_day_later.setattr(forms, "MAX_AGE", -1)
        page.get_by_role("button", name="Send").click()
        expect(page.get_by_role("alert")).to_contain_text("open for a long time")
    expect(page.get_by_label("Send me a short letter")).to_be_checked()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("On its way to Tess Testwell")
