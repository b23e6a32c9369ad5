"""Staff curate in a real browser: merge terms, see what they type, go back to a version."""

import pytest
from playwright.sync_api import expect

from approaches import versions
from tests import factories
from tests.browser.reading import sign_in
from tests.browser.sight import DJANGOS_OWN, barriers
from therapists.models import Term

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# The name of a sign beside Django's own pairs of lists says nothing that its field does not.
DJANGOS_SIGNS = "aria-prohibited-attr"


@pytest.fixture
def at_desk(visit, staff_user, live_server):
    """A page in which staff are signed in; what the browser refuses or fails at ends the test."""
    said = []

    def open_page(width=1280, **options):
        page = sign_in(visit(width, 900, **options), staff_user, live_server)
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    open_page.said = said
    yield open_page
    assert said == []


@pytest.fixture
def drama():
    grief = factories.TermFactory(name="Grief", slug="grief")
    loss = factories.TermFactory(name="Loss", slug="loss")
    approach = factories.ApproachFactory(name="Drama therapy", slug="drama")
    approach.helps_with.set([grief, loss])
    versions.keep(approach, by=None)
    for number in range(3):
        therapist = factories.TherapistFactory(name=f"Wren Wordwell {number}", terms=[loss])
        factories.SpecialistFactory(approach=approach, therapist=therapist)
    return approach


@pytest.mark.parametrize("javascript", [True, False], ids=["with script", "without script"])
def test_staff_merge_two_terms_and_an_old_link_still_finds_everybody(at_desk, drama, javascript):
    page = at_desk(java_script_enabled=javascript)
    page.goto("/admin/therapists/term/")
    page.get_by_role("link", name="Loss").click()
    page.get_by_role("link", name="Merge into another term").click()
    page.get_by_label("Merge it into").select_option("Grief")
    page.get_by_role("button", name="See what moves").click()
    expect(page.get_by_text("3 therapists move")).to_be_visible()
    page.get_by_role("button", name="Merge them").click()
    expect(page.get_by_text("“Loss” was merged into “Grief”.")).to_be_visible()
    assert [term.slug for term in Term.objects.all()] == ["grief"]

    page.goto("/therapists/?issue=loss")
    assert page.url.endswith("/therapists/?issue=grief")
    expect(page.locator("#results-title")).to_contain_text("3 therapists")


def test_what_is_typed_is_shown_previewed_saved_and_taken_back(at_desk, drama):
    page = at_desk()
    page.goto(f"/admin/approaches/approach/{drama.pk}/change/")
    pane = page.get_by_role("region", name="overview, as the public reads it")
    expect(pane).to_have_text("What it is, in a few words.")
    page.locator("#id_overview").fill("It is **bold** work.\n\n- <b>one</b>")
    expect(pane.locator("strong")).to_have_text("bold")
    expect(pane.get_by_role("listitem")).to_have_text("<b>one</b>")

    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Preview").first.click()
    preview = opened.value
    expect(preview.locator("#overview strong")).to_have_text("bold")
    expect(preview.get_by_text("nothing of it has been saved")).to_be_visible()
    drama.refresh_from_db()
    assert drama.overview == "What it is, in a few words."

    page.locator("[name=_continue]").first.click()
    page.get_by_role("link", name="History").click()
    expect(page.locator(".difference").first).to_contain_text("**bold**")
    page.get_by_role("button", name="Return to this version").first.click()
    expect(page.get_by_text("says again what it said")).to_be_visible()
    expect(page.locator("#id_overview")).to_have_value("What it is, in a few words.")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_of_our_own_are_for_everybody(at_desk, drama, width):
    page = at_desk(width, reduced_motion="reduce")
    drama.specialists.filter(pk=drama.specialists.first().pk).update(position=1)
    versions.keep_what_stands(drama)
    drama.overview = "What it was, in some words."
    drama.save()
    loss, grief = Term.objects.get(slug="loss"), Term.objects.get(slug="grief")
    merge = f"/admin/therapists/term/{loss.pk}/merge/"
    of_drama = f"/admin/approaches/approach/{drama.pk}"
    factories.SourceFactory(approach=drama)
    for address in (
        merge, f"{merge}?into={grief.pk}", f"{of_drama}/history/", f"{of_drama}/pins/?q=wren",
        f"{of_drama}/change/", "/admin/therapists/therapist/import/", "/admin/therapists/term/",
    ):  # fmt: skip
        page.goto(address)
        assert at_desk.said == [], address
        assert barriers(page, within="#content", but=(*DJANGOS_OWN, DJANGOS_SIGNS)) == {}, address
        at_desk.said.clear()  # axe's own attempts at styles
