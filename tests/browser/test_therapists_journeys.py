"""What therapists and staff do with each other, from end to end, with real letters in between."""

import re

import pytest
from playwright.sync_api import expect

from tests import factories
from therapists.models import Therapist

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "seven herons wade at noon"  # noqa: S105


@pytest.fixture
def staff_page(visit, staff_user):
    """A browser in which staff have signed in as they do."""
    page = visit(1280, 900)
    sign_in(page, "/admin/", "ana-staff", "a long enough password")
    expect(page).to_have_url(re.compile("/admin/$"))
    return page


def sign_in(page, onward, name, password):
    page.goto(onward)
    page.get_by_label("E-mail address, or user name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


def newest(postbox, to, path):
    """The last letter to somebody, and the address in it that leads to a path."""
    letter = [one for one in postbox.letters if one["To"] == to][-1]
    words = letter.get_content()
    return words, re.search(rf"https?://\S*{path}\S*", words)[0]


def test_from_joining_to_being_listed_and_to_new_words(
    visit, staff_page, postbox, transactional_db
):
    approach = factories.ApproachFactory(name="Walking therapy", slug="walking-therapy")
    phone = visit(320, 640, has_touch=True)

    # Joining: the page that explains, the sign-up, the letter, the profile, the consent.
    phone.goto("/")
    phone.get_by_role("link", name="Therapists: sign in").scroll_into_view_if_needed()
    phone.goto("/join/")
    assert phone.context.cookies() == []
    phone.locator("main").get_by_role("link", name="Sign up").first.click()
    phone.get_by_label("E-mail address").fill("hedda@practice.example")
    phone.get_by_label("Choose a password").fill(PASSWORD)
    phone.get_by_role("button", name="Sign up").click()
    assert postbox.has_letter.wait(20)
    _, link = newest(postbox, "hedda@practice.example", "/accounts/")
    phone.goto(link)
    phone.get_by_role("button", name="Yes, go on").click()
    phone.get_by_label(re.compile("^Name|Your name")).fill("Hedda Heronfield")
    phone.get_by_label("Title").fill("Licensed Professional Counselor")
    phone.get_by_label(re.compile("I agree")).check()
    phone.get_by_role("button", name=re.compile("profile", re.IGNORECASE)).click()
    expect(phone).to_have_url(re.compile("/my/therapists/myprofile/"))
    hedda = Therapist.objects.get()
    assert hedda.status == "draft"

    # The form: what is missing is said, and then nothing is.
    phone.get_by_label("About you").fill("I walk, and I listen.")
    phone.get_by_label("Phone").fill("(555) 555-0142")
    phone.get_by_label("I see people online").check()
    phone.get_by_text("Add another Approach").click()
    phone.locator("#specialisms-0 select[name$=approach]").select_option("Walking therapy")
    phone.locator("#specialisms-0 textarea").fill("We talk better side by side.")
    phone.get_by_text("Add another License").click()
    licence = phone.locator("#licences-0")
    licence.locator("select[name$=state]").select_option("OR")
    licence.locator("input[name$=kind]").fill("Professional Counselor")
    licence.locator("input[name$=number]").fill("C4711")
    phone.get_by_role("button", name="Save", exact=True).click()
    phone.get_by_role("button", name="Ask to be listed").click()
    expect(phone.get_by_role("heading", name="You asked to be listed")).to_be_visible()

    # Staff list what they have looked at.
    staff_page.goto("/admin/")
    staff_page.get_by_role("link", name="New versions to review").click()
    staff_page.get_by_role("link", name="Hedda Heronfield: Asks to be listed").click()
    expect(staff_page.get_by_text("We talk better side by side.").first).to_be_visible()
    staff_page.get_by_role("button", name=re.compile("Approve|List")).click()
    expect(staff_page.get_by_text("Approved: Hedda Heronfield: asks to be listed.")).to_be_visible()
    expect(staff_page.get_by_role("link", name="Licenses to look up")).to_be_visible()

    words, link = newest(postbox, "hedda@practice.example", "/therapists/hedda-heronfield/")
    assert "your profile is listed now" in words
    reader = visit(360, 780)
    reader.goto(link)
    expect(reader.get_by_text("We talk better side by side.")).to_be_visible()
    reader.goto(approach.get_absolute_url())
    signed = "— Hedda Heronfield, Licensed Professional Counselor"
    expect(reader.locator("figcaption", has_text=signed)).to_be_visible()

    # New words wait while the old ones stay, and come back with a reason.
    phone.goto("/my/")
    phone.get_by_label("About you").fill("CALL ME NOW AT 555 0100")
    phone.get_by_role("button", name="Save", exact=True).click()
    reader.goto(link)
    expect(reader.get_by_text("I walk, and I listen.")).to_be_visible()
    staff_page.goto("/admin/therapists/proposal/")
    staff_page.get_by_role("link", name="Hedda Heronfield: About").click()
    staff_page.get_by_role("textbox", name="In your own words").fill("No phone number, please.")
    staff_page.get_by_role("button", name=re.compile("Send it back|Send back")).click()
    expect(staff_page.get_by_text("Sent back: Hedda Heronfield: about.")).to_be_visible()
    words, _ = newest(postbox, "hedda@practice.example", "/my/")
    assert "No phone number, please." in words
    phone.goto("/my/")
    expect(phone.get_by_text("No phone number, please.")).to_be_visible()


def test_staff_import_a_file_with_errors_and_then_without(staff_page, transactional_db):
    page = staff_page
    page.goto("/admin/therapists/therapist/")
    page.get_by_role("link", name=re.compile("^Import")).click()
    faulty = "name,fee_from,office_1_state\nOona Oarsman,a lot,OR\nPia Pebbleworth,90,XX\n"

    def look_at(content):
        sheet = {"name": "people.csv", "mimeType": "text/csv", "buffer": content.encode()}
        page.locator("input[type=file]").set_input_files(sheet)
        page.get_by_role("button", name="Look at it first").click()

    look_at(faulty)
    expect(page.get_by_text("“a lot” is not a whole number.")).to_be_visible()
    expect(page.get_by_role("row", name="3 office_1_state “XX” is not")).to_be_visible()
    expect(page.locator("#confirm-form")).to_have_count(0)
    assert not Therapist.objects.exists()

    look_at(faulty.replace("a lot", "80").replace("XX", "WA"))
    expect(page.get_by_text("2 new, 0 changed")).to_be_visible()
    assert not Therapist.objects.exists()
    page.locator("#confirm-form [name=confirm]").click()
    expect(page.get_by_text("Imported: 2 new, 0 changed")).to_be_visible()
    assert list(Therapist.objects.values_list("name", flat=True)) == [
        "Oona Oarsman", "Pia Pebbleworth",
    ]  # fmt: skip
