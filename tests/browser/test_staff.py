"""The desk of staff in a real browser: readable by day and night, quick by keyboard, faultless."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser.reading import sign_in
from tests.browser.sight import DJANGOS_OWN, barriers, too_wide_at
from therapists import review
from therapists.models import (
    Delivery,
    Finding,
    HoldRule,
    Message,
    Proposal,
    SendBackReason,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def waiting():
    """Some of everything that waits; returns the addresses of the pages that show it."""
    SendBackReason.objects.create(name="Too long", text="Please say it in fewer words.")
    statement = factories.StatementFactory(
        specialist__statement="I walk beside you. I listen.", text="I walk with you. I listen."
    )
    newcomer = factories.TherapistFactory(draft=True, name="Donaudampfschifffahrtsgesellschaft")
    review.propose(newcomer, Proposal.Part.ABOUT, by=None, text="Hello. " * 40)
    listing = review.propose(newcomer, Proposal.Part.LISTING, by=None)
    known = factories.TherapistFactory(about="I listen.")
    words = review.propose(known, Proposal.Part.ABOUT, by=None, text="I listen.\n\nAt night.")
    reported = factories.ReportFactory.create_batch(
        3, therapist=factories.TherapistFactory(), words="x" * 200
    )
    factories.ImportConflictFactory()
    factories.FindingFactory(kind=Finding.Kind.SAME_NAME, other=newcomer)
    proposals = "/admin/therapists/proposal/"
    held = factories.MessageFactory(held=True, said={"text": "x" * 300 + " I want to die. " * 30})
    letter = factories.DeliveryFactory(message__therapist=newcomer, dead=True)
    factories.DeliveryFactory(queued_at=factories.days_ago_at(2), fault="It is slow.")
    factories.HoldRuleFactory(phrase="z" * 120, note="y" * 200)
    return {
        "desk": "/admin/",
        "queue": proposals,
        "statement": f"{proposals}{statement.pk}/change/",
        "words": f"{proposals}{words.pk}/change/",
        "listing": f"{proposals}{listing.pk}/change/",
        "reports": "/admin/therapists/report/",
        "report": f"/admin/therapists/report/{reported[0].pk}/change/",
        "conflicts": "/admin/therapists/importconflict/",
        "faults": "/admin/therapists/finding/",
        "fields of a list": "/admin/therapists/sendbackreason/",
        "reader's form": f"{reported[0].therapist.get_absolute_url()}report/",
        "messages": "/admin/therapists/message/",
        "held message": f"/admin/therapists/message/{held.pk}/change/",
        "handed on": f"/admin/therapists/message/{letter.message_id}/change/",
        "erasing": f"/admin/therapists/message/{held.pk}/delete/",
        "letters": "/admin/therapists/delivery/",
        "slow letters": "/admin/therapists/delivery/?state=slow",
        "dead letter": f"/admin/therapists/delivery/{letter.pk}/change/",
        "rules": "/admin/therapists/holdrule/",
        "trying rules": "/admin/therapists/holdrule/try/",
        "thanks": f"{reported[0].therapist.get_absolute_url()}report/thanks/",
    }


@pytest.fixture
def at_the_desk(visit, staff_user, live_server):
    """Opens a window of staff who are signed in; its `faults` are what the browser complains of."""

    def at_the_desk(width, scheme="light"):
        page = visit(width, 800, color_scheme=scheme, reduced_motion="reduce")
        sign_in(page, staff_user, live_server)
        page.faults = []
        page.on("console", lambda said: page.faults.append(said.text))
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        return page

    return at_the_desk


@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_nothing_scrolls_sideways_and_no_policy_is_broken(
    at_the_desk, waiting, width
):
    page = at_the_desk(width)
    found, said = {}, {}
    for name, address in waiting.items():
        page.goto(address)
        said[name] = list(page.faults)
        found[name] = barriers(page, but=DJANGOS_OWN)
        if pixels := too_wide_at(page, 768):
            found[name]["too wide for a tablet"] = pixels
        page.faults.clear()  # axe's own attempts at styles

    assert {name: rules for name, rules in found.items() if rules} == {}
    assert {name: words for name, words in said.items() if words} == {}


# How far each cell of a list reaches beyond the window.
CUT_OFF = """() => [...document.querySelectorAll("#result_list tbody :is(td, th)")]
  .map(one => one.getBoundingClientRect().right - innerWidth).filter(pixels => pixels > 0)"""


def test_on_a_phone_no_column_of_a_list_of_work_lies_beyond_the_edge(at_the_desk, waiting):
    factories.LicenceFactory(kind="Authority to Practice Interjurisdictional Telepsychology")
    page = at_the_desk(360)
    for model in ("licence", "message", "delivery", "proposal", "report"):
        page.goto(f"/admin/therapists/{model}/")
        assert page.locator("#result_list tbody tr").count(), model
        assert page.evaluate(CUT_OFF) == [], model


@pytest.mark.parametrize("width", [360, 1280])
def test_what_one_did_lately_covers_nothing_of_the_desk(at_the_desk, waiting, width):
    page = at_the_desk(width)
    page.goto("/admin/")
    lists = page.locator("#content-main").bounding_box()
    lately = page.locator("#content-related").bounding_box()
    below = lately["y"] >= lists["y"] + lists["height"]
    assert below or lately["x"] >= lists["x"] + lists["width"]


# Every color that either admin has a name for, as it is on this page.
COLORS = """() => {
  const style = getComputedStyle(document.documentElement)
  const rules = [...document.styleSheets].flatMap(sheet => [...sheet.cssRules])
  const names = rules.flatMap(rule => [...(rule.style ?? [])]).filter(one => one.startsWith("--"))
  return Object.fromEntries(names.map(name => [name, style.getPropertyValue(name).trim()]))
}"""


def test_dark_is_the_same_dark_by_the_system_and_by_the_button(at_the_desk):
    by_system = at_the_desk(1280, "dark")
    by_system.goto("/admin/")
    by_button = at_the_desk(1280, "light")
    by_button.goto("/admin/")
    by_button.evaluate("document.documentElement.dataset.theme = 'dark'")

    colors = by_system.evaluate(COLORS)

    assert colors["--body-medium-color"] == "#d3d6cd"
    assert by_button.evaluate(COLORS) == colors


def press_access_key(page, letter):
    """Alt and the letter, with the text of the key, which Playwright leaves out."""
    page.context.new_cdp_session(page).send(
        "Input.dispatchKeyEvent",
        {
            "type": "keyDown",
            "modifiers": 1,
            "key": letter,
            "windowsVirtualKeyCode": ord(letter.upper()),
            "unmodifiedText": letter,
        },
    )


def test_what_waits_is_worked_through_by_keyboard(at_the_desk):
    for name in ("Too long", "Too short"):  # a test with a real server begins without any
        SendBackReason.objects.create(name=name, text=name)
    versions = factories.ProposalFactory.create_batch(3)
    page = at_the_desk(1280)
    page.goto("/admin/")
    page.get_by_role("link", name=str(versions[0].therapist)).first.click()
    title = page.get_by_role("heading", level=1)
    assert versions[0].therapist.name in title.text_content()

    press_access_key(page, "n")  # left for later
    page.wait_for_url(f"**/{versions[1].pk}/change/")
    press_access_key(page, "a")
    page.wait_for_url(f"**/{versions[2].pk}/change/")
    press_access_key(page, "2")
    page.keyboard.press("Enter")  # in the form that sends back, and no other
    page.wait_for_url(f"**/{versions[0].pk}/change/")
    page.get_by_role("button", name="Approve").press("Enter")
    page.wait_for_url("**/admin/")

    assert page.get_by_text("Nothing waits. Thank you").is_visible()
    states = Proposal.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["approved", "approved", "sent-back"]


def test_held_messages_are_read_and_decided_one_after_the_other(at_the_desk):
    wrote = [
        "I can’t sleep. See example.com",
        "My driver will send a check.",
        "Look at example.org",
    ]
    first, second, third = (
        factories.MessageFactory(
            held=True, said={"text": words}, received_at=factories.days_ago_at(3 - number)
        )
        for number, words in enumerate(wrote)
    )
    page = at_the_desk(360)
    page.goto("/admin/")
    page.get_by_role("link", name=first.therapist.name).first.click()
    expect(page.get_by_text(wrote[0])).to_be_visible()
    page.get_by_role("button", name="Hand it on", exact=True).click()

    page.wait_for_url(f"**/{second.pk}/change/")
    page.get_by_label("Phrase").fill("driver will * a check")
    page.get_by_role("button", name="Make it a rule").click()
    expect(page.get_by_text("From now on messages with")).to_be_visible()
    expect(page.get_by_text(wrote[1])).to_be_visible()
    page.get_by_role("button", name="It is fraud").click()

    page.wait_for_url(f"**/{third.pk}/change/")
    page.go_back()  # to see once more what was decided
    page.get_by_role("button", name="Hand it on", exact=True).click()  # as that page was kept
    expect(page.get_by_text("Handed on: ")).to_be_visible()
    page.goto(f"/admin/therapists/message/{third.pk}/change/")
    press_access_key(page, "s")
    page.wait_for_url("**/admin/")
    expect(page.get_by_text("Nothing waits. Thank you")).to_be_visible()
    states = Message.objects.order_by("received_at").values_list("state", flat=True)
    assert list(states) == ["sent", "sent", "refused"]
    assert set(Delivery.objects.values_list("message", "kind")) == {
        (first.pk, "message"), (second.pk, "message"),
    }  # fmt: skip
    assert HoldRule.objects.filter(phrase="driver will * a check").exists()
    assert page.faults == []


def test_a_reader_reports_a_listing_in_a_real_browser_without_a_cookie(page):
    therapist = factories.TherapistFactory(name="Tess Testwell")
    page.goto(therapist.get_absolute_url())
    page.get_by_role("link", name="Is something wrong with this listing?").click()
    page.get_by_label("They do not answer").check()
    page.get_by_label("What should we know?").fill("Three calls.")
    page.get_by_role("button", name="Send").click()

    assert page.get_by_role("heading", level=1).text_content() == "Thank you"
    assert therapist.reports.get().words == "Three calls."
    assert page.context.cookies() == []
