"""What each kind of staff may do: three groups, kept by this table after every `migrate`.

A group named here has exactly these permissions: what a release takes from a role is taken from its
people, too. Groups of other names, and what a person was given beside a group, belong to the staff
of the place and are left alone.
"""

from django.apps import apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import connections

LOOK = "view"
KEEP = "view change"
ALL = "view add change delete"

# {role: {model, or app.*: what they may do}}. A model by its name wins over its app.
ROLES = {
    # Approach pages and the words that people search by.
    "curator": {
        "approaches.*": ALL,
        "approaches.specialist": LOOK,
        "therapists.vocabulary": ALL,
        "therapists.term": ALL,
        "therapists.compact": ALL,
    },
    # What therapists hand in, what the public reports, licenses.
    "reviewer": {
        "approaches.approach": LOOK,
        "approaches.source": LOOK,
        "approaches.specialist": KEEP,
        "therapists.therapist": LOOK,
        "therapists.office": LOOK,
        "therapists.consent": LOOK,
        "therapists.licence": KEEP,
        "therapists.proposal": KEEP,
        "therapists.report": KEEP,
        "therapists.importconflict": KEEP,
        "therapists.message": KEEP,
        "therapists.delivery": KEEP,
        "therapists.holdrule": ALL,
        "therapists.finding": KEEP,
        "therapists.sendbackreason": ALL,
        "therapists.term": LOOK,
        "therapists.vocabulary": LOOK,
        "therapists.compact": LOOK,
    },
    # Everything, and the people who work here.
    "manager": {
        "approaches.*": ALL,
        "therapists.*": ALL,
        "auth.user": "view add change",
        "auth.group": LOOK,
        "account.*": ALL,
        "mfa.*": "view delete",
    },
}


def codenames(role, app_label):
    """The permissions of a role within one app: {(model, codename)}."""
    table = ROLES[role]
    allowed = set()
    for model in apps.get_app_config(app_label).get_models():
        name = model._meta.model_name
        actions = table.get(model._meta.label_lower, table.get(f"{app_label}.*", ""))
        allowed |= {(name, f"{action}_{name}") for action in actions.split()}
    return allowed


def keep_roles(sender, using, **_):
    """For `post_migrate`, which comes once for each app: give the roles what the table says."""
    if not _has_groups(using):
        return
    ours = Permission.objects.using(using).filter(content_type__app_label=sender.label)
    # Most apps are nobody's business, and this comes for each of them.
    if not (_is_named(sender) or ours.filter(group__name__in=ROLES).exists()):
        return
    # Nobody promises that they were made before we are called.
    create_permissions(sender, verbosity=0, interactive=False, using=using)
    known = {(one.content_type.model, one.codename): one for one in ours.select_related()}
    for role in ROLES:
        group, _ = Group.objects.using(using).get_or_create(name=role)
        wanted = {known[key] for key in codenames(role, sender.label) if key in known}
        held = set(group.permissions.filter(content_type__app_label=sender.label))
        group.permissions.remove(*(held - wanted))
        group.permissions.add(*(wanted - held))


def _is_named(app):
    return any(codenames(role, app.label) for role in ROLES)


def _has_groups(using):
    """Whether the table is there: somebody may migrate one app alone, or back to nothing."""
    return (
        Group.permissions.through._meta.db_table in connections[using].introspection.table_names()
    )
