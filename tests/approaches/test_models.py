"""What the database refuses, whatever code asks for it, and the sentence staff read then."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from approaches.models import Approach, Source, Specialist
from tests import factories

pytestmark = pytest.mark.django_db

INCOMPLETE = [{"summary": ""}, {"overview": ""}, {"published_on": None}]


def refused(constraint, do):
    """Whether the database refuses to `do` it, for the sake of this constraint."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        do()
    return constraint in str(caught.value)


@pytest.mark.parametrize("lack", INCOMPLETE, ids=lambda lack: next(iter(lack)))
def test_a_published_page_cannot_lose_what_makes_it_complete(lack):
    approach = factories.ApproachFactory()

    assert refused(
        "approach_published_is_complete",
        lambda: Approach.objects.filter(pk=approach.pk).update(**lack),
    )


@pytest.mark.parametrize("lack", INCOMPLETE, ids=lambda lack: next(iter(lack)))
def test_a_draft_may_still_lack_what_a_published_page_needs(lack):
    factories.ApproachFactory(status=Approach.Status.DRAFT, **lack)

    assert Approach.objects.filter(**lack).count() == 1


def test_a_draft_without_an_overview_cannot_be_published_past_the_verb():
    approach = factories.ApproachFactory(status=Approach.Status.DRAFT, overview="")

    assert refused(
        "approach_published_is_complete",
        lambda: Approach.objects.filter(pk=approach.pk).update(status="published"),
    )


def test_staff_who_empty_the_overview_of_a_published_page_read_why_not():
    approach = factories.ApproachFactory()
    approach.overview = ""

    with pytest.raises(ValidationError, match="A published page keeps its summary and its overvie"):
        approach.full_clean()


def test_an_approach_needs_a_name():
    assert refused("approach_has_a_name", lambda: factories.ApproachFactory(name="", slug="x"))


def test_two_approaches_cannot_share_an_address():
    factories.ApproachFactory(slug="drama-therapy")

    assert refused("slug", lambda: factories.ApproachFactory(slug="drama-therapy"))


def test_a_therapist_is_a_specialist_of_one_approach_only_once():
    mei = factories.SpecialistFactory()

    assert refused(
        "specialist_once_per_approach",
        lambda: factories.SpecialistFactory(therapist=mei.therapist, approach=mei.approach),
    )


def test_staff_who_add_a_specialist_twice_read_why_not():
    mei = factories.SpecialistFactory()
    again = Specialist(therapist=mei.therapist, approach=mei.approach)

    with pytest.raises(ValidationError, match="This therapist is a specialist of this approach al"):
        again.full_clean()


def test_a_therapist_may_practise_two_approaches_and_an_approach_have_two_specialists():
    mei = factories.SpecialistFactory()
    factories.SpecialistFactory(therapist=mei.therapist)
    factories.SpecialistFactory(approach=mei.approach)

    assert Specialist.objects.count() == 3


def test_an_empty_statement_cannot_be_approved():
    mei = factories.SpecialistFactory(state=Specialist.State.DRAFT, statement="")

    assert refused(
        "specialist_approved_says_something",
        lambda: Specialist.objects.filter(pk=mei.pk).update(state="approved"),
    )


def test_an_approved_statement_cannot_be_emptied_and_staff_read_why_not():
    mei = factories.SpecialistFactory()
    mei.statement = ""

    assert refused("specialist_approved_says_something", mei.save)
    with pytest.raises(ValidationError, match="There is no statement to approve"):
        mei.full_clean()


def test_an_approach_that_has_specialists_cannot_be_deleted():
    mei = factories.SpecialistFactory()

    with pytest.raises(ProtectedError):
        mei.approach.delete()
    assert Specialist.objects.get() == mei


def test_what_a_therapist_said_goes_with_the_therapist_and_the_approach_stays():
    mei = factories.SpecialistFactory()

    mei.therapist.delete()

    assert not Specialist.objects.exists()
    assert Approach.objects.get() == mei.approach


def test_sources_stand_in_the_order_that_staff_gave_them():
    approach = factories.ApproachFactory()
    for position, citation in [(2, "Second"), (1, "First"), (2, "Second, entered later")]:
        factories.SourceFactory(approach=approach, position=position, citation=citation)

    assert [str(one) for one in Source.objects.all()] == [
        "First",
        "Second",
        "Second, entered later",
    ]


@pytest.mark.parametrize("state", Specialist.State)
def test_the_public_reads_a_statement_only_once_it_is_approved(state):
    mei = factories.SpecialistFactory(state=state, statement="I listen.")

    assert mei.public_statement == ("I listen." if state == "approved" else "")


def test_rows_are_named_so_that_staff_know_them():
    drama = factories.ApproachFactory(name="Drama therapy")
    mei = factories.SpecialistFactory(approach=drama, therapist__name="Mei Lanternfield")

    assert (str(drama), str(mei)) == ("Drama therapy", "Mei Lanternfield on Drama therapy")
