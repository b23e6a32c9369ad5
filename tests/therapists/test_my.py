"""/my/: therapists keep the everyday part of their own profile, and get at nothing else.

The matrix is who asks (nobody, the owner, another therapist, staff without a profile), for whose
row, and how; whatever is refused must not even tell whether the row exists.
"""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.pages import Form, text
from therapists.models import Therapist

LIST = "/my/therapists/myprofile/"
VIEWS = ["change/", "delete/", "history/", ""]
OWN_VIEWS = ["preview/", "requests/", "take-back/", "ask-to-be-listed/"]


def change(profile):
    return f"{LIST}{profile.pk}/change/"


def form_of(client, profile):
    return Form(client.get(change(profile)), "myprofile_form")


def rows():
    return list(Therapist.objects.order_by("pk").values())


@pytest.fixture
def other(other_profile):
    """Somebody else's profile, with things in it that nobody else may read."""
    Therapist.objects.filter(pk=other_profile.pk).update(
        email="otto@private.example", phone="555 0199", consent_basis="Letter of Otto"
    )
    other_profile.refresh_from_db()
    return other_profile


def tells_of(other, answer):
    """What of the other's row stands in an answer, in its headers and addresses too."""
    page = answer.content.decode() + str(answer.headers)
    page += str(getattr(answer, "redirect_chain", ""))
    secrets = ["Otto", "otto-elsewhere", "otto-other", other.email, other.phone]
    return [secret for secret in secrets if secret in page]


def test_saving_says_that_it_is_true_today_and_the_public_sees_it(owner, profile, client):
    Therapist.objects.filter(pk=profile.pk).update(
        availability_confirmed_on=factories.days_ago(181), availability="full"
    )
    assert client.get(profile.get_absolute_url()).status_code == 404
    form = form_of(owner, profile).fill(availability="waiting-list", fee_from="77")
    form.fill(website="tess.example")
    assert "Saved. Your availability counts as confirmed today." in text(
        owner.post(change(profile), form.sent("_save"), follow=True)
    )
    profile.refresh_from_db()
    assert profile.availability_confirmed_on == factories.today()
    page = client.get(profile.get_absolute_url())
    for shown in ("Keeps a waiting list", "$77"):
        assert shown in text(page)
    assert 'href="https://tess.example"' in page.content.decode()


def test_an_impossible_fee_is_explained_and_nothing_is_confirmed(owner, profile):
    Therapist.objects.update(availability_confirmed_on=factories.days_ago(100))
    form = form_of(owner, profile).fill(fee_from="200", fee_to="100")
    answer = owner.post(change(profile), form.sent("_save"))
    assert "The lowest fee is above the highest." in text(answer)
    profile.refresh_from_db()
    assert profile.availability_confirmed_on == factories.days_ago(100)


def test_the_way_in_leads_straight_to_the_only_profile(profile):
    browser = Client()
    form = Form(browser.get("/my/", follow=True), "account-form")
    form.fill(login="tess-therapist", password="a long enough password")
    answer = browser.post("/accounts/login/", form.sent(), follow=True)
    assert answer.redirect_chain[-1][0] == change(profile)
    assert "Tess Ownwords" in text(answer)


def test_opening_the_page_confirms_nothing(owner, profile):
    Therapist.objects.update(availability_confirmed_on=factories.days_ago(100))
    before = rows()
    for path in ("/my/", "/my/therapists/", LIST, change(profile)):
        assert owner.get(path, follow=True).status_code == 200
    assert rows() == before


def test_the_public_page_is_linked_only_where_there_is_one(owner, profile):
    link = f'href="{profile.get_absolute_url()}"'
    assert link in owner.get(change(profile)).content.decode()
    Therapist.objects.update(status="withdrawn")
    assert link not in owner.get(change(profile)).content.decode()


FORGED = {
    "name": "Forged", "title": "Forged", "slug": "forged", "post_nominals": "PhD", "about": "x",
    "email": "forged@private.example", "status": "withdrawn", "published_on": "2020-01-01",
    "consent_on": "2020-01-01", "consent_basis": "Forged", "kind": "practice", "photo": "x.webp",
    "availability_confirmed_on": "2030-01-01", "statement": "Forged", "is_staff": "on",
    "created_at": "2020-01-01", "photo_file": "x.webp", "licences-0-checked_on": "2020-01-01",
    "specialisms-0-state": "approved", "specialisms-0-position": "1",
    "specialisms-0-statement": "Forged", "_verb_publish": "1", "_verb_withdraw": "1",
}  # fmt: skip


