"""Each question that the directory asks of its therapists without the search index."""

import pytest
from django.contrib.auth.models import AnonymousUser

from tests import factories
from therapists.models import Therapist

pytestmark = pytest.mark.django_db


def test_the_listed_are_the_published_whose_word_is_fresh():
    listed = factories.TherapistFactory(availability_confirmed_on=factories.days_ago(180))
    for trait in ("draft", "withdrawn", "stale"):
        factories.TherapistFactory(**{trait: True})
    factories.TherapistFactory(availability_confirmed_on=None)
    assert list(Therapist.objects.listed()) == [listed]


def test_an_owner_finds_their_own_profiles_and_nobody_elses(profile, other_profile, owner_user):
    assert list(Therapist.objects.owned_by(owner_user)) == [profile]
    assert list(Therapist.objects.owned_by(other_profile.owner)) == [other_profile]


def test_nobody_signed_in_owns_nothing_even_where_profiles_have_no_owner():
    factories.TherapistFactory(owner=None)
    assert not Therapist.objects.owned_by(AnonymousUser()).exists()
