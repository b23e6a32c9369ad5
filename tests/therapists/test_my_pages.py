"""Around the profile form: preview, changes to ask for, taking back, and the wish to be listed."""

import re

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from tests import factories
from tests.pages import Form, text
from therapists import completeness, review
from therapists.models import Proposal, Therapist

pytestmark = pytest.mark.django_db
Part = Proposal.Part


def address(profile, view="change"):
    return f"/my/therapists/myprofile/{profile.pk}/{view}/"


def asked(client, profile, **fields):
    form = Form(client.get(address(profile, "requests")), "requests_form").fill(**fields)
    return client.post(address(profile, "requests"), form.sent("_save"), follow=True)


@pytest.fixture
def draft(profile):
    """The profile of who is signed in, complete and not public yet."""
    Therapist.objects.filter(pk=profile.pk).update(
        status="draft", published_on=None, phone="503 555 0134", online=True
    )
    factories.LicenceFactory(therapist=profile)
    profile.refresh_from_db()
    return profile


# --- preview ---


def bare(page):
    """Without the line on top, and without the link that puts whoever is listed on a list."""
    without = re.sub(r'(?s)<p class="preview".*?</p>\n', "", page)
    return re.sub(r" *<p data-keep=.*?</p>", "", without)


def test_the_preview_is_the_public_page_after_approval(owner, draft, client, staff_user):
    published = factories.SpecialistFactory(therapist=draft, statement="Old statement.")
    fresh = factories.SpecialistFactory(therapist=draft, statement="", state="draft")
    factories.SpecialistFactory(therapist=draft, approach__status="draft")
    review.propose(draft, Part.ABOUT, text="New <words>.", by=draft.owner)
    review.propose(draft, Part.NAME, text="Tess Newname", by=draft.owner)
    for specialist in (published, fresh):
        review.propose(
            draft, Part.STATEMENT, text="New statement.", specialist=specialist, by=draft.owner
        )
    others = list(draft.proposals.waiting())
    answer = owner.get(address(draft, "preview"))
    preview = answer.text
    assert "This is a preview." in preview
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "no-store" in answer.headers["Cache-Control"]
    assert client.get(draft.get_absolute_url()).status_code == 404
    draft.refresh_from_db()
    assert draft.about == ""  # nothing was written

    listing = completeness.ask_to_be_listed(draft, by=draft.owner)
    review.approve(listing, by=staff_user, along_with=others)

    public = client.get(draft.get_absolute_url())
    assert public.status_code == 200
    assert bare(preview).split() == bare(public.text).split()


def test_save_and_preview_leads_to_it(owner, profile):
    form = Form(owner.get(address(profile)), "myprofile_form").fill(about_words="I listen.")
    answer = owner.post(address(profile), form.sent("_preview"), follow=True)
    assert answer.redirect_chain[-1][0] == address(profile, "preview")
    assert "I listen." in answer.text


@pytest.mark.parametrize("who", ["nobody", "other", "staff"])
def test_nobody_else_sees_the_preview(profile, other_profile, who, staff):
    review.propose(profile, Part.ABOUT, text="Secret words.", by=None)
    browser = staff if who == "staff" else Client()
    if who == "other":
        browser.force_login(other_profile.owner)
    answer = browser.get(address(profile, "preview"), follow=True)
    assert "Secret words." not in answer.text
    assert "Tess" not in answer.text


# --- what staff change ---


def test_a_name_and_a_title_are_changed_on_request(owner, profile, client, staff_user):
    said = asked(owner, profile, name="Tess Newname", title="Psychologist")
    assert "We have it." in text(said)
    assert "Tess Newname" not in client.get(profile.get_absolute_url()).text
    assert {one.part for one in profile.proposals.waiting()} == {Part.NAME, Part.TITLE}
    for proposal in profile.proposals.waiting():
        review.approve(proposal, by=staff_user)
    assert "Tess Newname" in client.get(profile.get_absolute_url()).text


