"""One sign-in for therapists and staff: names and addresses, throttling, where it leads."""

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as site_settings
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

import directory.settings
from tests import factories
from tests.pages import Form, text
from tests.therapists.accounts.conftest import link_in
from therapists.accounts.throttle import unreadable

pytestmark = pytest.mark.django_db

RIGHT = "a long enough password"


def try_in(browser, login, password=RIGHT, address="/accounts/login/", **more):
    return browser.post(address, {"login": login, "password": password}, follow=True, **more)


@pytest.mark.parametrize("login", ["ana", "ana@clinic.example", "ANA@clinic.example"])
def test_who_was_made_by_createsuperuser_signs_in_by_name_or_address_and_needs_no_letter(login):
    call_command("createsuperuser", interactive=False, username="ana", email="ana@clinic.example")
    user = factories.UserFactory._meta.model.objects.get(username="ana")
    user.set_password(RIGHT)
    user.save()
    browser = Client()
    assert try_in(browser, login).redirect_chain[-1][0] == "/admin/"
    assert not mail.outbox


def test_without_any_address_one_signs_in_by_name():
    factories.UserFactory(username="ben", is_staff=True)
    assert try_in(Client(), "ben").redirect_chain[-1][0] == "/admin/"


@pytest.mark.parametrize("login", ["tess-therapist", "nobody@here.example", "nobody", "\x00"])
def test_a_wrong_password_says_the_same_whoever_was_meant(profile, login):
    page = try_in(Client(), login, "a wrong password")
    assert page.status_code == 200
    assert "do not fit together" in text(page) or login == "\x00"


def test_a_closed_sign_in_says_so():
    factories.UserFactory(username="gone", is_active=False)
    assert "This sign-in is closed" in text(try_in(Client(), "gone"))


@pytest.mark.parametrize("door", ["/my/", "/admin/", "/admin/therapists/therapist/?q=x"])
def test_both_admins_lead_to_the_one_sign_in_and_back(profile, staff_user, door):
    browser = Client()
    asked = browser.get(door, follow=True)
    assert asked.redirect_chain[-1][0].startswith("/accounts/login/?next=%2F")
    form = Form(asked, "account-form")
    who = "tess-therapist" if door == "/my/" else "ana-staff"
    form.fill(login=who, password=RIGHT)
    answer = browser.post("/accounts/login/", form.sent(), follow=True)
    assert answer.status_code == 200
    assert (door, 302) in answer.redirect_chain
    # Signed in, the way is straight; and a foreign address is no way at all.
    assert browser.get(f"{door.split('therapists')[0]}login/?next=//evil.example/").url in (
        "/my/", "/admin/",
    )  # fmt: skip


def test_signing_out_of_an_admin_is_a_post_and_ends_the_session(owner, staff):
    for browser, room in ((owner, "/my/"), (staff, "/admin/")):
        browser.get(f"{room}logout/")
        assert "_auth_user_id" in browser.session
        assert "You are signed out." in text(browser.post(f"{room}logout/", follow=True))
        assert "_auth_user_id" not in browser.session


@pytest.mark.parametrize("room", ["my", "admin"])
def test_passwords_are_changed_in_one_place(owner, staff, room):
    browser = owner if room == "my" else staff
    assert browser.get(f"/{room}/password_change/").url == "/accounts/password/change/"


def test_who_has_no_profile_is_led_to_make_one():
    browser = Client()
    browser.force_login(factories.UserFactory())
    assert browser.get("/my/", follow=True).redirect_chain[-1][0] == "/accounts/profile/"


def test_staff_without_a_profile_are_told_where_their_room_is(staff):
    page = staff.get("/my/", follow=True)
    assert "You have no profile here" in text(page)
    assert 'href="/admin/"' in page.text


def test_a_therapist_at_the_staffs_door_is_told_kindly(owner):
    page = owner.get("/admin/auth/user/", follow=True)
    assert page.status_code == 403
    assert "This room is for staff" in text(page)


