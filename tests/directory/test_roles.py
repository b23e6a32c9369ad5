"""Three kinds of staff, and what the table of roles gives each of them."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db.models.signals import post_migrate
from django.test import Client

from directory.roles import ROLES, keep_roles
from tests import factories
from tests.pages import Form, text
from therapists.models import Therapist, Vocabulary

pytestmark = pytest.mark.django_db


def held_by(role):
    return {
        f"{one.content_type.app_label}.{one.codename}"
        for one in Group.objects.get(name=role).permissions.select_related("content_type")
    }


def signed_in(role):
    user = factories.UserFactory(username=f"{role}-user", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def after_migrate():
    for config in apps.get_app_configs():
        if config.models_module:
            keep_roles(sender=config, using="default")


def test_migrating_makes_the_roles():
    assert set(Group.objects.values_list("name", flat=True)) >= set(ROLES)
    assert "approaches.change_approach" in held_by("curator")
    assert "therapists.change_proposal" in held_by("reviewer")
    assert "therapists.delete_therapist" in held_by("manager")


@pytest.mark.parametrize(
    ("role", "never"),
    [
        ("curator", ["therapists.view_therapist", "therapists.change_proposal", "auth.view_user"]),
        ("reviewer", ["approaches.change_approach", "therapists.change_therapist",
                      "therapists.delete_term", "auth.view_user"]),
        ("manager", ["auth.delete_user", "auth.change_group", "auth.add_permission"]),
    ],
)  # fmt: skip
def test_a_role_has_no_more_than_its_table_says(role, never):
    assert not held_by(role) & set(never)


def test_a_model_that_staff_see_is_reached_by_managers():
    """A model added later has to be said in the table, or nobody but superusers would see it."""
    seen = [model for model in admin.site._registry if model._meta.app_label != "auth"]
    missing = [
        model._meta.label
        for model in seen
        if f"{model._meta.app_label}.view_{model._meta.model_name}" not in held_by("manager")
    ]
    assert missing == []


def test_migrating_again_changes_nothing_and_mends_what_was_changed_in_a_role():
    before = {role: held_by(role) for role in ROLES}
    after_migrate()
    assert {role: held_by(role) for role in ROLES} == before

    curator = Group.objects.get(name="curator")
    curator.permissions.add(Permission.objects.get(codename="delete_user"))
    curator.permissions.remove(Permission.objects.get(codename="change_approach"))
    after_migrate()
    assert held_by("curator") == before["curator"]


def test_migrating_leaves_groups_of_the_places_own_and_rights_of_a_person_alone():
    right = Permission.objects.get(codename="delete_user")
    own = Group.objects.create(name="Volunteers")
    own.permissions.add(right)
    person = factories.UserFactory()
    person.user_permissions.add(right)
    after_migrate()
    assert list(own.permissions.all()) == list(person.user_permissions.all()) == [right]


def test_a_role_that_somebody_deleted_comes_back_with_the_next_migrate():
    Group.objects.filter(name="reviewer").delete()
    call_command("migrate", verbosity=0)
    assert "therapists.change_proposal" in held_by("reviewer")
    assert any(receiver[0][0] == "directory.roles" for receiver in post_migrate.receivers)


def test_a_curator_keeps_vocabularies_and_sees_no_therapist():
    curator, tess = signed_in("curator"), factories.TherapistFactory(name="Tess Unseen")
    form = Form(curator.get("/admin/therapists/vocabulary/add/"), "vocabulary_form")
    form.fill(name="Faith", slug="faith", question="Which faith?")
    curator.post("/admin/therapists/vocabulary/add/", form.sent("_save"))
    assert Vocabulary.objects.filter(slug="faith").exists()
    for path in ("", f"{tess.pk}/change/", f"{tess.pk}/delete/", f"{tess.pk}/history/"):
        answer = curator.get(f"/admin/therapists/therapist/{path}")
        assert answer.status_code == 403
        assert "Tess Unseen" not in text(answer)


def test_a_reviewer_looks_at_therapists_and_changes_none():
    reviewer, tess = signed_in("reviewer"), factories.TherapistFactory(name="Tess Seen")
    address = f"/admin/therapists/therapist/{tess.pk}/change/"
    assert "Tess Seen" in text(reviewer.get(address))
    assert reviewer.post(address, {"name": "Forged", "_verb_withdraw": "1"}).status_code == 403
    tess.refresh_from_db()
    assert (tess.name, tess.status) == ("Tess Seen", Therapist.Status.PUBLISHED)


@pytest.mark.parametrize("number", ["{}", "+{}", "%20{}", "{}%20", "0_{}", "{}/x", "x"])
def test_no_spelling_of_the_way_to_a_public_page_tells_the_address_of_a_draft(number):
    draft = factories.TherapistFactory(name="Tess Unseen", status=Therapist.Status.DRAFT)
    number = number.format(ContentType.objects.get_for_model(Therapist).pk)
    answer = signed_in("curator").get(f"/admin/r/{number}/{draft.pk}/")
    assert answer.status_code == 403


PEOPLE = "/admin/auth/user/"


def test_a_manager_makes_somebody_a_curator(db):
    manager, cleo = signed_in("manager"), factories.UserFactory(username="cleo")
    form = Form(manager.get(f"{PEOPLE}{cleo.pk}/change/"), "user_form")
    form.fill(is_staff="on", groups=[str(Group.objects.get(name="curator").pk)])
    manager.post(f"{PEOPLE}{cleo.pk}/change/", form.sent("_save"))
    cleo = User.objects.get(pk=cleo.pk)
    assert cleo.is_staff
    assert cleo.has_perm("approaches.change_approach")


def test_a_manager_gives_nobody_more_than_a_role_has():
    manager, cleo = signed_in("manager"), factories.UserFactory(username="cleo")
    own = Group.objects.create(name="Keepers of everything")
    address = f"{PEOPLE}{cleo.pk}/change/"
    form = Form(manager.get(address), "user_form")
    right = Permission.objects.get(codename="delete_user").pk
    manager.post(address, form.sent("_save") | {"is_superuser": "on", "user_permissions": right})
    manager.post(address, form.sent("_save") | {"groups": own.pk})
    cleo.refresh_from_db()
    assert not cleo.is_superuser
    assert not cleo.user_permissions.exists()
    assert not cleo.groups.exists()


def test_a_manager_takes_no_group_away_that_the_form_does_not_show():
    manager, cleo = signed_in("manager"), factories.UserFactory(username="cleo")
    cleo.groups.add(Group.objects.create(name="Volunteers"))
    address = f"{PEOPLE}{cleo.pk}/change/"
    manager.post(address, Form(manager.get(address), "user_form").sent("_save"))
    assert cleo.groups.get().name == "Volunteers"


def test_a_superuser_is_out_of_a_managers_reach(staff_user):
    manager = signed_in("manager")
    before = User.objects.filter(pk=staff_user.pk).values().get()
    for view in ("change", "password", "delete"):
        answer = manager.post(f"{PEOPLE}{staff_user.pk}/{view}/", {"is_active": "", "post": "yes"})
        assert answer.status_code == 403
    ticked = {"action": "delete_selected", "_selected_action": staff_user.pk, "post": "yes"}
    manager.post(PEOPLE, ticked)
    assert User.objects.filter(pk=staff_user.pk).values().get() == before


def test_who_holds_a_right_that_managers_lack_is_out_of_their_reach_too():
    """By a new password a manager would have that right."""
    manager, kay = signed_in("manager"), factories.UserFactory(username="kay", is_active=False)
    kay.user_permissions.add(Permission.objects.get(codename="change_group"))
    lee, keepers = factories.UserFactory(username="lee"), Group.objects.create(name="Keepers")
    keepers.permissions.add(Permission.objects.get(codename="delete_user"))
    lee.groups.add(keepers)
    for person in (kay, lee):
        answer = manager.post(
            f"{PEOPLE}{person.pk}/password/", {"password1": "x", "password2": "x"}
        )
        assert answer.status_code == 403


ADDRESSES = "/admin/account/emailaddress/"


def test_a_manager_gives_no_superuser_an_address_by_which_to_ask_for_a_password(staff_user):
    manager, cleo = signed_in("manager"), factories.UserFactory(username="cleo")
    theirs = {"email": "new@clinic.example", "verified": "on", "primary": "on"}
    manager.post(f"{ADDRESSES}add/", {"user": staff_user.pk, **theirs})
    assert not EmailAddress.objects.exists()
    manager.post(f"{ADDRESSES}add/", {"user": cleo.pk, **theirs})
    address = EmailAddress.objects.get(user=cleo)
    manager.post(f"{ADDRESSES}{address.pk}/change/", {"user": staff_user.pk, **theirs})
    assert EmailAddress.objects.get().user == cleo


def test_a_manager_neither_sees_nor_verifies_an_address_of_a_superuser(staff_user):
    manager = signed_in("manager")
    held = EmailAddress.objects.create(user=staff_user, email="ana@clinic.example")
    assert "ana@clinic.example" not in text(manager.get(ADDRESSES))
    manager.post(ADDRESSES, {"action": "make_verified", "_selected_action": held.pk})
    manager.post(f"{ADDRESSES}{held.pk}/delete/", {"post": "yes"})
    held.refresh_from_db()
    assert not held.verified


FACTORS = "/admin/mfa/authenticator/"


def test_a_manager_takes_a_second_factor_from_their_people_and_from_no_superuser(staff_user):
    manager, cleo = signed_in("manager"), factories.UserFactory(username="cleo")
    hers, anas = (
        Authenticator.objects.create(user=user, type="totp", data={"secret": "ABC"})
        for user in (cleo, staff_user)
    )
    for factor in (hers, anas):
        manager.post(f"{FACTORS}{factor.pk}/delete/", {"post": "yes"})
    assert Authenticator.objects.get() == anas
    ticked = {"action": "delete_selected", "_selected_action": anas.pk, "post": "yes"}
    manager.post(FACTORS, ticked)
    assert Authenticator.objects.get() == anas


def test_nobody_guesses_a_secret_by_filtering_the_list_of_factors(staff, staff_user):
    Authenticator.objects.create(user=staff_user, type="totp", data={"secret": "ABC"})
    for lookup in ("data__secret__startswith=A", "data__icontains=ABC", "data=x"):
        assert staff.get(f"{FACTORS}?{lookup}").status_code == 400
    assert staff.get(f"{FACTORS}?type__exact=totp").status_code == 200


def test_nobody_changes_or_deletes_a_role_by_hand(staff):
    role = Group.objects.get(name="curator")
    own = Group.objects.create(name="Volunteers")
    for view in ("change", "delete"):
        assert staff.post(f"/admin/auth/group/{role.pk}/{view}/", {"post": "y"}).status_code == 403
        assert staff.get(f"/admin/auth/group/{own.pk}/{view}/").status_code == 200
