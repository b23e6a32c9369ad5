"""The form in which therapists keep their own profile: what goes live when, and whose rows."""

import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from PIL import Image

from tests import factories
from tests.pages import Form, text
from therapists import licences, review
from therapists.models import Licence, Office, Proposal, Therapist

pytestmark = pytest.mark.django_db
Part, State = Proposal.Part, Proposal.State


def address(profile, view="change"):
    return f"/my/therapists/myprofile/{profile.pk}/{view}/"


def opened(client, profile):
    return Form(client.get(address(profile)), "myprofile_form")


def save(client, profile, **fields):
    """Open the form, fill it in, save; the page that follows."""
    sent = opened(client, profile).fill(**fields).sent("_save")
    return client.post(address(profile), sent, follow=True)


def portrait(colour="teal"):
    file = BytesIO()
    Image.new("RGB", (700, 700), colour).save(file, "JPEG")
    return SimpleUploadedFile("tess at home.jpg", file.getvalue(), "image/jpeg")


# --- at once ---


def test_everyday_things_are_public_as_soon_as_they_are_saved(owner, profile, client):
    grief = factories.TermFactory(name="Grief")
    form = opened(owner, profile).fill(
        phone="503 555 0134",
        fee_from="90",
        online=["on"],
        terms=[str(grief.pk)],
        pronouns="she/her",
    )
    form["offices-0-city"] = "Bend"
    form.add_row("offices", city="Salem", state="OR", position="2")
    form.add_row("licences", state="OR", kind="Counselor", number="C12")
    assert owner.post(address(profile), form.sent("_save")).status_code == 302
    page = text(client.get(profile.get_absolute_url()))
    for shown in ("503 555 0134", "from $90", "online", "Grief", "she/her", "in Bend, OR",
                  "Salem, OR", "Oregon: Counselor, C12", "not checked by us"):  # fmt: skip
        assert shown in page, shown


def test_an_office_is_removed_and_what_is_impossible_is_explained(owner, profile):
    factories.OfficeFactory(therapist=profile, city="Bend")
    form = opened(owner, profile)
    form["offices-1-DELETE"] = "on"
    owner.post(address(profile), form.sent("_save"))
    assert [office.city for office in profile.offices.all()] == ["Portland"]
    page = save(owner, profile, **{"offices-0-city": "", "offices-0-state": ""})
    assert "An office needs a city or a state." in text(page)


# --- after review ---


def test_new_words_wait_and_the_public_reads_the_old_ones(owner, profile, client, staff_user):
    Therapist.objects.filter(pk=profile.pk).update(about="Old words.")
    page = save(owner, profile, about_words="I have new words.")
    assert "We'll read your new words and let you know." in text(page)
    assert "Waits for review since" in text(page)
    assert Form(page, "myprofile_form")["about_words"] == "I have new words."
    assert "Old words." in client.get(profile.get_absolute_url()).text
    (proposal,) = profile.proposals.waiting()
    assert (proposal.part, proposal.submitted_by) == (Part.ABOUT, profile.owner)

    review.approve(proposal, by=staff_user)

    assert "I have new words." in client.get(profile.get_absolute_url()).text
    assert "Waits for review" not in text(owner.get(address(profile)))


def test_saving_without_a_change_of_words_asks_nobody(owner, profile):
    specialist = factories.SpecialistFactory(therapist=profile, statement="As  it\xa0was.")
    Therapist.objects.filter(pk=profile.pk).update(about="Old  words.\r\n\r\n\r\nMore.")
    save(owner, profile, fee_from="80")
    assert not profile.proposals.exists()
    specialist.refresh_from_db()
    assert (specialist.statement, specialist.state) == ("As  it\xa0was.", "approved")


def test_ones_own_words_are_removed_at_once(owner, profile, client):
    Therapist.objects.filter(pk=profile.pk).update(about="Old words.")
    factories.SpecialistFactory(therapist=profile, statement="My old statement.")
    save(owner, profile, about_words="Newer words.")
    save(owner, profile, about_words="", **{"specialisms-0-statement_words": ""})
    page = client.get(profile.get_absolute_url()).text
    assert "Old words." not in page
    assert "My old statement." not in page
    assert not profile.proposals.waiting()


