"""Staff curate approach pages and statements, and the public page shows what they decided."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from approaches.models import Approach, Specialist
from tests import factories
from tests.pages import Form, text
from therapists.models import Proposal

LIST = "/admin/approaches/approach/"
STATEMENTS = "/admin/approaches/specialist/"


def change(row):
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


def form_of(client, row):
    return Form(client.get(change(row)), f"{row._meta.model_name}_form")


def press(client, row, button, **changes):
    """Open the row's page, change some fields, press one of its buttons."""
    form = form_of(client, row).fill(**changes)
    return client.post(change(row), form.sent(button), follow=True)


def act(client, address, action, *rows):
    """Tick rows of a list, choose an action, press Go."""
    form = Form(client.get(address), "changelist-form")
    assert action in form.choices["action"]
    form.fill(action=action, _selected_action=[str(row.pk) for row in rows])
    return client.post(address, form.sent(), follow=True)


def public(approach):
    return text(Client().get(approach.get_absolute_url()))


def test_staff_write_an_approach_with_its_sources_and_publish_it(staff, client):
    grief = factories.TermFactory(name="Grief")
    other = factories.ApproachFactory(name="Walking Therapy")
    form = Form(staff.get(f"{LIST}add/"), "approach_form")
    form.fill(name="Story Therapy", slug="story-therapy", synonyms="Tale work, Storying")
    form.fill(summary="Telling it anew.", overview="A **bold** beginning.", limits="Not for all.")
    form.fill(helps_with=[str(grief.pk)], related=[str(other.pk)], reviewed_by="Rae Reviewer")
    form.fill(**{"sources-0-citation": "Teller, T. (2019). Tales. A Journal, 2(1), 3-4."})
    form.add_row("sources", citation="Second, S. (2021). More. A Press.", url="press.example/more")
    saved = staff.post(f"{LIST}add/", form.sent("_continue"), follow=True)
    approach = Approach.objects.get(slug="story-therapy")
    assert approach.synonyms == ["Tale work", "Storying"]
    assert client.get("/approaches/story-therapy/").status_code == 404

    published = staff.post(
        change(approach), Form(saved, "approach_form").sent("_verb_publish"), follow=True
    )
    assert "Published: Story Therapy." in text(published)
    answer = client.get("/approaches/story-therapy/")
    for shown in ("Tale work", "Telling it anew.", "Not for all.", "Grief", "Walking Therapy",
                  "Teller, T. (2019). Tales.", "Second, S. (2021). More."):  # fmt: skip
        assert shown in text(answer)
    assert "<strong>bold</strong>" in answer.content.decode()
    assert 'href="https://press.example/more"' in answer.content.decode()


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ({"overview": ""}, "has no overview yet."),
        ({"summary": " "}, "has no summary yet."),
        ({"overview": "", "summary": ""}, "has no summary and no overview yet."),
    ],
)
def test_an_unfinished_page_is_not_published_and_the_reason_is_said(staff, missing, sentence):
    draft = factories.ApproachFactory(status="draft", published_on=None, **missing)
    assert f"{draft.name} {sentence}" in text(press(staff, draft, "_verb_publish"))
    assert f"{draft.name} {sentence}" in text(act(staff, LIST, "publish", draft))
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_the_list_publishes_and_takes_from_the_public(staff, client):
    shown, draft = factories.ApproachFactory(), factories.ApproachFactory(status="draft")
    act(staff, LIST, "publish", draft)
    act(staff, LIST, "unpublish", shown)
    assert client.get(draft.get_absolute_url()).status_code == 200
    assert client.get(shown.get_absolute_url()).status_code == 404


def test_an_approach_taken_from_the_public_keeps_its_statements(staff, client):
    specialist = factories.SpecialistFactory()
    press(staff, specialist.approach, "_verb_unpublish")
    assert client.get(specialist.approach.get_absolute_url()).status_code == 404
    specialist.refresh_from_db()
    assert specialist.state == "approved"