def test_a_new_password_by_letter(client):
    user = factories.UserFactory(email="tess@practice.example")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    client.post("/accounts/password/reset/", {"email": user.email})
    page = client.get(link_in(mail.outbox[0].body), follow=True)
    assert "set-password" in page.request["PATH_INFO"]  # the key is not in the address any more
    new = {"password1": "nine slow otters", "password2": "nine slow otters"}
    assert "Your new password is set" in text(
        client.post(page.request["PATH_INFO"], new, follow=True)
    )
    assert "do not fit" in text(try_in(Client(), user.email))
    assert "do not fit" not in text(try_in(Client(), user.email, "nine slow otters"))
    assert "was reset" in mail.outbox[-1].body


@pytest.mark.parametrize(
    ("page", "address"),
    [("password/reset", "tess@practice.example"), ("password/reset", "nobody@practice.example"),
     ("signup", "tess@practice.example"), ("signup", "new@practice.example")],
)  # fmt: skip
def test_no_letter_leads_to_a_host_that_somebody_made_up(client, settings, page, address):
    """Whoever opened it would hand the key to that host."""
    settings.ALLOWED_HOSTS = ["*"]
    user = factories.UserFactory(email="tess@practice.example")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    sent = {"email": address, "password1": "nine slow otters"}
    client.post(f"/accounts/{page}/", sent, headers={"Host": "evil.example"})
    [letter] = mail.outbox
    assert "evil" not in letter.body
    assert f"{settings.SITE_URL}/accounts/" in letter.body


def test_a_new_address_counts_once_its_link_was_followed(owner, owner_user):
    EmailAddress.objects.create(user=owner_user, email="a@x.example", verified=True, primary=True)
    page = owner.post("/accounts/email/", {"email": "b@x.example", "action_add": ""}, follow=True)
    # At a computer that was left open, an address of somebody else's would open it for good.
    assert "Is it you?" in text(page)
    assert not mail.outbox
    form = Form(page, "account-form").fill(password=RIGHT)
    page = owner.post(page.request["PATH_INFO"], form.sent(), follow=True)
    assert "It changes to b@x.example" in text(page)
    owner_user.refresh_from_db()
    assert owner_user.email != "b@x.example"
    link = link_in(mail.outbox[-1].body)
    owner.post(link, Form(owner.get(link), "account-form").sent())
    owner_user.refresh_from_db()
    assert owner_user.email == "b@x.example"
    assert EmailAddress.objects.get().email == "b@x.example"


# --- throttling -----------------------------------------------------------------------------------


def test_after_five_wrong_passwords_the_right_one_is_refused_too_for_a_while(profile):
    for _ in range(5):
        assert "do not fit together" in text(try_in(Client(), "tess-therapist", "wrong"))
    for browser in (Client(), Client(REMOTE_ADDR="203.0.113.9")):
        page = try_in(browser, "tess-therapist")
        assert "Too many tries." in text(page)
        assert "_auth_user_id" not in browser.session
    assert "_auth_user_id" in signed_in("otto-other")


def test_another_spelling_of_the_host_or_of_the_name_gives_no_more_tries(profile):
    spellings = ["tess-therapist", "TESS-therapist", " tess-therapist ", "Tess-Therapist\u2003"]
    for n, name in enumerate([*spellings, "tess-therapist"]):
        try_in(Client(), name, "wrong", headers={"Host": f"testserver:{n + 1}"})
    page = try_in(Client(), "tess-therapist", headers={"Host": "TESTSERVER:99"})
    assert "Too many tries." in text(page)


def signed_in(name):
    factories.UserFactory(username=name)
    browser = Client(REMOTE_ADDR="203.0.113.10")
    try_in(browser, name)
    return browser.session


def test_from_one_network_names_cannot_be_tried_out_without_end(db):
    answers = [text(try_in(Client(), f"name-{n}", "wrong")) for n in range(11)]
    assert "Too many tries." not in " ".join(answers[:10])
    assert "Too many tries." in answers[10]
    assert "Too many tries." not in text(try_in(Client(REMOTE_ADDR="203.0.113.9"), "x", "wrong"))


