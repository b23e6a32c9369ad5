"""Two people save the same page: the second is told what changed since, and nothing is lost."""

import threading

import pytest
from django.db import connection
from django.test import Client

from tests import factories
from tests.pages import Form, text
from therapists.lost_updates import differences, field_of
from therapists.models import Therapist

pytestmark = pytest.mark.django_db
NOT_SAVED = "Nothing is saved yet"


def change(row):
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


def opened(client, row):
    return Form(client.get(change(row)), f"{row._meta.model_name}_form")


@pytest.fixture
def bea(db):
    """A browser of somebody else of the staff."""
    user = factories.UserFactory(username="bea-staff", is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(user)
    return client


def test_the_second_is_told_what_changed_and_by_whom_and_keeps_what_they_typed(staff, bea, profile):
    Therapist.objects.update(fee_from=100)
    first, second = opened(staff, profile), opened(bea, profile)
    staff.post(change(profile), first.fill(fee_from="120").sent("_save"))

    answer = bea.post(change(profile), second.fill(about="I listen.").sent("_save"))

    said = text(answer)
    assert NOT_SAVED in said
    assert "Fee from: 100 → 120" in said
    assert "last by ana-staff a moment ago" in said
    typed = Form(answer, "therapist_form")
    assert typed["about"] == "I listen."
    assert typed["fee_from"] == "120"  # they had left it alone
    profile.refresh_from_db()
    assert (profile.fee_from, profile.about) == (120, "")


def test_the_next_save_wins_knowingly(staff, bea, profile):
    first, second = opened(staff, profile), opened(bea, profile)
    staff.post(change(profile), first.fill(fee_from="120").sent("_save"))
    answer = bea.post(change(profile), second.fill(fee_from="90").sent("_save"))
    answer = bea.post(change(profile), Form(answer, "therapist_form").sent("_save"))
    assert answer.status_code == 302
    profile.refresh_from_db()
    assert profile.fee_from == 90


def test_a_third_change_in_between_is_told_again(staff, bea, profile):
    form = opened(bea, profile)
    staff.post(change(profile), opened(staff, profile).fill(fee_from="120").sent("_save"))
    answer = bea.post(change(profile), form.fill(about="Mine.").sent("_save"))
    staff.post(change(profile), opened(staff, profile).fill(fee_from="130").sent("_save"))
    again = bea.post(change(profile), Form(answer, "therapist_form").sent("_save"))
    assert "Fee from: 120 → 130" in text(again)
    profile.refresh_from_db()
    assert (profile.fee_from, profile.about) == (130, "")


def test_rows_and_terms_that_came_or_went_are_told(staff, bea, profile):
    bend = factories.OfficeFactory(therapist=profile, city="Bend")
    grief, ocd = factories.TermFactory(name="Grief"), factories.TermFactory(name="OCD")
    profile.terms.set([grief])
    form = opened(bea, profile)
    other = opened(staff, profile).fill(terms=[str(ocd.pk)])
    other["offices-1-DELETE"] = "on"
    other["offices-0-street"] = "1 Hidden Lane"
    other.add_row("licences", state="OR", kind="Counselor", number="C1")
    assert staff.post(change(profile), other.sent("_save")).status_code == 302

    said = text(bea.post(change(profile), form.sent("_save")))

    for sentence in (
        "Terms, Grief: taken out", "Terms, OCD: added", "Office “Bend, OR”: taken out",
        "Office “Portland, OR”, street: empty → 1 Hidden Lane",
        "License “Counselor, Oregon, C1”: added",
    ):  # fmt: skip
        assert sentence in said, sentence
    assert not profile.offices.filter(pk=bend.pk).exists()


def test_a_button_that_saves_and_publishes_does_neither(staff, bea):
    tess = factories.TherapistFactory(draft=True)
    form = opened(bea, tess)
    staff.post(change(tess), opened(staff, tess).fill(fee_from="1").sent("_save"))
    assert NOT_SAVED in text(bea.post(change(tess), form.sent("_verb_publish")))
    tess.refresh_from_db()
    assert tess.status == "draft"


def test_what_the_page_does_not_show_disturbs_nobody(staff, profile):
    form = opened(staff, profile)
    Therapist.objects.filter(pk=profile.pk).update(updated_at=factories.timezone.now())
    assert staff.post(change(profile), form.sent("_save")).status_code == 302


@pytest.mark.parametrize("seen", [None, "", "rubbish", "\x00", "e30:1abc:x"])
def test_a_form_that_does_not_say_what_it_was_made_from_is_shown_once_more(staff, profile, seen):
    form = opened(staff, profile).fill(fee_from="1")
    form["_seen"] = seen
    answer = staff.post(change(profile), form.sent("_save"))
    assert NOT_SAVED in text(answer)
    answer = staff.post(change(profile), Form(answer, "therapist_form").sent("_save"))
    assert answer.status_code == 302


def test_approach_pages_are_kept_from_it_too(staff, bea):
    approach = factories.ApproachFactory()
    factories.SourceFactory(approach=approach, citation="Old work")
    form = opened(bea, approach)
    other = opened(staff, approach).fill(overview="What it is, said better.")
    other["sources-0-citation"] = "New work"
    assert staff.post(change(approach), other.sent("_save")).status_code == 302
    said = text(bea.post(change(approach), form.sent("_save")))
    assert "Overview: What it is, in a few words. → What it is, said better." in said
    assert "Source “Old work”, citation: Old work → New work" in said


def test_long_texts_that_begin_alike_are_told_without_their_words():
    before = {"": ["", {"about": field_of("about", "x" * 900)}]}
    now = {"": ["", {"about": field_of("about", "x" * 900 + "y")}]}
    assert list(differences(before, now)) == ["About: changed"]
    assert list(differences(now, now)) == []


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_in_the_same_moment_one_is_told(staff, bea, profile):
    sent = [
        (client, opened(client, profile).fill(fee_from=fee).sent("_save"))
        for client, fee in ((staff, "100"), (bea, "200"))
    ]
    start, codes = threading.Barrier(2), []

    def save(client, form):
        start.wait()
        codes.append(client.post(change(profile), form).status_code)
        connection.close()

    threads = [threading.Thread(target=save, args=one) for one in sent]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, 302]


@pytest.mark.django_db(transaction=True)
def test_two_who_enter_the_same_license_at_once_get_a_sentence(staff, bea):
    """Each on another profile: no lock between them, but the number may be there once."""
    rows = [factories.TherapistFactory(), factories.TherapistFactory()]
    start, answers = threading.Barrier(2), []

    def save(client, row):
        form = opened(client, row)
        form.add_row("licences", state="OR", kind="Counselor", number="SAME")
        start.wait()
        answers.append(client.post(change(row), form.sent("_save")))
        connection.close()

    threads = [
        threading.Thread(target=save, args=one) for one in zip((staff, bea), rows, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    refused = next(answer for answer in answers if answer.status_code == 200)
    assert "This licence is entered already, here or elsewhere." in text(refused)
