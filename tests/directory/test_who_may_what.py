"""Who may do what in both admins: generated from what is registered, so nothing is forgotten.

Each view of each model is asked for by everybody, for rows of their own and of others, by GET and
POST. What is expected is one short table; a model or view that is added later is in the sweep by
itself, and fails it until somebody says who may have it.

A secret stands in every row that others may not see. No answer to them may hold it, not even in an
error: neither the body, nor a header, nor where a redirect leads.
"""

import re
from collections import defaultdict

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.test import Client
from django.urls import URLPattern, URLResolver, reverse

from approaches.models import Approach, Source, Specialist
from directory.roles import ROLES
from tests import factories
from tests.directory.test_staff_site import rows_of
from tests.pages import Form
from therapists.models import Delivery, HoldRule, Licence, Message, Office, Proposal, Therapist
from therapists.my import my_site

pytestmark = pytest.mark.django_db

SECRET = "Xyzzyplugh"  # in each row that is nobody's business; no page says it by chance
SITES = {"admin": admin.site, "my": my_site}

# --- What is expected

# Roles may do with a model what `directory.roles` says; here is what no table of permissions says.
# Views of the admin sites themselves: who gets more than a refusal.
SITE_VIEWS = {
    "admin": {
        "everybody": {"login"},
        "staff": {"index", "logout", "password_change", "password_change_done", "jsi18n",
                  "autocomplete", "app_list", ""},
    },
    "my": {
        "everybody": {"login"},
        "owner": {"index", "logout", "password_change", "password_change_done", "jsi18n",
                  "app_list", ""},
    },
}  # fmt: skip
# Views of a model beside Django's own, and the permissions that each asks for.
OWN_VIEWS = {
    "therapists_therapist_import": ["add", "change"],
    "therapists_therapist_export": ["change"],
    "therapists_therapist_template": ["add", "change"],
    "approaches_approach_import": ["add", "change"],
    "approaches_approach_preview_new": ["add"],
    "approaches_approach_preview": ["change"],
    "approaches_approach_markdown": ["change"],
    "approaches_approach_pins": ["change"],
    "approaches_approach_version": ["view"],
    "approaches_approach_return": ["change"],
    "auth_user_password_change": ["change"],
    "therapists_finding_look": ["change"],
    "therapists_finding_done": ["change"],
    "therapists_importconflict_done": ["change"],
    "therapists_message_release": ["change"],
    "therapists_message_refuse": ["change"],
    "therapists_delivery_try_again": ["change"],
    "therapists_delivery_close": ["change"],
    "therapists_holdrule_try": ["view"],
    "therapists_proposal_approve": ["change"],
    "therapists_proposal_preview": ["view"],
    "therapists_report_done": ["change"],
    "therapists_term_merge": ["change", "delete"],
}
USUAL_VIEWS = {
    "changelist": ["view"], "add": ["add"], "change": ["view"], "delete": ["delete"],
    "history": ["view"],
}  # fmt: skip
# What is nobody's to do by hand, whatever the table of roles says of the model.
NOBODYS = {
    "therapists_report_add", "therapists_importconflict_add", "therapists_finding_add",
    "therapists_proposal_add", "therapists_proposal_delete", "therapists_message_add",
    "therapists_delivery_add", "therapists_delivery_delete",
}  # fmt: skip
# What a page answers to those whom it is for; 405 where it wants a POST.
WELCOME = {200, 302, 404, 405}
STAFF = sorted(ROLES)
WHO = ["nobody", "owner", "other", "former", "bare-staff", *STAFF]


# --- Who asks


@pytest.fixture
def people(db):
    """{who: (client, user)}; the owner has a published profile, the other an unpublished one."""
    users = {"nobody": None}
    for who in WHO[1:]:
        is_staff = who in STAFF or who == "bare-staff"
        users[who] = factories.UserFactory(username=f"{who}-user", is_staff=is_staff)
        if who in STAFF:
            users[who].groups.add(Group.objects.get(name=who))
    found = {}
    for who, user in users.items():
        found[who] = Client(raise_request_exception=True)
        if user:
            found[who].force_login(user)
    return found


