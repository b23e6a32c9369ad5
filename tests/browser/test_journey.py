"""A client on a phone: from the home page to a person, and away."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def directory():
    """One approach, five specialists in two states, and an issue that two of them state."""
    grief = factories.TermFactory(name="Grief and loss", slug="grief")
    approach = factories.ApproachFactory(name="Relational therapy", summary="Between two people.")
    for number, state in enumerate(["OR", "OR", "OR", "CA", "CA"]):
        therapist = factories.TherapistFactory(
            name=f"Wren Wordwell {number}", office__state=state, terms=[grief] if number < 2 else []
        )
        factories.SpecialistFactory(
            approach=approach,
            therapist=therapist,
            statement=f"I listen for the turn number {number}.",
        )
    return approach


def test_home_to_approach_to_specialist_to_profile_and_back(page, directory):
    page.goto("/")
    page.get_by_role("link", name="Relational therapy").first.click()
    assert page.get_by_role("heading", level=1).inner_text() == "Relational therapy"
    assert page.get_by_role("figure").count() == 5

    quote = page.get_by_role("figure").filter(has_text="turn number 3")
    assert re.search(
        r"— Wren Wordwell 3, Licensed Clinical Social Worker in Portland, CA", quote.inner_text()
    )
    quote.get_by_role("link").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Wren Wordwell 3"
    assert "I listen for the turn number 3." in page.inner_text("main")

    page.go_back()
    assert page.get_by_role("heading", level=1).inner_text() == "Relational therapy"


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_the_list_on_an_approach_page_narrows_and_widens(visit, directory, javascript):
    page = visit(1280, 720, java_script_enabled=javascript)
    page.goto(directory.get_absolute_url())
    assert page.locator("#results-title").inner_text().startswith("5 therapists practice")

    page.locator("#match-near").fill("Portland, OR")
    page.get_by_role("button", name="Find your match").click()
    assert page.url.endswith("?near=Portland%2C+OR#results")
    assert page.locator("#results-title").inner_text().startswith("3 therapists practice")

    page.get_by_role("link", name=re.compile("Remove Near: Portland, OR")).click()
    expect(page.locator("#results-title")).to_have_text(re.compile("5 therapists practice"))


def test_the_filter_panel_opens_on_a_phone_and_finds(page, directory):
    page.goto("/therapists/")
    page.get_by_text("Choose by what matters to you").click()
    page.get_by_text("Which issue?").first.click()
    page.get_by_label("Grief and loss").check()
    page.get_by_role("button", name="Apply filters").click()

    expect(page).to_have_url(re.compile(r"/therapists/\?issue=grief$"))
    expect(page.locator("#results-title")).to_have_text("2 therapists fit your choice")


def test_search_on_the_home_page_finds_by_words_of_a_statement(page, directory):
    page.goto("/")
    page.get_by_label("What or whom are you looking for?").fill("turn number 4")
    page.get_by_role("button", name="Search").click()

    assert page.locator("#results-title").inner_text() == "1 therapist fits your choice"
    assert page.get_by_role("link", name="Wren Wordwell 4").count() == 1


@pytest.fixture
def elsewhere(settings, live_server):
    """Leave for a page of our own: tests ask nothing of other sites."""
    settings.QUICK_EXIT_URL = f"{live_server.url}/healthz"
    return settings.QUICK_EXIT_URL


def test_leave_now_leaves_and_back_does_not_lead_here(page, directory, elsewhere):
    page.goto("/approaches/")
    page.goto(directory.get_absolute_url())
    page.get_by_role("link", name="Leave now").click()
    page.wait_for_url(elsewhere)

    page.go_back()
    assert page.url.endswith("/approaches/")


def test_shift_pressed_three_times_leaves(page, directory, elsewhere):
    page.goto(directory.get_absolute_url())
    for _ in range(3):
        page.keyboard.press("Shift")
    page.wait_for_url(elsewhere)


def test_writing_capitals_does_not_leave(page, directory, elsewhere):
    page.goto("/")
    page.get_by_label("What or whom are you looking for?").press_sequentially("EMDR")
    for letter in "ABCD":
        page.keyboard.press(f"Shift+{letter}")
    page.keyboard.press("Shift")

    assert page.url.endswith("/")
    assert page.get_by_role("button", name="Search").is_visible()


def test_a_visitor_is_left_without_a_trace_in_the_browser(page, directory):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for address in ("/", "/approaches/", directory.get_absolute_url(), "/therapists/?state=OR"):
        page.goto(address)

    origin = page.url.split("/therapists/")[0]
    assert [url for url in asked if not url.startswith((origin, "data:"))] == []
    assert page.context.cookies() == []
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_the_therapists_own_admin_works_in_a_browser(page, directory):
    owner = factories.UserFactory(username="wren", password="a long enough password")
    therapist = directory.specialists.first().therapist
    therapist.owner = owner
    therapist.save()
    page.goto("/my/")
    page.get_by_label("E-mail address, or user name").fill("wren")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("I have read this, and I agree to be listed.").check()
    page.get_by_role("button", name="I agree").click()
    page.get_by_label("Room for new people:").select_option("full")
    page.get_by_role("button", name="Save", exact=True).click()

    page.goto(therapist.get_absolute_url())
    assert "Has no room at present" in page.inner_text("main")
