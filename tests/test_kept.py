"""Kept rows are there for each test as they were written, and for nobody else."""

import pytest
from django.db import connection

from tests import factories
from tests.kept import kept
from therapists.models import Therapist

pytestmark = pytest.mark.django_db


@kept
def ada():
    written.append("ada")
    return {"ada": factories.TherapistFactory(slug="ada", name="Ada")}


@kept
def bea():
    written.append("bea")
    factories.TherapistFactory(slug="bea")


written = []


def slugs():
    return list(Therapist.objects.values_list("slug", flat=True))


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_what_a_test_does_to_rows_and_to_their_names_is_undone(ada, turn):
    assert (slugs(), ada["ada"].name) == (["ada"], "Ada")
    ada["ada"].name = "Somebody else"
    ada["ada"].delete()
    factories.TherapistFactory()


def test_they_were_written_once_for_tests_in_a_row(ada):
    assert written.count("ada") <= 1 + written.count("bea")


@pytest.mark.parametrize("turn", [1, 2])
def test_a_test_that_hangs_up_leaves_them_to_the_next(ada, turn):
    assert slugs() == ["ada"]
    connection.close()


def test_other_rows_come_instead_of_them(bea):
    assert slugs() == ["bea"]


def test_who_asks_for_none_finds_nobody():
    assert slugs() == []


@pytest.mark.django_db(transaction=True)
def test_nobody_is_there_for_a_test_with_transactions_of_its_own():
    assert slugs() == []
    assert not connection.in_atomic_block
