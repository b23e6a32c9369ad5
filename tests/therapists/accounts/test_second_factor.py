"""Staff need a second factor in this very session; therapists may have one."""

import base64
import hashlib
import hmac
import re
import struct
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings as site_settings
from django.contrib import admin
from django.core import mail
from django.test import Client
from django.urls import URLPattern, reverse

from tests import factories
from tests.pages import Form, text
from tests.processes import KEYS, environment, manage

RIGHT = "a long enough password"
KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

pytestmark = pytest.mark.django_db


def code(secret=KEY, ago=0):
    """RFC 6238, worked out here: what an app shows."""
    step = struct.pack(">Q", int(time.time() - ago) // 30)
    digest = hmac.new(base64.b32decode(secret), step, hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


@pytest.fixture
def needed(settings):
    settings.STAFF_SECOND_FACTOR = True


@pytest.fixture
def ana(staff_user):
    """A member of staff with an authenticator app, and nobody signed in."""
    TOTP.activate(staff_user, KEY)
    RecoveryCodes.activate(staff_user)
    return staff_user


def sign_in(browser, name="ana-staff", next_page="/admin/"):
    words = {"login": name, "password": RIGHT, "next": next_page}
    return browser.post("/accounts/login/", words, follow=True)


def give(browser, what, page="/accounts/2fa/authenticate/"):
    return browser.post(page, {"code": what, "next": "/admin/"}, follow=True)


def opens(browser):
    return browser.get("/admin/").status_code == 200


def addresses(patterns, prefix="/admin/"):
    """One address of every pattern of the staff's site."""
    for pattern in patterns:
        route = re.sub(r"<path:\w+>|<\w+:\w+>|\(\?P.*?\)", "1", str(pattern.pattern))
        route = route.replace("^", "").replace("$", "")
        if isinstance(pattern, URLPattern):
            yield prefix + route, pattern.name
        else:
            yield from addresses(pattern.url_patterns, prefix + route)


def test_with_a_password_alone_no_address_of_the_staffs_site_opens(needed, staff, imported):
    swept = list(addresses(admin.site.get_urls()))
    assert len(swept) > 40
    for address, name in swept:
        if name in ("login", "logout"):
            continue
        for method in (staff.get, staff.post):
            answer = method(address)
            assert answer.status_code == 302, address
            assert answer.url.startswith("/admin/login/"), address
            assert "Ida" not in str(answer.headers) + answer.text
    answer = staff.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/second-factor/"
    assert "Staff need a second factor" in text(answer)


def test_the_first_look_asks_for_none(staff):
    assert site_settings.STAFF_SECOND_FACTOR is False  # as make run sets it for the demo
    assert opens(staff)


@pytest.mark.parametrize(
    ("written", "is_on"), [(None, "True"), ("true", "True"), ("false", "False")]
)
def test_elsewhere_it_is_on_unless_somebody_turns_it_off(tmp_path, written, is_on):
    words = {} if written is None else {"STAFF_SECOND_FACTOR": written}
    server = "postgres://attune@db.example/attune"
    env = environment(tmp_path, **KEYS, DATABASE_URL=server, **words)
    assert f"STAFF_SECOND_FACTOR = {is_on} " in manage("diffsettings", env=env).stdout


@pytest.mark.django_db(transaction=True)
def test_setting_up_an_app_from_nothing(needed, staff_user):
    staff_user.email = "ana@clinic.example"
    staff_user.save()
    browser = Client()
    assert sign_in(browser).redirect_chain[-1][0] == "/accounts/second-factor/"
    page = browser.get("/accounts/2fa/totp/activate/", follow=True)
    assert "Is it you?" in text(page)
    form = Form(page, "account-form").fill(password=RIGHT)
    page = browser.post(page.request["PATH_INFO"], form.sent(), follow=True)
    key = re.search(r'class="key">(\w+)<', page.text)[1]
    assert 'src="data:image/svg+xml;base64,' in page.text

    wrong = browser.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert "That code is not right." in text(wrong)
    assert not opens(browser)
    page = browser.post("/accounts/2fa/totp/activate/", {"code": code(key)}, follow=True)
    codes = re.findall(r"<code>(\d{8})</code>", page.text)
    assert len(codes) == 10
    assert "An authenticator app was set up" in mail.outbox[0].body
    assert opens(browser)  # this session has just shown that it holds the app

    another = Client()
    assert "Your second factor" in text(sign_in(another))
    assert not opens(another)
    assert "Now" not in text(give(another, codes[0]))
    assert opens(another)
    once_more = Client()
    sign_in(once_more)
    assert "That code is not right." in text(give(once_more, codes[0]))  # each works once


def test_signing_in_asks_for_the_code_and_leads_on(needed, ana):
    browser = Client()
    page = sign_in(browser, next_page="/admin/auth/user/")
    assert page.redirect_chain[-1][0] == "/accounts/2fa/authenticate/"
    assert "Lost those too? Answer one of our letters" in text(page)
    assert "_auth_user_id" not in browser.session
    page = browser.post("/accounts/2fa/authenticate/", {"code": code()}, follow=True)
    assert page.redirect_chain[-1][0] == "/admin/auth/user/"
    assert page.status_code == 200


@pytest.mark.parametrize("wrong", ["000000", "", "abc", "\x00", "梅", "9" * 5000])
def test_a_wrong_code_opens_nothing(needed, ana, wrong):
    browser = Client()
    sign_in(browser)
    page = give(browser, wrong)
    assert page.status_code == 200
    assert 'class="errorlist"' in page.text
    assert not opens(browser)


def test_codes_cannot_be_tried_out_without_end(needed, ana):
    browser = Client()
    sign_in(browser)
    for _ in range(5):
        assert "That code is not right." in text(give(browser, "000000"))
    assert "Too many tries." in text(give(browser, code()))
    assert not opens(browser)


def test_a_session_from_before_is_asked_for_the_code_and_a_password_is_not_enough(
    needed, staff, ana
):
    page = staff.get("/admin/", follow=True)
    assert page.redirect_chain[-1][0] == "/accounts/2fa/reauthenticate/?next=%2Fadmin%2F"
    # Neither does a password, nor a further app, get around it.
    guarded = ["totp/deactivate/", "webauthn/add/", "recovery-codes/generate/"]
    for way in ["/accounts/reauthenticate/", *(f"/accounts/2fa/{one}" for one in guarded)]:
        answer = staff.post(way, {"password": RIGHT}, follow=True)
        assert answer.redirect_chain[-1][0].startswith("/accounts/2fa/reauthenticate/"), way
        assert not opens(staff)
    assert Authenticator.objects.count() == 2
    give(staff, code(), "/accounts/2fa/reauthenticate/")
    assert opens(staff)


@pytest.mark.django_db(transaction=True)
def test_without_any_factor_left_the_session_is_one_by_password_again(needed, ana):
    browser = Client()
    sign_in(browser)
    give(browser, code(ago=30))
    assert opens(browser)
    give(browser, code(), "/accounts/2fa/reauthenticate/")
    browser.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()
    assert not opens(browser)


def test_a_factor_of_one_says_nothing_of_another(needed, ana, staff_user):
    """Records of a session belong to who was signed in with it."""
    browser = Client()
    sign_in(browser)
    give(browser, code())
    records = browser.session["account_authentication_methods"]
    ben = factories.UserFactory(username="ben", is_staff=True, is_superuser=True)
    browser.force_login(ben)
    session = browser.session
    session["account_authentication_methods"] = records
    session.save()
    assert not opens(browser)


def test_therapists_need_none_and_may_have_one(needed, owner, profile, owner_user):
    assert owner.get("/my/", follow=True).status_code == 200
    TOTP.activate(owner_user, KEY)
    browser = Client()
    assert "Your second factor" in text(sign_in(browser, "tess-therapist", "/my/"))
    page = browser.post("/accounts/2fa/authenticate/", {"code": code()}, follow=True)
    assert page.redirect_chain[-1][0].endswith(f"/{profile.pk}/change/")


def test_the_secret_of_an_app_is_shown_to_nobody_else(staff, ana):
    one = Authenticator.objects.get(type="totp")
    for view, arguments in (("changelist", []), ("change", [one.pk]), ("delete", [one.pk])):
        page = staff.get(reverse(f"admin:mfa_authenticator_{view}", args=arguments))
        assert page.status_code == 200
        assert KEY not in page.text
    staff.post(reverse("admin:mfa_authenticator_change", args=[one.pk]), {"type": "webauthn"})
    assert Authenticator.objects.filter(type="totp", user=ana).exists()
