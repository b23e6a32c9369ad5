"""WCAG 2.2 AA as far as axe can see, on every page, by day and by night, narrow and wide."""

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser.sight import TOO_WIDE, barriers, too_wide_at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LONG_WORD = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrente"


@pytest.fixture
def addresses():
    """Every kind of page in every state that looks different."""
    insurance = factories.VocabularyFactory(slug="insurance", may_be_unstated=True)
    plan = factories.TermFactory(vocabulary=insurance, name="A plan")
    grief = factories.TermFactory(name="Grief and loss", slug="grief")
    approach = factories.ApproachFactory(
        name="Relational therapy",
        synonyms=["Between people"],
        evidence="Some was *found*.",
        limits="It asks for time.",
        reviewed_on=factories.days_ago(9),
    )
    approach.helps_with.add(grief)
    approach.related.add(factories.ApproachFactory(name="EMDR"))
    factories.SourceFactory(approach=approach, url="https://doi.org/10.0000/example")
    full = factories.TherapistFactory(
        name=f"Wren {LONG_WORD}",
        pronouns="they/them",
        about=f"First.\n\nThen {LONG_WORD} 梅 عربى.",
        email="wren@wren.example",
        availability="full",
        phone="(555) 555-0100",
        website="https://wren.example/",
        booking_url="https://wren.example/book",
        fee_from=90,
        fee_to=120,
        sliding_scale=True,
        in_person=True,
        terms=[grief, plan],
    )
    factories.LicenceFactory(therapist=full, expires_on=factories.days_ago(1))
    factories.SpecialistFactory(
        approach=approach, therapist=full, position=1, statement=LONG_WORD * 3, training="certified"
    )
    for number in range(21):
        therapist = factories.TherapistFactory(
            availability="", availability_confirmed_on=factories.days_ago(100)
        )
        factories.SpecialistFactory(
            approach=approach, therapist=therapist, statement=f"{number} I listen. " * 20
        )
    closed = factories.TherapistFactory(name=LONG_WORD, email="", phone="(555) 555-0100")
    page = approach.get_absolute_url()
    return {
        "home": "/",
        "approaches": "/approaches/",
        "approach": page,
        "approach, narrowed": f"{page}?issue=grief",
        "all specialists": f"{page}specialists/",
        "therapists": "/therapists/",
        "therapists, narrowed": "/therapists/?issue=grief&fee=100&insurance=a-plan",
        "therapists, unknown choice": "/therapists/?issue=nothing&state=XX",
        "therapists, nobody": "/therapists/?q=nobodyatall",
        "profile": full.get_absolute_url(),
        "write": f"{full.get_absolute_url()}contact/",
        "write, to who takes no messages": f"{closed.get_absolute_url()}contact/",
        "erase a message, a link that is cut": "/messages/erase/x/",
        "bare profile": therapist.get_absolute_url(),
        "how we order": "/how-we-order/",
        "shortlist, empty": "/shortlist/",
        "shortlist": f"/shortlist/?keep={full.slug}&keep={therapist.slug}&keep=gone",
        "shortlist, unclear": f"/shortlist/?keep={full.slug}&add=tester&add=Nobody",
        "not found": "/nowhere/",
    }


@pytest.fixture(params=[320, 1280])
def window(request, visit):
    """A page as narrow as a phone or as wide as a desk."""
    return visit(request.param, 800, reduced_motion="reduce")


def test_barriers_of_the_night_and_of_a_narrow_window_are_seen(chromium):
    page = chromium.new_page(viewport={"width": 320, "height": 640}, color_scheme="light")
    page.set_content(
        "<!doctype html><html lang=en><title>Faint</title><main><h1>Faint by night</h1></main>"
        "<style>h1 { width: 400px; transition: color 9s }"
        "@media (prefers-color-scheme: dark) { body { background: #000 } h1 { color: #222 } }"
    )

    found = barriers(page)

    assert found == {"too wide": "88 pixels", "color-contrast, dark": ["<h1>Faint by night</h1>"]}
    assert page.evaluate("matchMedia('(prefers-color-scheme: light)').matches")
    page.close()


