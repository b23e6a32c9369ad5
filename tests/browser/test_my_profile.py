"""The profile form in a real browser: on a phone, with a script and without."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories
from tests.browser.reading import sign_in
from tests.browser.sight import DJANGOS_OWN, TOO_WIDE, barriers
from therapists import review
from therapists.models import Proposal, Therapist

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def draft(owner_user):
    """A complete profile that is not public yet."""
    therapist = factories.TherapistFactory(
        name="Tess Ownwords", owner=owner_user, draft=True, phone="503 555 0134", online=True
    )
    factories.LicenceFactory(therapist=therapist)
    return therapist


@pytest.fixture
def terms():
    issues = [factories.TermFactory(name=name) for name in ("Grief and loss", "Anger", "Müdigkeit")]
    languages = factories.VocabularyFactory(slug="language", position=1)
    return [*issues, factories.TermFactory(vocabulary=languages, name="Spanish")]


@pytest.fixture
def faults():
    return []


@pytest.fixture
def phone(visit, client, owner_user, live_server, faults):
    """A therapist's phone, signed in; what its console says is in `faults`."""
    return signed_in(visit(320, 640, has_touch=True), owner_user, live_server, faults)


def signed_in(page, user, live_server, faults):
    page.on("console", lambda said: faults.append(said.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    return sign_in(page, user, live_server)


def address(profile, view="change"):
    return f"/my/therapists/myprofile/{profile.pk}/{view}/"


def test_a_phone_takes_a_profile_from_draft_to_listed(
    phone, draft, terms, staff_user, client, faults
):
    approach = factories.ApproachFactory(name="Walking therapy")
    phone.goto("/my/")
    assert phone.evaluate(TOO_WIDE) <= 0
    phone.get_by_label("About you").fill("I ask slowly, and I wait.")
    phone.get_by_text("Add another Approach").click()
    new = phone.locator("#specialisms-0")
    new.locator("select[name$=approach]").select_option("Walking therapy")
    new.locator("textarea").fill("I walk with you.")
    expect(new.locator(".count")).to_have_text("16 of 500 characters")
    phone.get_by_label("Find a word").fill("loss")
    phone.get_by_label("Grief and loss").check()
    phone.get_by_label("Lowest usual fee").fill("90")
    phone.get_by_role("button", name="Save", exact=True).click()
    expect(phone.get_by_text("Saved. Your availability counts as confirmed today.")).to_be_visible()
    assert phone.evaluate(TOO_WIDE) <= 0

    phone.get_by_role("button", name="Ask to be listed").click()
    expect(phone.get_by_role("heading", name="You asked to be listed")).to_be_visible()
    phone.get_by_role("link", name="Preview").click()
    expect(phone.get_by_text("I walk with you.")).to_be_visible()

    *words, listing = draft.proposals.waiting()
    assert listing.part == Proposal.Part.LISTING
    review.approve(listing, by=staff_user, along_with=words)
    page = client.get(draft.get_absolute_url()).text
    for shown in ("I ask slowly", "I walk with you.", "Grief and loss", "from $90"):
        assert shown in page
    assert "I walk with you." in client.get(approach.get_absolute_url()).text
    assert faults == []


def test_counts_are_live_and_what_is_pasted_from_word_is_whole_and_mended(phone, draft):
    phone.goto("/my/")
    area = phone.get_by_label("About you")
    count = phone.locator(".field-about_words .count")
    expect(count).to_have_text("0 of 2,000 characters")
    area.evaluate(
        """area => {
            area.focus();
            document.execCommand("insertText", false,
                "I\\u00a0see:\\r\\n\\u2022\\tgrief\\u200b\\r\\n" +
                "\\u2022\\tloss \\u201cand\\u201d more");
        }"""
    )
    expect(count).not_to_have_text("0 of 2,000 characters")
    phone.get_by_role("button", name="Save", exact=True).click()
    expect(phone.get_by_label("About you")).to_have_value("I see:\n- grief\n- loss “and” more")
    assert draft.proposals.get().text == "I see:\n- grief\n- loss “and” more"

    phone.get_by_label("About you").fill("x" * 2010)
    expect(count).to_have_text("10 characters too many")
    phone.get_by_role("button", name="Save", exact=True).click()
    expect(phone.locator(".errorlist", has_text="Take out 10.")).to_be_visible()
    expect(phone.get_by_label("About you")).to_have_value("x" * 2010)


def test_terms_are_found_by_typing_in_any_case_and_without_accents(phone, draft, terms):
    phone.goto("/my/")
    boxes = phone.locator(".term-boxes .boxes label:visible")
    expect(boxes).to_have_count(0)  # groups are closed, and say what is ticked
    field = phone.get_by_label("Find a word")
    field.fill("mud")
    expect(boxes).to_have_text([re.compile("Müdigkeit")])
    field.press("Enter")
    expect(phone.get_by_text("Issue Müdigkeit")).to_be_visible()
    field.fill("language")
    expect(boxes).to_have_text([re.compile("Spanish")])
    field.fill("zzz")
    expect(phone.get_by_text("0 words fit")).to_be_visible()
    field.fill("")
    expect(boxes).to_have_count(0)
    phone.get_by_role("button", name="Save", exact=True).click()
    phone.wait_for_load_state()
    assert [term.name for term in draft.terms.all()] == ["Müdigkeit"]


def test_without_scripts_the_form_is_whole(visit, owner_user, draft, terms, live_server, faults):
    approach = factories.ApproachFactory(name="Walking therapy")
    page = visit(360, 740, java_script_enabled=False)
    signed_in(page, owner_user, live_server, faults)
    page.goto("/my/")
    page.locator("summary", has_text="Language").click()
    page.get_by_label("Spanish").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Show empty rows").first.click()
    page.locator("select[name=specialisms-0-approach]").select_option("Walking therapy")
    page.get_by_role("button", name="Save", exact=True).click()
    assert [term.name for term in draft.terms.all()] == ["Spanish"]
    assert draft.specialisms.get().approach == approach


def test_two_windows_are_told_of_each_other(visit, owner_user, staff_user, draft, live_server):
    faults = []
    mine = signed_in(visit(1280, 800), owner_user, live_server, faults)
    theirs = signed_in(visit(1280, 800), staff_user, live_server, faults)
    mine.goto("/my/")
    theirs.goto(f"/admin/therapists/therapist/{draft.pk}/change/")
    theirs.locator("#id_fee_from").fill("120")
    theirs.get_by_role("button", name="Save", exact=True).first.click()
    theirs.wait_for_load_state()
    mine.get_by_label("About you").fill("I wrote this for an hour.")
    mine.get_by_role("button", name="Save", exact=True).click()
    told = mine.get_by_role("alert").filter(has_text="Changed since you opened this page")
    expect(told).to_contain_text("120")
    expect(told).not_to_contain_text("ana-staff")
    expect(mine.get_by_label("About you")).to_have_value("I wrote this for an hour.")
    mine.get_by_role("button", name="Save", exact=True).click()
    expect(mine.get_by_text("Saved. Your availability")).to_be_visible()
    assert Therapist.objects.get(pk=draft.pk).fee_from == 120
    assert draft.proposals.get().text == "I wrote this for an hour."
    assert faults == []


def test_the_pages_are_free_of_faults_that_axe_can_see(
    visit, owner_user, draft, terms, live_server, staff_user, faults
):
    specialist = factories.SpecialistFactory(therapist=draft, statement="I walk.")
    review.propose(draft, Proposal.Part.ABOUT, text="Call me: 503 555 0134, and we", by=None)
    back = review.propose(
        draft, Proposal.Part.STATEMENT, text="She helps.", by=None, specialist=specialist
    )
    review.send_back(back, by=staff_user, reason="Say “I”.")
    Therapist.objects.filter(pk=draft.pk).update(name="Donaudampfschifffahrtsgesellschaft Kapitän")
    page = signed_in(visit(320, 640, reduced_motion="reduce"), owner_user, live_server, faults)
    views = [address(draft, view) for view in ("change", "requests", "preview")]
    for view in (*views, "/my/numbers/", f"/my/leaving/{draft.pk}/"):
        page.goto(view)
        assert faults == []
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        assert barriers(page, but=DJANGOS_OWN) == {}, view
        faults.clear()  # axe itself tries inline styles


def test_on_a_phone_no_number_of_a_day_is_broken_in_two(
    visit, owner_user, draft, live_server, faults
):
    draft.days.create(day=factories.today(), shown=12_345, opened=1_234, contacted=12)
    page = signed_in(visit(360, 740), owner_user, live_server, faults)
    page.goto("/my/numbers/")
    cells = page.locator(".numbers tbody tr").first.locator("td")
    assert cells.all_inner_texts()[0] == "12,345"
    lines = """all => all.map(one => {
      const range = document.createRange()
      range.selectNodeContents(one)
      return range.getClientRects().length
    })"""
    assert cells.evaluate_all(lines) == [1, 1, 1, 1]
