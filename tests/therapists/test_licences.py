"""Licence checks: which are due, what staff found, and what the public reads of it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from tests import factories
from tests.pages import Form, text
from therapists import licences
from therapists.models import Licence

pytestmark = pytest.mark.django_db
LIST = "/admin/therapists/licence/"


def ago(days):
    return None if days is None else factories.today() - timedelta(days=days)


def change(row):
    return f"/admin/therapists/{row._meta.model_name}/{row.pk}/change/"


def on_profile(licence):
    return text(Client().get(licence.therapist.get_absolute_url()))


@pytest.mark.parametrize(
    ("checked", "expires", "failed", "due"),
    [
        (None, None, None, True), (None, -400, None, True),
        (None, None, 0, False), (None, None, 29, False), (None, None, 30, True),
        (365, None, None, False), (366, None, None, True), (0, None, None, False),
        (100, -31, None, False), (100, -30, None, True), (100, 0, None, True),
        (5, -20, None, False), (100, 1, None, True), (1, 1, None, True), (0, 1, None, False),
    ],
)  # fmt: skip
def test_what_is_due_for_a_check(checked, expires, failed, due):
    """All in days ago; an end that is to come is negative."""
    because = "" if failed is None else "Not in the register"
    factories.LicenceFactory(
        checked_on=ago(checked), expires_on=ago(expires),
        check_failed_on=ago(failed), check_failed_because=because,
    )  # fmt: skip
    assert Licence.objects.due_for_check().exists() == due


@pytest.mark.parametrize(
    ("who", "due"), [({}, True), ({"draft": True}, True), ({"withdrawn": True}, False)]
)
def test_withdrawn_profiles_wait_for_no_check(who, due):
    factories.LicenceFactory(therapist=factories.TherapistFactory(**who))
    assert Licence.objects.due_for_check().exists() == due


def test_when_a_check_is_old_is_a_setting(settings):
    factories.LicenceFactory(checked_on=ago(100))
    assert not Licence.objects.due_for_check()
    settings.LICENCE_RECHECK_AFTER = 99
    assert Licence.objects.due_for_check()


def test_found_in_the_register_is_a_dated_fact_in_public(staff_user):
    licence = factories.LicenceFactory()
    assert "not checked by us" in on_profile(licence)
    licences.check(licence, by=staff_user)
    licence.refresh_from_db()
    assert (licence.checked_on, licence.checked_by) == (factories.today(), staff_user)
    assert f"checked on {factories.today():%B} {factories.today().day}," in on_profile(licence)
    Licence.objects.update(expires_on=ago(1))  # time passes: nobody has to do anything
    assert "checked on" not in on_profile(licence)
    assert "ended on" in on_profile(licence)


def test_what_has_ended_is_not_called_found(staff_user):
    licence = factories.LicenceFactory(expires_on=ago(1))
    with pytest.raises(ValidationError, match="write down the new end first"):
        licences.check(licence, by=staff_user)
    licence.refresh_from_db()
    assert licence.checked_on is None


def test_looked_for_in_vain_ends_an_earlier_check_and_a_later_one_ends_that(staff_user):
    licence = factories.LicenceFactory(checked_on=ago(10), checked_by=staff_user)
    licences.could_not_check(licence, by=staff_user, reason="  Not in\nthe register ")
    licence.refresh_from_db()
    assert (licence.checked_on, licence.checked_by) == (None, None)
    assert (licence.check_failed_on, licence.check_failed_because) == (
        factories.today(),
        "Not in the register",
    )
    shown = on_profile(licence)
    assert "not checked by us" in shown
    assert "Not in the register" not in shown
    licence = licences.check(licence, by=staff_user)
    assert (licence.check_failed_on, licence.check_failed_because) == (None, "")
    assert licence.is_verified


@pytest.mark.parametrize("reason", ["", "  ", "\n", "x" * 301])
def test_a_failed_check_says_why_in_a_sentence(staff_user, reason):
    licence = factories.LicenceFactory(checked_on=ago(1))
    with pytest.raises(ValidationError):
        licences.could_not_check(licence, by=staff_user, reason=reason)
    licence.refresh_from_db()
    assert licence.checked_on


@pytest.mark.parametrize(
    "impossible",
    [
        {"checked_on": "2026-01-01", "check_failed_on": "2026-01-01", "check_failed_because": "x"},
        {"check_failed_on": "2026-01-01"},
        {"check_failed_because": "x"},
    ],
)
def test_the_database_refuses_what_cannot_be(impossible):
    licence = factories.LicenceFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Licence.objects.filter(pk=licence.pk).update(**impossible)


# --- the staff's list and page --------------------------------------------------------------------


def test_the_list_shows_what_is_due_and_all_on_request(staff):
    factories.LicenceFactory(number="NEVER", board_url="https://board.example/1")
    factories.LicenceFactory(number="FRESH", checked_on=ago(1))
    page = staff.get(LIST)
    assert "NEVER" in page.text
    assert 'href="https://board.example/1"' in page.text
    assert "FRESH" not in page.text
    everything = staff.get(LIST + "?check=all").text
    assert everything.index("NEVER") < everything.index("FRESH")


def test_one_click_in_the_list_checks_and_stands_in_the_history(staff, staff_user):
    licence, other = factories.LicenceFactory.create_batch(2)
    form = Form(staff.get(LIST), "changelist-form")
    sent = {**form.sent(), "_found": str(licence.pk)}
    page = staff.post(LIST, sent, follow=True)
    assert f"Checked: {licence}." in text(page)
    licence.refresh_from_db()
    other.refresh_from_db()
    assert (licence.checked_by, other.checked_on) == (staff_user, None)
    history = staff.get(change(licence).replace("change/", "history/"))
    assert "ana-staff Found in the register." in text(history)


@pytest.mark.parametrize("number", ["", "x", "\0", "-1", "9" * 18, "9" * 30, "٣" * 5])
def test_a_row_that_is_not_there_is_no_fault(staff, number):
    page = staff.post(LIST, {"_found": number}, follow=True)
    assert page.status_code == 200
    assert "This license is not here any more." in text(page)


def test_looking_changes_nothing_and_a_forged_form_is_refused(staff, staff_user):
    licence = factories.LicenceFactory()
    staff.get(f"{LIST}?_found={licence.pk}")
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(staff_user)
    assert browser.post(LIST, {"_found": licence.pk}).status_code == 403
    licence.refresh_from_db()
    assert licence.checked_on is None


def test_who_may_only_look_cannot_check(db):
    viewer = factories.UserFactory(is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_licence"))
    browser = Client()
    browser.force_login(viewer)
    licence = factories.LicenceFactory()
    assert browser.get(LIST).status_code == 200
    assert browser.post(LIST, {"_found": licence.pk}).status_code == 403
    licence.refresh_from_db()
    assert licence.checked_on is None


def press(staff, licence, button, **changes):
    form = Form(staff.get(change(licence)), "licence_form").fill(**changes)
    return staff.post(change(licence), form.sent(button), follow=True)


def test_the_page_of_a_licence_notes_why_it_could_not_be_checked(staff):
    licence = factories.LicenceFactory(checked_on=ago(1))
    page = press(staff, licence, "_verb_could_not_check")
    assert "say why it could not be checked" in text(page)
    page = press(staff, licence, "_verb_could_not_check", reason="Another name in the register")
    assert "Noted: " in text(page)
    licence.refresh_from_db()
    assert licence.check_failed_because == "Another name in the register"
    assert "Another name in the register" in text(staff.get(LIST + "?check=all"))


def test_a_day_that_is_entered_after_a_failed_check_counts(staff, staff_user):
    licence = factories.LicenceFactory(check_failed_on=ago(3), check_failed_because="Down")
    press(staff, licence, "_save", checked_on=ago(2).isoformat())
    licence.refresh_from_db()
    assert (licence.checked_on, licence.checked_by) == (ago(2), staff_user)
    assert licence.check_failed_on is None


def test_a_day_to_come_is_no_check(staff):
    licence = factories.LicenceFactory()
    page = press(staff, licence, "_save", checked_on=ago(-1).isoformat())
    assert "This day is still to come." in text(page)


@pytest.mark.parametrize(
    ("changes", "still"),
    [
        ({"number": "OTHER"}, False), ({"state": "WA"}, False), ({"kind": "Counselor"}, False),
        ({"expires_on": "2099-01-01"}, True), ({"board_url": "board.example"}, True),
        ({"number": "OTHER", "checked_on": "2026-01-05"}, True),
    ],
)  # fmt: skip
@pytest.mark.parametrize("where", ["licence", "therapist"])
def test_changing_what_was_checked_ends_the_check_unless_staff_enter_a_new_one(
    staff, where, changes, still
):
    licence = factories.LicenceFactory(checked_on=ago(100))
    row, prefix = licence, ""
    if where == "therapist":
        row, prefix = licence.therapist, "licences-0-"
    form = Form(staff.get(change(row)), f"{where}_form")
    form.fill(**{prefix + name: value for name, value in changes.items()})
    page = staff.post(change(row), form.sent("_continue"), follow=True)
    licence.refresh_from_db()
    assert (licence.checked_on is not None) == still
    assert ("so it is not checked any more" in text(page)) != still


def test_one_and_many_licences_take_as_many_queries(staff, django_assert_max_num_queries):
    factories.LicenceFactory.create_batch(12, compact=factories.CompactFactory())
    staff.get(LIST)
    with django_assert_max_num_queries(9):
        assert staff.get(LIST).status_code == 200


def test_a_very_long_list_is_counted_no_further_than_anybody_turns_pages(staff, monkeypatch):
    monkeypatch.setattr("therapists.admin.paginator.FirstOfMany.most", 3)
    factories.LicenceFactory.create_batch(4)
    page = staff.get(LIST)
    assert page.status_code == 200
    assert "3 results" in text(page)
