"""Nobody's own consent is taken for granted: who asks, what is kept, what agrees with what."""

import hashlib
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from tests import factories
from tests.pages import Form, text
from therapists import joining, publishing
from therapists.models import INVENTED, Therapist

pytestmark = pytest.mark.django_db

# Every wording that people were ever asked to agree to. To change one, add a version.
WORDINGS = {"2026-11-28": "a7b8d739b026"}


@pytest.fixture
def ida(imported):
    """She owns the imported profile, and comes to it for the first time."""
    imported.owner = factories.UserFactory(username="ida")
    imported.save()
    browser = Client()
    browser.force_login(imported.owner)
    browser.profile = imported
    return browser


def change(profile):
    return f"/my/therapists/myprofile/{profile.pk}/change/"


def agreed(therapist):
    """(day, basis) as the public rule reads them."""
    therapist.refresh_from_db()
    return therapist.consent_on, therapist.consent_basis


@pytest.mark.parametrize("method", ["get", "post"])
def test_an_imported_person_is_asked_before_anything_else(ida, method):
    for path in ("/my/", "/my/therapists/myprofile/", change(ida.profile), "/my/jsi18n/"):
        answer = getattr(ida, method)(path, {"availability": "full"})
        assert answer.url == "/accounts/consent/", path
    ida.profile.refresh_from_db()
    assert ida.profile.availability == "open"
    page = text(ida.get("/accounts/consent/"))
    for told in ("Ida Imported", "Letter to Ana, staff", "I agree that this directory shows"):
        assert told in page
    assert ida.post("/my/logout/").url == "/accounts/login/"  # the way out stays open


def test_agreeing_keeps_the_earlier_word_and_opens_the_profile(ida):
    day = ida.profile.consent_on
    form = Form(ida.get("/accounts/consent/"), "account-form").fill(agree="on")
    answer = ida.post("/accounts/consent/", form.sent(), follow=True)
    assert answer.redirect_chain[-1][0] == change(ida.profile)
    assert agreed(ida.profile) == (factories.today(), joining.OWN_WORD)
    own, earlier = ida.profile.consents.all()
    assert (own.text_version, own.given_by) == (joining.CONSENT_VERSION, ida.profile.owner)
    assert (earlier.text_version, earlier.basis) == ("", "Letter to Ana, staff")
    assert timezone.localdate(earlier.given_on) == day
    assert ida.profile.is_listed


def test_without_the_tick_nothing_is_agreed(ida):
    form = Form(ida.get("/accounts/consent/"), "account-form")
    assert "Please tick this if you agree." in text(ida.post("/accounts/consent/", form.sent()))
    assert not ida.profile.consents.exists()


def test_who_does_not_agree_is_hidden_at_once_and_can_agree_later(ida, client):
    address = ida.profile.get_absolute_url()
    assert client.get(address).status_code == 200
    form = Form(ida.get("/accounts/consent/"), "take-back-form")
    page = ida.post("/accounts/consent/", {**form.sent(), "take_back": ""}, follow=True)
    assert "is not shown to the public" in text(page)
    assert client.get(address).status_code == 404
    assert agreed(ida.profile) == (None, "")
    assert not ida.profile.consents.standing().exists()
    assert ida.profile.consents.get().basis == "Letter to Ana, staff"
    with pytest.raises(ValidationError, match="has not agreed"):
        publishing.publish(ida.profile, by=None)

    form = Form(ida.get("/accounts/consent/"), "account-form").fill(agree="on")
    ida.post("/accounts/consent/", form.sent())
    assert publishing.publish(ida.profile, by=None).is_listed


def test_another_wording_is_asked_of_everybody_once(owner, profile):
    assert owner.get(change(profile)).status_code == 200
    profile.consents.update(text_version="2020-01-01")
    assert owner.get("/my/").url == "/accounts/consent/"
    page = owner.get("/accounts/consent/")
    assert "The text that you agreed to has changed." in text(page)
    owner.post("/accounts/consent/", Form(page, "account-form").fill(agree="on").sent())
    assert owner.get(change(profile)).status_code == 200
    assert profile.consents.standing().count() == 2
    profile.refresh_from_db()
    assert profile.is_listed  # all the while