def test_forged_fields_change_nothing(owner, profile, other):
    factories.LicenceFactory(therapist=profile)
    specialist = factories.SpecialistFactory(therapist=profile, state="draft")
    before = rows()
    forged = {**FORGED, "owner": other.owner_id, "id": other.pk, "pk": other.pk,
              "therapist_ptr": other.pk}  # fmt: skip
    answer = owner.post(change(profile), {**form_of(owner, profile).sent(), **forged})
    assert answer.status_code == 302  # saved, without them
    after = rows()
    for was, now in zip(before, after, strict=True):
        assert now["updated_at"] == was["updated_at"] or now["id"] == profile.pk
        was.pop("updated_at"), now.pop("updated_at")
        assert now == was
    specialist.refresh_from_db()
    assert specialist.statement.startswith("Statement")
    assert (specialist.state, specialist.position) == ("draft", None)
    assert profile.licences.get().checked_on is None
    assert not profile.proposals.exists()
    profile.owner.refresh_from_db()
    assert not profile.owner.is_staff


@pytest.mark.parametrize("method", ["get", "post", "head", "put", "delete"])
@pytest.mark.parametrize("view", [*VIEWS, *OWN_VIEWS])
def test_another_therapists_row_answers_as_if_it_did_not_exist(owner, profile, other, view, method):
    before = rows()
    missing = other.pk + 10_000
    answers = []
    for pk in (other.pk, missing):
        sent = {"post": "yes", "availability": "full"} if method == "post" else {}
        answer = getattr(owner, method)(f"{LIST}{pk}/{view}", sent, follow=method == "get")
        where = str(getattr(answer, "redirect_chain", answer.headers.get("Location")))
        told = (text(answer) + where).replace(f"“{pk}”", "“PK”").replace(f"/{pk}/", "/PK/")
        answers.append((answer.status_code, told))
        assert tells_of(other, answer) == []
    assert answers[0] == answers[1]
    assert rows() == before


def test_another_therapists_row_is_not_changed_by_a_whole_form(owner, profile, other):
    before = rows()
    form = form_of(owner, profile).fill(availability="full", phone="1")
    for address in (change(other), change(other) + f"?id={profile.pk}"):
        assert tells_of(other, owner.post(address, form.sent("_save"), follow=True)) == []
    assert rows() == before


