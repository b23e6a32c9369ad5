"""Every version of a page is kept, can be compared, and returned to."""

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from approaches import publishing, versions
from approaches.models import Approach
from approaches.versions import ApproachVersion
from tests import factories
from tests.pages import Form, text
from therapists import vocabularies

pytestmark = pytest.mark.django_db


@pytest.fixture
def grief():
    return factories.TermFactory(name="Grief", slug="grief")


@pytest.fixture
def drama(grief):
    approach = factories.ApproachFactory(name="Drama therapy", slug="drama")
    approach.helps_with.set([grief])
    factories.SourceFactory(approach=approach, citation="First, F. (2020). A work.", year=2020)
    versions.keep(approach, by=None)
    return approach


def change(row):
    return f"/admin/approaches/approach/{row.pk}/change/"


def pages_of(row):
    return f"/admin/approaches/approach/{row.pk}/history/"


def save(staff, row, button="_save", **values):
    form = Form(staff.get(change(row)), "approach_form").fill(**values)
    return staff.post(change(row), form.sent(button), follow=True)


def go_back(staff, version):
    return staff.post(f"{pages_of(Approach(pk=version.id))}{version.pk}/return/", follow=True)


def count():
    return ApproachVersion.objects.count()


def test_one_save_is_one_version_with_all_that_it_changed(staff, staff_user, drama):
    before, panic = count(), factories.TermFactory(name="Panic")
    save(
        staff,
        drama,
        summary="A way of acting.",
        helps_with=[str(panic.pk)],
        **{"sources-1-citation": "Second, S. (2021). More."},
    )
    assert count() == before + 1
    last, first, *_ = versions.of(drama)
    assert last.history_user == staff_user
    found = {one.label: one.html for one in versions.changes(last, first)}
    assert found == {
        "Summary": "A way of <del>working</del><ins>acting</ins>.",
        "What it helps with": "<del>Grief</del><ins>Panic</ins>",
        "Sources": "First, F. (2020). A work.<ins>\nSecond, S. (2021). More.</ins>",
    }


def test_what_was_written_past_the_forms_is_kept_before_it_is_written_anew(staff, drama):
    Approach.objects.filter(pk=drama.pk).update(overview="By a command.")
    drama.helps_with.clear()
    save(staff, drama, overview="By hand.")
    newest, between, *_ = versions.of(drama)
    assert [one.label for one in versions.changes(newest, between)] == ["Overview"]
    assert (between.overview, between.history_user) == ("By a command.", None)


def test_saving_without_a_change_is_no_version(staff, drama):
    save(staff, drama)
    before = count()
    save(staff, drama)
    assert count() == before


def test_verbs_and_imports_are_versions_with_who_and_why(drama, staff_user):
    publishing.unpublish(drama, by=staff_user)
    publishing.publish(drama, by=None)
    newest, before, *_ = versions.of(drama)
    assert (newest.history_user, newest.history_change_reason) == (None, "Published.")
    assert (before.history_user, before.history_change_reason) == (
        staff_user,
        "Taken from the public.",
    )
    assert newest.beside["helps_with"] == [["issue", "grief", "Grief"]]


def test_the_history_shows_who_changed_which_words_when(staff, drama):
    save(staff, drama, overview="What it is, in many words.", limits="<b>Not</b> for all.")
    answer = staff.get(pages_of(drama))
    page = answer.content.decode()
    assert "in <del>a few</del><ins>many</ins> words." in page
    assert "<ins>&lt;b&gt;Not&lt;/b&gt; for all.</ins>" in page
    assert "ana-staff" in page
    assert "style=" not in page
    assert page.count("Return to this version") == count() - 1


def test_one_click_brings_all_of_a_version_back_as_a_new_one(staff, drama, grief, client):
    old = versions.of(drama).first()
    save(
        staff,
        drama,
        name="Play acting",
        summary="Else.",
        overview="Else.",
        helps_with=[],
        **{"sources-0-citation": "Else, E. (1999)."},
    )
    before = count()
    answer = go_back(staff, old)
    assert "says again what it said" in text(answer)
    assert count() == before + 1
    newest = versions.of(drama).first()
    assert newest.history_change_reason.startswith("Returned to the version of")
    assert newest.beside == old.beside
    assert versions.changes(newest, old) == []
    page = text(client.get("/approaches/drama/"))
    for said in ("Drama therapy", "A way of working.", "Grief", "First, F. (2020)."):
        assert said in page
    drama.refresh_from_db()
    assert drama.sources.get().year == 2020


def test_a_return_neither_publishes_nor_moves_a_page(staff, drama):
    old = versions.of(drama).first()
    save(staff, drama, slug="drama-therapy", summary="Else.")
    publishing.unpublish(drama, by=None)
    go_back(staff, old)
    drama.refresh_from_db()
    assert (drama.status, drama.slug) == ("draft", "drama-therapy")
    assert drama.summary == "A way of working."


