"""Staff see the public page with what they have not saved. Looking writes nothing."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from approaches.models import Approach
from approaches.versions import ApproachVersion
from tests import factories
from tests.approaches.pages import quotes_of
from tests.pages import Form, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def drama():
    approach = factories.ApproachFactory(name="Drama therapy", slug="drama")
    approach.helps_with.set([factories.TermFactory(name="Grief", slug="grief")])
    factories.SourceFactory(approach=approach, citation="First, F. (2020). A work.", year=2020)
    return approach


def change(row):
    return f"/admin/approaches/approach/{row.pk}/change/"


def everything():
    return [list(model.objects.values()) for model in (Approach, ApproachVersion)]


def preview(staff, row, **values):
    form = Form(staff.get(change(row)), "approach_form").fill(**values)
    return staff.post(f"/admin/approaches/approach/{row.pk}/preview/", form.sent())


def test_the_preview_is_the_public_page_with_what_is_not_saved(staff, client, drama):
    specialist = factories.SpecialistFactory(approach=drama)
    panic = factories.TermFactory(name="Panic", slug="panic")
    before = everything()
    public = client.get("/approaches/drama/")
    same = preview(staff, drama)
    notice = "A preview: nobody else sees this page, and nothing of it has been saved."
    assert text(same).replace(f"{notice} ", "") == text(public)

    answer = preview(
        staff,
        drama,
        name="Play acting",
        overview="It is **new**.",
        helps_with=[str(panic.pk)],
        **{"sources-0-DELETE": ["on"], "sources-1-citation": "New, N. (2026)."},
    )
    page = answer.content.decode()
    for said in ("Play acting", "<strong>new</strong>", "?issue=panic#results", "New, N. (2026)."):
        assert said in page
    assert "First, F." not in page
    assert [one.statement for one in quotes_of(answer)] == [specialist.statement]
    assert 'action="/approaches/drama/#results"' in page
    assert before == everything()
    assert "Play acting" not in text(client.get("/approaches/drama/"))


def test_a_page_that_is_not_there_yet_can_be_looked_at(staff):
    add = "/admin/approaches/approach/add/"
    form = Form(staff.get(add), "approach_form").fill(name="New way", slug="new-way")
    form.fill(overview="A beginning.", **{"sources-0-citation": "New, N. (2026)."})
    answer = staff.post("/admin/approaches/approach/preview/", form.sent())
    for said in ("New way", "A beginning.", "New, N. (2026)."):
        assert said in text(answer)
    assert not Approach.objects.exists()


def test_faults_are_there_to_be_looked_at_and_errors_are_said(staff, drama):
    assert "A preview" in text(preview(staff, drama, overview="[x](/nowhere/)"))
    answer = preview(staff, drama, name="", **{"sources-0-citation": ""})
    said = text(answer)
    assert "There is no preview yet" in said
    assert "Name: This field is required." in said
    assert "Citation: This field is required." in said
    assert "Null characters are not allowed." in text(preview(staff, drama, overview="a\x00b"))


def test_markdown_is_shown_while_it_is_typed(staff):
    address = "/admin/approaches/approach/markdown/"
    answer = staff.post(address, {"text": "**b** <script>x</script> [l](javascript:x)"})
    assert "<strong>b</strong>" in answer.content.decode()
    assert "<script" not in answer.content.decode()
    assert "href" not in answer.content.decode()
    assert staff.post(address).content == b""
    assert staff.get(address).status_code == 405


@pytest.mark.parametrize("path", ["preview/", "{}/preview/", "markdown/"])
def test_previews_are_for_those_who_may_change_pages(drama, owner, path):
    user = factories.UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_approach"))
    onlooker = Client()
    onlooker.force_login(user)
    address = f"/admin/approaches/approach/{path.format(drama.pk)}"
    assert onlooker.post(address, {"text": "x"}).status_code == 403
    for stranger in (owner, Client()):
        answer = stranger.post(address, {"text": "x"})
        assert (answer.status_code, answer["Location"][:13]) == (302, "/admin/login/")
    assert onlooker.get(address).status_code in (403, 405)