def test_a_pinned_specialist_stands_first_and_the_page_says_so(staff):
    approach = factories.ApproachFactory()
    everyone = factories.SpecialistFactory.create_batch(5, approach=approach)
    before = sorted(everyone, key=lambda one: public(approach).index(one.statement))
    last = before[-1]
    press(staff, last, "_save", position="1")
    page = public(approach)
    assert min(everyone, key=lambda one: page.index(one.statement)) == last
    assert page.count("Chosen by the editors") == 1

    press(staff, approach, "_save", **{"specialists-0-position": ""})  # unpinned on the page itself
    page = public(approach)
    assert sorted(everyone, key=lambda one: page.index(one.statement)) == before
    assert "Chosen by the editors" not in page


def test_the_page_of_an_approach_has_room_for_those_pinned_and_those_waiting(staff):
    approach = factories.ApproachFactory()
    pinned = factories.SpecialistFactory(approach=approach, position=1)
    waiting = factories.StatementFactory(specialist__approach=approach).specialist
    factories.SpecialistFactory(approach=approach)
    form = form_of(staff, approach)
    assert {form["specialists-0-id"], form["specialists-1-id"]} == {
        str(pinned.pk), str(waiting.pk),
    }  # fmt: skip
    assert form["specialists-TOTAL_FORMS"] == "2"
    page = staff.get(change(approach)).content.decode()
    link = f"{STATEMENTS}?approach__id__exact={approach.pk}"
    assert f'<a href="{link}">3 specialists</a>' in page
    assert "3 specialists" in text(staff.get(link))


def test_an_approved_statement_is_read_by_the_public_and_one_withdrawn_is_not(staff):
    specialist = factories.SpecialistFactory(state="draft", statement="I walk beside you.")
    approach = specialist.approach
    assert "I walk beside you." not in public(approach)
    press(staff, specialist, "_verb_approve")
    assert "I walk beside you." in public(approach)
    press(staff, specialist, "_verb_withdraw")
    assert "I walk beside you." not in public(approach)


def test_approved_words_that_staff_change_wait_and_the_published_ones_stay(staff, staff_user):
    specialist = factories.SpecialistFactory(statement="I walk beside you.")

    saved = press(staff, specialist, "_save", statement="I run ahead of you.", training_body="Sea")

    assert "the new words wait for review" in text(saved)
    assert "I walk beside you." in public(specialist.approach)
    specialist.refresh_from_db()
    assert specialist.training_body == "Sea"
    (waits,) = Proposal.objects.waiting()
    assert (waits.text, waits.submitted_by) == ("I run ahead of you.", staff_user)


@pytest.mark.parametrize("of", ["therapist", "approach"])
def test_so_they_do_when_changed_on_a_page_that_shows_several(staff, of):
    specialist = factories.SpecialistFactory(statement="I walk beside you.", position=1)
    other = factories.SpecialistFactory(
        **{of: getattr(specialist, of)}, statement="I sit still.", position=2
    )
    row = getattr(specialist, of)
    rows = "specialisms" if of == "therapist" else "specialists"
    forms = {int(form_of(staff, row)[f"{rows}-{n}-id"]): n for n in range(2)}

    press(staff, row, "_save", **{f"{rows}-{forms[specialist.pk]}-statement": "I run ahead."})

    assert "I walk beside you." in public(specialist.approach)
    assert "I sit still." in public(other.approach)
    assert [one.text for one in Proposal.objects.waiting()] == ["I run ahead."]


def test_words_that_are_no_statement_yet_are_written_in_place(staff):
    draft = factories.SpecialistFactory(state="draft", statement="I walk.")
    press(staff, draft, "_save", statement="I run.")
    draft.refresh_from_db()
    assert (draft.statement, draft.state) == ("I run.", "draft")
    assert not Proposal.objects.exists()