def test_a_return_that_would_break_a_public_page_is_refused(staff, drama):
    play = factories.ApproachFactory(name="Play therapy")
    save(staff, drama, related=[str(play.pk)], overview=f"[x](/approaches/{play.slug}/)")
    old = versions.of(drama).first()
    save(staff, drama, related=[], overview="Else.")
    publishing.unpublish(play, by=None)
    before = count()
    said = text(go_back(staff, old))
    assert "Not returned." in said
    assert "The related approach “Play therapy” is not public" in said
    assert "“Play therapy” is not public." in said
    drama.refresh_from_db()
    assert (drama.overview, count()) == ("Else.", before)


def test_what_was_merged_or_renamed_since_is_found_and_what_is_gone_is_said(staff, drama, grief):
    play = factories.ApproachFactory(name="Play therapy", slug="play")
    lone = factories.ApproachFactory(name="Lone therapy", slug="lone")
    panic = factories.TermFactory(name="Panic", slug="panic")
    drama.related.set([play, lone])
    drama.helps_with.set([grief, panic])
    old = versions.keep(drama, by=None)
    save(staff, drama, related=[], helps_with=[])

    loss = factories.TermFactory(name="Loss", slug="loss")
    vocabularies.merge(grief, loss, by=None)
    panic.delete()
    lone.delete()
    save(staff, play, slug="playing")
    assert "There no more, and left out: Panic, Lone therapy." in text(go_back(staff, old))
    assert list(drama.helps_with.all()) == [loss]
    assert list(drama.related.all()) == [play]


def test_a_merge_is_a_version_of_the_pages_that_it_concerns(drama, grief, staff_user):
    other = factories.ApproachFactory()
    loss = factories.TermFactory(name="Loss", slug="loss")
    before = versions.of(other).count()
    vocabularies.merge(grief, loss, by=staff_user)
    newest = versions.of(drama).first()
    assert newest.history_change_reason == "“Grief” was merged into “Loss”."
    assert newest.beside["helps_with"] == [["issue", "loss", "Loss"]]
    assert versions.of(other).count() == before


def test_an_older_version_can_be_looked_at_as_a_page(staff, drama):
    old = versions.of(drama).first()
    save(staff, drama, name="Play acting", overview="Else.")
    everything = list(Approach.objects.values()), count()
    answer = staff.get(f"{pages_of(drama)}{old.pk}/")
    for said in ("Drama therapy", "What it is, in a few words.", "Grief", "A preview"):
        assert said in text(answer)
    assert everything == (list(Approach.objects.values()), count())


def test_no_words_of_a_therapist_are_in_it(staff, drama):
    specialist = factories.SpecialistFactory(approach=drama, statement="I walk beside you.")
    save(staff, drama, summary="Else.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT v::text FROM approaches_approachversion v")
        kept = " ".join(row for (row,) in cursor)
    assert "Else." in kept
    assert specialist.statement not in kept
    assert specialist.therapist.name not in kept


def test_a_long_history_has_pages_and_asks_as_often_as_a_short_one(staff, drama):
    asked = []
    for number in range(45):
        if number in (5, 19):
            with CaptureQueriesContext(connection) as queries:
                staff.get(pages_of(drama))
            asked.append(len(queries))
        Approach.objects.filter(pk=drama.pk).update(limits=f"Limit {number}.")
        versions.keep(drama, by=None)
    assert asked[0] == asked[1]
    page = staff.get(pages_of(drama))
    assert page.content.decode().count("Return to this version") == 19
    # The difference to the version on the next page is shown as well.
    differences = page.content.decode().count('class="difference"')
    assert differences == 20
    assert "Page 3 of 3" in text(staff.get(f"{pages_of(drama)}?p=99999"))
    assert "Page 1 of 3" in text(staff.get(f"{pages_of(drama)}?p=x"))


def test_versions_of_another_page_or_of_none_are_not_found(staff, drama):
    other = factories.ApproachFactory()
    version = versions.of(other).first()
    for number in (version.pk, 999_999):
        assert staff.get(f"{pages_of(drama)}{number}/").status_code == 404
        assert staff.post(f"{pages_of(drama)}{number}/return/").status_code == 404
    assert staff.get(f"{pages_of(drama)}{versions.of(drama).first().pk}/return/").status_code == 405


def test_who_may_only_look_reads_the_history_and_returns_to_nothing(drama):
    user = factories.UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_approach"))
    client = Client()
    client.force_login(user)
    old = versions.of(drama).last()
    page = client.get(pages_of(drama))
    assert page.status_code == 200
    assert "Return to this version" not in page.content.decode()
    assert client.get(f"{pages_of(drama)}{old.pk}/").status_code == 200
    assert client.post(f"{pages_of(drama)}{old.pk}/return/").status_code == 403
    user.user_permissions.clear()
    assert client.get(pages_of(drama)).status_code == 403
    assert client.get(f"{pages_of(drama)}{old.pk}/").status_code == 403


def test_a_draft_returns_to_whatever_it_was(drama):
    publishing.unpublish(drama, by=None)
    Approach.objects.filter(pk=drama.pk).update(overview="[x](/nowhere/)", summary="")
    broken = versions.keep(drama, by=None)
    Approach.objects.filter(pk=drama.pk).update(overview="Fine.", summary="Fine.")
    versions.return_to(broken, by=None)
    drama.refresh_from_db()
    assert (drama.overview, drama.summary) == ("[x](/nowhere/)", "")
    with pytest.raises(ValidationError):
        publishing.publish(drama, by=None)
