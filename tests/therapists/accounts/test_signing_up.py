"""From "join" to a draft of one's own: the letter, the link, the consent."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client

from tests import factories
from tests.pages import Form, text
from tests.therapists.accounts.conftest import link_in
from therapists import completeness, joining
from therapists.models import Therapist

pytestmark = pytest.mark.django_db

ADDRESS = "nora@practice.example"
PASSWORD = "seven quiet herons"


def sign_up(browser, address=ADDRESS, follow=True, **more):
    form = Form(browser.get("/accounts/signup/"), "account-form")
    form.fill(email=address, password1=PASSWORD)
    return browser.post("/accounts/signup/", {**form.sent(), **more}, follow=follow)


def sign_in(browser, login=ADDRESS, password=PASSWORD, **more):
    form = Form(browser.get("/accounts/login/"), "account-form")
    form.fill(login=login, password=password)
    return browser.post("/accounts/login/", {**form.sent(), **more}, follow=True)


def confirm(browser, link):
    form = Form(browser.get(link), "account-form")
    return browser.post(link, form.sent(), follow=True)


def test_from_joining_to_a_draft_with_a_real_mail_server(client, postbox):
    assert 'href="/accounts/signup/"' in client.get("/join/").text
    page = sign_up(client)
    assert "Look into your mail" in text(page)
    assert '<a href="/accounts/signup/">sign up once more</a>' in page.text
    letter = postbox.letters[0]
    assert letter["To"] == ADDRESS
    link = link_in(letter.get_content())
    page = confirm(client, link)
    assert page.redirect_chain[-1][0] == "/accounts/profile/"
    assert "I agree that this directory shows my profile to the public" in text(page)

    form = Form(page, "account-form").fill(**WORDS)
    made = client.post("/accounts/profile/", form.sent(), follow=True)

    therapist = Therapist.objects.get()
    assert made.redirect_chain[-1][0] == f"/my/therapists/myprofile/{therapist.pk}/change/"
    assert (therapist.name, therapist.slug, therapist.status) == (
        "Nora Newcomer", "nora-newcomer", "draft",
    )  # fmt: skip
    assert therapist.owner.email == therapist.email == ADDRESS
    assert therapist.consent_on == factories.today()
    assert therapist.consent_basis == joining.OWN_WORD
    consent = therapist.consents.get()
    assert (consent.text_version, consent.given_by) == (joining.CONSENT_VERSION, therapist.owner)
    assert client.get("/therapists/nora-newcomer/").status_code == 404


def test_looking_at_the_link_confirms_nothing_for_programs_follow_links_too(client):
    sign_up(client)
    link = link_in(mail.outbox[0].body)
    assert Client().get(link).status_code == 200
    assert not EmailAddress.objects.get().verified


def test_in_another_browser_the_link_confirms_and_leads_to_the_sign_in(client):
    sign_up(client)
    elsewhere = Client()
    page = confirm(elsewhere, link_in(mail.outbox[0].body))
    assert page.redirect_chain[-1][0] == "/accounts/login/"
    assert "_auth_user_id" not in elsewhere.session
    assert sign_in(elsewhere).redirect_chain[-1][0] == "/accounts/profile/"


@pytest.mark.parametrize("key", ["MQ:1abc:xyz", "x" * 299, "no-such-key"])
def test_a_broken_link_says_what_to_do(client, key):
    page = client.get(f"/accounts/confirm-email/{key}/")
    assert page.status_code == 200
    assert "This link does not work any more" in text(page)
    assert client.post(f"/accounts/confirm-email/{key}/").status_code == 404


def test_without_the_link_the_right_password_opens_nothing(client):
    sign_up(client)
    page = sign_in(Client())
    assert "Look into your mail" in text(page)
    browser = Client()
    sign_in(browser)
    assert "_auth_user_id" not in browser.session


def test_an_address_that_is_known_is_told_to_its_owner_alone(client):
    known = factories.UserFactory(email=ADDRESS)
    EmailAddress.objects.create(user=known, email=ADDRESS, verified=True, primary=True)
    told = text(sign_up(client))
    assert told == text(sign_up(Client(), "unknown@practice.example"))
    assert User.objects.filter(email=ADDRESS).get() == known
    assert "You have signed up" in mail.outbox[0].subject
    assert "It has a sign-in already" in mail.outbox[0].body


class Counting(MD5PasswordHasher):
    """Hashing is what takes long. A clock would tell of the machine, too."""

    hashed = 0

    def encode(self, *args, **kwargs):
        Counting.hashed += 1
        return super().encode(*args, **kwargs)


def test_how_long_signing_up_takes_tells_of_no_address(settings):
    known = factories.UserFactory(email=ADDRESS)
    EmailAddress.objects.create(user=known, email=ADDRESS, verified=True, primary=True)
    settings.PASSWORD_HASHERS = [f"{__name__}.Counting"]
    for address in (ADDRESS, "unknown@practice.example"):
        Counting.hashed = 0
        sign_up(Client(), address)
        assert Counting.hashed == 1


@pytest.mark.parametrize("refusal", ["451 try later", "550 no such user"])
def test_a_mail_server_that_refuses_loses_nothing_and_the_letter_comes_later(
    client, postbox, refusal
):
    postbox.says("DATA", refusal)
    page = sign_up(client)
    assert page.status_code == 200
    assert "We could not write to you yet" in text(page)
    assert "The letter could not be sent" in text(page)
    assert User.objects.get().email == ADDRESS

    postbox.says_nothing_special()
    assert "Look into your mail" in text(sign_in(client))
    page = confirm(client, link_in(postbox.letters[0].get_content()))
    assert page.redirect_chain[-1][0] == "/accounts/profile/"


def test_a_mail_server_that_is_away_is_no_error_page(client, postbox, settings):
    settings.EMAIL_PORT = 1
    assert "We could not write to you yet" in text(sign_up(client))
    reset = client.post("/accounts/password/reset/", {"email": "who@ever.example"}, follow=True)
    assert reset.status_code == 200
    assert "The letter could not be sent" in text(reset)


@pytest.mark.parametrize(
    ("address", "password"),
    [("nobody", PASSWORD), ("a\x00b@c.example", PASSWORD), ("梅@例え.jp\x00", PASSWORD),
     (ADDRESS, "short"), (ADDRESS, "12345678901"), (ADDRESS, "password"), (ADDRESS, ""),
     ("x" * 300 + "@c.example", PASSWORD)],
)  # fmt: skip
def test_rubbish_is_refused_with_a_sentence(client, address, password):
    page = client.post("/accounts/signup/", {"email": address, "password1": password})
    assert page.status_code == 200
    assert 'class="errorlist"' in page.text
    assert not User.objects.exists()


# --- making the profile ---------------------------------------------------------------------------


@pytest.fixture
def newcomer(client):
    user = factories.UserFactory(email=ADDRESS)
    EmailAddress.objects.create(user=user, email=ADDRESS, verified=True, primary=True)
    client.force_login(user)
    return client


WORDS = {
    "kind": "person",
    "name": "Nora Newcomer",
    "title": "Licensed Social Worker",
    "agree": "on",
}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [({"agree": ""}, "Please tick this if you agree."), ({"name": ""}, "This field is required."),
     ({"title": ""}, "Please write your title, as you sign it."),
     ({"name": "N\x00ora"}, "Null characters are not allowed."),
     ({"name": "No\u200bra"}, "zero width space"), ({"name": "x" * 121}, "at most 120 characters"),
     ({"kind": "other"}, "not one of the available choices")],
)  # fmt: skip
def test_what_is_missing_or_odd_is_said_and_what_was_written_stays(newcomer, change, sentence):
    words = {**WORDS, **change}
    page = newcomer.post("/accounts/profile/", {k: v for k, v in words.items() if v})
    assert page.status_code == 200
    assert sentence in text(page)
    assert not Therapist.objects.exists()
    if change == {"agree": ""}:
        assert Form(page, "account-form")["name"] == "Nora Newcomer"


@pytest.mark.parametrize(
    ("name", "slug"), [("Nora Newcomer", "nora-newcomer-2"), ("梅田 花子", "therapist")]
)
def test_a_name_that_is_taken_or_written_otherwise_gets_an_address_all_the_same(
    newcomer, name, slug
):
    factories.TherapistFactory(name="Nora Newcomer")
    newcomer.post("/accounts/profile/", {**WORDS, "name": name})
    assert Therapist.objects.get(owner__isnull=False).slug == slug


def test_name_title_and_letters_are_their_own_and_a_practice_needs_no_title(newcomer):
    newcomer.post("/accounts/profile/", {**WORDS, "post_nominals": "PhD"})
    nora = Therapist.objects.get()
    assert (nora.title, nora.post_nominals) == ("Licensed Social Worker", "PhD")
    assert "Your title, as you sign it." not in map(str, completeness.missing(nora))
    newcomer.force_login(factories.UserFactory())
    newcomer.post("/accounts/profile/", {**WORDS, "kind": "practice", "title": ""})
    assert Therapist.objects.filter(kind="practice", title="").exists()


def test_sent_twice_it_is_one_profile(newcomer):
    user = User.objects.get()
    newcomer.post("/accounts/profile/", WORDS)
    newcomer.post("/accounts/profile/", WORDS)
    assert joining.join(by=user, kind="person", name="Another") == Therapist.objects.get()


def test_an_address_that_nobody_verified_is_not_taken_over():
    user = factories.UserFactory(email="claimed@never.example")
    assert joining.join(by=user, kind="practice", name="A Practice").email == ""
