"""The shortlist in a browser: kept across pages, tabs and restarts, erased, shared and printed."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PATHS = "/shortlist/?keep=ada&keep=bea"


@pytest.fixture(autouse=True)
def directory():
    """Ada and Bea practise one approach; Cal does not. Ada works with grief."""
    grief = factories.TermFactory(name="Grief", slug="grief")
    approach = factories.ApproachFactory(name="Relational therapy", slug="relational-therapy")
    for name in ("Ada Grief", "Bea Silent", "Cal Other"):
        one = factories.TherapistFactory(
            name=name,
            slug=name.split()[0].lower(),
            phone="(555) 555-0100",
            fee_from=90,
            terms=[grief] if name == "Ada Grief" else [],
        )
        if name != "Cal Other":
            factories.SpecialistFactory(therapist=one, approach=approach, statement="I listen.")


def keep(page, name):
    return page.locator("button.keep", has_text=name)


def stored(page):
    return page.evaluate("localStorage.shortlist ?? null")


def store(page, slugs):
    page.goto("/healthz")
    page.evaluate("slugs => { localStorage.shortlist = slugs }", slugs)
    return page


def own(page):
    """One's own list, once it is shown."""
    page.goto("/shortlist/")
    expect(page.locator("#list")).not_to_have_attribute("aria-busy", "true")
    return page


def names(page):
    return page.locator("#list h3 a")


def pressed(page, name):
    return page.get_by_role("button", name=name, exact=True)


# --- with JavaScript ------------------------------------------------------------------------------


def test_therapists_are_kept_across_pages_and_a_restart_and_erased_with_one_click(visit, page):
    page.goto("/therapists/")
    expect(page.get_by_role("link", name=re.compile("Your list"))).to_have_count(0)
    keep(page, "Cal Other").click()
    expect(keep(page, "Cal Other")).to_have_attribute("aria-pressed", "true")
    expect(keep(page, "Cal Other")).to_have_text("Kept Cal Other")
    expect(page.get_by_role("link", name="Your list (1)")).to_be_visible()

    page.goto("/therapists/ada/")
    expect(page.get_by_role("link", name="Put on a list")).to_have_count(0)
    pressed(page, "Keep Ada Grief").click()
    page.get_by_role("link", name="Your list (2)").click()
    expect(names(page)).to_have_text(["Cal Other", "Ada Grief"])
    assert page.url.endswith("/shortlist/")
    assert "(555) 555-0100" in page.locator("#list").inner_text()

    again = visit(1280, 800, storage_state=page.context.storage_state())  # another day
    own(again)
    expect(names(again)).to_have_text(["Cal Other", "Ada Grief"])
    assert again.context.cookies() == []

    pressed(again, "Erase this list").click()
    expect(names(again)).to_have_count(0)
    assert stored(again) is None
    expect(pressed(again, "Undo")).to_be_focused()
    expect(again.get_by_role("link", name=re.compile("Your list"))).to_have_count(0)
    pressed(again, "Undo").click()
    expect(names(again)).to_have_text(["Cal Other", "Ada Grief"])
    pressed(again, "Erase this list").click()
    own(again)
    expect(pressed(again, "Undo")).to_be_hidden()
    assert again.evaluate("localStorage.length") == 0


def test_taking_off_and_adding_leave_no_name_in_the_history(page):
    own(store(page, "ada bea"))
    length = page.evaluate("history.length")
    page.get_by_role("link", name=re.compile("Take off.*Ada Grief")).click()
    expect(names(page)).to_have_text(["Bea Silent"])
    expect(page.locator("#list-title")).to_be_focused()
    expect(page.locator(".said")).to_have_text("1 therapist")
    page.get_by_label("Add somebody").fill("Cal Other; Nobody Atall")
    page.get_by_label("Add somebody").press("Enter")
    expect(names(page)).to_have_text(["Bea Silent", "Cal Other"])
    expect(page.locator(".said")).to_have_text(
        "2 therapists. We found nobody called “Nobody Atall”."
    )
    expect(page.get_by_label("Add somebody")).to_be_focused()
    page.get_by_role("link", name="Leave it out").click()
    expect(page.locator(".unknown")).to_have_count(0)
    assert stored(page) == "bea cal"
    assert page.url.endswith("/shortlist/")
    assert page.evaluate("history.length") == length


def test_cards_that_a_script_brings_have_their_button_and_know_what_is_kept(visit):
    page = store(visit(1280, 900), "ada")
    page.goto("/therapists/")
    page.get_by_text("Which issue?").first.click()
    page.get_by_label("Grief").check()
    expect(page.locator("#results-title")).to_have_text("1 therapist fits your choice")
    expect(page.locator(".card .keep")).to_have_text(["Kept Ada Grief"])

    page.goto("/match/")
    page.get_by_role("button", name="See who fits now").first.click()
    expect(page.locator(".card .keep")).to_have_count(3)
    keep(page, "Bea Silent").click()
    assert stored(page) == "ada bea"

    page.goto("/approaches/relational-therapy/")
    expect(page.locator(".quotes .keep[aria-pressed=true]")).to_have_count(2)


