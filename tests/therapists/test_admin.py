"""Staff keep therapists and vocabularies by hand, and the public page shows what they did."""

from io import BytesIO

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests import factories
from tests.pages import Form, text
from therapists.models import Licence, Therapist, Vocabulary

LIST = "/admin/therapists/therapist/"
NO_CONSENT = "has not agreed to be listed: fill in the day of consent and by whose word."


def change(row):
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


def form_at(client, address, form_id="therapist_form"):
    return Form(client.get(address), form_id)


def press(client, row, button, **changes):
    """Open the row's page, change some fields, press one of its buttons."""
    form = form_at(client, change(row), f"{row._meta.model_name}_form").fill(**changes)
    return client.post(change(row), form.sent(button), follow=True)


def act(client, address, action, *rows):
    """Tick rows of a list, choose an action, press Go."""
    form = form_at(client, address, "changelist-form")
    assert action in form.choices["action"]
    form.fill(action=action, _selected_action=[str(row.pk) for row in rows])
    return client.post(address, form.sent(), follow=True)


def test_staff_make_a_vocabulary_and_list_a_therapist_by_hand(staff, staff_user, client):
    approach = factories.ApproachFactory(name="Walking Therapy")
    address = "/admin/therapists/vocabulary/add/"
    form = form_at(staff, address, "vocabulary_form")
    form.fill(name="Issues", slug="issue", question="What brings you?")
    form.fill(**{"terms-0-name": "Night terrors", "terms-0-slug": "night-terrors"})
    form.add_row("terms", name="Moving house", slug="moving-house", synonyms="relocation, moving")
    staff.post(address, form.sent("_save"))
    terms = Vocabulary.objects.get(slug="issue").terms
    terms = {term.name: term for term in terms.all()}
    assert terms["Moving house"].synonyms == ["relocation", "moving"]

    form = form_at(staff, f"{LIST}add/")
    form.fill(name="Wren Byhand", slug="wren-byhand", title="Counselor", consent_basis="Letter")
    form.fill(consent_on="2026-01-02", availability="open", website="wren.example")
    form.fill(availability_confirmed_on=factories.today().isoformat())
    form.fill(terms=[str(terms["Night terrors"].pk)])
    form.add_row("offices", city="Bend", state="OR", street="1 Hidden Lane")
    form.add_row("licences", state="OR", kind="Counselor", number="C1", checked_on="2026-01-03")
    form.add_row("specialisms", approach=str(approach.pk), training="certified")
    saved = staff.post(f"{LIST}add/", form.sent("_continue"), follow=True)
    wren = Therapist.objects.get()
    assert (wren.status, wren.website) == ("draft", "https://wren.example")
    assert client.get("/therapists/wren-byhand/").status_code == 404

    form = Form(saved, "therapist_form")
    published = staff.post(change(wren), form.sent("_verb_publish"), follow=True)
    assert "Published: Wren Byhand." in text(published)
    page = text(client.get("/therapists/wren-byhand/"))
    for shown in ("Wren Byhand", "Counselor in Bend, OR", "Night terrors", "Walking Therapy"):
        assert shown in page
    assert "1 Hidden Lane" not in page
    assert Licence.objects.get().checked_by == staff_user


def test_who_enters_the_day_of_a_check_has_checked_and_who_empties_it_has_not(staff, staff_user):
    earlier = factories.UserFactory(username="earlier-staff", is_staff=True)
    checks = {"checked_on": "2026-01-02", "checked_by": earlier}
    tess = factories.TherapistFactory()
    kept = factories.LicenceFactory(therapist=tess, number="A", **checks)
    again = factories.LicenceFactory(therapist=tess, number="B", **checks)
    emptied = factories.LicenceFactory(therapist=tess, number="C", **checks)
    days = {"licences-1-checked_on": "2026-02-03", "licences-2-checked_on": ""}
    press(staff, tess, "_save", **days)
    for licence, checker in ((kept, earlier), (again, staff_user), (emptied, None)):
        licence.refresh_from_db()
        assert licence.checked_by == checker


def test_the_button_refuses_to_publish_without_consent_and_says_why(staff, client):
    tess = factories.TherapistFactory(draft=True, consent_on=None, name="Tess Unasked")
    assert f"Tess Unasked {NO_CONSENT}" in text(press(staff, tess, "_verb_publish"))
    tess.refresh_from_db()
    assert tess.status == "draft"
    assert client.get(tess.get_absolute_url()).status_code == 404


def test_consent_written_on_the_page_counts_for_the_button_beside_it(staff, client):
    tess = factories.TherapistFactory(draft=True, consent_on=None)
    press(staff, tess, "_verb_publish", consent_on="2026-01-02")
    assert client.get(tess.get_absolute_url()).status_code == 200


def test_the_list_publishes_those_who_agreed_and_names_those_who_did_not(staff, client):
    agreed = factories.TherapistFactory(draft=True)
    unasked = factories.TherapistFactory(draft=True, consent_basis="", name="Tess Unasked")
    unticked = factories.TherapistFactory(draft=True)
    said = text(act(staff, LIST, "publish", agreed, unasked))
    assert "Published: 1." in said
    assert f"Tess Unasked {NO_CONSENT}" in said
    answers = [client.get(one.get_absolute_url()) for one in (agreed, unasked, unticked)]
    assert [answer.status_code for answer in answers] == [200, 404, 404]