def test_axe_finds_nothing_and_nothing_scrolls_sideways(window, addresses):
    found = {}
    for name, address in addresses.items():
        window.goto(address)
        window.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        found[name] = barriers(window)
        if pixels := too_wide_at(window, 768):
            found[name]["too wide for a tablet"] = pixels

    assert {name: rules for name, rules in found.items() if rules} == {}


def test_the_largest_letters_of_a_phone_fit_its_width(visit, addresses):
    page = visit(360, 780)
    too_wide = {}
    for name in ("home", "therapists", "therapists, nobody", "approach"):
        page.goto(addresses[name])
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        too_wide[name] = page.evaluate(TOO_WIDE)

    assert {name: pixels for name, pixels in too_wide.items() if pixels} == {}


def test_paper_is_white_by_night_as_well(visit, addresses):
    page = visit(1280, 800, color_scheme="dark")
    page.goto(addresses["profile"])
    page.emulate_media(media="print")

    schemes = page.evaluate("getComputedStyle(document.documentElement).colorScheme")

    assert schemes == "light"


def test_axe_finds_nothing_in_what_follows_a_message(window, addresses, no_wait):
    found = {}

    def look(name):
        found[name] = barriers(window)

    window.goto(addresses["write"])
    window.get_by_label("E-mail address").fill("rubbish")
    window.get_by_label("E-mail me a link").check()
    window.get_by_role("button", name="Send").click()
    expect(window.get_by_role("alert")).to_be_visible()
    look("faults")
    window.get_by_label("call you?").fill(LONG_WORD)
    window.get_by_label("E-mail address").fill(f"{LONG_WORD.replace('ä', 'a')}@client.example")
    window.get_by_label("Your message").fill("I want to die.")
    window.locator("#website").evaluate("field => { field.value = 'x' }")
    window.get_by_role("button", name="Send").click()
    expect(window.get_by_label("Website: leave this empty")).to_be_visible()
    look("the field for robots")
    window.get_by_role("button", name="Send").click()
    expect(window.get_by_role("heading", level=1)).to_contain_text("On its way")
    look("on its way")
    window.locator(".erase-link a").click()
    expect(window.get_by_role("button", name="Erase it")).to_be_visible()
    look("erase it?")
    window.get_by_role("button", name="Erase it").click()
    expect(window.get_by_role("heading", level=1)).to_contain_text("It is erased")
    look("erased")
    assert {name: rules for name, rules in found.items() if rules} == {}


def test_axe_finds_nothing_in_what_a_script_changes(window, addresses):
    found = {}
    window.goto("/therapists/")
    window.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    window.get_by_label("A plan").check()
    expect(window.locator(".outcome")).to_have_text("1 therapist fits your choice")
    expect(window.get_by_label("Include those who have not said")).to_be_visible()
    found["a filter changed"] = barriers(window)
    window.get_by_label("Within").select_option("5")
    expect(window.locator(".outcome")).to_contain_text("needs a place")
    found["not understood"] = barriers(window)
    window.get_by_role("combobox", name="Near", exact=True).press_sequentially("portl")
    expect(window.get_by_role("listbox").get_by_role("option")).to_have_count(8)
    found["places suggested"] = barriers(window)
    window.keyboard.press("ArrowDown")
    found["a place about to be taken"] = barriers(window)
    window.goto("/")
    window.get_by_role("combobox").press_sequentially("grief")
    expect(window.get_by_role("listbox").get_by_role("option")).to_have_count(1)
    found["words suggested"] = barriers(window)

    assert {name: rules for name, rules in found.items() if rules} == {}