def test_another_tab_follows(page):
    other = page.context.new_page()
    page.goto("/therapists/")
    own(other)
    keep(page, "Ada Grief").click()
    expect(names(other)).to_have_text(["Ada Grief"])
    other.get_by_role("link", name=re.compile("Take off")).click()
    expect(keep(page, "Ada Grief")).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".list-link")).to_be_hidden()


def test_a_full_list_says_so(page):
    slugs = " ".join(f"nobody-{n}" for n in range(20))
    store(page, slugs).goto("/therapists/ada/")
    page.locator("button.keep").click()
    expect(page.locator("button.keep")).to_have_text("Your list is full: it holds 20 Ada Grief")
    assert stored(page) == slugs


@pytest.mark.parametrize("ticked", [True, False])
def test_back_leads_to_the_list_again(page, ticked):
    own(store(page, "ada bea"))
    page.get_by_label("“Leave now” also erases this list").set_checked(ticked)
    names(page).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ada Grief")
    page.locator("button.keep").click()
    page.go_back()
    expect(names(page)).to_have_text(["Bea Silent"])


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize(
    "address", ["/therapists/", "/therapists/ada/", "/approaches/relational-therapy/"]
)
def test_buttons_come_into_room_that_was_there_before_them(visit, address, width):
    places = """() => document.fonts.ready.then(() =>
      [...document.querySelectorAll("h1, h2, h3, .card, .quote, .aside, .facts, .foot")]
        .map(one => Math.round(one.getBoundingClientRect().top)))"""

    def laid_out(*, with_script):
        page = store(visit(width, 800), "ada")
        if not with_script:
            page.route("**/keep*.js", lambda route: route.abort())
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert (page.locator("button.keep").count() > 0) is with_script
        return page.evaluate(places)

    assert laid_out(with_script=True) == laid_out(with_script=False)


# --- shared ---------------------------------------------------------------------------------------


def test_the_address_is_copied_and_what_comes_by_it_is_kept_only_if_wished(visit):
    page = own(
        store(visit(1280, 800, permissions=["clipboard-read", "clipboard-write"]), "ada bea")
    )
    pressed(page, "Copy the address").click()
    expect(page.locator(".said")).to_contain_text("is copied")
    address = page.evaluate("navigator.clipboard.readText()")
    assert address.endswith(PATHS)

    friend = store(visit(1280, 800), "cal")
    friend.goto(address)
    expect(names(friend)).to_have_text(["Ada Grief", "Bea Silent"])
    assert stored(friend) == "cal"
    pressed(friend, "Keep these on my list").click()
    friend.wait_for_url(re.compile("/shortlist/$"))
    expect(names(friend)).to_have_text(["Cal Other", "Ada Grief", "Bea Silent"])
    friend.goto(address)
    expect(pressed(friend, "Keep these on my list")).to_be_hidden()


def test_without_a_clipboard_the_address_is_shown(page):
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    own(store(page, "ada bea"))
    pressed(page, "Copy the address").click()
    expect(page.get_by_label("The address of this list")).to_have_value(
        re.compile(re.escape(PATHS))
    )


# --- leaving --------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_shift", [True, False], ids=["shift", "link"])
@pytest.mark.parametrize("asked_for", [True, False], ids=["asked", "not asked"])
def test_leaving_erases_the_list_if_asked(page, settings, live_server, by_shift, asked_for):
    settings.QUICK_EXIT_URL = f"{live_server.url}/healthz"
    own(store(page, "ada"))
    tick = page.get_by_label("“Leave now” also erases this list")
    expect(tick).not_to_be_checked()
    if asked_for:
        tick.check()
    page.goto("/therapists/")
    if by_shift:
        for _ in range(3):
            page.keyboard.press("Shift")
    else:
        page.get_by_role("link", name="Leave now").click()
    page.wait_for_url(settings.QUICK_EXIT_URL)
    assert stored(page) == (None if asked_for else "ada")
    own(page)
    assert tick.is_checked() is asked_for
    tick.set_checked(False)
    assert page.evaluate("localStorage['leave-erases'] ?? null") is None


# --- where nothing can be stored ------------------------------------------------------------------

FORBIDDEN = "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } })"
NULL = "Object.defineProperty(window, 'localStorage', { value: null })"
FULL = "Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError') }"


@pytest.fixture
def faults(page):
    found = []
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("console", lambda said: found.append(said.text) if said.type == "error" else None)
    return found


@pytest.mark.parametrize("storage", [FORBIDDEN, NULL], ids=["forbidden", "null"])
def test_where_storage_is_forbidden_plain_links_hold(page, faults, storage, settings, live_server):
    settings.QUICK_EXIT_URL = f"{live_server.url}/healthz"
    page.add_init_script(storage)
    page.goto("/therapists/")
    expect(page.locator(".keep")).to_have_count(0)
    page.goto("/therapists/ada/")
    page.get_by_role("link", name="Put on a list").click()
    page.get_by_label("Add somebody").fill("bea silent")
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url(re.compile(re.escape(PATHS)))
    expect(names(page)).to_have_text(["Ada Grief", "Bea Silent"])
    page.get_by_role("link", name="Leave now").click()
    page.wait_for_url(settings.QUICK_EXIT_URL)
    assert faults == []


