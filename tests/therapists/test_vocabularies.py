"""Staff keep the lists of words: rename, retire, merge. Addresses and the index follow."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.pages import Form, text
from tests.therapists.reading import chosen, get, left_out, slugs, ticks
from therapists import vocabularies
from therapists.models import Term, TermAlias, Therapist
from therapists.search.check import check

pytestmark = pytest.mark.django_db


@pytest.fixture
def grief():
    return factories.TermFactory(name="Grief", slug="grief", synonyms=["mourning"])


@pytest.fixture
def loss(grief):
    """Another word for the same thing, in the same vocabulary."""
    return factories.TermFactory(name="Loss", slug="loss", synonyms=["Mourning", "losing"])


@pytest.fixture
def people(grief, loss):
    """anna states one term, bela the other, cleo both, dora (a draft) the one; emma neither."""
    stated = {"anna": [loss], "bela": [grief], "cleo": [loss, grief], "emma": []}
    for slug, terms in stated.items():
        factories.TherapistFactory(slug=slug, name=slug.capitalize(), terms=terms)
    factories.TherapistFactory(slug="dora", terms=[loss], draft=True)


def history():
    return list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))


def find(client, query):
    answer = get(client, f"/therapists/?{query}")
    return answer, sorted(slugs(answer))


def change(term):
    return f"/admin/therapists/term/{term.pk}/change/"


# --- merge ----------------------------------------------------------------------------------------


def test_merging_moves_everybody_once_and_the_index_follows(client, people, grief, loss):
    art = factories.ApproachFactory()
    art.helps_with.set([loss])
    both = factories.ApproachFactory()
    both.helps_with.set([grief, loss])

    vocabularies.merge(loss, grief, by=None)

    assert not check()
    assert find(client, "issue=grief")[1] == ["anna", "bela", "cleo"]
    assert Therapist.objects.filter(terms=grief).count() == 4
    assert Therapist.terms.through.objects.count() == 4
    assert list(art.helps_with.all()) == [grief]
    assert list(both.helps_with.all()) == [grief]
    assert list(Term.objects.all()) == [grief]


def test_the_words_of_a_merged_term_find_the_other(client, people, grief, loss):
    vocabularies.merge(loss, grief, by=None)
    grief.refresh_from_db()
    assert grief.synonyms == ["mourning", "Loss", "losing"]
    assert find(client, "q=losing")[1] == ["anna", "bela", "cleo"]
    assert not check()


def test_an_old_address_leads_to_the_one_that_every_equal_search_has(client, people, grief, loss):
    panic = factories.TermFactory(name="Panic", slug="panic")
    vocabularies.merge(loss, grief, by=None)

    for asked in ("issue=loss", "issue=loss&issue=grief", "issue=grief&issue=loss"):
        answer = client.get(f"/therapists/?{asked}")
        assert (answer.status_code, answer["Location"]) == (302, "/therapists/?issue=grief")

    vocabularies.merge(grief, panic, by=None)  # and on, after another merge
    answer, found = find(client, "issue=loss")
    assert answer.request["QUERY_STRING"] == "issue=panic"
    assert found == ["anna", "bela", "cleo"]
    assert list(chosen(answer)) == ["Which issue?: Panic"]


def test_old_slugs_count_in_their_own_vocabulary_alone(client, people, grief, loss):
    factories.TermFactory(vocabulary__slug="faith", slug="quaker", name="Quaker")
    vocabularies.merge(loss, grief, by=None)
    answer, _ = find(client, "faith=loss")
    assert [why for why in left_out(answer) if "“loss”" in why]


def test_a_search_that_knows_its_words_asks_for_no_old_ones(client, people):
    client.get("/therapists/?issue=grief")
    with CaptureQueriesContext(connection) as queries:
        client.get("/therapists/?issue=grief")
    assert not [one for one in queries if "termalias" in one["sql"]]


def test_a_merge_is_in_the_history_with_who_and_how_many(people, grief, loss, staff_user):
    factories.ApproachFactory().helps_with.set([loss])
    vocabularies.merge(loss, grief, by=staff_user)
    assert history() == ["“Loss” was merged into it: 3 therapists, 1 approach."]


@pytest.mark.parametrize("which", ["itself", "another list", "one that is gone"])
def test_what_cannot_be_merged_is_refused_and_nothing_changes(people, grief, loss, which):
    other = {
        "itself": lambda: grief,
        "another list": lambda: factories.TermFactory(vocabulary__slug="faith"),
        "one that is gone": lambda: Term(pk=0, vocabulary=grief.vocabulary),
    }[which]()
    before = Term.objects.count()
    with pytest.raises(ValidationError):
        vocabularies.merge(grief, other, by=None)
    assert Term.objects.count() == before
    assert not TermAlias.objects.exists()
    assert not check()


def test_a_name_too_long_for_a_synonym_is_none(grief):
    long = factories.TermFactory(name="L" * 100, slug="long")
    vocabularies.merge(long, grief, by=None)
    grief.refresh_from_db()
    assert grief.synonyms == ["mourning", "L" * 100]


# --- retire ---------------------------------------------------------------------------------------


def test_a_retired_term_is_not_offered_and_kept_by_who_stated_it(client, people, grief, loss):
    vocabularies.retire(loss, by=None)
    assert not check()
    page = get(client, "/therapists/")
    assert ("issue", "grief") in ticks(page)
    assert ("issue", "loss") not in ticks(page)
    assert "Loss" in text(get(client, "/therapists/anna/"))
    # An old address still finds who stated it, and the choice can be taken away.
    answer, found = find(client, "issue=loss")
    assert found == ["anna", "cleo"]
    assert list(chosen(answer)) == ["Which issue?: Loss"]

    vocabularies.bring_back(loss, by=None)
    assert ("issue", "loss") in ticks(get(client, "/therapists/"))
    assert not check()


def test_a_list_of_which_every_term_is_retired_is_not_shown(client, people):
    quaker = factories.TermFactory(vocabulary__slug="faith", slug="quaker", name="Quaker")
    assert "Which faith?" in text(get(client, "/therapists/"))
    vocabularies.retire(quaker, by=None)
    assert "Which faith?" not in text(get(client, "/therapists/"))
    assert find(client, "faith=quaker")[1] == []


def test_forms_offer_a_retired_term_to_those_alone_who_have_it(staff, people, grief, loss):
    vocabularies.retire(loss, by=None)
    anna, bela = (Therapist.objects.get(slug=slug) for slug in ("anna", "bela"))
    address = "/admin/therapists/therapist/{}/change/"
    forms = {
        one.slug: Form(staff.get(address.format(one.pk)), "therapist_form") for one in (anna, bela)
    }
    assert str(loss.pk) in forms["anna"].choices["terms"]
    assert str(loss.pk) not in forms["bela"].choices["terms"]
    assert "Loss (retired)" in text(staff.get(address.format(anna.pk)))

    staff.post(address.format(anna.pk), forms["anna"].sent("_save"))
    assert list(anna.terms.all()) == [loss]
    forms["bela"]["terms"] = [str(loss.pk)]  # forged
    answer = staff.post(address.format(bela.pk), forms["bela"].sent("_save"))
    assert "not one of the available choices" in text(answer)
    assert list(bela.terms.all()) == [grief]


def test_an_approach_is_offered_no_retired_term_but_the_one_it_has(staff, grief, loss):
    vocabularies.retire(loss, by=None)
    approach = factories.ApproachFactory()
    form = Form(staff.get(f"/admin/approaches/approach/{approach.pk}/change/"), "approach_form")
    assert form.choices["helps_with"] == [str(grief.pk)]
    approach.helps_with.set([loss])
    form = Form(staff.get(f"/admin/approaches/approach/{approach.pk}/change/"), "approach_form")
    assert sorted(form.choices["helps_with"]) == sorted([str(grief.pk), str(loss.pk)])


def test_retiring_and_bringing_back_are_one_click(staff, loss):
    form = Form(staff.get(change(loss)), "term_form")
    answer = staff.post(change(loss), form.sent("_verb_retire"), follow=True)
    assert "Retired: Loss." in text(answer)
    assert Term.objects.get(pk=loss.pk).retired_on == factories.today()
    answer = staff.post(change(loss), form.sent("_verb_retire"), follow=True)
    assert "“Loss” is retired already." in text(answer)
    staff.post(change(loss), form.sent("_verb_bring_back"), follow=True)
    assert Term.objects.get(pk=loss.pk).retired_on is None
    assert "Retired." in history()
    assert "Brought back." in history()


# --- rename ---------------------------------------------------------------------------------------


def rename(staff, term, **values):
    form = Form(staff.get(change(term)), "term_form").fill(**values)
    return staff.post(change(term), form.sent("_save"), follow=True)


def test_a_renamed_slug_leads_on_and_back_again(staff, client, people, loss):
    rename(staff, loss, name="Losing somebody", slug="losing-somebody")
    answer, found = find(client, "issue=loss")
    assert answer.request["QUERY_STRING"] == "issue=losing-somebody"
    assert found == ["anna", "cleo"]
    assert not check()
    assert "?issue=loss" in text(staff.get(change(loss)))

    loss.refresh_from_db()
    rename(staff, loss, slug="loss")
    answer, found = find(client, "issue=losing-somebody")
    assert answer.request["QUERY_STRING"] == "issue=loss"
    assert found == ["anna", "cleo"]
    assert [alias.slug for alias in loss.aliases.all()] == ["losing-somebody"]


def test_a_name_alone_changes_no_address(staff, client, people, loss):
    rename(staff, loss, name="Losing somebody")
    assert not TermAlias.objects.exists()
    assert find(client, "issue=loss")[1] == ["anna", "cleo"]


def test_an_old_slug_is_nobody_elses(staff, people, grief, loss):
    vocabularies.merge(loss, grief, by=None)
    panic = factories.TermFactory(name="Panic", slug="panic")
    answer = rename(staff, panic, slug="loss")
    assert "“loss” leads to “Grief”, which was called so before." in text(answer)
    add = "/admin/therapists/term/add/"
    form = Form(staff.get(add), "term_form")
    form.fill(vocabulary=str(grief.vocabulary_id), name="Loss", slug="loss")
    assert "Choose another slug." in text(staff.post(add, form.sent("_save")))
    # The same slug in another list is free.
    other = factories.VocabularyFactory(slug="faith")
    form.fill(vocabulary=str(other.pk))
    staff.post(add, form.sent("_save"))
    assert Term.objects.filter(vocabulary=other, slug="loss").exists()


def test_slugs_renamed_on_the_page_of_the_list_lead_on_as_well(staff, client, people, grief, loss):
    address = f"/admin/therapists/vocabulary/{grief.vocabulary_id}/change/"
    form = Form(staff.get(address), "vocabulary_form")
    (row,) = [name for name, value in form.items() if value == "loss" and name.endswith("-slug")]
    form.fill(**{row: "losing"})
    assert staff.post(address, form.sent("_save")).status_code == 302
    assert find(client, "issue=loss")[0].request["QUERY_STRING"] == "issue=losing"


def test_the_parameter_of_a_list_stays_what_it_is(staff, grief):
    address = f"/admin/therapists/vocabulary/{grief.vocabulary_id}/change/"
    form = Form(staff.get(address), "vocabulary_form")
    assert "slug" not in form
    staff.post(address, {**form.fill(name="Troubles").sent("_save"), "slug": "trouble"})
    grief.vocabulary.refresh_from_db()
    assert (grief.vocabulary.name, grief.vocabulary.slug) == ("Troubles", "issue")


# --- pages ----------------------------------------------------------------------------------------


def test_staff_read_what_moves_before_they_merge(staff, client, people, grief, loss):
    page = staff.get(change(loss))
    address = f"/admin/therapists/term/{loss.pk}/merge/"
    assert address in page.content.decode()
    form = Form(staff.get(address), "choose_form")
    assert form.choices["into"] == ["", str(grief.pk)]
    asked = staff.get(address, form.fill(into=str(grief.pk)).sent())
    assert "3 therapists move; 1 of them has “Grief” already" in text(asked)
    assert "This cannot be undone" in text(asked)
    assert Term.objects.count() == 2  # looking changes nothing

    done = staff.post(address, Form(asked, "merge_form").sent(), follow=True)
    assert "“Loss” was merged into “Grief”." in text(done)
    assert find(client, "issue=loss")[1] == ["anna", "bela", "cleo"]
    assert staff.get(address).status_code == 404  # a second click finds it gone


@pytest.mark.parametrize("into", ["", "0", "x", "99999999999999999999", "\x00"])
def test_a_merge_into_nothing_asks_again(staff, loss, into):
    address = f"/admin/therapists/term/{loss.pk}/merge/"
    for answer in (staff.get(address, {"into": into}), staff.post(address, {"into": into})):
        assert answer.status_code == 200
        assert "choose_form" in answer.content.decode()
    assert Term.objects.filter(pk=loss.pk).exists()


def test_who_may_not_change_and_delete_terms_cannot_merge(loss, grief):
    user = factories.UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_term", "change_term"]))
    client = Client()
    client.force_login(user)
    address = f"/admin/therapists/term/{loss.pk}/merge/"
    assert client.get(address).status_code == 403
    assert client.post(address, {"into": grief.pk}).status_code == 403
    assert "/merge/" not in client.get(change(loss)).content.decode()


def test_beside_each_term_stands_how_many_listed_therapists_state_it(staff, people, grief, loss):
    page = staff.get("/admin/therapists/term/").content.decode()
    assert page.count('<td class="field-listed_count">2</td>') == 2


def test_where_terms_are_chosen_by_typing_retired_ones_are_left_out(staff, grief, loss):
    vocabularies.retire(loss, by=None)
    asked = {"app_label": "therapists", "model_name": "therapist", "field_name": "terms"}
    answer = staff.get("/admin/autocomplete/", {**asked, "term": ""})
    assert [one["text"] for one in answer.json()["results"]] == ["Grief"]
    assert "Loss" in text(staff.get("/admin/therapists/term/"))
