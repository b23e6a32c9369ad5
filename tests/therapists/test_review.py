"""A new version waits for staff, and the published one stays up meanwhile."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from tests import factories
from therapists import review
from therapists.models import Proposal, Therapist

pytestmark = pytest.mark.django_db
Part, State = Proposal.Part, Proposal.State


def propose(therapist, part=Part.ABOUT, **kwargs):
    return review.propose(therapist, part, by=therapist.owner, **{"text": "New words.", **kwargs})


def test_the_published_words_stay_until_the_new_ones_are_approved(profile, staff_user, client):
    Therapist.objects.update(about="Old words.")
    proposal = propose(profile)
    assert "Old words." in client.get(profile.get_absolute_url()).text

    review.approve(proposal, by=staff_user)

    page = client.get(profile.get_absolute_url()).text
    assert "New words." in page
    assert "Old words." not in page


def test_a_new_statement_is_read_only_once_it_is_approved(profile, staff_user, client):
    specialist = factories.SpecialistFactory(therapist=profile, statement="Old words.")
    proposal = propose(profile, Part.STATEMENT, specialist=specialist)
    page = specialist.approach.get_absolute_url()
    assert "Old words." in client.get(page).text

    review.approve(proposal, by=staff_user)

    assert "New words." in client.get(page).text


def test_a_newer_version_takes_the_place_of_the_one_that_waits(profile, staff_user):
    first = propose(profile)
    second = propose(profile, text="Newer words.")

    assert list(profile.proposals.waiting()) == [second]
    with pytest.raises(ValidationError, match="Replaced by a newer version"):
        review.approve(first, by=staff_user)
    profile.refresh_from_db()
    assert profile.about == ""


def test_the_same_words_again_ask_nobody(profile):
    first = propose(profile)
    assert propose(profile) == first
    Therapist.objects.update(about="As it was.")
    assert propose(profile, text="As it was.") is None
    assert not profile.proposals.waiting()


def test_who_sends_back_says_why_and_the_therapist_reads_it(
    profile, staff_user, mailoutbox, django_capture_on_commit_callbacks
):
    Therapist.objects.update(email="tess@example.org")
    proposal = propose(profile)
    with pytest.raises(ValidationError, match="Say why"):
        review.send_back(proposal, by=staff_user, reason=" ")

    with django_capture_on_commit_callbacks(execute=True):
        review.send_back(proposal, by=staff_user, reason="It isn't about you & your work.")

    (letter,) = mailoutbox
    assert letter.to == ["tess@example.org"]
    assert "It isn't about you & your work." in letter.body


def test_a_wish_to_be_listed_publishes_what_was_looked_at_with_it(staff_user):
    therapist = factories.TherapistFactory(draft=True)
    about = review.propose(therapist, Part.ABOUT, text="Hello.", by=None)
    listing = review.propose(therapist, Part.LISTING, by=None)

    review.approve(listing, by=staff_user, along_with=[about])

    therapist.refresh_from_db()
    assert therapist.is_listed
    assert therapist.about == "Hello."


def test_without_consent_nothing_of_it_is_published(staff_user):
    therapist = factories.TherapistFactory(draft=True, consent_on=None, consent_basis="")
    about = review.propose(therapist, Part.ABOUT, text="Hello.", by=None)
    listing = review.propose(therapist, Part.LISTING, by=None)

    with pytest.raises(ValidationError, match="has not agreed"):
        review.approve(listing, by=staff_user, along_with=[about])

    therapist.refresh_from_db()
    assert (therapist.status, therapist.about) == ("draft", "")
    assert therapist.proposals.waiting().count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_is_told(profile, staff_user):
    proposal = propose(profile)
    told = []

    def decide(verb, **kwargs):
        try:
            verb(proposal, by=staff_user, **kwargs)
        except ValidationError as error:
            told.append(str(error))
        finally:
            connection.close()

    threads = [
        threading.Thread(target=decide, args=[review.approve]),
        threading.Thread(target=decide, args=[review.send_back], kwargs={"reason": "No."}),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    proposal.refresh_from_db()
    assert proposal.state in (State.APPROVED, State.SENT_BACK)
    assert len(told) == 1
    assert proposal.get_state_display() in told[0]