@pytest.fixture
def rows(people):
    """One row of each model whose every text is a secret, and a profile of the owner."""
    owner, other = (User.objects.get(username=f"{who}-user") for who in ("owner", "other"))
    factories.SpecialistFactory(
        therapist__owner=owner, therapist__name="Own Profile", therapist__slug="own-profile"
    )
    secret = factories.TherapistFactory(
        draft=True, owner=other, name=f"{SECRET} Name", slug=f"{SECRET.lower()}-slug", title=SECRET,
        email=f"{SECRET.lower()}@private.example", phone="555 0199", about=SECRET, pronouns=SECRET,
        consent_basis=SECRET, office__city=SECRET, office__street=SECRET,
        terms=[factories.TermFactory()],
    )  # fmt: skip
    approach = factories.ApproachFactory(
        name=f"{SECRET} way", slug=f"{SECRET.lower()}-way", summary=SECRET, status="draft",
        published_on=None,
    )  # fmt: skip
    factories.SourceFactory(approach=approach, citation=SECRET)
    factories.LicenceFactory(therapist=secret, number=SECRET, compact=factories.CompactFactory())
    specialist = factories.SpecialistFactory(
        therapist=secret, approach=approach, statement=SECRET, state=Specialist.State.DRAFT
    )
    Proposal.objects.create(
        therapist=secret, part="statement", specialist=specialist, text=SECRET, submitted_by=other
    )
    # The history of the secret row names it, too.
    LogEntry.objects.create(
        user=other, content_type=ContentType.objects.get_for_model(Therapist),
        object_id=secret.pk, object_repr=f"{SECRET} Name", action_flag=2, change_message=SECRET,
    )  # fmt: skip
    message = factories.MessageFactory(therapist=secret, held=True, said={"text": SECRET})
    factories.DeliveryFactory(message=message, dead=True, fault=SECRET)
    for model in admin.site._registry:
        make_secret(model, secret)
    return secret


def make_secret(model, secret):
    """One row of any other model that hangs on a therapist: the secret one's, in secret words."""
    names = {field.name for field in model._meta.fields}
    if "therapist" not in names or model.objects.filter(therapist=secret).exists():
        return
    rows_of(model, 1)
    row = model.objects.order_by("pk").last()
    words = {one.name: SECRET for one in model._meta.fields if type(one) is models.TextField}
    model.objects.filter(pk=row.pk).update(therapist=secret, **words)


def may(role, model, actions):
    """Whether the table of roles gives a role all these actions on a model."""
    if role not in ROLES:
        return False
    table = ROLES[role]
    name, app = model._meta.label_lower, f"{model._meta.app_label}.*"
    held = set(table.get(name, table.get(app, "")).split())
    held |= {"view"} if "change" in held else set()
    return set(actions) <= held


# --- What there is


def views_of(site_name):
    """(view name, pattern) of every view of an admin site."""

    def walk(patterns):
        for one in patterns:
            if isinstance(one, URLResolver):
                yield from walk(one.url_patterns)
            elif isinstance(one, URLPattern):
                yield one

    return [(one.name or "", one) for one in walk(SITES[site_name].urls[0])]


def model_of(site_name, view):
    """(model, what the view does) of a view's name; (None, name) for those of the site itself."""
    for model in SITES[site_name]._registry:
        start = f"{model._meta.app_label}_{model._meta.model_name}_"
        if view.startswith(start):
            return model, view.removeprefix(start)
    return None, view


def addresses(site_name, secret):
    """(name, model, what it does, address) of every named view; where it names a row, a secret one.

    A view with another parameter stops the sweep until it is taught.
    """
    kind = ContentType.objects.get_for_model(Therapist).pk
    for name, _ in views_of(site_name):
        if not name:
            continue
        model, does = model_of(site_name, name)
        row = row_of(model, secret) if model else None
        known = {
            "object_id": row and row.pk, "id": row and row.pk, "pk": row and row.pk, "kind": "csv",
            "app_label": "therapists", "content_type_id": kind, "url": "nowhere/",
            "name": "nobody", "version": 1,
        }  # fmt: skip
        if site_name == "my" and model is None:  # a page of somebody's own about their profile
            known |= {"pk": secret.pk, "object_id": secret.pk}
        known["object_id"] = secret.pk if does == "view_on_site" else known["object_id"]
        values = {one: known.get(one) for one in parameters_of(site_name, name)}
        missing = [one for one, value in values.items() if value is None]
        assert not missing, f"teach this sweep what {missing} of {name} is"
        yield name, model, does, reverse(f"{site_name}:{name}", kwargs=values)


