"""The page behind the link of a letter: opening it changes nothing, a button confirms."""

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from tests import factories
from tests.pages import Form, text
from therapists import freshness
from therapists.freshness import token_for
from therapists.models import Therapist

pytestmark = pytest.mark.django_db
OURS = {"sec-fetch-site": "same-origin", "origin": "null"}


@pytest.fixture
def tess():
    return factories.TherapistFactory(
        name="Tess Ownwords", availability_confirmed_on=factories.days_ago(61)
    )


def link(therapist):
    return f"/therapists/still-true/{token_for(therapist)}/"


def answer(address, value, **headers):
    browser = Client(enforce_csrf_checks=True)
    return browser.post(address, {"availability": value}, headers=headers or OURS, follow=True)


def test_the_page_shows_what_is_held_and_the_choices_and_changes_nothing(tess, client):
    for method in (client.get, client.head):
        assert method(link(tess)).status_code == 200
    page = client.get(link(tess), headers={"sec-purpose": "prefetch"})
    for shown in ("Is it still true, Tess Ownwords?", "Has room for new clients", "waiting list"):
        assert shown in text(page)
    assert Form(page, "still-true") == {}  # buttons alone, and no token to forge
    was = tess.availability_confirmed_on
    tess.refresh_from_db()
    assert tess.availability_confirmed_on == was


def test_the_page_is_kept_nowhere_and_sets_no_cookie(tess, client):
    for page in (
        client.get(link(tess)),
        answer(link(tess), "full"),
        client.get("/therapists/still-true/x/"),
    ):
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Robots-Tag"].startswith("noindex")
        assert not page.cookies
        assert "cookie" not in page.headers.get("Vary", "").lower()


@pytest.mark.parametrize("value", ["open", "waiting-list", "full"])
def test_a_button_confirms_today_and_a_hidden_profile_is_back_at_once(client, value):
    tess = factories.TherapistFactory(stale=True)
    assert client.get(tess.get_absolute_url()).status_code == 404
    page = answer(link(tess), value)
    assert "It is confirmed" in text(page)
    tess.refresh_from_db()
    assert (tess.availability, tess.availability_confirmed_on) == (value, factories.today())
    assert client.get(tess.get_absolute_url()).status_code == 200
    assert tess.name in text(client.get("/therapists/"))


def test_what_is_not_stated_can_be_confirmed_as_such(client):
    tess = factories.TherapistFactory(availability="", stale=True)
    assert "nothing about room yet" in text(client.get(link(tess)))
    answer(link(tess), "")
    tess.refresh_from_db()
    assert (tess.availability, tess.availability_confirmed_on) == ("", factories.today())


def test_an_old_letters_link_says_confirmed_already_and_changes_nothing(tess):
    old = link(tess)
    answer(old, "full")
    assert "It is confirmed" in text(answer(old, "open"))
    tess.refresh_from_db()
    assert tess.availability == "full"


def test_who_owns_the_profile_stands_in_its_history(tess, owner_user, staff):
    Therapist.objects.update(owner=owner_user)
    answer(link(tess), "full")
    history = staff.get(f"/admin/therapists/therapist/{tess.pk}/history/")
    assert "tess-therapist Availability confirmed." in text(history)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
        {"origin": "https://evil.example"}, {"origin": "http://testserver.evil.example"},
        {"origin": "https://testserver"}, {"origin": "http://[evil"},
    ],
)  # fmt: skip
def test_a_form_from_elsewhere_changes_nothing_and_is_told_so(tess, headers):
    page = answer(link(tess), "full", **headers)
    assert page.status_code == 403
    assert "nothing was changed" in text(page)
    tess.refresh_from_db()
    assert tess.availability == "open"


@pytest.mark.parametrize("headers", [{"origin": "http://testserver"}, {"origin": "null"}])
def test_an_older_browser_can_answer_too(tess, headers):
    answer(link(tess), "full", **headers)
    tess.refresh_from_db()
    assert tess.availability == "full"


