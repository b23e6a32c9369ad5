"""The first page of staff: what waits, for whom, and in which order."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.pages import text
from therapists import notes, review
from therapists.models import Delivery, Finding, ImportConflict, Message, Proposal, Report

pytestmark = pytest.mark.django_db

DESK = "/admin/"


@pytest.fixture
def with_rights():
    """A browser of staff who have these rights alone."""

    def sign_in(*codenames):
        user = factories.UserFactory(is_staff=True)
        user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        client = Client()
        client.force_login(user)
        return client

    return sign_in


def one_of_everything():
    factories.StatementFactory(specialist__approach__reviewed_on=factories.days_ago(800))
    factories.ReportFactory()
    factories.ImportConflictFactory()
    factories.TherapistFactory(stale=True)
    factories.LicenceFactory()
    factories.DeliveryFactory(dead=True)
    factories.MessageFactory(held=True)
    for kind in Finding.Kind:
        factories.FindingFactory(kind=kind)


def test_an_empty_desk_says_so_kindly(staff):
    factories.LicenceFactory(checked_on=factories.today())
    factories.SpecialistFactory(approach__reviewed_on=factories.today())
    assert "Nothing waits. Thank you" in text(staff.get(DESK))


def test_each_thing_that_waits_stands_in_its_section_with_a_link(staff):
    one_of_everything()
    page = staff.get(DESK).content.decode()
    for row in (
        Proposal.objects.get(), Report.objects.get(), ImportConflict.objects.get(),
        *Finding.objects.all(), Message.objects.get(state="held"), Delivery.objects.get(),
    ):  # fmt: skip
        assert f'href="/admin/therapists/{row._meta.model_name}/{row.pk}/change/"' in page
    for title in (
        "New versions to review", "Readers say that something is wrong",
        "Imports that disagree", "Licenses to look up", "Pages to look through again",
        "Availability that nobody has confirmed", "Messages to look at first",
        "Letters that did not arrive",
        *Finding.Kind.labels,
    ):  # fmt: skip
        assert title in text(staff.get(DESK))
    assert "Nothing waits" not in page


def test_five_stand_on_the_desk_oldest_first_and_the_number_is_that_of_all(staff):
    waiting = factories.ProposalFactory.create_batch(40)
    page = text(staff.get(DESK))
    assert "New versions to review 40" in page
    shown = [one for one in waiting if f"{one.therapist.name} About" in page]
    assert shown == waiting[:5]


@pytest.mark.parametrize("each", [0, 40])
def test_the_desk_asks_the_database_less_than_ten_times(staff, with_rights, each):
    for make in (factories.StatementFactory, factories.ReportFactory, factories.FindingFactory):
        make.create_batch(each)
    reviewer = with_rights("change_proposal", "view_report", "view_finding", "view_therapist")
    for client in (staff, reviewer):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(DESK).status_code == 200
        assert len(queries) < 10, queries.captured_queries


def test_everybody_sees_what_they_may_decide_and_nothing_else(with_rights):
    one_of_everything()
    reviewer = text(with_rights("view_proposal", "change_proposal").get(DESK))
    assert "New versions to review" in reviewer
    assert "Readers say" not in reviewer
    assert "Name or title in capitals" not in reviewer
    assert Report.objects.get().therapist.name not in reviewer
    nobody = text(with_rights("view_vocabulary").get(DESK))
    assert "What waits for you" not in nobody


def test_three_reports_in_a_month_come_first_of_all(staff):
    factories.ProposalFactory()
    alone = factories.ReportFactory(noted_on=factories.days_ago(20))
    several = factories.TherapistFactory(name="Rhea Reported")
    factories.ReportFactory.create_batch(2, therapist=several)
    page = text(staff.get(DESK))
    assert "Several readers" not in page
    assert page.index("New versions") < page.index("Readers say")

    last = factories.ReportFactory(therapist=several)

    page = text(staff.get(DESK))
    assert "Several readers report the same profile" in page
    assert page.index("Readers say") < page.index("New versions")
    assert page.index("Rhea Reported") < page.index(alone.therapist.name)
    listed = text(staff.get("/admin/therapists/report/"))
    assert listed.count("3 or more this month") == 3
    assert listed.index("Rhea Reported") < listed.index(alone.therapist.name)

    notes.done(last, by=None)
    assert "Several readers" not in text(staff.get(DESK))


def test_what_is_over_a_month_old_does_not_hurry(staff):
    factories.ReportFactory.create_batch(
        3, therapist=factories.TherapistFactory(), noted_on=factories.days_ago(31)
    )
    assert "Several readers" not in text(staff.get(DESK))


def test_whose_availability_grows_old_is_one_click_away(staff):
    old = factories.TherapistFactory(availability_confirmed_on=factories.days_ago(91))
    never = factories.TherapistFactory(name="Nora Never", availability_confirmed_on=None)
    fresh = factories.TherapistFactory(name="Fay Fresh")
    factories.TherapistFactory(name="Dee Draft", draft=True, availability_confirmed_on=None)
    page = text(staff.get("/admin/therapists/therapist/?confirmed=long-ago"))
    assert old.name in page
    assert never.name in page
    assert fresh.name not in page
    assert "Dee Draft" not in page


# --- notes: one click closes them ---


NOTES = {"report": factories.ReportFactory, "importconflict": factories.ImportConflictFactory,
         "finding": factories.FindingFactory}  # fmt: skip
each_note = pytest.mark.parametrize("name", NOTES)


def closing(note):
    return f"/admin/therapists/{note._meta.model_name}/{note.pk}/done/"


@each_note
def test_a_note_is_closed_from_the_list_with_a_word_to_the_others(staff, staff_user, name):
    note, other = NOTES[name].create_batch(2)
    page = staff.get(f"/admin/therapists/{name}/").content.decode()
    assert f'formaction="{closing(note)}"' in page

    said = text(staff.post(closing(note), {f"answer-{note.pk}": " Wrote to them. "}, follow=True))

    assert f"Done: {note}" in said
    assert other.therapist.name in said
    note.refresh_from_db()
    assert (note.done_by, note.answer) == (staff_user, "Wrote to them.")
    assert note.done_on == factories.today()
    assert list(type(note).objects.still_open()) == [other]
    history = text(staff.get(f"/admin/therapists/therapist/{note.therapist_id}/history/"))
    assert "done. Wrote to them." in history


@each_note
def test_several_are_closed_at_once_each_with_the_word_beside_it(staff, name):
    notes.reopen(notes.done(reopened := NOTES[name](), by=None, answer="Called."), by=None)
    note, other = NOTES[name].create_batch(2)
    ticked = [reopened.pk, note.pk]
    words = {f"answer-{note.pk}": "Wrote to them.", f"answer-{reopened.pk}": ""}
    sent = {"action": "done", "_selected_action": ticked, **words}
    assert "Done: 2." in text(staff.post(f"/admin/therapists/{name}/", sent, follow=True))
    answers = dict(type(note).objects.exclude(done_on=None).values_list("pk", "answer"))
    assert answers == {note.pk: "Wrote to them.", reopened.pk: "Called."}
    assert list(type(note).objects.still_open()) == [other]


@each_note
def test_who_comes_second_is_told_by_whom_it_was_done(staff, name):
    note = NOTES[name]()
    notes.done(note, by=factories.UserFactory(username="ben-staff"), answer="Called.")
    said = text(staff.post(closing(note), {f"answer-{note.pk}": "Mine."}, follow=True))
    assert "this was done by ben-staff on" in said
    note.refresh_from_db()
    assert note.answer == "Called."


@each_note
def test_an_answer_that_cannot_be_kept_is_refused_with_a_sentence_or_cleaned(staff, name):
    note = NOTES[name]()
    said = staff.post(closing(note), {f"answer-{note.pk}": "x" * 301}, follow=True)
    assert "at most 300 characters" in text(said)
    note.refresh_from_db()
    assert note.done_on is None

    staff.post(closing(note), {f"answer-{note.pk}": "NUL \0 inside"})
    note.refresh_from_db()
    assert note.answer == "NUL  inside"


@each_note
def test_closing_needs_a_post_a_right_and_a_row(staff, with_rights, client, name):
    note = NOTES[name]()
    onlooker = with_rights(f"view_{name}")
    assert "formaction" not in onlooker.get(f"/admin/therapists/{name}/").content.decode()
    assert onlooker.post(closing(note)).status_code == 403
    assert staff.get(closing(note)).status_code == 405
    assert client.post(closing(note)).status_code == 302
    assert Client(enforce_csrf_checks=True).post(closing(note)).status_code in (302, 403)
    note.refresh_from_db()
    assert note.done_on is None
    gone = closing(note)
    note.delete()
    assert staff.post(gone, follow=True).status_code == 200


@each_note
def test_a_note_that_was_closed_by_mistake_is_opened_again(staff, name):
    note = NOTES[name]()
    notes.done(note, by=None)
    notes.reopen(note, by=None)
    assert type(note).objects.still_open().get() == note


def test_an_import_that_disagrees_is_noted_once_and_not_again_when_done():
    tess = factories.TherapistFactory()
    for _ in range(2):
        notes.conflict(tess, "Signs otherwise.")
    notes.done(ImportConflict.objects.get(), by=None)
    notes.conflict(tess, "Signs otherwise.")
    assert not ImportConflict.objects.still_open()
    notes.conflict(tess, "ü" * 5000)
    assert len(ImportConflict.objects.still_open().get().words) == notes.MAX_WORDS


def test_what_waits_goes_with_the_profile(staff):
    one_of_everything()
    review.propose(Report.objects.get().therapist, Proposal.Part.ABOUT, by=None, text="Hello.")
    for model in (Proposal, Report, ImportConflict, Finding):
        for row in model.objects.all():
            row.therapist.delete()
        assert not model.objects.exists()
