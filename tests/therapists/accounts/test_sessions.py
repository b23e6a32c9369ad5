"""How a session ends, beside signing out."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests import factories

pytestmark = pytest.mark.django_db
ROOM = "/accounts/email/"


def signed_in(user):
    browser = Client()
    browser.force_login(user)
    assert browser.get(ROOM).status_code == 200
    return browser


def test_a_sign_in_that_is_closed_ends_its_sessions_at_once():
    user = factories.UserFactory()
    browser = signed_in(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    assert browser.get(ROOM).status_code == 302


def test_a_new_password_ends_every_session_of_before():
    user = factories.UserFactory()
    browsers = [signed_in(user), signed_in(user)]
    user.set_password("another correct battery")
    user.save(update_fields=["password"])
    assert [browser.get(ROOM).status_code for browser in browsers] == [302, 302]


def test_a_session_ends_two_weeks_after_it_began_however_much_it_is_used():
    browser = signed_in(factories.UserFactory())
    session = Session.objects.get()
    session.expire_date -= timedelta(days=13)  # it began then
    session.save()
    browser.get(ROOM)
    ends = Session.objects.get().expire_date - timezone.now()
    assert ends < timedelta(days=1)
