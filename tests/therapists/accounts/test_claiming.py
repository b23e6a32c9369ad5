"""An imported profile comes to its therapist by the letter to the address that staff hold."""

import threading
import time

import pytest
from allauth.account.models import EmailAddress
from django.core import mail, signing
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client

from tests import factories
from tests.pages import Form, text
from tests.therapists.accounts.conftest import link_in
from tests.therapists.accounts.test_signing_up import PASSWORD, sign_up
from therapists import invitations, joining
from therapists.models import Therapist

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(imported):
    return f"/accounts/claim/{invitations.token_for(imported)}/"


@pytest.fixture
def somebody():
    browser = Client()
    browser.user = factories.UserFactory(username="ida")
    browser.force_login(browser.user)
    return browser


def press_yes(browser):
    return browser.post("/accounts/claim/", follow=True)


def owner_of(therapist):
    therapist.refresh_from_db()
    return therapist.owner


def invite(staff, therapist):
    address = f"/admin/therapists/therapist/{therapist.pk}/change/"
    form = Form(staff.get(address), "therapist_form")
    return staff.post(address, form.sent("_verb_invite"), follow=True)


def test_from_the_letter_to_the_own_profile(staff, imported, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert "Invited: Ida Imported." in text(invite(staff, imported))
    letter = mail.outbox[0]
    assert letter.to == ["ida@practice.example"]
    assert "Hello Ida Imported," in letter.body

    ida = Client()
    page = ida.get(link_in(letter.body), follow=True)
    assert page.request["PATH_INFO"] == "/accounts/claim/"  # the token is not in the address
    assert "This invitation is for Ida Imported" in text(page)
    form = Form(ida.get("/accounts/signup/?next=/accounts/claim/"), "account-form")
    assert form["email"] == "ida@practice.example"
    form.fill(password1=PASSWORD)
    page = ida.post("/accounts/signup/", form.sent(), follow=True)
    assert page.redirect_chain[-1][0] == "/accounts/claim/"
    assert len(mail.outbox) == 1  # who holds the letter needs no second one
    assert EmailAddress.objects.get().verified
    assert owner_of(imported) is None  # not yet: a press of the button is
    page = press_yes(ida)
    assert page.redirect_chain[-1][0] == "/accounts/consent/"
    assert owner_of(imported).email == "ida@practice.example"
    assert "Letter to Ana, staff" in text(page)


def test_who_signs_up_with_another_address_proves_that_one_as_usual(link, imported):
    ida = Client()
    ida.get(link)
    ida.get("/accounts/claim/")
    page = sign_up(ida, "ida@elsewhere.example", next="/accounts/claim/")
    assert "Look into your mail" in text(page)
    confirm = link_in(mail.outbox[0].body)
    page = ida.post(confirm, Form(ida.get(confirm), "account-form").sent(), follow=True)
    assert page.redirect_chain[-1][0] == "/accounts/claim/"
    press_yes(ida)
    assert owner_of(imported).email == "ida@elsewhere.example"


@pytest.mark.parametrize("method", ["get", "head"])
def test_following_the_link_claims_nothing(link, imported, somebody, method):
    getattr(somebody, method)(link, follow=True)
    getattr(somebody, method)("/accounts/claim/")
    assert owner_of(imported) is None
    assert somebody.post(link).status_code == 405


def test_a_press_without_being_signed_in_claims_nothing(link, imported):
    browser = Client()
    browser.get(link)
    assert "Sign up" in text(press_yes(browser))
    assert owner_of(imported) is None


def test_a_claim_from_another_site_is_refused(link, imported):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(factories.UserFactory())
    browser.get(link)
    assert browser.post("/accounts/claim/").status_code == 403
    assert owner_of(imported) is None


def refused(browser, link):
    page = browser.get(link, follow=True)
    assert page.status_code == 410
    assert press_yes(browser).status_code == 410
    return text(page)


def test_it_works_once(link, imported, somebody):
    somebody.get(link)
    press_yes(somebody)
    other = Client()
    other.force_login(factories.UserFactory())
    assert "kept by somebody already" in refused(other, link)
    assert owner_of(imported) == somebody.user


def test_it_ends_when_staff_change_or_erase_the_address(link, imported, somebody):
    for address in ("ida@new.example", ""):
        Therapist.objects.update(email=address)
        assert "does not hold any more" in refused(somebody, link)
    assert owner_of(imported) is None
    Therapist.objects.update(email="IDA@practice.example")
    assert somebody.get(link, follow=True).status_code == 200  # the same address


def test_it_ends_after_its_days(link, somebody, settings, monkeypatch):
    later = time.time() + settings.INVITATION_DAYS * 86_400
    monkeypatch.setattr(signing.time, "time", lambda: later - 60)
    assert somebody.get(link, follow=True).status_code == 200
    monkeypatch.setattr(signing.time, "time", lambda: later + 60)
    assert "too old" in refused(somebody, link)


def test_it_ends_with_the_profile(link, imported, somebody):
    imported.delete()
    assert "does not hold any more" in refused(somebody, link)


def test_a_letter_to_one_opens_nobody_elses_profile(imported, somebody):
    other = factories.TherapistFactory(email="other@practice.example")
    token = signing.dumps([other.pk, invitations.token_for(imported)], salt=invitations.SALT)
    assert "does not hold any more" in refused(somebody, f"/accounts/claim/{token}/")


@pytest.mark.parametrize("token", ["x", "x:y:z", "%00", "梅", "a" * 3000])
def test_rubbish_is_a_kind_page(somebody, token):
    assert refused(somebody, f"/accounts/claim/{token}/")


@pytest.mark.parametrize("salt", [invitations.SALT, "another purpose"])
@pytest.mark.parametrize("held", [[1, "x"], "text", [1], ["x", 1], {}])
def test_so_is_what_we_signed_for_another_purpose(somebody, held, salt):
    assert refused(somebody, f"/accounts/claim/{signing.dumps(held, salt=salt)}/")


def test_the_page_without_a_link_says_where_to_find_it(client):
    page = client.get("/accounts/claim/")
    assert page.status_code == 410
    assert "open the link in your invitation" in text(page)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [({"email": ""}, "We hold no e-mail address of Ida Imported"),
     ({"owner": True}, "Ida Imported has a sign-in already.")],
)  # fmt: skip
def test_staff_are_told_why_nobody_can_be_invited(staff, imported, change, sentence):
    if "owner" in change:
        change = {"owner": factories.UserFactory()}
    Therapist.objects.filter(pk=imported.pk).update(**change)
    assert sentence in text(invite(staff, imported))
    assert not mail.outbox


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_wins_and_the_other_is_told(imported):
    token = invitations.token_for(imported)
    users = [factories.UserFactory() for _ in range(2)]
    together, told = threading.Barrier(2), []

    def claim(user):
        together.wait()
        try:
            joining.claim(token, by=user)
            told.append("yours")
        except ValidationError as error:
            told.append(error.messages[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=claim, args=[user]) for user in users]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(told) == sorted(["yours", invitations.CLAIMED])
    assert owner_of(imported) in users