def test_where_there_is_no_room_the_list_is_in_the_address(page, faults):
    page.add_init_script(FULL)
    page.goto("/therapists/ada/")
    page.locator("button.keep").click()
    page.wait_for_url(re.compile(r"/shortlist/\?keep=ada$"))
    expect(names(page)).to_have_text(["Ada Grief"])
    assert faults == []


@pytest.mark.parametrize(
    "rubbish", ["[]", '{"a":1}', "null", "<b>", "../..", " ", "ada  ada é a/b"]
)
def test_what_is_no_list_is_no_list(page, faults, rubbish):
    own(store(page, rubbish))
    kept = ["Ada Grief"] if "ada" in rubbish else []
    expect(names(page)).to_have_text(kept)
    page.goto("/therapists/bea/")
    page.locator("button.keep").click()
    expect(page.locator("button.keep")).to_have_attribute("aria-pressed", "true")
    assert stored(page).split()[-1] == "bea"
    assert faults == []


def test_a_list_that_cannot_be_fetched_is_kept(page):
    own(store(page, "ada bea"))
    page.route("**/shortlist/?*", lambda route: route.abort())
    page.get_by_role("link", name=re.compile("Take off.*Ada Grief")).click()
    expect(page.locator(".said")).to_contain_text("could not be shown just now")
    assert stored(page) == "ada bea"
    expect(names(page)).to_have_count(2)


# --- without JavaScript ---------------------------------------------------------------------------


def test_without_a_script_an_address_holds_the_list(visit):
    factories.TherapistFactory(name="Bea Silent", slug="bea-2", office__city="Bend")
    page = visit(320, 640, java_script_enabled=False)
    page.goto("/therapists/ada/")
    page.get_by_role("link", name="Put on a list").click()
    expect(names(page)).to_have_text(["Ada Grief"])
    assert page.get_by_text("This list lies in the address of this page.").is_visible()
    assert page.locator(".list-tools").is_hidden()

    page.get_by_label("Add somebody").fill("Cal Other; Bea Silent")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("2 people are called “Bea Silent”. Whom do you mean?")).to_be_visible()
    page.get_by_role("link", name=re.compile("Bea Silent.*Bend")).click()
    expect(names(page)).to_have_text(["Ada Grief", "Cal Other", "Bea Silent"])
    page.get_by_role("link", name=re.compile("Take off.*Cal Other")).click()
    expect(names(page)).to_have_text(["Ada Grief", "Bea Silent"])
    assert page.url.endswith("/shortlist/?keep=ada&keep=bea-2")
    assert page.context.cookies() == []


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_the_list_leads_to_the_form_of_those_who_take_messages(visit, javascript):
    page = visit(320, 640, java_script_enabled=javascript)
    factories.TherapistFactory(name="Dee Byletter", slug="dee", email="dee@practice.example")
    page.goto("/shortlist/?keep=ada&keep=dee")
    expect(names(page)).to_have_text(["Ada Grief", "Dee Byletter"])
    expect(page.get_by_role("link", name=re.compile("^Write to"))).to_have_count(1)
    page.get_by_role("link", name="Write to Dee Byletter").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Write to Dee Byletter")


# --- on paper -------------------------------------------------------------------------------------


def pages_of(pdf):
    return len(re.findall(rb"/Type\s*/Page\b", pdf))


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_the_print_has_what_one_needs_and_no_more(visit, javascript):
    page = visit(1280, 800, java_script_enabled=javascript, color_scheme="dark")
    if javascript:
        own(store(page, "ada bea"))
    else:
        page.goto(PATHS)
    assert page.get_by_text("Notes").first.is_hidden()
    if javascript:
        page.evaluate("window.print = () => { window.isPrinted = true }")
        pressed(page, "Print").click()
        assert page.evaluate("window.isPrinted")
    page.emulate_media(media="print")
    today = factories.today()
    said = page.locator("body").inner_text()
    for words in (
        f"{today:%B} {today.day}, {today.year}",
        "Ada Grief, Licensed Clinical Social Worker in Portland, OR",
        "(555) 555-0100",
        "$90",
        "Has room for new clients",
        "Notes",
        "Call 988.",
    ):
        assert words in said
    for words in (
        "Leave now",
        "Write to",
        "Take off",
        "Add somebody",
        "Erase",
        "We keep no record",
        "Approaches",
    ):
        assert words not in said
    ink, paper = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert (ink, paper) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
    assert pages_of(page.pdf()) == 1


def test_twenty_are_printed_and_none_is_cut_in_two(page):
    slugs = [factories.TherapistFactory(fee_from=90).slug for _ in range(20)]
    page.goto("/shortlist/?" + "&".join(f"keep={slug}" for slug in slugs))
    page.emulate_media(media="print")
    breaks = page.locator(".kept > li").evaluate_all(
        "all => all.map(one => getComputedStyle(one).breakInside)"
    )
    assert breaks == ["avoid"] * 20
    assert 4 <= pages_of(page.pdf(format="Letter")) <= 8
