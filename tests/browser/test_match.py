"""Find your match as somebody with a phone goes through it, with JavaScript and without."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ada():
    issue = factories.VocabularyFactory(slug="issue")
    grief = factories.TermFactory(vocabulary=issue, slug="grief", name="Grief")
    return factories.TherapistFactory(name="Ada Grief", terms=[grief], online=True)


@pytest.mark.parametrize("javascript", [True, False])
def test_from_the_questions_to_a_profile_and_back(visit, ada, javascript):
    page = visit(320, 640, java_script_enabled=javascript)
    page.goto("/match/")
    assert page.locator("h2:visible").first.inner_text() == "What brings you?"
    page.get_by_label("Grief").check()
    page.locator("#q-what").get_by_role("link", name="Continue").click()
    assert page.locator(".step:visible h2").inner_text() == "Where, and how?"
    page.get_by_label("Online").check()

    page.go_back()  # the browser's own
    assert page.locator(".step:visible h2").inner_text() == "What brings you?"
    assert page.get_by_label("Grief").is_checked()
    page.go_forward()
    assert page.get_by_label("Online").is_checked()

    page.get_by_role("button", name="See who fits now").click()
    page.get_by_role("heading", name="1 therapist to look at").wait_for()
    assert page.get_by_text("works with Grief").is_visible()
    assert "grief" not in page.url
    assert page.context.cookies() == []

    page.get_by_role("button", name=re.compile("^Change.*What brings you")).click()
    page.locator("#q-what").wait_for()
    assert page.get_by_label("Grief").is_checked()
    if javascript:
        page.go_back()
        page.get_by_role("heading", name="1 therapist to look at").wait_for()
    overflow = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert not overflow


def test_the_heading_has_the_focus_after_each_step(visit, ada):
    page = visit(360, 780)
    page.goto("/match/")
    page.locator("#q-what").get_by_role("link", name="Continue").press("Enter")
    expect(page.locator("#t-where")).to_be_focused()
    page.get_by_role("button", name="See who fits now").press("Enter")
    expect(page.locator("#results-title")).to_be_focused()