def test_words_that_were_sent_back_stand_there_with_the_reason_until_they_are_mended(
    owner, profile, staff_user
):
    Therapist.objects.filter(pk=profile.pk).update(about="Old words.")
    save(owner, profile, about_words="Call me: 503 555 0134.")
    review.send_back(profile.proposals.get(), by=staff_user, reason="Leave out <the> number.")

    page = owner.get(address(profile))
    assert "Leave out <the> number." in text(page)
    assert Form(page, "myprofile_form")["about_words"] == "Call me: 503 555 0134."
    assert "ana-staff" not in page.text
    save(owner, profile, fee_from="80")
    assert not profile.proposals.waiting()  # nobody is asked about the same again

    save(owner, profile, about_words="Old words.")
    page = owner.get(address(profile))
    assert "Leave out" not in text(page)
    assert Form(page, "myprofile_form")["about_words"] == "Old words."


def test_a_photo_waits_and_its_owner_can_remove_it_at_once(owner, profile, client, staff_user):
    save(owner, profile, photo_file=portrait())
    proposal = profile.proposals.get()
    profile.refresh_from_db()
    assert (proposal.part, profile.photo.name) == (Part.PHOTO, "")
    review.approve(proposal, by=staff_user)
    profile.refresh_from_db()
    assert profile.photo.name.rpartition("/")[0] in client.get(profile.get_absolute_url()).text
    save(owner, profile, **{"photo_file-clear": ["on"]})
    profile.refresh_from_db()
    assert profile.photo.name == ""


def test_a_file_that_is_no_photo_is_refused_with_a_sentence(owner, profile):
    upload = SimpleUploadedFile("tess.jpg", b"no photo at all", "image/jpeg")
    page = save(owner, profile, photo_file=upload, about_words="Kept.")
    assert page.status_code == 200
    assert "Choose your photo once more" in text(page)
    assert Form(page, "myprofile_form")["about_words"] == "Kept."
    assert not profile.proposals.exists()


@pytest.mark.parametrize(
    ("field", "limit"), [("about_words", 2000), ("specialisms-0-statement_words", 500)]
)
def test_text_that_is_too_long_comes_back_whole_and_is_told_by_how_much(
    owner, profile, field, limit
):
    factories.SpecialistFactory(therapist=profile)
    words = ("word " * limit)[:limit].strip() + "é" * 12
    page = save(owner, profile, **{field: words})
    over = len(words) - limit
    assert f"Take out {over}." in text(page)
    assert Form(page, "myprofile_form")[field] == words
    save(owner, profile, **{field: words[:limit]})
    assert profile.proposals.get().text == words[:limit]


def test_what_is_to_be_mended_is_listed_with_the_way_to_it(owner, profile):
    form = opened(owner, profile).fill(phone="call me <b>")
    form.add_row("licences", state="OR", kind="", number="C12")
    html = owner.post(address(profile), form.sent("_save")).text
    listed = re.search(r'(?s)<ul class="faults">.*?</ul>', html)[0]
    ways = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', listed)
    assert ("id_phone", "Phone") in ways
    assert len(ways) == 2
    for where, _ in ways:
        assert f'id="{where}"' in html
    assert 'class="faults"' not in owner.get(address(profile)).text


def test_a_text_that_was_too_long_before_disturbs_nobody(owner, profile):
    factories.SpecialistFactory(therapist=profile, statement="word " * 200)
    assert "Saved." in text(save(owner, profile, fee_from="80"))


def test_nul_bytes_are_refused_with_a_sentence(owner, profile):
    for field in ("about_words", "pronouns", "offices-0-city"):
        page = save(owner, profile, **{field: "a\x00b"})
        assert "Null characters are not allowed." in text(page)


def test_who_says_nothing_of_room_confirms_nothing(owner, profile):
    assert "availability counts" in text(save(owner, profile, availability="full"))
    page = text(save(owner, profile, availability=""))
    assert "Saved." in page
    assert "availability counts" not in page


def test_what_is_said_of_licenses_stands_below_their_heading(owner, profile):
    page = text(owner.get(address(profile)))
    assert "Licenses We look each one up in the board's register" in page


