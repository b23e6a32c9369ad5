"""How a statement moves between its states: who may do what, what is recorded, who comes second."""

import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from approaches import moderation
from approaches.models import Specialist
from tests import factories

VERBS = {
    "submit": moderation.submit,
    "approve": moderation.approve,
    "send back": moderation.send_back,
    "withdraw": moderation.withdraw,
}
ALLOWED = [
    ("draft", "submit", "submitted"),
    ("draft", "approve", "approved"),
    ("draft", "withdraw", "draft"),
    ("submitted", "submit", "submitted"),
    ("submitted", "approve", "approved"),
    ("submitted", "send back", "sent-back"),
    ("submitted", "withdraw", "draft"),
    ("approved", "submit", "submitted"),
    ("approved", "approve", "approved"),
    ("approved", "send back", "sent-back"),
    ("approved", "withdraw", "draft"),
    ("sent-back", "submit", "submitted"),
    ("sent-back", "approve", "approved"),
    ("sent-back", "withdraw", "draft"),
]
REFUSED = [
    ("draft", "send back", "it is “Draft” now"),
    ("sent-back", "send back", "it is “Sent back” now"),
]
LINES = {
    "submit": "Submitted for review.",
    "approve": "Statement approved.",
    "send back": "Sent back.",
    "withdraw": "Statement withdrawn.",
}


def test_every_state_and_verb_is_either_allowed_or_refused_here():
    told = {(state, verb) for state, verb, _ in ALLOWED + REFUSED}

    assert told == {(state.value, verb) for state in Specialist.State for verb in VERBS}


@pytest.mark.django_db
@pytest.mark.parametrize(("before", "verb", "after"), ALLOWED)
def test_an_allowed_verb_moves_the_statement_and_names_who_did_it(
    before, verb, after, staff_user, history
):
    mei = factories.SpecialistFactory(state=before)

    returned = VERBS[verb](mei, by=staff_user)

    assert returned.state == after
    assert Specialist.objects.get().state == after
    assert Specialist.objects.get().statement == mei.statement
    assert history() == [("ana-staff", LINES[verb])]


@pytest.mark.django_db
@pytest.mark.parametrize(("before", "verb", "sentence"), REFUSED)
def test_a_refused_verb_says_why_and_leaves_no_trace(before, verb, sentence, staff_user, history):
    mei = factories.SpecialistFactory(state=before, therapist__name="Mei Lanternfield")

    with pytest.raises(ValidationError) as caught:
        VERBS[verb](mei, by=staff_user)

    assert f"Mei Lanternfield on {mei.approach}: {sentence}" in caught.value.messages[0]
    assert Specialist.objects.get().state == before
    assert history() == []


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["submit", "approve"])
@pytest.mark.parametrize("statement", ["", "  \n "])
def test_a_statement_that_says_nothing_is_neither_reviewed_nor_approved(
    verb, statement, staff_user, history
):
    mei = factories.SpecialistFactory(state=Specialist.State.DRAFT, statement=statement)

    with pytest.raises(ValidationError, match="there is no statement to"):
        VERBS[verb](mei, by=staff_user)

    assert Specialist.objects.get().state == "draft"
    assert history() == []


@pytest.mark.django_db
def test_a_verb_judges_the_row_as_it_is_now_not_as_the_caller_remembers_it(staff_user):
    mei = factories.SpecialistFactory(state=Specialist.State.SUBMITTED)
    remembered = Specialist.objects.get()
    moderation.withdraw(mei, by=staff_user)

    with pytest.raises(ValidationError, match="it is “Draft” now"):
        moderation.send_back(remembered, by=staff_user)


@pytest.mark.django_db
def test_a_verb_changes_the_state_alone_and_keeps_what_others_have_saved_meanwhile(staff_user):
    mei = factories.SpecialistFactory(state=Specialist.State.SUBMITTED, statement="Old words.")
    Specialist.objects.update(statement="New words.", training_body="Two Rivers Seminar")

    moderation.approve(mei, by=staff_user)

    kept = Specialist.objects.get()
    assert (kept.statement, kept.training_body) == ("New words.", "Two Rivers Seminar")