def test_a_request_in_own_words_waits_and_can_be_written_anew(owner, profile):
    asked(owner, profile, request="My license moved to WA.")
    form = Form(owner.get(address(profile, "requests")), "requests_form")
    assert form["request"] == "My license moved to WA."
    asked(owner, profile, request="It moved to OR.")
    assert [one.text for one in profile.proposals.waiting()] == ["It moved to OR."]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Nothing is different, so there is nothing to ask for."),
        ({"name": ""}, "To take it out, say so below"),
        ({"name": "T\u200bess"}, "there is a character here that nobody sees"),
        ({"name": "x" * 121}, "at most 120 characters"),
        ({"request": "x\x00"}, "Null characters are not allowed."),
        ({"request": "x" * 1001}, "Take out 1."),
    ],
)
def test_what_cannot_be_asked_for_is_explained(owner, profile, fields, sentence):
    assert sentence in text(asked(owner, profile, **fields))
    assert not profile.proposals.exists()


# --- taking back ---


def test_what_waits_is_shown_and_can_be_taken_back(owner, profile, staff_user):
    specialist = factories.SpecialistFactory(therapist=profile)
    for part, extra in ((Part.ABOUT, {}), (Part.STATEMENT, {"specialist": specialist})):
        review.propose(profile, part, text=f"New {part}.", by=None, **extra)
    back = profile.proposals.get(part=Part.ABOUT)
    review.send_back(back, by=staff_user, reason="Say more.")
    page = text(owner.get(address(profile, "requests")))
    for shown in ("New about.", "New statement.", "Say more.", specialist.approach.name):
        assert shown in page
    for proposal in profile.proposals.all():
        answer = owner.post(address(profile, "take-back"), {"proposal": proposal.pk}, follow=True)
        assert "Taken back." in text(answer)
    assert {one.state for one in profile.proposals.all()} == {"taken-back"}
    assert "What is with us" not in text(owner.get(address(profile, "requests")))


@pytest.mark.parametrize("key", ["", "x", "\x00", "9" * 30, "-1", "²", "approved"])
def test_what_is_not_there_cannot_be_taken_back(owner, profile, other_profile, key, staff_user):
    foreign = review.propose(other_profile, Part.ABOUT, text="Otto's words.", by=None)
    if key == "approved":
        mine = review.propose(profile, Part.ABOUT, text="Mine.", by=None)
        key = review.approve(mine, by=staff_user).pk
    for pk in (key, foreign.pk):
        answer = owner.post(address(profile, "take-back"), {"proposal": pk}, follow=True)
        assert answer.status_code == 200
        assert "Taken back." not in text(answer)
        assert "Otto" not in answer.text
    foreign.refresh_from_db()
    assert foreign.state == "waiting"


# --- to be listed ---


def test_the_panel_says_what_is_missing_and_only_then_offers_the_button(owner, draft):
    Therapist.objects.filter(pk=draft.pk).update(phone="", title="", consent_on=None, online=False)
    draft.licences.all().delete()
    draft.offices.all().delete()
    page = owner.get(address(draft))
    for gap in ("Your title", "A way to reach you", "Where people find you", "A license.",
                "Your agreement to be listed."):  # fmt: skip
        assert gap in text(page)
    assert "Ask to be listed" not in text(page)
    answer = owner.post(address(draft, "ask-to-be-listed"), follow=True)
    assert "Something is missing still:" in text(answer)
    assert not draft.proposals.exists()