def is_beside_the_admins(name):
    """Whether this is a page of /my/ that the admin itself does not have."""
    known = SITE_VIEWS["my"]["owner"] | SITE_VIEWS["my"]["everybody"]
    return model_of("my", name)[0] is None and name not in known


def parameters_of(site_name, name):
    """What stands in the address of a view."""
    pattern = dict(views_of(site_name))[name].pattern
    return list(pattern.converters) or list(pattern.regex.groupindex)


def row_of(model, secret):
    """A row of this model that holds the secret where the model has one, else any."""
    if model._meta.concrete_model is Therapist:
        return secret
    paths = {"therapist": secret, "approach__slug": f"{SECRET.lower()}-way"}
    for path, value in paths.items():
        named = path.split("__")[0] in {one.name for one in model._meta.fields}
        if named and (row := model.objects.filter(**{path: value}).first()):
            return row
    if model is Approach:
        return Approach.objects.get(slug=f"{SECRET.lower()}-way")
    return model.objects.order_by("pk").first() or LogEntry.objects.first()


def is_refused(answer):
    """A sign-in page, a flat no, or what Django says of a row that is not there."""
    if answer.status_code in (400, 403, 404, 405):
        return True
    leads = answer.headers.get("Location", "")
    return answer.status_code == 302 and ("login" in leads or leads in ("/admin/", "/my/"))


def told(answer, *known):
    """Where the secret stands in an answer; a word that the asker sent is no news to them."""
    body = b"".join(answer) if answer.streaming else answer.content
    said = body.decode(errors="replace") + str(answer.headers)
    for word in known:
        said = said.replace(word, "")
    return re.findall(rf"(?i).{{0,60}}{SECRET}.{{0,40}}", said)


def everything():
    """All rows that somebody might have changed."""
    kept = (Therapist, Office, Licence, Approach, Source, Specialist, Proposal, User, Group,
            Message, Delivery, HoldRule)  # fmt: skip
    return {model: sorted(model.objects.values_list(), key=repr) for model in kept}


# --- Every view


@pytest.mark.parametrize("site_name", SITES)
@pytest.mark.parametrize("who", WHO)
def test_every_view_is_for_those_who_may_and_tells_others_nothing(site_name, who, people, rows):
    client, before, wrong = people[who], everything(), defaultdict(list)
    for name, model, does, address in addresses(site_name, rows):
        if does == "logout":
            continue
        expected = is_expected(site_name, who, model, name, does)
        # What somebody may do, they would do by a POST: other tests say what it does.
        for method in ("get",) if expected else ("get", "post"):
            answer = getattr(client, method)(address)
            if answer.status_code >= 500:
                wrong["broken"].append((method, address))
            if not expected and not is_refused(answer):
                leads = answer.headers.get("Location", "")
                wrong["let in"].append((method, address, answer.status_code, leads))
            if (
                expected
                and does not in ("autocomplete", "login")
                and answer.status_code not in WELCOME
            ):
                wrong["shut out"].append((address, answer.status_code))
            is_their_business = expected and (site_name, who) != ("my", "owner")
            if not is_their_business and (heard := told(answer)):
                wrong["told"].append((method, address, heard[:2]))
    assert dict(wrong) == {}
    assert everything() == before


def is_expected(site_name, who, model, name, does):
    """Whether this view gives `who` more than a refusal, for a row that is not theirs."""
    if does == "view_on_site":  # asked for a therapist
        return site_name == "admin" and may(who, Therapist, ["view"])
    if site_name == "my" and is_beside_the_admins(name):
        # About the profile in its address, whose owner is the other; or about one's own.
        return who == "other" or (who == "owner" and not parameters_of(site_name, name))
    views = SITE_VIEWS[site_name]
    if model is None:
        allowed = set(views["everybody"])
        if site_name == "admin" and (who in STAFF or who == "bare-staff"):
            allowed |= views["staff"]
        if site_name == "my" and who in ("owner", "other"):
            allowed |= views["owner"]
        return does in allowed
    if site_name == "my":
        # The secret profile is the other's own; the list is anybody's who has one.
        refused = {"add", "delete", "history"}
        return (does == "changelist" and who in ("owner", "other")) or (
            does not in refused and who == "other"
        )
    if name in NOBODYS:
        return False
    asks = OWN_VIEWS.get(name) or USUAL_VIEWS.get(does)
    assert asks, f"say in OWN_VIEWS which permissions {name} asks for"
    return may(who, model, asks)