# --- approaches ---


def test_an_approach_is_added_with_training_and_its_statement_waits(
    owner, profile, client, staff_user
):
    approach = factories.ApproachFactory(name="Walking Therapy")
    form = opened(owner, profile)
    form.add_row(
        "specialisms", approach=str(approach.pk), training="certified",
        training_body="Harbor Institute", training_year="2019", statement_words="I walk with you.",
    )  # fmt: skip
    assert owner.post(address(profile), form.sent("_save")).status_code == 302
    page = client.get(profile.get_absolute_url()).text
    assert "Harbor Institute" in page
    assert "I walk with you." not in page
    review.approve(profile.proposals.get(), by=staff_user)
    assert "I walk with you." in client.get(approach.get_absolute_url()).text


def test_only_published_approaches_are_offered_and_each_once(owner, profile):
    draft = factories.ApproachFactory(name="Secret Therapy", status="draft")
    shown = factories.ApproachFactory(name="Open Therapy")
    form = opened(owner, profile)
    assert form.choices["specialisms-__prefix__-approach"] == ["", str(shown.pk)]
    form.add_row("specialisms", approach=str(draft.pk))
    assert "Select a valid choice" in text(owner.post(address(profile), form.sent("_save")))
    form = opened(owner, profile)
    form.add_row("specialisms", approach=str(shown.pk)).add_row(
        "specialisms", approach=str(shown.pk)
    )
    answer = owner.post(address(profile), form.sent("_save"))
    assert answer.status_code == 200
    assert not profile.specialisms.exists()


def test_a_statement_on_an_approach_that_is_not_published_works_as_well(owner, profile):
    draft = factories.ApproachFactory(name="Secret Therapy", status="draft")
    factories.SpecialistFactory(therapist=profile, approach=draft, statement="", state="draft")
    page = save(owner, profile, **{"specialisms-0-statement_words": "I begin slowly."})
    assert "Secret Therapy" in text(page)
    assert profile.proposals.get().text == "I begin slowly."


def test_an_approach_that_is_entered_cannot_become_another(owner, profile):
    specialist = factories.SpecialistFactory(therapist=profile)
    other = factories.ApproachFactory()
    form = opened(owner, profile)
    form["specialisms-0-approach"] = str(other.pk)
    assert owner.post(address(profile), form.sent("_save")).status_code == 302
    assert profile.specialisms.get().approach == specialist.approach


def test_an_approach_is_removed_with_what_waits_for_it(owner, profile, client):
    specialist = factories.SpecialistFactory(therapist=profile)
    save(owner, profile, **{"specialisms-0-statement_words": "I begin slowly."})
    form = opened(owner, profile)
    form["specialisms-0-DELETE"] = "on"
    form["specialisms-0-statement_words"] = "And this."
    owner.post(address(profile), form.sent("_save"))
    assert not profile.proposals.exists()
    assert specialist.statement not in client.get(profile.get_absolute_url()).text


# --- licenses ---


def test_a_license_is_open_until_it_is_checked(owner, profile):
    licence = factories.LicenceFactory(therapist=profile, number="OLD")
    save(owner, profile, **{"licences-0-number": "NEW"})
    licence.refresh_from_db()
    assert licence.number == "NEW"
    Licence.objects.update(checked_on="2026-01-02")
    form = opened(owner, profile)
    form.update({"licences-0-number": "FORGED", "licences-0-DELETE": "on",
                 "licences-0-state": "WA", "licences-0-kind": "King"})  # fmt: skip
    assert owner.post(address(profile), form.sent("_save")).status_code == 302
    licence.refresh_from_db()
    assert (licence.number, licence.state) == ("NEW", "OR")
    assert "We found it in the register on January 2, 2026" in text(owner.get(address(profile)))


def test_a_license_that_was_not_found_says_why_and_is_looked_for_again_once_mended(
    owner, profile, staff_user
):
    licence = factories.LicenceFactory(therapist=profile, number="OLD")
    licences.could_not_check(licence, by=staff_user, reason="No such number.")
    assert "No such number." in text(owner.get(address(profile)))
    assert "No such number." in text(save(owner, profile, fee_from="80"))
    page = save(owner, profile, **{"licences-0-number": "NEW"})
    assert "No such number." not in text(page)
    licence.refresh_from_db()
    assert licence.check_failed_on is None


