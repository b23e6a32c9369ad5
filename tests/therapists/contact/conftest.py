"""What tests of messages share."""

import pytest

from therapists.contact import form


@pytest.fixture
def no_wait(monkeypatch):
    """Tests write more quickly than people."""
    monkeypatch.setattr(form, "QUICKEST", 0)
