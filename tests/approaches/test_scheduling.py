"""Pages that go public by themselves, pages that moved, pages that are due for review."""

import io
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from approaches import publishing
from approaches.models import Approach, ApproachAlias
from tests import factories
from tests.pages import Form, text

pytestmark = pytest.mark.django_db

LIST = "/admin/approaches/approach/"


def in_days(days):
    return timezone.now() + timedelta(days=days)


def draft(**values):
    return factories.ApproachFactory(status="draft", published_on=None, **values)


def is_due(*pages, since=1):
    """The moment that these wait for has come."""
    numbers = [page.pk for page in pages]
    Approach.objects.filter(pk__in=numbers).update(publish_at=in_days(-since))


def cron(*arguments):
    """(what the command says, what it complains of)."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("publish_scheduled", *arguments, stdout=out, stderr=err)
    except CommandError as error:
        err.write(str(error))
    return out.getvalue(), err.getvalue()


def public():
    return set(Approach.objects.published())


def change(row):
    return f"{LIST}{row.pk}/change/"


def form_of(staff, row):
    return Form(staff.get(change(row)), "approach_form")


# --- schedule -------------------------------------------------------------------------------------


def test_a_page_goes_public_when_its_moment_has_come_and_once(client, staff_user, history):
    drama, later = draft(name="Drama", slug="drama"), draft(name="Later")
    publishing.schedule(drama, in_days(1), by=staff_user)
    publishing.schedule(later, in_days(2), by=staff_user)
    assert cron() == ("", "")
    assert not public()

    is_due(drama)
    assert cron("--dry-run") == ("Would be published: Drama.\n", "")
    assert not public()
    assert cron() == ("Published: Drama.\n", "")
    assert client.get("/approaches/drama/").status_code == 200
    drama.refresh_from_db()
    assert (drama.publish_at, drama.published_on) == (None, factories.today())
    assert cron() == ("", "")
    assert [who for who, _ in history()] == ["ana-staff", "ana-staff"]


def test_a_moment_that_has_passed_or_a_page_that_is_public_is_refused(staff_user):
    with pytest.raises(ValidationError, match="This moment has passed"):
        publishing.schedule(draft(), timezone.now(), by=staff_user)
    with pytest.raises(ValidationError, match="is public already"):
        publishing.schedule(factories.ApproachFactory(), in_days(1), by=staff_user)
    with pytest.raises(ValidationError, match="has no day on which"):
        publishing.unschedule(draft(), by=staff_user)


def test_a_page_with_a_fault_gets_no_day(staff_user):
    unfinished = draft(summary="")
    with pytest.raises(ValidationError, match="has no summary yet"):
        publishing.schedule(unfinished, in_days(1), by=staff_user)


def test_what_has_become_broken_meanwhile_stays_a_draft_and_the_rest_goes(staff_user):
    drama, play, lone = draft(name="Drama"), draft(name="Play"), draft(name="Lone")
    drama.related.set([play])
    play.related.set([drama])
    is_due(drama, play, lone)
    Approach.objects.filter(pk=play.pk).update(overview="[x](/nowhere/)")
    said, complaint = cron()
    assert said == "Published: Lone.\n"
    assert "Not published: Play. The link to “/nowhere/”" in complaint
    assert "Not published: Drama. The related approach “Play” is not public" in complaint
    assert "2 could not be published." in complaint
    assert public() == {lone}

    Approach.objects.filter(pk=play.pk).update(overview="Mended.")
    assert cron() == ("Published: Drama.\nPublished: Play.\n", "")


def test_pages_that_relate_to_each_other_go_public_together(staff_user):
    drama, play = draft(name="Drama"), draft(name="Play")
    play.related.set([drama])
    with pytest.raises(ValidationError, match="“Drama” is not public"):
        publishing.schedule(play, in_days(2), by=staff_user)
    publishing.schedule(drama, in_days(1), by=staff_user)
    publishing.schedule(play, in_days(2), by=staff_user)
    drama.related.set([play])
    is_due(drama, play)
    cron()
    assert public() == {drama, play}


def test_staff_choose_the_moment_on_the_page_and_take_it_back(staff):
    drama = draft(name="Drama")
    form = form_of(staff, drama)
    day = (factories.today() + timedelta(days=3)).isoformat()
    form.fill(publish_by_itself_0=day, publish_by_itself_1="09:30")
    answer = staff.post(change(drama), form.sent("_continue"), follow=True)
    assert "Drama will be published on" in text(answer)
    drama.refresh_from_db()
    assert timezone.localtime(drama.publish_at).strftime("%Y-%m-%d %H:%M") == f"{day} 09:30"
    assert "Draft, to be published on" in text(staff.get(LIST))

    form = Form(answer, "approach_form")
    assert form["publish_by_itself_0"] == day
    staff.post(change(drama), form.sent("_save"))  # saved as it is: still to come
    drama.refresh_from_db()
    assert drama.publish_at
    form.fill(publish_by_itself_0="", publish_by_itself_1="")
    staff.post(change(drama), form.sent("_save"))
    drama.refresh_from_db()
    assert drama.publish_at is None


@pytest.mark.parametrize(
    ("day", "hour", "said"),
    [
        ("2020-01-01", "09:00", "This moment has passed"),
        ("2020-13-41", "x", "Enter a valid date."),
        ("2999-01-01", "", "Enter a valid time."),
    ],
)
def test_a_moment_that_cannot_be_is_said(staff, day, hour, said):
    drama = draft()
    form = form_of(staff, drama).fill(publish_by_itself_0=day, publish_by_itself_1=hour)
    assert said in text(staff.post(change(drama), form.sent("_save")))
    drama.refresh_from_db()
    assert drama.publish_at is None


def test_a_moment_refused_for_a_fault_loses_nothing_of_what_was_written(staff):
    drama = draft(summary="")
    form = form_of(staff, drama).fill(publish_by_itself_0="2999-01-01", limits="Not for all.")
    form.fill(publish_by_itself_1="09:00")
    answer = staff.post(change(drama), form.sent("_continue"), follow=True)
    assert "It has no day yet." in text(answer)
    assert "has no summary yet." in text(answer)
    assert "then write Jan. 1, 2999, 9 a.m. down once more." in text(answer)
    drama.refresh_from_db()
    assert (drama.limits, drama.publish_at) == ("Not for all.", None)


def test_published_at_once_it_waits_for_no_day(staff):
    drama = draft()
    publishing.schedule(drama, in_days(3), by=None)
    staff.post(change(drama), form_of(staff, drama).sent("_verb_publish"))
    drama.refresh_from_db()
    assert (drama.status, drama.publish_at) == ("published", None)
    assert "publish_by_itself_0" not in form_of(staff, drama)


def test_a_page_whose_moment_passed_in_vain_says_so(staff):
    drama = draft(summary="")
    is_due(drama)
    assert "was to be published on" in text(staff.get(LIST))


# --- review ---------------------------------------------------------------------------------------


def test_public_pages_are_due_a_year_after_their_review(settings, staff):
    fresh = factories.ApproachFactory(name="Fresh one", reviewed_on=factories.days_ago(365))
    old = factories.ApproachFactory(name="Old one", reviewed_on=factories.days_ago(366))
    never = factories.ApproachFactory(name="Never one", reviewed_on=None)
    draft(name="Draft one", reviewed_on=None)
    assert list(Approach.objects.due_for_review()) == [never, old]
    assert [one.is_due_for_review for one in (fresh, old, never)] == [False, True, True]
    shown = text(staff.get(f"{LIST}?review=due"))
    assert "Old one" in shown
    assert "Never one" in shown
    assert "Fresh one" not in shown
    assert "Draft one" not in shown
    settings.APPROACH_REVIEW_AFTER = 300
    assert fresh in Approach.objects.due_for_review()


def test_reviewed_today_names_who_did_it_in_full_or_nobody(staff, staff_user):
    old = factories.ApproachFactory(reviewed_on=factories.days_ago(500), reviewed_by="Rae Former")
    staff.post(change(old), form_of(staff, old).sent("_verb_mark_reviewed"))
    old.refresh_from_db()
    assert (old.reviewed_on, old.reviewed_by) == (factories.today(), "")

    staff_user.first_name, staff_user.last_name = "Ana", "Reyes"
    staff_user.save()
    publishing.mark_reviewed(old, by=staff_user)
    assert "by Ana Reyes" in text(Client().get(old.get_absolute_url()))


# --- addresses ------------------------------------------------------------------------------------


def rename(staff, page, slug):
    return staff.post(change(page), form_of(staff, page).fill(slug=slug).sent("_save"), follow=True)


def test_the_old_address_of_a_renamed_page_leads_to_the_new_one(staff, client):
    specialist = factories.SpecialistFactory(approach__slug="emdr", approach__name="EMDR")
    page = specialist.approach
    rename(staff, page, "eye-movement")
    for old, new in (
        ("/approaches/emdr/", "/approaches/eye-movement/"),
        ("/approaches/emdr/?near=97214", "/approaches/eye-movement/?near=97214"),
        ("/approaches/emdr/specialists/?page=1", "/approaches/eye-movement/specialists/?page=1"),
        ("/therapists/?approach=emdr", "/therapists/?approach=eye-movement"),
        ("/therapists/?approach=emdr&approach=eye-movement", "/therapists/?approach=eye-movement"),
    ):
        answer = client.get(old)
        assert (answer.status_code, answer["Location"]) == (302, new)
        assert client.get(new).status_code == 200

    rename(staff, page, "emdr")  # and back
    assert client.get("/approaches/emdr/").status_code == 200
    assert client.get("/approaches/eye-movement/")["Location"] == "/approaches/emdr/"
    assert list(ApproachAlias.objects.values_list("slug", flat=True)) == ["eye-movement"]


def test_an_old_address_leads_to_no_draft_and_a_draft_leaves_none(staff, client):
    page = factories.ApproachFactory(slug="emdr")
    rename(staff, page, "eye-movement")
    publishing.unpublish(page, by=None)
    assert client.get("/approaches/emdr/").status_code == 404
    assert client.get("/therapists/?approach=emdr").status_code == 200  # not known, and said
    never = draft(slug="drama")
    rename(staff, never, "drama-therapy")
    assert not ApproachAlias.objects.filter(slug="drama").exists()


def test_an_old_address_is_given_to_no_other_page(staff):
    page = factories.ApproachFactory(name="EMDR", slug="emdr")
    rename(staff, page, "eye-movement")
    other = draft()
    assert "/approaches/emdr/ leads to “EMDR”, which was called so before." in text(
        rename(staff, other, "emdr")
    )
    form = Form(staff.get(f"{LIST}add/"), "approach_form").fill(name="EMDR", slug="emdr")
    assert "Choose another address." in text(staff.post(f"{LIST}add/", form.sent("_save")))


def test_a_page_imported_under_its_old_name_is_the_renamed_one(staff, run):
    page = factories.ApproachFactory(name="Drama Therapy", slug="drama-therapy")
    rename(staff, page, "drama")
    run("Drama Therapy\n\nWhat it is.\n\nMeet the specialists\n\nI listen.\n\n— Wren Word\n")
    assert list(Approach.objects.all()) == [page]