def test_no_view_is_without_a_name_but_those_that_name_nothing():
    """A view without a name would be outside this sweep."""
    for site_name in SITES:
        unnamed = [str(one.pattern) for name, one in views_of(site_name) if not name]
        known = [one for one in unnamed if re.search(r"object_id|url|^$", one) or "Z" in one]
        assert unnamed == known, f"give these a name: {unnamed}"


# --- Ways around


def fields_of(model, depth=2):
    """Lookups that might tell of a column: its own, and those behind foreign keys."""
    for field in model._meta.get_fields():
        if isinstance(field, (models.CharField, models.TextField)):
            yield field.name
        elif depth and field.is_relation and field.related_model not in (None, model):
            related = field.related_model
            if not isinstance(related, str):
                yield from (f"{field.name}__{one}" for one in fields_of(related, 0))


@pytest.mark.parametrize("who", ["owner", "former", "bare-staff", "curator"])
def test_guessing_a_column_by_the_address_tells_nothing(who, people, rows):
    """A right guess and a wrong one look the same, in every list that somebody may see at all."""
    client = people[who]
    for site_name, site in SITES.items():
        for model in site._registry:
            label = f"{site_name}:{model._meta.app_label}_{model._meta.model_name}_changelist"
            url = reverse(label)
            if client.get(url).status_code != 200 and who != "owner":
                continue
            for field in fields_of(model):
                if not _leads_to_secrets(model, field, who):
                    continue
                for lookup in ("startswith", "icontains"):
                    answers = [
                        client.get(url, {f"{field}__{lookup}": guess})
                        for guess in (SECRET, "Nothinglikeit")
                    ]
                    shapes = [(one.status_code, is_refused(one)) for one in answers]
                    assert shapes[0] == shapes[1], f"{url}?{field}__{lookup}="
                    if answers[0].status_code == 200:
                        sizes = [
                            re.sub(rf"{SECRET}|Nothinglikeit", "", one.text) for one in answers
                        ]
                        assert sizes[0] == sizes[1], f"{url}?{field}__{lookup}="


def _leads_to_secrets(model, field, who):
    """Whether a column is one that this person may not see in the list itself."""
    if who == "owner":
        return True
    first = field.split("__")[0]
    related = model._meta.get_field(first).related_model or model
    return related._meta.concrete_model is Therapist or not may(who, related, ["view"])


@pytest.mark.parametrize("who", WHO)
def test_completing_words_tells_only_those_who_may_look(who, people, rows):
    for model in admin.site._registry:
        for field in model._meta.get_fields():
            if not (field.is_relation and field.concrete) or field.related_model is None:
                continue
            query = {"app_label": model._meta.app_label, "model_name": model._meta.model_name,
                     "field_name": field.name, "term": SECRET[:5]}  # fmt: skip
            target = field.related_model
            for site in ("admin", "my"):
                answer = people[who].get(f"/{site}/autocomplete/", query)
                if not (site == "admin" and may(who, target, ["view"])):
                    assert told(answer) == [], (who, model, field.name)
                    assert "results" not in answer.text


@pytest.mark.parametrize("who", ["nobody", "owner", "former", "bare-staff", "curator", "reviewer"])
def test_forged_actions_on_a_list_do_nothing(who, people, rows):
    before = everything()
    for site_name, site in SITES.items():
        for model, model_admin in site._registry.items():
            if site_name == "admin" and may(who, model, ["change"]):
                continue
            row = row_of(model, rows)
            names = {"delete_selected", "export_selected"}
            names |= {verb.name for verb in getattr(model_admin, "verbs", ())}
            names |= {getattr(one, "__name__", one) for one in model_admin.actions or ()}
            label = f"{model._meta.app_label}_{model._meta.model_name}_changelist"
            if site_name == "admin" and may(who, model, ["delete"]):
                names.discard("delete_selected")
            for name in sorted(names):
                forged = {"action": name, "_selected_action": row.pk, "post": "yes", "index": "0",
                          "select_across": "1"}  # fmt: skip
                answer = people[who].post(reverse(f"{site_name}:{label}"), forged)
                if site_name == "my" or not may(who, model, ["view"]):
                    assert told(answer) == [], (model, name)
    assert everything() == before


