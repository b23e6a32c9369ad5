"""Every model that staff see, swept: lists with all they offer, forms, history, deletion."""

import itertools

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approaches.models import Approach, Source, Specialist
from tests import factories
from tests.pages import text
from therapists.contact import moderation
from therapists.models import (
    Compact,
    Delivery,
    Finding,
    HoldRule,
    ImportConflict,
    Licence,
    Message,
    Office,
    Proposal,
    Report,
    SendBackReason,
    Term,
    Therapist,
    Vocabulary,
)

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
each_model = pytest.mark.parametrize("model", MODELS, ids=[model.__name__ for model in MODELS])

fresh = itertools.count()

# What makes one more row of each model; a new model is asked for here.
MAKERS = {
    Approach: factories.SpecialistFactory,
    Compact: lambda: factories.LicenceFactory(compact=factories.CompactFactory()),
    Authenticator: lambda: Authenticator.objects.create(
        user=factories.UserFactory(), type="totp", data={"secret": "s3cret"}
    ),
    EmailAddress: lambda: EmailAddress.objects.create(
        user=factories.UserFactory(), email=f"{next(fresh)}@tess.example"
    ),
    Delivery: lambda: factories.DeliveryFactory(dead=True),
    Finding: lambda: factories.FindingFactory(other=factories.TherapistFactory()),
    Group: lambda: Group.objects.create(name=f"Group {next(fresh)}"),
    HoldRule: factories.HoldRuleFactory,
    Licence: factories.LicenceFactory,
    ImportConflict: factories.ImportConflictFactory,
    Message: lambda: factories.MessageFactory(held=True),
    Proposal: factories.ProposalFactory,
    Report: factories.ReportFactory,
    SendBackReason: lambda: SendBackReason.objects.create(name="Too long", text="Too long."),
    Specialist: factories.StatementFactory,
    Term: lambda: factories.TermFactory(vocabulary__slug=f"list-{next(fresh)}"),
    Therapist: factories.LicenceFactory,
    User: factories.UserFactory,
    Vocabulary: lambda: factories.TermFactory(vocabulary__slug=f"list-{next(fresh)}"),
}


def rows_of(model, number):
    assert model in MAKERS, f"say in MAKERS how rows of {model.__name__} are made"
    for _ in range(number):
        MAKERS[model]()
    return list(model.objects.order_by("pk"))


def address(model, view, *arguments):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=arguments)


def get(client, url):
    answer = client.get(url, follow=True)
    assert answer.status_code == 200, url
    assert not [one for one in answer.redirect_chain if "e=1" in one[0]], f"refused: {url}"
    return answer


@each_model
def test_every_search_filter_and_column_of_a_list_works(staff, model):
    rows_of(model, 3)
    url = address(model, "changelist")
    changelist = get(staff, url).context["cl"]
    for spec in changelist.filter_specs:
        for choice in spec.choices(changelist):
            get(staff, url + choice["query_string"])
    if changelist.search_fields:
        get(staff, f"{url}?q=Tess+in+Portland")
        assert get(staff, f"{url}?q=nobody-is-called-that").context["cl"].result_count == 0
    for column in range(len(changelist.list_display)):
        for direction in ("", "-"):
            get(staff, f"{url}?o={direction}{column}")


@each_model
def test_every_form_history_and_question_before_deletion_opens(staff, model, rf, staff_user):
    row = rows_of(model, 1)[-1]
    request, page = rf.get("/"), admin.site._registry[model]
    request.user = staff_user
    refused = {"add": not page.has_add_permission(request),
               "delete": not page.has_delete_permission(request)}  # fmt: skip
    for view, arguments in (
        ("add", []), ("change", [row.pk]), ("history", [row.pk]), ("delete", [row.pk]),
    ):  # fmt: skip
        url = address(model, view, *arguments)
        if refused.get(view):
            assert staff.get(url).status_code == 403
        else:
            get(staff, url)


@each_model
def test_a_list_of_ten_asks_the_database_as_often_as_a_list_of_one(staff, model):
    url = address(model, "changelist")
    asked = []
    for more in (1, 9):
        rows = rows_of(model, more)
        with CaptureQueriesContext(connection) as queries:
            assert get(staff, url).context["cl"].result_count == len(rows)
        asked.append([query["sql"] for query in queries])
    assert len(rows) >= 10
    assert len(asked[0]) == len(asked[1]), asked[1]


def everything():
    """All rows of all tables, but for sessions and the lines that say who of staff has read."""
    models = [model for model in apps.get_models() if not model._meta.proxy]
    models.remove(Session)
    rows = {model: model.objects.all() for model in models}
    rows[LogEntry] = rows[LogEntry].exclude(change_message=moderation.READ)
    return {model: sorted(kept.values_list(), key=repr) for model, kept in rows.items()}


@each_model
def test_looking_never_changes_anything(staff, model):
    """No GET acts: not with a button's name, nor an action's, nor where it asks before deleting."""
    factories.SourceFactory()
    row = rows_of(model, 1)[-1]
    assert Source.objects.exists()
    verbs = [verb.name for verb in getattr(admin.site._registry[model], "verbs", ())]
    before = everything()
    for verb in [*verbs, "delete_selected"]:
        acted = f"?action={verb}&_selected_action={row.pk}&index=0&_verb_{verb}=1&post=yes"
        for view, arguments in (
            ("changelist", []), ("add", []), ("change", [row.pk]), ("delete", [row.pk]),
            ("history", [row.pk]),
        ):  # fmt: skip
            staff.get(address(model, view, *arguments) + acted, follow=True)
    assert everything() == before


def test_the_list_of_therapists_tells_who_is_shown_to_the_public(staff):
    factories.TherapistFactory(name="Lin Listed")
    factories.TherapistFactory(name="Dee Draft", draft=True)
    factories.TherapistFactory(name="Sal Stale", stale=True)
    url = address(Therapist, "changelist")
    shown, hidden = text(staff.get(f"{url}?listed=yes")), text(staff.get(f"{url}?listed=no"))
    for name, on_page, not_on in (
        ("Lin Listed", shown, hidden), ("Dee Draft", hidden, shown), ("Sal Stale", hidden, shown),
    ):  # fmt: skip
        assert name in on_page
        assert name not in not_on


def test_a_therapist_is_found_by_the_town_of_any_office_and_stands_there_once(staff):
    tess = factories.TherapistFactory(name="Tess Twooffices", office__city="Bend")
    factories.OfficeFactory(therapist=tess, city="Bendigo")
    factories.TherapistFactory(name="Otto Elsewhere")
    found = get(staff, address(Therapist, "changelist") + "?q=bend").context["cl"]
    assert [row.name for row in found.result_list] == ["Tess Twooffices"]


def test_deleting_a_therapist_by_hand_removes_all_that_hangs_on_them(staff):
    specialist = factories.SpecialistFactory()
    tess = specialist.therapist
    factories.LicenceFactory(therapist=tess)
    staff.post(address(Therapist, "delete", tess.pk), {"post": "yes"})
    for model in (Therapist, Office, Licence, Specialist):
        assert not model.objects.exists()