@pytest.mark.parametrize("view", ["add/", "{pk}/delete/", "{pk}/history/"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_adding_deleting_and_history_are_refused_even_for_ones_own(owner, profile, view, method):
    before = rows()
    answer = getattr(owner, method)(LIST + view.format(pk=profile.pk), {"post": "yes"})
    assert answer.status_code == 403
    assert rows() == before


@pytest.mark.parametrize(
    "path",
    [
        "r/{ct}/{pk}/",
        "autocomplete/?app_label=therapists&model_name=therapist&field_name=owner&term=o",
        "auth/user/", "therapists/therapist/", "therapists/therapist/{pk}/change/",
        "approaches/approach/",
    ],
)  # fmt: skip
def test_views_that_name_other_objects_are_not_there(owner, profile, other, path):
    kind = ContentType.objects.get_for_model(Therapist).pk
    answer = owner.get("/my/" + path.format(ct=kind, pk=other.pk), follow=True)
    assert answer.status_code in (403, 404)
    assert tells_of(other, answer) == []


PROBES = [
    ("email__startswith", "otto@", "zzz@"),
    ("owner__password__startswith", "md5$", "zzz$"),
    ("owner__username", "otto-other", "zzz"),
    ("name__startswith", "Otto", "Zzz"),
    ("id__exact", "{pk}", "0"),
    ("status", "published", "draft"),
    ("specialisms__statement__contains", "O", "zzz"),
    ("q", "Otto", "Zzz"),
    ("_to_field", "email", "nothing"),
    ("o", "email", "-email"),
]


@pytest.mark.parametrize("profiles", [1, 2])
@pytest.mark.parametrize(("lookup", "right", "wrong"), PROBES)
def test_guessing_in_the_address_tells_nothing(
    owner, owner_user, profile, other, profiles, lookup, right, wrong
):
    """With two profiles of one's own there is a list; a right guess looks like a wrong one."""
    if profiles == 2:
        factories.TherapistFactory(name="Tess Second", owner=owner_user)
    answers = {right: [], wrong: []}
    for guess, told in answers.items():
        for path in (LIST, change(profile), change(other)):
            answer = owner.get(path, {lookup: guess.format(pk=other.pk)}, follow=True)
            told.append((answer.status_code, text(answer)))
            assert [one for one in tells_of(other, answer) if one not in guess] == []
    assert answers[right] == answers[wrong]


def test_the_list_of_somebody_with_two_profiles_holds_these_two_and_no_actions(
    owner, owner_user, profile, other
):
    factories.TherapistFactory(name="Tess Second", owner=owner_user)
    answer = owner.get(LIST)
    assert "2 my profiles" in text(answer)
    assert "Tess Ownwords" in text(answer)
    assert "Tess Second" in text(answer)
    assert tells_of(other, answer) == []
    assert 'name="action"' not in answer.content.decode()


@pytest.mark.parametrize("action", ["delete_selected", "publish", "withdraw"])
def test_a_forged_bulk_action_does_nothing(owner, owner_user, profile, other, action):
    factories.TherapistFactory(owner=owner_user)
    before = rows()
    ticked = {"action": action, "_selected_action": [profile.pk, other.pk], "index": "0"}
    answer = owner.post(LIST, {**ticked, "post": "yes", "select_across": "1"}, follow=True)
    assert tells_of(other, answer) == []
    assert rows() == before


@pytest.mark.parametrize("who", ["nobody", "staff", "former"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_who_owns_no_profile_gets_the_sign_in_page_at_every_address(other, who, method, staff):
    browser = Client()
    if who == "staff":
        browser = staff
    elif who == "former":  # signed in, and the profile was taken away meanwhile
        browser.force_login(factories.UserFactory(username="flo-former"))
    before = rows()
    paths = ["/my/", "/my/therapists/", LIST, f"{LIST}add/", "/my/password_change/", "/my/jsi18n/"]
    paths += [f"{LIST}{other.pk}/{view}" for view in [*VIEWS, *OWN_VIEWS]]
    for path in paths:
        answer = getattr(browser, method)(path, {"availability": "full", "post": "yes"})
        assert answer.status_code == 302, path
        assert answer.headers["Location"].startswith(reverse("my:login")), path
        assert tells_of(other, browser.get(answer.headers["Location"])) == []
    assert rows() == before


def test_therapists_cannot_enter_the_staffs_admin(owner, profile, other):
    paths = ["/admin/", "/admin/therapists/therapist/", "/admin/auth/user/"]
    paths += [f"/admin/therapists/therapist/{one.pk}/change/" for one in (profile, other)]
    kind = ContentType.objects.get_for_model(Therapist).pk
    for path in [*paths, f"/admin/r/{kind}/{other.pk}/", "/admin/autocomplete/?term=o"]:
        for method in (owner.get, owner.post):
            answer = method(path)
            assert answer.status_code == 302, path
            assert answer.headers["Location"].startswith("/admin/login/"), path
            assert tells_of(other, answer) == []
    told = owner.get("/admin/", follow=True)
    assert told.status_code == 403
    assert "This room is for staff" in text(told)
    assert tells_of(other, told) == []


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/", r"\\evil.example", "javascript:alert(1)",
     "https:evil.example", "/\\evil.example"],
)  # fmt: skip
@pytest.mark.parametrize("way", ["address", "form"])
def test_signing_in_never_leads_off_the_site(profile, elsewhere, way):
    browser = Client()
    secret = {"login": "tess-therapist", "password": "a long enough password"}
    if way == "form":
        answer = browser.post("/accounts/login/", {**secret, "next": elsewhere})
    else:
        answer = browser.post("/accounts/login/", secret, query_params={"next": elsewhere})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/")
    assert "evil" not in answer.headers["Location"]
    assert "alert" not in answer.headers["Location"]
