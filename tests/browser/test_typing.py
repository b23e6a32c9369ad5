"""Typing into the list's fields: when it is looked for, and what is suggested meanwhile."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.reading import (
    ADDRESS,
    FOCUSED,
    IS_MARKED,
    box,
    five_therapists,
    opened,
    shows,
    stopped,
    suggested,
    title,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STORED = """async () => [
    localStorage.length, sessionStorage.length, (await indexedDB.databases()).length,
]"""


@pytest.fixture(autouse=True)
def directory(settings):
    return five_therapists(settings)


# --- what is typed ---


def test_what_is_typed_is_looked_for_after_a_pause_and_not_with_each_key(page):
    opened(page)
    asked = []
    page.on("request", lambda one: "/?q" in one.url and asked.append(one.url))
    field = page.get_by_label("Name or words")

    field.press_sequentially("number 3")
    shows(page, "1 therapist fits your choice", "?q=number+3")

    assert len(asked) == 1
    field.fill("")
    shows(page, "5 therapists", "/therapists/")


def test_what_is_being_typed_is_left_as_it_is(page):
    opened(page)
    field = page.get_by_label("Name or words")
    field.press_sequentially("number ")  # the address has no space at its end
    shows(page, "5 therapists fit your choice", "?q=number")
    field.press_sequentially("3")

    shows(page, "1 therapist fits your choice", "?q=number+3")
    assert page.evaluate(FOCUSED) == "q=number 3"


def test_all_that_is_typed_into_a_field_is_one_step_back(page):
    opened(page)
    box(page, "Anger").check()
    shows(page, "2 therapists fit your choice", "?issue=anger")
    field = page.get_by_label("Name or words")
    for words, found in [("number", "2 therapists fit"), (" 3", "1 therapist fits")]:
        field.press_sequentially(words)
        expect(title(page)).to_have_text(f"{found} your choice")
        expect(page).to_have_url(
            re.compile("q=number" + words.replace("number", "").replace(" ", "\\+"))
        )

    page.go_back()

    shows(page, "2 therapists fit your choice", "?issue=anger")
    assert field.input_value() == ""


def test_enter_looks_at_once_and_stays_in_the_field(page):
    stopped(page)
    field = page.get_by_label("Fee for one session, at most")
    field.press_sequentially("100")
    field.press("Enter")

    shows(page, "Nobody fits your choice", "?fee=100")
    assert page.evaluate(FOCUSED) == "fee=100"
    assert page.evaluate(IS_MARKED)


def test_the_button_leads_to_the_results(page):
    opened(page)
    box(page, "Anger").check()
    page.get_by_role("button", name="Apply filters").click()

    shows(page, "2 therapists fit your choice", "?issue=anger")
    expect(title(page)).to_be_focused()
    expect(title(page)).to_be_in_viewport()
    assert page.evaluate(IS_MARKED)


# --- suggestions ---


def test_a_place_is_suggested_and_taken_by_keyboard(page):
    opened(page)
    field = page.get_by_role("combobox", name="Near", exact=True)
    field.press_sequentially("portl")
    expect(suggested(page).first).to_have_text("Portland, OR")
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator("main > [role=status]")).to_have_text("8 suggestions")

    field.press("ArrowDown")
    field.press("ArrowDown")
    field.press("ArrowUp")
    chosen = page.locator(f"#{field.get_attribute('aria-activedescendant')}")
    assert chosen.inner_text() == "Portland, OR"
    assert chosen.get_attribute("aria-selected") == "true"
    field.press("Enter")

    shows(page, "4 therapists fit your choice", "?near=Portland%2C+OR")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(suggested(page)).to_have_count(0)
    assert field.input_value() == "Portland, OR"
    assert page.evaluate(IS_MARKED)


def test_who_reads_suggested_places_has_not_chosen_yet(page):
    stopped(page)
    asked = []
    page.on("request", lambda one: "near=" in one.url and asked.append(one.url.split("?")[1]))
    field = page.get_by_role("combobox", name="Near", exact=True)
    field.press_sequentially("portl")
    page.clock.run_for(300)
    expect(suggested(page)).to_have_count(8)
    page.clock.run_for(5000)
    page.evaluate("fetch('/healthz').then((answer) => answer.text())")
    assert asked == []

    # A ZIP code is whole, whatever is suggested for it.
    field.fill("97214")
    page.clock.run_for(300)
    expect(suggested(page)).to_have_count(1)
    page.clock.run_for(5000)
    shows(page, "4 therapists fit your choice", "?near=97214")
    assert asked == ["near=97214"]


def test_escape_closes_suggestions_and_keeps_what_was_typed(page):
    opened(page)
    field = page.get_by_label("Name or words")
    field.press_sequentially("gr")
    expect(suggested(page)).to_have_text(["Grief and loss"])
    field.press("Escape")

    expect(suggested(page)).to_have_count(0)
    assert field.input_value() == "gr"
    field.press("ArrowDown")
    expect(suggested(page)).to_have_text(["Grief and loss"])


def test_enter_without_a_choice_searches_and_closes_suggestions(page):
    opened(page)
    field = page.get_by_label("Name or words")
    field.press_sequentially("gr")
    expect(suggested(page)).to_have_count(1)
    field.press("Enter")

    expect(page).to_have_url(re.compile(r"\?q=gr$"))
    expect(suggested(page)).to_have_count(0)
    expect(field).to_be_focused()


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("gri", "Grief and loss"),
        ("anger gri", "anger Grief and loss"),
        ("anger grief and lo", "anger Grief and loss"),
        ("anger lo", "anger Grief and loss"),
    ],
)
def test_of_words_only_the_last_is_completed(page, typed, taken):
    page.goto("/")
    field = page.get_by_role("combobox", name="What or whom are you looking for?")
    field.press_sequentially(typed)
    suggested(page).filter(has_text="Grief and loss").click()

    expect(field).to_have_value(taken)
    expect(field).to_be_focused()
    assert page.url.endswith("/")


def test_on_the_home_page_enter_takes_and_enter_again_searches(page):
    page.goto("/")
    field = page.get_by_role("combobox", name="What or whom are you looking for?")
    field.press_sequentially("gri")
    expect(suggested(page)).to_have_text(["Grief and loss"])
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value("Grief and loss")
    field.press("Enter")

    expect(page).to_have_url(re.compile(r"/therapists/\?q=Grief\+and\+loss$"))


def test_a_single_letter_and_unknown_letters_suggest_nothing(page):
    page.goto("/")
    asked = []
    page.on("request", lambda one: "begun=" in one.url and asked.append(one.url))
    field = page.get_by_role("combobox", name="What or whom are you looking for?")
    with page.expect_response("**/suggest/words/?begun=zzzz"):
        field.press_sequentially("zzzz")
    expect(suggested(page)).to_have_count(0)
    with page.expect_response("**/suggest/words/?begun=gr"):
        field.fill("gr")
    expect(suggested(page)).to_have_count(1)
    field.fill("g")
    expect(suggested(page)).to_have_count(0)

    assert [url.split("=")[-1] for url in asked] == ["zzzz", "gr"]


def test_nothing_of_it_is_stored_or_asked_of_others(page):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    opened(page)
    box(page, "Anger").check()
    shows(page, "2 therapists fit your choice", "?issue=anger")
    page.get_by_role("combobox", name="Near", exact=True).press_sequentially("portl")
    expect(suggested(page).first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    shows(page, "2 therapists fit your choice", "?issue=anger&near=Portland%2C+OR")

    origin = page.url.split(ADDRESS)[0]
    assert [url for url in asked if not url.startswith((f"{origin}/", "data:"))] == []
    assert page.context.cookies() == []
    assert page.evaluate(STORED) == [0, 0, 0]
