"""Find your match as somebody with a phone goes through it, with JavaScript and without."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser.sight import barriers

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PHONE = {"width": 360, "height": 780}


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


def test_keep_lies_on_no_word_of_a_card(visit, ada):
    """Wherever the finger goes, it meets either the button or the words."""
    issue = ada.terms.get().vocabulary
    factories.TherapistFactory(
        name="Bea Grief", in_person=True, fee_from=180, fee_to=200, sliding_scale=True,
        terms=[ada.terms.get(), factories.TermFactory(vocabulary=issue, name="Obsessive fears")],
    )  # fmt: skip
    overlap = """() => [...document.querySelectorAll(".matches > li")].flatMap((card) => {
      const keep = card.querySelector(".keep").getBoundingClientRect();
      const words = document.createTreeWalker(card, NodeFilter.SHOW_TEXT), under = [];
      while (words.nextNode()) {
        const { parentElement } = words.currentNode;
        if (parentElement.closest(".keep, .visually-hidden")) continue;
        const range = document.createRange();
        range.selectNodeContents(words.currentNode);
        const lies = [...range.getClientRects()].some((one) => one.width && one.left < keep.right
          && one.right > keep.left && one.top < keep.bottom && one.bottom > keep.top);
        if (lies) under.push(words.currentNode.data);
      }
      return under;
    })"""
    for width in (320, 360, 1280):
        page = visit(width, 740)
        page.goto("/match/")
        page.get_by_label("In your own words").fill("grief, obsessive fears")
        page.get_by_role("button", name="See who fits now").click()
        expect(page.locator(".matches .keep")).to_have_count(2)
        assert page.evaluate(overlap) == [], width


def test_the_heading_has_the_focus_after_each_step(visit, ada):
    page = visit(360, 780)
    page.goto("/match/")
    page.locator("#q-what").get_by_role("link", name="Continue").press("Enter")
    expect(page.locator("#t-where")).to_be_focused()
    page.get_by_role("button", name="See who fits now").press("Enter")
    expect(page.locator("#results-title")).to_be_focused()


def shown(page):
    """What stands on the page: the number of the result's heading, and the first name."""
    return (
        page.locator("#results-title").inner_text(),
        page.locator(".matches h3 a").first.inner_text(),
    )


def test_back_leads_from_a_profile_to_the_result_and_on_to_the_answers(remembering, ada):
    page = remembering
    page.goto("/match/")
    page.get_by_label("In your own words").fill("all about grief")
    page.get_by_role("button", name="See who fits now").click()
    expect(page.locator("#results-title")).to_have_text("1 therapist to look at")
    page.get_by_role("link", name="Ada Grief").click()
    expect(page.locator("h1")).to_have_text(re.compile("Ada Grief"))

    page.go_back(wait_until="commit")  # a page that was kept is not loaded again
    expect(page.locator("#results-title")).to_be_visible()
    assert page.get_by_text("works with Grief").is_visible()
    page.go_back(wait_until="commit")
    expect(page.locator("#t-what")).to_be_visible()
    assert page.get_by_label("In your own words").input_value() == "all about grief"