def test_the_many_addresses_of_one_ipv6_network_are_one_visitor(db):
    for n in range(10):
        try_in(Client(REMOTE_ADDR=f"2001:db8:1:2:{n}::1"), f"name-{n}", "wrong")
    answers = [
        text(try_in(Client(REMOTE_ADDR=address), "last", "wrong"))
        for address in ("2001:db8:1:2:ffff::9", "2001:db8:1:3::1")
    ]
    assert ["Too many tries." in answer for answer in answers] == [True, False]


@pytest.mark.parametrize(
    ("proxies", "header", "is_one_visitor"),
    [(0, "10.0.0.{n}", True), (1, "10.0.0.{n}", False), (1, "10.0.0.{n}, 10.9.9.9", True),
     (2, "10.0.0.{n}, 10.9.9.9", False), (2, "10.0.0.{n}", True), (1, "rubbish {n}", True)],
)  # fmt: skip
def test_who_somebody_is_is_told_by_our_own_proxies_alone(
    db, settings, proxies, header, is_one_visitor
):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    for n in range(10):
        try_in(Client(), f"name-{n}", "w", headers={"X-Forwarded-For": header.format(n=n)})
    last = text(try_in(Client(), "last", "w", headers={"X-Forwarded-For": header.format(n=11)}))
    assert ("Too many tries." in last) == is_one_visitor


def test_signing_up_without_end_is_refused_with_429(db):
    for _ in range(20):
        assert Client().post("/accounts/signup/", {"email": "x"}).status_code == 200
    page = Client().post("/accounts/signup/", {"email": "x"})
    assert page.status_code == 429
    assert "Please wait a few minutes" in text(page)


def test_tries_are_counted_in_the_database_so_all_processes_count_together(profile, settings):
    settings.CACHES = directory.settings.CACHES
    assert cache.__class__  # the proxy, which now means the table
    for _ in range(6):
        page = try_in(Client(), "tess-therapist", "wrong")
    assert "Too many tries." in text(page)
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key, value FROM therapists_throttle")
        rows = str(cursor.fetchall())
    assert len(rows) > 100
    for told in ("tess", "127.0.0.1", "login"):
        assert told not in rows


def test_a_count_has_a_name_that_nobody_can_guess():
    assert unreadable("ip:10.0.0.1", "", 1) != unreadable("ip:10.0.0.2", "", 1)
    assert "10.0.0.1" not in unreadable("ip:10.0.0.1", "", 1)


# --- what these pages are made of -----------------------------------------------------------------


def test_no_page_of_ones_own_is_kept_anywhere(owner, staff):
    for browser, pages in (
        (Client(), ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"]),
        (owner, ["/my/", "/accounts/email/", "/accounts/2fa/", "/accounts/nowhere/"]),
        (staff, ["/admin/", "/admin/jsi18n/", "/admin/auth/user/"]),
    ):
        for page in pages:
            assert browser.get(page).headers["Cache-Control"] == "no-store", page


def test_joining_is_public_and_without_a_cookie(client):
    page = client.get("/join/")
    assert page.status_code == 200
    assert not page.cookies
    assert "Cookie" not in page.headers.get("Vary", "")
    for link in (reverse("how-we-order"), reverse("account_signup")):
        assert f'href="{link}"' in page.text
    assert "Nothing: no fee" in text(page)


def test_the_rooms_behind_the_sign_in_are_not_for_search_engines(client):
    robots = client.get("/robots.txt").text
    for room in ("/accounts/", "/admin/", "/my/"):
        assert f"Disallow: {room}\n" in robots
    assert 'content="noindex"' in client.get("/accounts/login/").text


@pytest.mark.parametrize(
    "left_out",
    ["login/code/", "login/code/confirm/", "reauthenticate/code/", "phone/verify/", "social/login/",
     "signup/passkey/", "3rdparty/"],
)  # fmt: skip
def test_what_we_do_not_use_of_allauth_is_not_there(owner, left_out):
    assert owner.get(f"/accounts/{left_out}").status_code == 404


def test_the_settings_that_guard_all_this():
    assert site_settings.ACCOUNT_PREVENT_ENUMERATION
    assert site_settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory"
    assert directory.settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")