@pytest.mark.parametrize("button", ["_save", "_continue", "_saveasnew", "_verbs"])
def test_a_foreign_key_or_a_row_of_another_forged_into_ones_own_form_takes_nothing(
    people, rows, button
):
    """Every key of every field and inline, and the identity of every row, are forged at once."""
    owner = people["owner"]
    mine = Therapist.objects.get(slug="own-profile")
    before = secret_rows(rows)
    address = reverse("my:therapists_myprofile_change", args=[mine.pk])
    page = owner.get(address)
    fields = _fields(page)
    forged = {**fields}
    prefixes = {one.removesuffix("-TOTAL_FORMS") for one in fields if one.endswith("-TOTAL_FORMS")}
    for prefix in prefixes | {"offices", "licences", "specialisms", "proposals"}:
        keys = _keys_of_rows(rows, prefix)
        forged |= {f"{prefix}-{total}_FORMS": str(len(keys)) for total in ("TOTAL", "INITIAL")}
        for number, key in enumerate(keys):
            row = {"id": key, "therapist": rows.pk, "approach": Approach.objects.last().pk,
                   "specialist": Specialist.objects.last().pk, "DELETE": "on", "city": "Forged",
                   "statement": "Forged", "number": "Forged"}  # fmt: skip
            forged |= {f"{prefix}-{number}-{name}": str(value) for name, value in row.items()}
    for field in Therapist._meta.get_fields():
        if field.concrete and field.is_relation:
            forged[field.name] = str(rows.owner_id if field.name == "owner" else 1)
    forged |= {"id": str(rows.pk), "pk": str(rows.pk), "therapist_ptr": str(rows.pk)}
    buttons = {f"_verb_{name}": "1" for name in ("publish", "withdraw", "confirm_availability")}
    answer = owner.post(address, forged | (buttons if button == "_verbs" else {button: "1"}))
    assert answer.status_code < 500
    assert told(answer) == []
    assert secret_rows(rows) == before


def secret_rows(secret):
    """The other's profile and all that hangs on it."""
    parts = [Therapist.objects.filter(pk=secret.pk)]
    parts += [model.objects.filter(therapist=secret)
              for model in (Office, Licence, Specialist, Proposal)]  # fmt: skip
    return [list(part.order_by("pk").values()) for part in parts] + [
        sorted(secret.terms.values_list("pk", flat=True))
    ]


def _keys_of_rows(therapist, relation):
    """Primary keys of what hangs on a therapist by this name, or one that is made up."""
    manager = getattr(therapist, relation, None)
    return list(manager.values_list("pk", flat=True)) if manager is not None else [1]


def _fields(page):
    """{name: value} of the first large form on a page."""
    form_id = re.search(r'<form[^>]*id="(\w+_form)"', page.text)[1]
    return Form(page, form_id).sent()


@pytest.mark.parametrize("who", [*STAFF, "bare-staff"])
def test_a_forged_change_by_staff_who_may_not_is_refused(who, people, rows):
    before = everything()
    for model, model_admin in admin.site._registry.items():
        if may(who, model, ["change"]):
            continue
        row = row_of(model, rows)
        start = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        forged = {field.name: "1" for field in model._meta.fields}
        forged |= {f"_verb_{verb.name}": "1" for verb in getattr(model_admin, "verbs", ())}
        for view, keys in (("change", [row.pk]), ("add", [])):
            if view == "add" and may(who, model, ["add"]):
                continue
            answer = people[who].post(reverse(f"{start}_{view}", args=keys), forged)
            assert is_refused(answer), (who, model, view, answer.status_code)
    assert everything() == before


@pytest.mark.parametrize("who", WHO)
def test_the_way_to_the_public_page_names_no_row_that_is_not_public(who, people, rows):
    """`/r/<kind>/<key>/` redirects to any row of any model: not past those who may not look."""
    for model in (Therapist, Approach):
        kind = ContentType.objects.get_for_model(model).pk
        for site in ("admin", "my"):
            answer = people[who].get(f"/{site}/r/{kind}/{row_of(model, rows).pk}/")
            if not (site == "admin" and may(who, model, ["view"])):
                assert told(answer) == [], (who, site, model)


@pytest.mark.parametrize("who", ["bare-staff", "curator", "reviewer"])
def test_the_first_page_tells_of_nothing_that_somebody_may_not_see(who, people, rows):
    page = people[who].get("/admin/")
    if not may(who, Therapist, ["view"]):
        assert told(page) == [], who