def test_a_number_that_is_held_elsewhere_is_refused_and_names_nobody(owner, profile, other_profile):
    factories.LicenceFactory(therapist=other_profile, number="TAKEN")
    form = opened(owner, profile)
    form.add_row("licences", state="OR", kind="Clinical Social Worker", number="TAKEN")
    answer = owner.post(address(profile), form.sent("_save"))
    assert "This licence is entered already, here or elsewhere." in text(answer)
    assert "Otto" not in answer.text


# --- whose rows ---

ROWS = {
    "offices": {"city": "Forged"},
    "licences": {"number": "Forged"},
    "specialisms": {"training_body": "Forged"},
}


@pytest.mark.parametrize("prefix", ROWS)
def test_a_foreign_key_is_refused_as_one_that_does_not_exist(owner, profile, other_profile, prefix):
    for one in (profile, other_profile):
        factories.LicenceFactory(therapist=one)
        factories.SpecialistFactory(therapist=one)
    foreign = getattr(other_profile, prefix)
    before = foreign.values().get()
    answers = []
    for key in (before["id"], before["id"] + 10_000, "x", "9" * 40):
        form = opened(owner, profile)
        form[f"{prefix}-0-id"] = str(key)
        for name, value in ROWS[prefix].items():
            form[f"{prefix}-0-{name}"] = value
        with transaction.atomic():
            answer = owner.post(address(profile), form.sent("_save"))
            answers.append((answer.status_code, re.sub(r"\d+", "", text(answer))))
            transaction.set_rollback(True)
        assert "Otto" not in answer.text
        assert foreign.values().get() == before
    assert answers == [answers[0]] * 4


@pytest.mark.parametrize("prefix", ROWS)
@pytest.mark.parametrize("field", ["DELETE", "therapist"])
def test_a_foreign_row_is_neither_deleted_nor_taken_over(
    owner, profile, other_profile, prefix, field
):
    factories.LicenceFactory(therapist=other_profile)
    factories.SpecialistFactory(therapist=other_profile)
    foreign = getattr(other_profile, prefix).get()
    form = opened(owner, profile)
    form.update({
        f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-INITIAL_FORMS": "1", f"{prefix}-0-id": foreign.pk,
        f"{prefix}-0-{field}": {"DELETE": "on", "therapist": profile.pk}[field],
    })  # fmt: skip
    owner.post(address(profile), form.sent("_save"))
    foreign.refresh_from_db()
    assert foreign.therapist_id == other_profile.pk


def test_a_new_row_cannot_be_hung_on_somebody_else(owner, profile, other_profile):
    form = opened(owner, profile).add_row("offices", city="Forged", state="OR")
    form["offices-1-therapist"] = str(other_profile.pk)
    assert owner.post(address(profile), form.sent("_save")).status_code == 200
    assert not Office.objects.filter(city="Forged").exists()


@pytest.mark.parametrize(
    "forged",
    [
        {"offices-TOTAL_FORMS": "99999"}, {"offices-TOTAL_FORMS": "-1"},
        {"offices-TOTAL_FORMS": "x\x00"}, {"offices-INITIAL_FORMS": "7"},
        {"licences-TOTAL_FORMS": None}, {"specialisms-INITIAL_FORMS": "1"},
        {"specialisms-TOTAL_FORMS": "3", "specialisms-INITIAL_FORMS": "3"},
        {"specialisms-0-id": "\x00"}, {"specialisms-0-id": "²"}, {"terms": ["x", "\x00"]},
        {"terms": ["9" * 30]}, {"fee_from": "9" * 30}, {"availability": "\x00"},
    ],
)  # fmt: skip
def test_a_form_that_was_tampered_with_breaks_nothing(owner, profile, forged):
    form = opened(owner, profile)
    form.update(forged)
    answer = owner.post(address(profile), form.sent("_save"))
    assert answer.status_code in (200, 302)
    assert profile.offices.count() == 1


# --- doubts ---