def test_withdrawing_takes_a_profile_from_the_public_at_once(staff, client, profile, other_profile):
    press(staff, profile, "_verb_withdraw")
    act(staff, LIST, "withdraw", other_profile)
    for one in (profile, other_profile):
        one.refresh_from_db()
        assert one.status == "withdrawn"
        assert client.get(one.get_absolute_url()).status_code == 404


def test_confirming_availability_brings_a_stale_profile_back(staff, client):
    first, second = factories.TherapistFactory.create_batch(2, stale=True)
    assert client.get(first.get_absolute_url()).status_code == 404
    press(staff, first, "_verb_confirm_availability")
    act(staff, LIST, "confirm_availability", second)
    for one in (first, second):
        one.refresh_from_db()
        assert one.availability_confirmed_on == factories.today()
        assert client.get(one.get_absolute_url()).status_code == 200


def test_what_a_button_did_stands_in_the_history_with_who_did_it(staff, profile):
    press(staff, profile, "_verb_withdraw")
    history = text(staff.get(change(profile).replace("change", "history")))
    assert "ana-staff Withdrawn." in history


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"fee_from": "200", "fee_to": "100"}, "The lowest fee is above the highest."),
        ({"fee_to": "100"}, "Write the lowest fee too, or alone."),
        ({"consent_on": ""}, "Nobody is listed without having agreed:"),
        ({"consent_basis": ""}, "Nobody is listed without having agreed:"),
        ({"offices-0-city": "", "offices-0-state": ""}, "An office needs a city or a state."),
        ({"licences-0-number": "TAKEN"}, "This licence is entered already, here or elsewhere."),
        ({"slug": "otto"}, "Therapist with this Slug already exists."),
    ],
)
def test_what_the_database_refuses_is_said_in_the_form(staff, profile, changes, sentence):
    factories.LicenceFactory(number="TAKEN", therapist__slug="otto")
    factories.LicenceFactory(therapist=profile)
    profile.consents.all().delete()  # staff wrote it down, so it is theirs to change
    before = Therapist.objects.filter(pk=profile.pk).values().get()
    answer = press(staff, profile, "_verb_withdraw", **changes)
    assert answer.status_code == 200
    assert sentence in text(answer)
    assert Therapist.objects.filter(pk=profile.pk).values().get() == before


@pytest.mark.parametrize(
    ("address", "form_id", "fields", "sentence"),
    [
        ("term", "term_form", {"name": "Loss", "slug": "grief"},
         "This vocabulary has a term with this slug already."),
        ("vocabulary", "vocabulary_form", {"name": "Pages", "question": "?", "slug": "page"},
         "“page” is used in addresses already. Choose another slug."),
    ],
)  # fmt: skip
def test_a_slug_that_is_taken_is_refused_with_a_sentence(staff, address, form_id, fields, sentence):
    grief = factories.TermFactory(name="Grief")
    form = form_at(staff, f"/admin/therapists/{address}/add/", form_id).fill(**fields)
    if address == "term":
        form.fill(vocabulary=str(grief.vocabulary_id))
    answer = staff.post(f"/admin/therapists/{address}/add/", form.sent("_save"))
    assert sentence in text(answer)


def test_an_uploaded_photo_is_kept_as_a_webp_that_tells_nothing(staff, client, profile):
    exif = Image.Exif()
    exif[0x010E] = "taken at the secret cabin"
    file = BytesIO()
    Image.new("RGB", (900, 700), "teal").save(file, "JPEG", exif=exif)
    assert b"secret cabin" in file.getvalue()
    upload = SimpleUploadedFile("tess at home.jpg", file.getvalue(), "image/jpeg")
    press(staff, profile, "_save", photo=upload)
    profile.refresh_from_db()
    with profile.photo.open() as kept:
        data = kept.read()
    assert b"secret cabin" not in data
    with Image.open(BytesIO(data)) as photo:
        assert (photo.format, photo.size, dict(photo.getexif())) == ("WEBP", (640, 640), {})
    assert "home" not in profile.photo.name
    shown = profile.photo.url.replace("640.webp", "320.webp")
    assert f'src="{shown}"' in client.get(profile.get_absolute_url()).content.decode()
    assert client.get(profile.photo.url).status_code == 200


@pytest.fixture
def onlooker(db):
    """A browser of staff who may look at therapists and change nothing."""
    user = factories.UserFactory(username="ola-onlooker", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_therapist"))
    client = Client()
    client.force_login(user)
    return client


def test_staff_who_may_only_look_get_no_buttons_and_no_actions(onlooker, profile):
    page = onlooker.get(change(profile))
    assert "Tess Ownwords" in text(page)
    assert "_verb_" not in page.content.decode()
    assert 'name="action"' not in onlooker.get(LIST).content.decode()


@pytest.mark.parametrize("verb", ["publish", "withdraw", "confirm_availability"])
def test_a_forged_verb_of_staff_who_may_only_look_is_refused(onlooker, verb):
    tess = factories.TherapistFactory(draft=verb == "publish", stale=verb != "publish")
    before = Therapist.objects.values().get()
    assert onlooker.post(change(tess), {f"_verb_{verb}": "1"}).status_code == 403
    onlooker.post(LIST, {"action": verb, "_selected_action": tess.pk, "index": "0"})
    assert Therapist.objects.values().get() == before
    assert not LogEntry.objects.exists()