def test_the_list_shows_whose_new_version_waits(staff):
    waits = factories.StatementFactory().specialist
    factories.SpecialistFactory(statement="Settled long ago.")
    page = text(staff.get(f"{STATEMENTS}?waits=yes"))
    assert str(waits.therapist) in page
    assert "Settled long ago." not in page


def test_the_list_approves_what_can_be_approved_and_says_what_cannot(staff):
    ready, also = factories.SpecialistFactory.create_batch(2, state="draft")
    empty = factories.SpecialistFactory(state="draft", statement="")
    said = text(act(staff, STATEMENTS, "approve", ready, also, empty))
    assert "Approved: 2." in said
    assert f"{empty}: there is no statement to approve." in said
    states = Specialist.objects.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["approved", "approved", "draft"]


def test_a_withdrawn_statement_is_kept_and_not_shown(staff):
    specialist = factories.SpecialistFactory(statement="I walk beside you.")
    act(staff, STATEMENTS, "withdraw", specialist)
    assert "I walk beside you." not in public(specialist.approach)
    specialist.refresh_from_db()
    assert (specialist.state, specialist.statement) == ("draft", "I walk beside you.")


@pytest.mark.parametrize("field", ["summary", "overview"])
def test_a_published_page_keeps_what_it_needs(staff, field):
    approach = factories.ApproachFactory()
    answer = press(staff, approach, "_save", **{field: ""})
    assert answer.status_code == 200
    assert "A published page keeps its summary and its overview." in text(answer)
    approach.refresh_from_db()
    assert getattr(approach, field)


def test_an_approved_statement_cannot_be_emptied_on_any_page(staff):
    specialist = factories.SpecialistFactory(position=1)
    for row, field in (
        (specialist, "statement"),
        (specialist.therapist, "specialisms-0-statement"),
        (specialist.approach, "specialists-0-statement"),
    ):
        answer = press(staff, row, "_save", **{field: ""})
        assert answer.status_code == 200
        assert "There is no statement to approve." in text(answer)
    specialist.refresh_from_db()
    assert specialist.statement


def test_nobody_is_a_specialist_of_the_same_approach_twice(staff):
    specialist = factories.SpecialistFactory()
    address = f"{STATEMENTS}add/"
    form = Form(staff.get(address), "specialist_form")
    again = {"therapist": specialist.therapist_id, "approach": specialist.approach_id}
    answer = staff.post(address, form.sent("_save") | again)
    assert "This therapist is a specialist of this approach already." in text(answer)
    form = form_of(staff, specialist.therapist)
    form.add_row("specialisms", approach=str(specialist.approach_id))
    answer = staff.post(change(specialist.therapist), form.sent("_save"))
    assert "Please correct the duplicate data" in text(answer)
    assert Specialist.objects.count() == 1


@pytest.fixture
def onlooker(db):
    """A browser of staff who may look at approaches and statements, and change nothing."""
    user = factories.UserFactory(username="ola-onlooker", is_staff=True)
    looks = Permission.objects.filter(codename__in=["view_approach", "view_specialist"])
    user.user_permissions.set(looks)
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("verb", "of_approach"),
    [("unpublish", True), ("publish", True), ("approve", False), ("withdraw", False)],
)  # fmt: skip
def test_staff_who_may_only_look_cannot_use_a_verb(onlooker, verb, of_approach):
    specialist = factories.SpecialistFactory(state="draft")
    row, address = (specialist.approach, LIST) if of_approach else (specialist, STATEMENTS)
    if verb == "publish":
        Approach.objects.update(status="draft")
    before = type(row).objects.values().get()
    page = onlooker.get(change(row))
    assert page.status_code == 200
    assert "_verb_" not in page.content.decode()
    assert onlooker.post(change(row), {f"_verb_{verb}": "1"}).status_code == 403
    onlooker.post(address, {"action": verb, "_selected_action": row.pk, "index": "0"})
    assert type(row).objects.values().get() == before