def test_what_may_be_wrong_is_said_after_saving_and_hinders_nothing(owner, profile, other_profile):
    copied = "Hope is a habit of the hands before it is a thought, and I teach the hands first."
    approach = factories.SpecialistFactory(therapist=other_profile, statement=copied).approach
    factories.SpecialistFactory(therapist=profile, approach=approach, statement="Mine.")
    page = save(
        owner, profile, about_words="Write to tess@private.example. I answer.",
        **{"specialisms-0-statement_words": copied.replace("Hope is", "I say: hope\xa0is")},
    )  # fmt: skip
    said = text(page)
    assert "There is an e-mail address in these words." in said
    assert "word for word in somebody else's profile" in said
    assert "Otto" not in page.text
    assert profile.proposals.waiting().count() == 2


def test_the_form_asks_the_database_as_often_for_ten_approaches_as_for_one(
    owner, profile, django_assert_max_num_queries
):
    factories.SpecialistFactory(therapist=profile)
    owner.get(address(profile))
    with django_assert_max_num_queries(45) as few:
        owner.get(address(profile))
    factories.SpecialistFactory.create_batch(9, therapist=profile)
    with django_assert_max_num_queries(45) as many:
        owner.get(address(profile))
    assert len(many) == len(few)


# --- two at once ---


def test_staff_and_therapist_on_one_profile_are_told_of_each_other(owner, staff, profile):
    Therapist.objects.filter(pk=profile.pk).update(fee_from=100)
    mine = opened(owner, profile).fill(about_words="I wrote for an hour.", phone="503 555 0134")
    their_address = f"/admin/therapists/therapist/{profile.pk}/change/"
    theirs = Form(staff.get(their_address), "therapist_form").fill(fee_from="120")
    staff.post(their_address, theirs.sent("_save"))

    answer = owner.post(address(profile), mine.sent("_save"))

    assert "Nothing is saved yet" in text(answer)
    assert "Lowest usual fee: 100 → 120" in text(answer) or "Fee from: 100 → 120" in text(answer)
    assert "ana-staff" not in answer.text
    again = Form(answer, "myprofile_form")
    assert (again["about_words"], again["fee_from"]) == ("I wrote for an hour.", "120")
    owner.post(address(profile), again.sent("_save"))
    profile.refresh_from_db()
    assert (profile.fee_from, profile.phone) == (120, "503 555 0134")
    assert profile.proposals.get().text == "I wrote for an hour."


def test_what_staff_decide_meanwhile_is_told(owner, profile, staff_user):
    save(owner, profile, about_words="First words.")
    form = opened(owner, profile).fill(about_words="Second words.")
    review.approve(profile.proposals.get(), by=staff_user)
    answer = owner.post(address(profile), form.sent("_save"))
    assert "About: waits for review: First words. → public: First words." in text(answer)
    assert "ana-staff" not in answer.text
    owner.post(address(profile), Form(answer, "myprofile_form").sent("_save"))
    assert profile.proposals.waiting().get().text == "Second words."


def test_rows_that_came_or_went_meanwhile_are_told_and_nothing_typed_is_lost(owner, profile):
    """The first office went in another window, and a third came; the second was typed over."""
    first, second = profile.offices.get(), factories.OfficeFactory(therapist=profile, city="Bend")
    form = opened(owner, profile)
    form["offices-0-street"], form["offices-1-street"] = "1 First Street", "2 Second Street"
    form.add_row("offices", city="Eugene", state="OR")
    first.delete()
    third = factories.OfficeFactory(therapist=profile, city="Salem")

    answer = owner.post(address(profile), form.sent("_save"))

    assert "Office “Portland, OR”: taken out" in text(answer)
    assert "Office “Salem, OR”: added" in text(answer)
    again = Form(answer, "myprofile_form")
    owner.post(address(profile), again.sent("_save"))
    kept = {one.pk: (one.city, one.street) for one in profile.offices.all()}
    assert kept.pop(second.pk) == ("Bend", "2 Second Street")
    assert kept.pop(third.pk) == ("Salem", "")
    assert sorted(kept.values()) == [("Eugene", ""), ("Portland", "1 First Street")]
