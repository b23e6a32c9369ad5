"""The list renewed in place: results, counts and address follow a filter, without a new page."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser.reading import (
    ADDRESS,
    FOCUSED,
    IS_MARKED,
    MARK,
    box,
    choices,
    five_therapists,
    opened,
    shows,
    ticked,
    title,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def directory(settings):
    return five_therapists(settings)


@pytest.fixture
def wide(visit):
    """A page of a visitor at a desk, where the panel is always open."""
    return visit(1280, 900, locale="en-US")


# --- ticks ---


@pytest.mark.parametrize("width", [320, 1280])
def test_a_tick_renews_results_counts_address_and_title(wide, width):
    wide.set_viewport_size({"width": width, "height": 900})
    page = opened(wide)
    assert choices(page, "insurance") == ["A plan 1"]

    box(page, "Anger").check()

    shows(page, "2 therapists fit your choice", "/therapists/?issue=anger")
    names = page.locator(".card h3").all_inner_texts()
    assert sorted(names) == ["Wren Wordwell 2", "Wren Wordwell 3"]
    assert choices(page, "insurance") == ["A plan 0"]
    assert "1 chosen" in page.locator("[data-group=issue] > summary").inner_text()
    assert page.title().startswith("2 therapists found")
    assert page.evaluate(IS_MARKED)


def test_what_was_ticked_stays_where_it_is_with_focus_and_view(page):
    opened(page)
    before = choices(page, "issue")
    box(page, "Grief").scroll_into_view_if_needed()
    height = page.evaluate("scrollY")
    assert height > 0

    box(page, "Grief").focus()
    page.keyboard.press("Space")

    shows(page, "2 therapists fit your choice", "?issue=grief")
    assert page.evaluate(FOCUSED) == "issue=grief"
    assert choices(page, "issue") == before == ["Anger 2", "Grief and loss 2"]
    assert page.evaluate("scrollY") == height
    assert ticked(page) == ["grief"]


def test_the_count_is_said_once_for_each_change(page):
    opened(page)
    status = page.locator(".filters [role=status]")
    assert status.text_content() == ""
    page.evaluate(
        """() => {
          window.said = []
          const note = () => said.push(document.querySelector('.outcome').textContent)
          new MutationObserver(note).observe(document.querySelector('.outcome'), {childList: true})
        }"""
    )

    box(page, "Anger").check()
    expect(status).to_have_text("2 therapists fit your choice")
    box(page, "Anger").uncheck()
    expect(status).to_have_text("5 therapists")
    box(page, "Anger").check()
    shows(page, "2 therapists fit your choice", "?issue=anger")

    assert page.evaluate("said") == [
        "2 therapists fit your choice",
        "5 therapists",
        "2 therapists fit your choice",
    ]


def test_what_was_not_understood_is_said_with_the_count(page):
    opened(page)
    page.get_by_label("Within").select_option("5")

    expect(page.locator(".outcome")).to_have_text(
        "5 therapists. “Within 5 miles” needs a place: write a ZIP code or a city."
    )


def test_the_same_words_are_said_again(page):
    opened(page)
    box(page, "Anger").check()
    shows(page, "2 therapists fit your choice", "?issue=anger")
    first = page.locator(".outcome").text_content()

    # The same two: everyone of anger has an office.
    box(page, "In person").check()
    shows(page, "2 therapists fit your choice", "?issue=anger&format=in-person")

    again = page.locator(".outcome").text_content()
    assert again.strip() == first
    assert again != first, "a status that does not change is not read out"


def test_those_who_have_not_said_are_offered_and_withdrawn(page):
    opened(page)
    box(page, "A plan").check()
    shows(page, "1 therapist fits your choice", "?insurance=a-plan")

    box(page, "Include those").check()
    shows(page, "5 therapists fit your choice", "?insurance=a-plan&unstated=insurance")
    assert page.evaluate(FOCUSED) == "unstated=insurance"

    box(page, "A plan").uncheck()
    shows(page, "5 therapists", "/therapists/")
    assert box(page, "Include those").count() == 0
    assert page.evaluate(FOCUSED) == "insurance=a-plan"


def test_two_quick_changes_end_in_the_last_and_a_late_answer_is_dropped(page):
    opened(page)
    held = []
    page.route("**/therapists/?issue=grief", lambda route: held.append(route), times=1)

    box(page, "Grief").check()
    expect(page.locator("#results")).to_have_attribute("aria-busy", "true")
    assert title(page).inner_text() == "5 therapists"
    box(page, "Anger").check()
    shows(page, "4 therapists fit your choice", "?issue=anger&issue=grief")
    for route in held:
        route.continue_()
    page.evaluate("fetch('/healthz').then((answer) => answer.text())")

    shows(page, "4 therapists fit your choice", "?issue=anger&issue=grief")
    assert sorted(ticked(page)) == ["anger", "grief"]
    page.go_back()
    shows(page, "5 therapists", "/therapists/")


# --- Back ---


def test_back_and_forward_restore_each_state(page):
    opened(page)
    box(page, "Grief").check()
    shows(page, "2 therapists fit your choice", "?issue=grief")
    box(page, "A plan").check()
    shows(page, "1 therapist fits your choice", "?issue=grief&insurance=a-plan")

    page.go_back()
    shows(page, "2 therapists fit your choice", "?issue=grief")
    assert ticked(page) == ["grief"]
    assert choices(page, "insurance") == ["A plan 1"]
    page.go_back()
    shows(page, "5 therapists", "/therapists/")
    assert ticked(page) == []
    assert page.title().startswith("Meet the specialists")
    page.go_forward()
    shows(page, "2 therapists fit your choice", "?issue=grief")
    assert ticked(page) == ["grief"]
    assert page.evaluate(IS_MARKED)


def test_back_from_a_profile_finds_the_ticks_as_they_were(page):
    opened(page)
    box(page, "Grief").check()
    shows(page, "2 therapists fit your choice", "?issue=grief")
    page.locator(".card a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Wren Wordwell")

    page.go_back()

    shows(page, "2 therapists fit your choice", "?issue=grief")
    # A new page has what is chosen first, so browsers that restore by place would tick "Anger".
    assert choices(page, "issue") == ["Grief and loss 2", "Anger 2"]
    assert ticked(page) == ["grief"]


def test_a_jump_within_the_page_is_no_change(page, directory):
    page.goto(directory.get_absolute_url())
    page.evaluate(MARK)
    asked = []
    page.on("request", lambda one: one.resource_type == "fetch" and asked.append(one.url))

    page.get_by_role("link", name="What it is").click()
    expect(page).to_have_url(re.compile("#overview$"))
    page.go_back()
    expect(page).to_have_url(re.compile("relational-therapy/$"))

    assert asked == []
    assert page.evaluate(IS_MARKED)


# --- links in the list ---


def test_the_pager_turns_the_page_and_leads_to_its_top(page):
    opened(page)
    first = page.locator(".card h3").all_inner_texts()
    page.get_by_role("link", name="Next").click()

    expect(page.locator(".pager")).to_contain_text("Page 2 of 3")
    expect(page).to_have_url(re.compile(r"\?day=[0-9-]{10}&page=2$"))
    expect(title(page)).to_be_focused()
    expect(title(page)).to_be_in_viewport()
    assert not set(first) & set(page.locator(".card h3").all_inner_texts())
    assert page.evaluate(IS_MARKED)

    page.go_back()
    shows(page, "5 therapists", "/therapists/")
    assert page.locator(".card h3").all_inner_texts() == first


def test_what_was_chosen_is_removed_by_its_link_and_the_focus_is_not_lost(page):
    opened(page, "/therapists/?issue=grief&issue=anger")
    page.get_by_role("link", name="Remove Which issue?: Anger").press("Enter")

    shows(page, "2 therapists fit your choice", "?issue=grief")
    assert ticked(page) == ["grief"]
    expect(title(page)).to_be_focused()

    page.locator(".apply").get_by_role("link", name="Clear all").press("Enter")
    shows(page, "5 therapists", "/therapists/")
    assert ticked(page) == []
    expect(page.get_by_role("button", name="Apply filters")).to_be_focused()
    assert page.evaluate(IS_MARKED)


def test_another_order_is_kept_by_the_filters_that_follow(page):
    opened(page)
    page.get_by_role("link", name="Lowest fee first").click()
    shows(page, "5 therapists", "?order=fee")

    box(page, "Anger").check()
    shows(page, "2 therapists fit your choice", "?issue=anger&order=fee")
    assert page.evaluate(IS_MARKED)


def test_links_to_other_pages_stay_links(page):
    opened(page)
    page.get_by_role("link", name="How we order", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How we order the lists")


def test_an_approach_page_keeps_what_was_chosen_for_find_your_match(page, directory):
    opened(page, directory.get_absolute_url())
    assert title(page).inner_text() == "5 therapists practice Relational therapy"
    box(page, "Anger").check()
    shows(page, "2 therapists practice Relational therapy and fit your choice", "?issue=anger")
    assert page.evaluate(IS_MARKED)

    page.locator(".match").get_by_label("How").select_option("in-person")
    page.get_by_role("button", name="Find your match").click()
    expect(page).to_have_url(re.compile(r"\?issue=anger&format=in-person#results$"))


# --- without a script, and when something fails ---


def test_without_javascript_the_same_journey_by_the_button(visit):
    page = visit(1280, 720, java_script_enabled=False)
    page.goto(ADDRESS)
    page.get_by_text("Which issue?").first.click()
    assert page.locator(".outcome").text_content() == ""
    box(page, "Grief").check()
    page.get_by_label("Name or words").fill("turn")
    page.get_by_role("button", name="Apply filters").click()
    assert page.url.endswith("/therapists/?q=turn&issue=grief#results")
    assert title(page).inner_text() == "2 therapists fit your choice"
    assert ticked(page) == ["grief"]

    page.get_by_role("link", name="Remove Name or words: turn").click()
    assert page.url.endswith("/therapists/?issue=grief#results")
    page.go_back()
    assert page.url.endswith("?q=turn&issue=grief#results")


@pytest.mark.parametrize(("width", "is_open"), [(360, False), (1280, True)])
def test_the_panel_says_that_it_is_open_where_it_is(wide, width, is_open):
    wide.set_viewport_size({"width": width, "height": 900})
    wide.goto(ADDRESS)
    panel = wide.locator(".filters")
    assert panel.evaluate("one => one.open") is is_open
    assert panel.get_by_role("button", name="Apply filters").is_visible() is is_open


def test_by_keyboard_the_panel_can_be_passed(wide):
    wide.goto(ADDRESS)
    wide.locator("#main").focus()
    wide.keyboard.press("Tab")  # the first stop: there is nothing to open
    link = wide.get_by_role("link", name="Skip to the results")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    wide.keyboard.press("Enter")
    wide.keyboard.press("Tab")
    assert wide.evaluate("document.querySelector('#results').contains(document.activeElement)")


def test_an_older_browser_opens_the_panel_by_its_button_on_a_wide_screen(wide):
    def aged(route):
        """What a browser makes of it that cannot hold a closed panel open."""
        css = route.fetch().text()
        assert "::details-content" in css
        route.fulfill(body=css.replace("::details-content", "::nonesuch"), content_type="text/css")

    wide.route("**/site*.css", aged)
    wide.route("**/listing*.js", lambda route: route.abort())  # which opens it, too
    wide.goto(ADDRESS)
    button = wide.get_by_role("button", name="Apply filters")
    expect(button).not_to_be_visible()

    wide.get_by_text("Choose by what matters to you").click()

    expect(button).to_be_visible()


def test_a_page_that_is_gone_is_the_servers_to_explain(page):
    opened(page)
    for one in factories.Therapist.objects.all()[:4]:
        one.delete()
    page.get_by_role("link", name="Next").click()

    expect(page).to_have_title(re.compile("find that page"))
    expect(page).to_have_url(re.compile("page=2$"))


def test_an_answer_that_does_not_come_is_asked_for_by_a_new_page(page):
    opened(page)
    page.route("**/therapists/?issue=anger", lambda route: route.abort(), times=1)
    box(page, "Anger").check()

    shows(page, "2 therapists fit your choice", "?issue=anger")
    assert not page.evaluate(IS_MARKED)
    assert ticked(page) == ["anger"]


def test_leaving_while_the_list_is_asked_for_leads_where_the_reader_went(page):
    opened(page)
    page.route("**/therapists/?issue=anger", lambda route: None)  # never answered
    box(page, "Anger").check()
    expect(page.locator("#results")).to_have_attribute("aria-busy", "true")
    page.locator(".card a").first.click()

    expect(page.get_by_role("heading", level=1)).to_contain_text("Wren Wordwell")
