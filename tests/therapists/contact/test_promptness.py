"""“Answers within 2 days”: said where enough is known, and never better than it is."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests import factories
from tests.therapists.contact.people import written
from therapists.contact.promptness import promptness, usual_answer
from therapists.models import Message

pytestmark = pytest.mark.django_db

NEVER = None


@pytest.fixture
def tess(settings):
    settings.ANSWERS_KNOWN_FROM = 3
    return factories.TherapistFactory()


def answered_after(therapist, *waits, state=Message.State.ANSWERED, age=20):
    """A message for each wait in days, which came so many days ago."""
    for wait in waits:
        came = timezone.now() - timedelta(days=age)
        if wait is NEVER:
            written(therapist, received_at=came)
        else:
            at = came + timedelta(days=wait)
            written(therapist, received_at=came, answered_at=at, state=state)


@pytest.mark.parametrize(
    ("waits", "said"),
    [
        ([], ""),
        ([0.1, 0.2], ""),  # too few
        ([0.0, 0.0, 0.0], "answers within a day"),
        ([0.1, 0.9, 6], "answers within a day"),
        ([0.1, 1.01, 6], "answers within 2 days"),
        ([1, 2, 2.5, 9], "answers within 3 days"),  # of two in the middle the longer
        ([6.2, 6.2, 6.2], "answers within a week"),
        ([7, 7, 7], "answers within a week"),
        ([7.1, 7.1, 7.1], ""),
        ([0.5, 0.5, 0.5, NEVER, NEVER], "answers within a day"),
        ([0.5, 0.5, 0.5, NEVER, NEVER, NEVER], ""),
        ([NEVER] * 9, ""),
    ],
)
def test_the_median_is_rounded_up_and_endless_waits_count(tess, waits, said):
    answered_after(tess, *waits)
    assert usual_answer(tess) == said


def test_a_message_that_came_lately_may_still_be_answered(tess):
    answered_after(tess, 1, 1, 1)
    answered_after(tess, *[NEVER] * 9, age=13.9)
    assert usual_answer(tess) == "answers within a day"
    answered_after(tess, *[NEVER] * 9, age=14.1)
    assert usual_answer(tess) == ""


def test_no_room_and_not_a_fit_are_answers_and_spam_is_none(tess):
    answered_after(tess, 1, state=Message.State.FULL)
    answered_after(tess, 1, state=Message.State.REFERRED)
    came = timezone.now() - timedelta(days=30)
    for _ in range(3):
        written(tess, received_at=came, state=Message.State.SPAM)
        written(tess, received_at=came, state=Message.State.HELD, held_for="a link")
    assert usual_answer(tess) == ""
    answered_after(tess, 1)
    assert usual_answer(tess) == "answers within a day"


def test_what_should_have_been_erased_does_not_count(tess, settings):
    settings.MESSAGES_KEPT_FOR = 30
    answered_after(tess, 1, 1, 1, age=31)
    assert usual_answer(tess) == ""


def test_other_therapists_do_not_count_and_many_are_asked_of_at_once(tess):
    quick = factories.TherapistFactory()
    answered_after(tess, 3, 3, 3)
    answered_after(quick, 0.2, 0.2, 0.2)
    with CaptureQueriesContext(connection) as queries:
        found = promptness([tess, quick])
    assert len(queries) == 1
    assert str(found[tess.pk]) == "answers within 3 days"
    assert str(found[quick.pk]) == "answers within a day"
    assert (found[tess.pk].known, found[tess.pk].unanswered) == (3, 0)
