"""What tests of messages share."""

import pytest

from therapists.contact import forms


@pytest.fixture
def no_wait(monkeypatch):
    """Tests write more quickly than people."""
    monkeypatch.setattr(forms, "QUICKEST", 0)
