"""How a statement moves between its states: who may do what, what is recorded, who comes second."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from approaches import moderation
from approaches.models import Specialist
from tests import factories
from therapists import review

VERBS = {"approve": moderation.approve, "withdraw": moderation.withdraw}
AFTER = {"approve": "approved", "withdraw": "draft"}
LINES = {"approve": "Statement approved.", "withdraw": "Statement withdrawn."}


@pytest.mark.django_db
@pytest.mark.parametrize("before", Specialist.State)
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_moves_the_statement_and_names_who_did_it(before, verb, staff_user, history):
    mei = factories.SpecialistFactory(state=before)

    returned = VERBS[verb](mei, by=staff_user)

    assert returned.state == AFTER[verb]
    assert Specialist.objects.get().state == AFTER[verb]
    assert Specialist.objects.get().decided_at is not None
    assert Specialist.objects.get().statement == mei.statement
    assert history() == [("ana-staff", LINES[verb])]


@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["", "  \n "])
def test_a_statement_that_says_nothing_is_not_approved(statement, staff_user, history):
    mei = factories.SpecialistFactory(state=Specialist.State.DRAFT, statement=statement)

    with pytest.raises(ValidationError, match="there is no statement to"):
        moderation.approve(mei, by=staff_user)

    assert Specialist.objects.get().state == "draft"
    assert history() == []


@pytest.mark.django_db
def test_a_verb_changes_the_state_alone_and_keeps_what_others_have_saved_meanwhile(staff_user):
    mei = factories.SpecialistFactory(state=Specialist.State.DRAFT, statement="Old words.")
    Specialist.objects.update(statement="New words.", training_body="Two Rivers Seminar")

    moderation.approve(mei, by=staff_user)

    kept = Specialist.objects.get()
    assert (kept.statement, kept.training_body) == ("New words.", "Two Rivers Seminar")


@pytest.mark.django_db
def test_a_command_has_nobody_to_name_in_the_history(history):
    moderation.approve(factories.SpecialistFactory(state=Specialist.State.DRAFT), by=None)

    assert Specialist.objects.get().state == "approved"
    assert history() == []


@pytest.mark.django_db
def test_a_new_version_waits_and_takes_the_place_of_the_old_one_when_approved(staff_user, history):
    mei = factories.SpecialistFactory(statement="Old words.", state="draft")

    waits = moderation.propose(mei, "New words.", by=staff_user)
    assert list(Specialist.objects.awaiting_review()) == [mei]
    review.approve(waits, by=staff_user)

    mei.refresh_from_db()
    assert (mei.public_statement, mei.state) == ("New words.", "approved")
    assert not Specialist.objects.awaiting_review()
    assert history() == [
        ("ana-staff", "Statement handed in for review."),
        ("ana-staff", "Statement approved."),
    ]


# --- two people at once ---


@pytest.mark.django_db(transaction=True)
def test_an_approval_that_waited_while_the_words_were_deleted_is_refused(
    staff_user, elsewhere, wait_until_blocked, history
):
    mei = factories.SpecialistFactory(state=Specialist.State.DRAFT)

    with transaction.atomic():
        moderation.withdraw(mei, by=None)
        Specialist.objects.update(statement="")
        approval = elsewhere(lambda: moderation.approve(mei, by=staff_user))
        wait_until_blocked(approval)

    with pytest.raises(ValidationError, match="there is no statement to approve"):
        approval.result()
    assert Specialist.objects.get().state == "draft"
    assert history() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("before", Specialist.State)
def test_two_at_once_leave_the_state_that_the_last_line_of_the_history_tells(
    before, staff_user, elsewhere, history
):
    mei = factories.SpecialistFactory(state=before)
    people = [staff_user, factories.UserFactory(username="ben-staff")]
    ready = threading.Barrier(2)

    def act(verb, by):
        ready.wait(timeout=30)
        return VERBS[verb](mei, by=by)

    futures = [
        elsewhere(lambda verb=verb, by=by: act(verb, by))
        for verb, by in zip(VERBS, people, strict=True)
    ]
    assert [future.exception(timeout=30) for future in futures] == [None, None]

    *_, last = [line for _, line in history()]
    (verb,) = [verb for verb, line in LINES.items() if line == last]
    assert Specialist.objects.get().state == AFTER[verb]