def test_axe_finds_nothing_in_a_list_that_the_browser_keeps(window, addresses):
    found = {}
    window.goto("/therapists/")
    window.locator(".card .keep").nth(0).click()
    window.locator(".card .keep").nth(1).click()
    found["two are kept"] = barriers(window)
    window.goto("/shortlist/")
    expect(window.locator("#list h3")).to_have_count(2)
    found["one's own list"] = barriers(window)
    window.get_by_label("Add somebody").fill("tester")
    window.get_by_label("Add somebody").press("Enter")
    expect(window.locator(".said")).to_contain_text("Whom do you mean")
    found["somebody unclear"] = barriers(window)
    window.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    window.get_by_role("button", name="Copy the address").click()
    expect(window.get_by_label("The address of this list")).to_be_visible()
    found["the address is shown"] = barriers(window)
    window.get_by_role("button", name="Erase this list").click()
    expect(window.locator("#list h3")).to_have_count(0)
    found["erased"] = barriers(window)
    window.get_by_role("button", name="Undo").click()
    expect(window.locator("#list h3")).to_have_count(2)
    window.goto(addresses["shortlist"])
    expect(window.get_by_role("button", name="Keep these on my list")).to_be_visible()
    found["somebody else's list"] = barriers(window)

    assert {name: rules for name, rules in found.items() if rules} == {}


# What has the focus, if something else lies over its middle; otherwise "".
COVERED = """() => {
  const one = document.activeElement
  const at = one.getBoundingClientRect()
  const top = document.elementFromPoint(at.left + at.width / 2, at.top + at.height / 2)
  return one.contains(top) || top?.closest('label')?.contains(one) ? '' : one.outerHTML
}"""


@pytest.mark.parametrize("width", [320, 1280])
def test_what_has_the_focus_in_the_panel_is_not_under_its_bar(page, addresses, width):
    page.set_viewport_size({"width": width, "height": 640})
    page.goto("/therapists/?issue=grief")
    page.evaluate("document.querySelector('.filters').open = true")
    page.get_by_label("Name or words").focus()

    covered = []
    stops = page.locator(".filters :is(input, select, summary, button):visible").count()
    for _ in range(stops):
        covered.append(page.evaluate(COVERED))
        page.keyboard.press("Tab")

    assert stops > 10
    assert [one for one in covered if one] == []


def test_everything_on_an_approach_page_is_reached_by_keyboard(page, addresses):
    page.goto(addresses["approach"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Leave now"

    reached = set()
    links = page.evaluate(
        "[...document.querySelectorAll('a[href], button, input, select, summary')]"
        ".filter(one => one.checkVisibility()).length"
    )
    for _ in range(links + 5):
        page.keyboard.press("Tab")
        reached.add(
            page.evaluate("[...document.querySelectorAll('*')].indexOf(document.activeElement)")
        )
    # Skip link and exit were passed before counting began.
    assert len(reached) >= links - 2


# Of all that can be focused and is in sight: [its words, whether something else lies over it].
IN_SIGHT = """() => {
  const all = [...document.querySelectorAll('a[href], button, input, select, summary')]
  const places = all
    .filter(one => one.checkVisibility() && !one.closest('.exit'))
    .map(one => [one, [...one.getClientRects()].at(-1)])
    .map(([one, at]) => [one, at.left + at.width / 2, at.top + at.height / 2])
    .filter(([, x, y]) => x > 0 && y > 0 && y < innerHeight)
  const isCovered = (one, x, y) => !one.contains(document.elementFromPoint(x, y))
  return places.map(([one, x, y]) => [one.textContent, isCovered(one, x, y)])
}"""


def test_the_bar_on_a_phone_covers_nothing_focusable_at_the_end_of_a_page(page, addresses):
    page.set_viewport_size({"width": 320, "height": 640})
    for address in addresses.values():
        page.goto(address)
        page.evaluate("window.scrollTo(0, document.documentElement.scrollHeight)")
        bar = page.locator(".exit").bounding_box()
        assert (bar["width"], bar["y"] + bar["height"]) == (320, 640)

        in_sight = page.evaluate(IN_SIGHT)

        assert in_sight[-1][0] == page.locator(".foot a").last.text_content()
        assert [words for words, is_covered in in_sight if is_covered] == []