@pytest.mark.parametrize("value", ["closed", "OPEN", "open\0", "x" * 5000, "房间"])
def test_an_answer_that_is_none_is_asked_again(tess, value):
    page = answer(link(tess), value)
    assert page.status_code == 400
    assert "Please press one of these buttons." in text(page)
    tess.refresh_from_db()
    assert tess.availability_confirmed_on == factories.days_ago(61)


def test_a_form_without_an_answer_is_asked_again(tess):
    assert Client().post(link(tess), {}, headers=OURS).status_code == 400


def rubbish(tess):
    token = token_for(tess)
    foreign = signing.TimestampSigner(salt="another", sep=".")
    return [
        "x", "%00", "." * 300, "a.b.c", token[:-1], token + "A", token.swapcase(), "ключ",
        foreign.sign_object([tess.pk, "2026-01-01"]), "%2e%2e%2f",
    ]  # fmt: skip


@pytest.mark.parametrize("number", range(10))
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_we_did_not_sign_gets_a_kind_page(tess, method, number):
    page = getattr(Client(), method)(
        f"/therapists/still-true/{rubbish(tess)[number]}/", headers=OURS
    )
    assert page.status_code == 404
    assert "Tess" not in text(page)
    tess.refresh_from_db()
    assert tess.availability_confirmed_on == factories.days_ago(61)


def test_a_link_ends_after_its_days(tess, settings, client, monkeypatch):
    old = link(tess)
    settings.AVAILABILITY_LINK_WORKS_FOR = 10
    now = timezone.now().timestamp()
    with monkeypatch.context() as patch:
        patch.setattr("django.core.signing.time.time", lambda: now + 11 * 86400)
        page = client.get(old)
        refused = answer(old, "full")
    for told in (page, refused):
        assert told.status_code == 410
        assert "This link is too old" in text(told)
    assert client.get(old).status_code == 200


def test_the_link_of_somebody_who_is_gone_or_withdrawn_says_so(tess, client):
    address = link(tess)
    Therapist.objects.update(status="withdrawn")
    assert "Your profile is not public at present" in text(answer(address, "open"))
    tess.refresh_from_db()
    assert tess.availability_confirmed_on == factories.days_ago(61)
    Therapist.objects.all().delete()
    assert client.get(address).status_code == 404


def test_a_second_click_at_the_same_moment_is_no_fault(tess):
    token = token_for(tess)
    freshness.renew(token, "full")
    with pytest.raises(freshness.ValidationError):
        freshness.renew(token, "open")
    tess.refresh_from_db()
    assert tess.availability == "full"


@pytest.mark.browser
def test_a_real_browser_confirms_by_the_link_without_a_cookie(visit, transactional_db):
    tess = factories.TherapistFactory(name="Tess Ownwords", stale=True)
    page = visit(360, 780)
    page.goto(link(tess))
    page.get_by_role("button", name="Keeps a waiting list").click()
    page.get_by_role("heading", name="It is confirmed").wait_for()
    assert page.context.cookies() == []
    tess.refresh_from_db()
    assert (tess.availability, tess.is_listed) == ("waiting-list", True)
    page.reload()
    assert page.get_by_role("heading", name="It is confirmed").is_visible()


@pytest.mark.browser
def test_a_real_browser_is_stopped_when_another_site_sends_the_form(visit, transactional_db):
    tess = factories.TherapistFactory(availability_confirmed_on=factories.days_ago(61))
    page = visit(360, 780)
    page.goto(link(tess))
    whole = page.url
    page.goto("about:blank")
    button = '<button name="availability" value="full">x</button>'
    page.set_content(f'<form method="post" action="{whole}">{button}</form>')
    page.get_by_role("button").click()
    page.get_by_text("nothing was changed").wait_for()
    tess.refresh_from_db()
    assert tess.availability == "open"