def test_who_asks_is_listed_once_staff_agree(owner, draft, client, staff_user):
    page = owner.get(address(draft))
    assert draft.get_absolute_url() in page.text
    form = Form(page, "listing_form")
    answer = owner.post(address(draft, "ask-to-be-listed"), form.sent(), follow=True)
    assert "You asked to be listed" in text(answer)
    assert "Ask to be listed" not in text(answer).replace("You asked", "")
    owner.post(address(draft, "ask-to-be-listed"), follow=True)  # twice is once
    (wish,) = draft.proposals.waiting()
    assert client.get(draft.get_absolute_url()).status_code == 404
    review.approve(wish, by=staff_user)
    assert client.get(draft.get_absolute_url()).status_code == 200
    assert "Your profile is public" in text(owner.get(address(draft)))


def test_who_was_sent_back_reads_why_and_can_ask_again(
    owner, draft, staff_user, django_capture_on_commit_callbacks
):
    Therapist.objects.filter(pk=draft.pk).update(email="tess@practice.example")
    wish = completeness.ask_to_be_listed(draft, by=draft.owner)
    with django_capture_on_commit_callbacks(execute=True):
        review.send_back(wish, by=staff_user, reason="Say more about yourself.")
    letter = mail.outbox[-1].body
    assert "we have looked at your profile, and ask you to change something" in letter
    assert "What people read of you now" not in letter  # nobody reads anything of a draft
    page = owner.get(address(draft))
    assert "Say more about yourself." in text(page)
    owner.post(address(draft, "ask-to-be-listed"), Form(page, "listing_form").sent())
    assert draft.proposals.waiting().count() == 1


def test_the_panel_names_what_was_sent_back(owner, draft, staff_user):
    statement = factories.SpecialistFactory(therapist=draft)
    review.propose(draft, Part.ABOUT, text="Call me.", by=draft.owner)
    review.propose(draft, Part.STATEMENT, text="Call.", specialist=statement, by=draft.owner)
    assert "We sent back" not in text(owner.get(address(draft)))
    for waiting in draft.proposals.waiting():
        review.send_back(waiting, by=staff_user, reason="No.")
    panel = re.search(r'(?s)<ul class="sent-back">.*?</ul>', owner.get(address(draft)).text)[0]
    assert ">About<" in panel
    assert f">Statement: {statement.approach}<" in panel


def test_who_is_published_has_nothing_to_ask_for(profile):
    with pytest.raises(ValidationError, match="published already"):
        completeness.ask_to_be_listed(profile, by=None)


def test_a_practice_needs_no_license_and_no_title():
    practice = factories.TherapistFactory(
        draft=True, kind="practice", name="Harbor Counseling", title="", website="https://h.example"
    )
    assert completeness.missing(practice) == []


def test_what_would_make_it_better_goes_as_it_is_mended(profile):
    issue = factories.TermFactory(vocabulary__slug="issue")
    sentences = [str(gap) for gap in completeness.could_be_better(profile)]
    assert "Add a photo." in sentences
    assert any("what you help with" in one for one in sentences)
    assert not any("languages" in one for one in sentences)  # no such vocabulary here
    review.propose(profile, Part.PHOTO, photo="photos/x.webp", by=None)
    review.propose(profile, Part.ABOUT, text="I listen.", by=None)
    profile.terms.add(issue)
    sentences = [str(gap) for gap in completeness.could_be_better(profile)]
    assert not [one for one in sentences if "photo" in one or "help with" in one]
    assert "Say something about yourself." not in sentences


def test_a_name_that_does_not_fit_is_hinted_at(profile):
    profile.name = "Harbor Counseling Center"
    assert "the name of a practice" in str(completeness.could_be_better(profile)[0])


@pytest.mark.parametrize("view", ["take-back", "ask-to-be-listed"])
def test_what_changes_something_is_a_post_with_a_token(owner_user, draft, view):
    proposal = review.propose(draft, Part.ABOUT, text="Mine.", by=None)
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner_user)
    assert browser.get(address(draft, view), {"proposal": proposal.pk}).status_code == 405
    assert browser.post(address(draft, view), {"proposal": proposal.pk}).status_code == 403
    assert [one.part for one in draft.proposals.waiting()] == [Part.ABOUT]
