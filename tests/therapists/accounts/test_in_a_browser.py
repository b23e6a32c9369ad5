"""Passkeys with a real browser and a virtual authenticator; and whether all can read the pages."""

import base64
import re

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import expect

from tests import factories
from tests.browser.sight import barriers
from therapists import invitations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RIGHT = "a long enough password"


@pytest.fixture
def local(live_server):
    """The live server by the one name for which browsers offer passkeys without https."""
    return live_server.url.replace("127.0.0.1", "localhost")


def authenticator(page, **options):
    """A virtual one, such as is built into a phone; returns the session and its name there."""
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    kind = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = line.send("WebAuthn.addVirtualAuthenticator", {"options": kind | options})
    return line, made["authenticatorId"]


def sign_in(page, site, name="ana-staff", onward="/admin/"):
    page.goto(f"{site}/accounts/login/?next={onward}")
    page.get_by_label("E-mail address, or user name").fill(name)
    page.get_by_label("Password").fill(RIGHT)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_passkey(page, site, alone):
    page.goto(f"{site}/accounts/2fa/webauthn/add/")
    page.get_by_label("Your password").fill(RIGHT)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("A name for it").fill("My phone")
    if alone:
        page.get_by_label("Sign in with it alone").check()
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()


@pytest.fixture
def complaints(page):
    """What the browser complains of, such as a policy that forbids a script."""
    found = []
    page.on("console", lambda line: found.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda fault: found.append(str(fault)))
    return found


def test_staff_set_up_a_passkey_and_sign_in_with_it_alone(
    page, local, settings, staff_user, complaints
):
    settings.STAFF_SECOND_FACTOR = True
    authenticator(page)
    sign_in(page, local)
    expect(page.get_by_role("heading", name="Staff need a second factor")).to_be_visible()
    page.get_by_role("link", name="Add a passkey").click()
    add_passkey(page, local, alone=True)
    page.goto(f"{local}/admin/")
    expect(page).to_have_url(f"{local}/admin/")

    page.get_by_role("button", name="Log out").click()
    page.goto(f"{local}/admin/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{local}/admin/")
    assert complaints == []


def test_a_passkey_as_second_step_after_the_password(page, local, settings, staff_user, complaints):
    settings.STAFF_SECOND_FACTOR = True
    authenticator(page)
    sign_in(page, local)
    add_passkey(page, local, alone=False)
    page.goto(f"{local}/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    sign_in(page, local)
    expect(page.get_by_role("heading", name="Your second factor")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{local}/admin/")
    assert complaints == []
    assert Authenticator.objects.get(type="webauthn").last_used_at


def test_an_old_session_is_asked_for_the_passkey(page, local, settings, staff_user):
    authenticator(page)
    sign_in(page, local)
    add_passkey(page, local, alone=False)
    settings.STAFF_SECOND_FACTOR = True
    another = page.context.new_page()
    another.goto(f"{local}/admin/")
    expect(another).to_have_url(f"{local}/admin/")  # this session has it
    page.goto(f"{local}/accounts/2fa/webauthn/")
    page.get_by_role("link", name="Remove My phone").click()
    page.get_by_role("button", name="Remove it").click()
    page.goto(f"{local}/admin/")
    expect(page.get_by_role("heading", name="Staff need a second factor")).to_be_visible()


def test_where_the_passkey_is_refused_the_page_says_so(page, local, staff_user):
    line, name = authenticator(page)
    page.goto(f"{local}/accounts/login/")
    line.send("WebAuthn.setUserVerified", {"authenticatorId": name, "isUserVerified": False})
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert").filter(has_text="That did not work")).to_be_visible()


def test_a_forged_passkey_opens_nothing(client, staff_user):
    for credential in ("", "{}", "[]", "null", '{"response": {"userHandle": "x"}}', "x" * 9000):
        page = client.post("/accounts/2fa/webauthn/login/", {"credential": credential}, follow=True)
        assert page.status_code == 200, credential
        assert "_auth_user_id" not in client.session


def test_without_javascript_there_is_no_button_that_does_nothing(visit, local, staff_user):
    page = visit(360, 780, java_script_enabled=False)
    sign_in(page, local)
    page.goto(f"{local}/accounts/2fa/webauthn/add/")
    page.get_by_label("Your password").fill(RIGHT)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("button", name="Add it")).to_be_hidden()
    expect(page.get_by_role("link", name="set up an authenticator app")).to_be_visible()


# --- readable by everybody ------------------------------------------------------------------------


@pytest.fixture(params=[320, 1280])
def window(request, visit):
    return visit(request.param, 800, reduced_motion="reduce")


def test_axe_finds_nothing_and_nothing_scrolls_sideways(window, local, imported):
    found, seen = {}, []

    def look(name, address=None):
        if address:
            window.goto(local + address)
        found[name] = barriers(window)
        seen.append(window.title())

    for page in ("login", "signup", "password/reset", "password/reset/done", "confirm-email",
                 "confirm-email/rubbish", "password/reset/key/1-rubbish", "inactive"):  # fmt: skip
        look(page, f"/accounts/{page}/")
    look("joining", "/join/")
    look("an invitation", f"/accounts/claim/{invitations.token_for(imported)}/")
    look("no invitation", "/accounts/claim/x/")
    window.goto(f"{local}/accounts/login/")
    window.get_by_label("E-mail address, or user name").fill("ida")
    window.get_by_label("Password").fill("wrong")
    window.get_by_role("button", name="Sign in", exact=True).click()
    look("a wrong password")

    ida = factories.UserFactory(username="ida", is_staff=True)
    sign_in(window, local, "ida", "/my/")
    look("staff without a profile")
    look("making a profile", "/accounts/profile/")
    window.get_by_role("button", name="Make my profile").click()
    look("what is missing in it")
    imported.owner = ida
    imported.save()
    look("consent", "/accounts/consent/")
    for page in ("email", "password/change", "2fa", "second-factor", "logout"):
        look(page, f"/accounts/{page}/")
    window.goto(f"{local}/accounts/2fa/totp/activate/")
    look("is it you")
    window.get_by_label("Your password").fill(RIGHT)
    window.get_by_role("button", name="Go on").click()
    look("an app")
    secret = base64.b32decode(re.search(r'class="key">(\w+)<', window.content())[1])
    assert len(secret) >= 20  # as long as RFC 4226 wants it
    look("a passkey", "/accounts/2fa/webauthn/add/")
    look("passkeys", "/accounts/2fa/webauthn/")

    assert len(set(seen)) > 15
    assert {name: rules for name, rules in found.items() if rules} == {}