def test_back_leads_from_the_second_page_to_the_first(visit, ada):
    for _ in range(11):
        factories.TherapistFactory()
    page = visit(**PHONE)
    page.goto("/match/")
    page.get_by_role("button", name="See who fits now").click()
    expect(page.locator("#results-title")).to_have_text("12 therapists to look at")
    first = shown(page)
    page.get_by_role("button", name="Next 2").click()
    expect(page.get_by_role("button", name="Previous 10")).to_be_visible()
    assert shown(page) != first
    expect(page.locator("#results-title")).to_be_focused()
    page.go_back()
    expect(page.get_by_role("button", name="Next 2")).to_be_visible()
    assert shown(page) == first
    page.go_back()
    expect(page.locator("#t-what")).to_be_visible()
    page.go_forward()
    expect(page.get_by_role("button", name="Next 2")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_one_answer_is_changed_and_the_others_stay(visit, ada, javascript):
    factories.TherapistFactory(name="Bea Silent", in_person=True)
    page = visit(**PHONE, java_script_enabled=javascript)
    page.goto("/match/")
    page.get_by_label("Grief").check()
    page.locator("#q-what").get_by_role("link", name="Continue").click()
    page.get_by_label("In person").check()
    page.get_by_role("button", name="See who fits now").click()
    expect(page.locator(".answered")).to_contain_text("In person")

    page.get_by_role("button", name=re.compile("^Change.*Where, and how")).click()
    expect(page.locator("#t-where")).to_be_visible()
    assert page.get_by_label("In person").is_checked()
    page.get_by_label("In person").uncheck()
    page.get_by_label("Online").check()
    page.get_by_role("button", name="See who fits now").click()
    expect(page.locator("#results-title")).to_have_text("1 therapist to look at")
    expect(page.locator(".answered")).to_contain_text("Online")
    assert page.get_by_text("works with Grief").is_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_an_answer_is_loosened_and_stays_so(visit, ada, javascript):
    factories.TherapistFactory(name="Ivy Inperson", in_person=True)
    page = visit(**PHONE, java_script_enabled=javascript)
    page.goto("/match/")
    page.locator("#q-what").get_by_role("link", name="Continue").click()
    page.get_by_label("Online").check()
    page.get_by_role("button", name="See who fits now").click()
    expect(page.locator("#results-title")).to_have_text("1 therapist to look at")
    page.get_by_role("button", name="Meet in person as well").click()
    expect(page.locator("#results-title")).to_have_text("2 therapists to look at")
    if javascript:
        page.go_back()
        expect(page.locator("#results-title")).to_have_text("1 therapist to look at")
        page.go_forward()
        expect(page.locator("#results-title")).to_have_text("2 therapists to look at")
    page.get_by_role("button", name=re.compile("^Change.*Where, and how")).click()
    expect(page.locator("#t-where")).to_be_visible()
    assert not page.get_by_label("Online").is_checked()


@pytest.mark.parametrize("javascript", [True, False])
def test_on_wish_it_becomes_a_search_of_the_open_list(visit, ada, javascript):
    factories.TherapistFactory(name="Bea Silent", online=True)
    page = visit(**PHONE, java_script_enabled=javascript)
    page.goto("/match/")
    page.get_by_label("In your own words").fill("grief, always")
    page.get_by_role("button", name="See who fits now").click()
    page.get_by_role("link", name="Show as a search").click()
    page.wait_for_url("**/therapists/?issue=grief*")
    expect(page.locator("#results-title")).to_have_text(re.compile("^1 therapist"))
    assert page.get_by_role("link", name="Ada Grief").is_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_words_of_danger_show_help_before_anybody(visit, ada, javascript):
    page = visit(**PHONE, java_script_enabled=javascript)
    page.goto("/match/")
    page.get_by_label("In your own words").fill("I want to end it all")
    page.get_by_role("button", name="See who fits now").click()
    help_box = page.locator("#matches").get_by_role("link", name=re.compile("988")).first
    expect(help_box).to_be_in_viewport()
    top = page.locator("#answers-title").bounding_box()["y"]
    assert help_box.bounding_box()["y"] < top


def test_not_sure_and_an_answer_do_not_go_together(visit, ada):
    page = visit(**PHONE)
    page.goto("/match/")
    step = page.locator("#q-what")
    step.get_by_label("Grief").check()
    step.get_by_label("In your own words").fill("grief")
    step.get_by_label("Not sure").check()
    assert not step.get_by_label("Grief").is_checked()
    assert step.get_by_label("In your own words").input_value() == ""
    step.get_by_label("Grief").check()
    assert not step.get_by_label("Not sure").is_checked()


@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_in_any_step_and_nothing_scrolls_sideways(visit, ada, width):
    for slug in ["age", "insurance", "faith"]:
        factories.TermFactory(vocabulary=factories.VocabularyFactory(slug=slug))
    for _ in range(13):
        factories.TermFactory(vocabulary=ada.terms.get().vocabulary)
    factories.TherapistFactory(name="Bea Inperson", in_person=True)
    page = visit(width, 800, reduced_motion="reduce")
    found = {}

    def look(state):
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found[state] = barriers(page)

    page.goto("/match/")
    for question in ["what", "who", "where", "cost", "matters", "way"]:
        look(question)
        step = page.locator(f"#q-{question}")
        if question == "what":
            page.get_by_label("In your own words").fill("mystifying" * 20)
        elif question == "where":
            step.get_by_label("Where are you?").fill("Xyzzyville" * 10)
            step.get_by_label("Online").check()
        if question != "way":
            step.get_by_role("link", name="Continue").click()
    page.get_by_role("button", name="See who fits").last.click()
    expect(page.locator(".loosen")).to_be_visible()
    look("few, and not understood")
    assert found == {state: {} for state in found}


def test_after_leave_now_going_back_shows_no_answer(visit, ada, settings):
    settings.QUICK_EXIT_URL = "/how-we-order/"
    page = visit(**PHONE)
    page.goto("/match/")
    page.get_by_label("Grief").check()
    page.locator("#q-what").get_by_role("link", name="Continue").click()
    page.get_by_label("Online").check()
    page.get_by_role("button", name="See who fits now").click()
    expect(page.locator("#results-title")).to_be_visible()
    page.get_by_role("link", name=re.compile("Leave now")).click()
    page.wait_for_url("**/how-we-order/")
    for question in ["where", "what"]:
        page.go_back()
        expect(page.locator(f"#t-{question}")).to_be_visible()
        assert page.locator(".steps :checked").count() == 0
        assert page.locator("#results-title").count() == 0


def test_a_form_on_another_site_shows_nobody_answers_that_are_not_theirs(visit, ada, live_server):
    page = visit(**PHONE)
    form = (
        f'<form method="post" action="{live_server.url}/match/"><input name="words" value="grief">'
    )
    page.route(
        "http://elsewhere.example/",
        lambda route: route.fulfill(body=f"{form}<button>Win</button>", content_type="text/html"),
    )
    page.goto("http://elsewhere.example/")
    page.get_by_role("button", name="Win").click()
    page.wait_for_url("**/match/")
    expect(page.get_by_text("Another site sent answers to this page.")).to_be_visible()
    assert page.get_by_label("In your own words").input_value() == ""
    assert page.locator("#results-title").count() == 0
    page.get_by_label("Grief").check()
    page.get_by_role("button", name="See who fits now").click()
    expect(page.locator("#results-title")).to_have_text("1 therapist to look at")