def test_a_wording_that_people_agreed_to_never_changes():
    folder = Path(settings.BASE_DIR) / "templates" / "consent"
    found = {
        file.stem: hashlib.sha256(file.read_bytes()).hexdigest()[:12]
        for file in folder.glob("*.html")
    }
    assert found == WORDINGS
    assert joining.CONSENT_VERSION in found


def test_agreeing_twice_is_agreeing_once(ida):
    for _ in range(2):
        joining.agree(ida.profile, by=ida.profile.owner)
    assert ida.profile.consents.filter(text_version=joining.CONSENT_VERSION).count() == 1


def test_several_profiles_are_asked_for_one_by_one(ida):
    other = factories.TherapistFactory(owner=ida.profile.owner, own_consent=False)
    first = Form(ida.get("/accounts/consent/"), "account-form").fill(agree="on")
    ida.post("/accounts/consent/", first.sent())
    # The same form again, from another tab: it was for the first, and says nothing of the second.
    page = ida.post("/accounts/consent/", first.sent())
    assert other.name in text(page)
    assert not other.consents.exists()


@pytest.mark.parametrize("verb", [joining.agree, joining.take_back])
def test_nobody_agrees_for_another_or_takes_back_what_is_anothers(profile, other_profile, verb):
    before = Therapist.objects.values().get(pk=other_profile.pk)
    with pytest.raises(ValidationError, match="not yours"):
        verb(other_profile, by=profile.owner)
    assert Therapist.objects.values().get(pk=other_profile.pk) == before


def test_a_forged_profile_in_the_form_changes_nobody_elses(ida, other_profile):
    ida.post("/accounts/consent/", {"profile": other_profile.pk, "take_back": "", "agree": "on"})
    other_profile.refresh_from_db()
    assert other_profile.is_listed
    assert other_profile.consents.count() == 1


def test_consent_can_be_taken_back_at_any_time(owner, profile, other_profile, client):
    page = owner.get("/accounts/consent/")
    assert "You agreed on" in text(page)
    form = Form(page, f"take-back-form-{profile.pk}")
    for forged in (other_profile.pk, "x", ""):
        owner.post("/accounts/consent/", {"profile": forged, "take_back": ""})
        assert client.get(profile.get_absolute_url()).status_code == 200
        assert client.get(other_profile.get_absolute_url()).status_code == 200
    owner.post("/accounts/consent/", {**form.sent(), "take_back": ""})
    assert client.get(profile.get_absolute_url()).status_code == 404
    assert agreed(profile) == (None, "")
    consent = profile.consents.get()
    assert consent.withdrawn_at > consent.given_on


def test_an_invented_person_stays_marked_as_invented():
    owner = factories.UserFactory()
    made = factories.TherapistFactory(consent_basis=INVENTED, owner=owner, own_consent=False)
    assert joining.agree(made, by=owner).is_invented


def test_staff_see_what_was_agreed_to_and_do_not_change_it(staff, profile, imported):
    page = staff.get(f"/admin/therapists/therapist/{profile.pk}/change/")
    assert joining.OWN_WORD in text(page)
    form = Form(page, "therapist_form")
    assert "consent_on" not in form
    assert not [
        name
        for name in form
        if name.startswith("consents-0") and not name.endswith(("-id", "-therapist"))
    ]
    # Their own entry they do.
    page = staff.get(f"/admin/therapists/therapist/{imported.pk}/change/")
    assert Form(page, "therapist_form")["consent_basis"] == "Letter to Ana, staff"


@pytest.mark.parametrize(
    "impossible",
    [{"basis": ""}, {"withdrawn_at": "2020-01-01T00:00Z"}, {"text_version": "2026-11-28"}],
)
def test_the_database_refuses_what_cannot_be(profile, impossible):
    words = {"text_version": "1", "basis": "A letter"} | impossible
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.ConsentFactory(therapist=profile, **words)
