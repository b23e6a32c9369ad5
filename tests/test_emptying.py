"""A test with transactions of its own leaves nothing, and our own rows as they were."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType

from directory.roles import ROLES
from tests import factories
from tests.emptying import WRITTEN, empty_database
from therapists.models import Therapist

pytestmark = pytest.mark.django_db(transaction=True)


def left():
    """Tables of rows that people make, with rows in them."""
    models = [one for one in apps.get_models(include_auto_created=True) if one._meta.managed]
    return {one._meta.db_table for one in models if one._base_manager.exists()}


def roles():
    """{role: {(model, codename)}}."""
    held = Permission.objects.values_list("content_type__model", "codename")
    return {one.name: set(held.filter(group=one)) for one in Group.objects.all()}


@pytest.mark.parametrize("times", [1, 2])
def test_nothing_of_a_test_is_left(times):
    for _ in range(times):
        factories.SpecialistFactory(therapist__owner=factories.UserFactory())
        assert left() > set(WRITTEN)
        empty_database()
        assert left() == set(WRITTEN)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda: Group.objects.create(name="Volunteers"),
        lambda: Group.objects.all().delete(),
        lambda: Group.objects.get(name="curator").permissions.clear(),
        lambda: Permission.objects.update(name="Anything"),
        lambda: ContentType.objects.filter(app_label="therapists").delete(),
    ],
)
def test_roles_that_a_test_changed_are_as_they_should_be(spoil):
    before = roles()
    spoil()
    empty_database()
    assert roles() == before
    assert set(before) == set(ROLES)
    assert ("therapist", "change_therapist") in before["manager"]
    assert Permission.objects.filter(name="Can add therapist", codename="add_therapist").exists()
    known = ContentType.objects.get_for_model(Therapist)
    assert ContentType.objects.get(model="therapist").pk == known.pk