@pytest.mark.django_db
def test_the_note_to_the_therapist_is_kept_until_they_submit_again(staff_user, owner_user, history):
    mei = factories.SpecialistFactory(state=Specialist.State.SUBMITTED)

    moderation.send_back(mei, by=staff_user, note="Please name no client.")
    assert Specialist.objects.get().decision_note == "Please name no client."
    assert Specialist.objects.get().decided_at is not None

    moderation.submit(mei, by=owner_user)
    again = Specialist.objects.get()
    assert (again.decision_note, again.decided_at) == ("", None)
    assert again.submitted_at is not None
    assert history() == [
        ("ana-staff", "Sent back. Please name no client."),
        ("tess-therapist", "Submitted for review."),
    ]


@pytest.mark.django_db
def test_a_note_longer_than_its_column_is_refused_with_a_sentence(staff_user):
    mei = factories.SpecialistFactory(state=Specialist.State.SUBMITTED)

    with pytest.raises(ValidationError, match="at most 300 characters"):
        moderation.send_back(mei, by=staff_user, note="x" * 301)

    assert Specialist.objects.get().state == "submitted"
    moderation.send_back(mei, by=staff_user, note="x" * 300)
    assert Specialist.objects.get().state == "sent-back"


@pytest.mark.django_db
def test_a_command_has_nobody_to_name_in_the_history(history):
    moderation.approve(factories.SpecialistFactory(state=Specialist.State.SUBMITTED), by=None)

    assert Specialist.objects.get().state == "approved"
    assert history() == []


@pytest.mark.django_db
def test_what_waits_for_review_stands_longest_waiting_first(owner_user):
    first, second = (factories.SpecialistFactory(state=Specialist.State.DRAFT) for _ in range(2))
    factories.SpecialistFactory()
    moderation.submit(second, by=owner_user)
    moderation.submit(first, by=owner_user)

    assert list(Specialist.objects.filter(state="submitted").order_by("submitted_at", "pk")) == [
        second,
        first,
    ]


# --- two people at once ---


@pytest.mark.django_db(transaction=True)
def test_who_comes_second_waits_and_is_judged_by_what_the_first_has_done(
    staff_user, elsewhere, wait_until_blocked, history
):
    mei = factories.SpecialistFactory(state=Specialist.State.SUBMITTED)
    ben = factories.UserFactory(username="ben-staff")

    with transaction.atomic():
        moderation.send_back(mei, by=staff_user, note="Too long.")
        second = elsewhere(lambda: moderation.send_back(mei, by=ben, note="Too short."))
        wait_until_blocked(second)

    with pytest.raises(ValidationError, match="it is “Sent back” now"):
        second.result()
    assert Specialist.objects.get().decision_note == "Too long."
    assert history() == [("ana-staff", "Sent back. Too long.")]


@pytest.mark.django_db(transaction=True)
def test_an_approval_that_waited_while_the_words_were_deleted_is_refused(
    staff_user, elsewhere, wait_until_blocked, history
):
    mei = factories.SpecialistFactory(state=Specialist.State.SUBMITTED)

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
@pytest.mark.parametrize(
    ("before", "one", "other"),
    [
        ("submitted", "approve", "send back"),
        ("submitted", "approve", "withdraw"),
        ("submitted", "submit", "approve"),
        ("approved", "send back", "withdraw"),
        ("approved", "send back", "send back"),
        ("draft", "submit", "submit"),
    ],
)
def test_two_at_once_leave_the_state_that_the_last_line_of_the_history_tells(
    before, one, other, staff_user, elsewhere, history
):
    mei = factories.SpecialistFactory(state=before)
    people = [staff_user, factories.UserFactory(username="ben-staff")]
    ready = threading.Barrier(2)

    def act(verb, by):
        ready.wait(timeout=30)
        return VERBS[verb](mei, by=by)

    futures = [
        elsewhere(lambda verb=verb, by=by: act(verb, by))
        for verb, by in zip([one, other], people, strict=True)
    ]
    errors = [future.exception(timeout=30) for future in futures]

    assert all(error is None or isinstance(error, ValidationError) for error in errors)
    lines = [line for _, line in history()]
    assert len(lines) == 2 - sum(error is not None for error in errors)
    last_verb = next(verb for verb, line in LINES.items() if line == lines[-1])
    outcomes = {after for _, verb, after in ALLOWED if verb == last_verb}
    assert {Specialist.objects.get().state} == outcomes
