"""People who sign up and in."""

import re
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache

from tests import factories


@pytest.fixture(autouse=True)
def no_tries_yet():
    """Tries to sign in are counted over all tests of a process."""
    cache.clear()


@pytest.fixture
def imported(db):
    """A profile that an import brought: nobody's yet, and agreed to by somebody else's word."""
    return factories.TherapistFactory(
        name="Ida Imported", email="ida@practice.example", consent_basis="Letter to Ana, staff",
        consent_on=factories.days_ago(40),
    )  # fmt: skip


def link_in(letter):
    """The path and query of the first address of ours in a letter."""
    address = urlsplit(re.search(r"https?://\S+", letter)[0])
    return f"{address.path}?{address.query}" if address.query else address.path
