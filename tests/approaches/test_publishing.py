"""How an approach's page comes before the public and is taken from it."""

import datetime
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from approaches import publishing
from approaches.models import Approach, Specialist
from tests import factories


@pytest.fixture
def drama(db):
    """A finished page that was never published."""
    return factories.ApproachFactory(
        name="Drama therapy", status=Approach.Status.DRAFT, published_on=None
    )


def test_publishing_puts_the_page_before_the_public_and_names_who_did_it(
    client, drama, staff_user, history
):
    assert client.get("/approaches/drama-therapy/").status_code == 404

    publishing.publish(drama, by=staff_user)

    assert client.get("/approaches/drama-therapy/").status_code == 200
    assert Approach.objects.get().published_on == factories.today()
    assert history() == [("ana-staff", "Published.")]


def test_unpublishing_takes_the_page_away_and_keeps_all_that_stands_on_it(
    client, drama, staff_user, history
):
    publishing.publish(drama, by=staff_user)
    mei = factories.SpecialistFactory(approach=drama)

    publishing.unpublish(drama, by=staff_user)

    assert client.get("/approaches/drama-therapy/").status_code == 404
    assert Approach.objects.get().overview == drama.overview
    assert Specialist.objects.get().public_statement == mei.statement
    assert history() == [("ana-staff", "Published."), ("ana-staff", "Taken from the public.")]


def test_a_page_that_returns_keeps_the_day_on_which_it_was_first_published(drama, staff_user):
    long_ago = datetime.date(2026, 1, 5)
    Approach.objects.update(published_on=long_ago)

    publishing.publish(drama, by=staff_user)

    assert Approach.objects.get().published_on == long_ago


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ({"summary": ""}, "Drama therapy has no summary yet."),
        ({"overview": " \n"}, "Drama therapy has no overview yet."),
        ({"summary": " ", "overview": ""}, "Drama therapy has no summary and no overview yet."),
    ],
)
def test_an_unfinished_page_is_not_published_and_the_sentence_says_what_is_missing(
    parts, sentence, drama, staff_user, history
):
    Approach.objects.update(**parts)

    with pytest.raises(ValidationError) as caught:
        publishing.publish(drama, by=staff_user)

    assert caught.value.messages == [sentence]
    assert Approach.objects.get().status == "draft"
    assert history() == []


def test_publishing_keeps_what_others_have_saved_meanwhile(drama, staff_user):
    Approach.objects.update(overview="Better words.")

    publishing.publish(drama, by=staff_user)

    assert Approach.objects.get().overview == "Better words."


def test_a_command_has_nobody_to_name_in_the_history(drama, history):
    publishing.publish(drama, by=None)

    assert Approach.objects.get().status == "published"
    assert history() == []


# --- two people at once ---


@pytest.mark.django_db(transaction=True)
def test_publishing_waits_for_an_edit_under_way_and_judges_its_outcome(
    staff_user, elsewhere, wait_until_blocked, history
):
    drama = factories.ApproachFactory(name="Drama therapy", status=Approach.Status.DRAFT)

    with transaction.atomic():
        Approach.objects.update(overview="")
        publication = elsewhere(lambda: publishing.publish(drama, by=staff_user))
        wait_until_blocked(publication)

    with pytest.raises(ValidationError, match="Drama therapy has no overview yet"):
        publication.result()
    assert Approach.objects.get().status == "draft"
    assert history() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("before", Approach.Status)
def test_publishing_and_unpublishing_at_once_leave_what_the_last_line_of_the_history_tells(
    before, staff_user, elsewhere, history
):
    drama = factories.ApproachFactory(status=before)
    ben = factories.UserFactory(username="ben-staff")
    ready = threading.Barrier(2)

    def act(verb, by):
        ready.wait(timeout=30)
        return verb(drama, by=by)

    publication = elsewhere(lambda: act(publishing.publish, staff_user))
    removal = elsewhere(lambda: act(publishing.unpublish, ben))
    publication.result(timeout=30)
    removal.result(timeout=30)

    last = history()[-1]
    assert sorted(history()) == [
        ("ana-staff", "Published."),
        ("ben-staff", "Taken from the public."),
    ]
    assert (
        Approach.objects.get().status == {"ana-staff": "published", "ben-staff": "draft"}[last[0]]
    )
