"""Which rows hold photos, whose these are, and whether the public sees them.

Every model with a `PhotoField` holds photos. A therapist's own is public while they are listed.
That of a row which points to a therapist (a new photo that waits for review) is shown to them and
to staff alone.
"""

from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db.models import BooleanField, Case, Value, When
from django.db.models.signals import post_delete, pre_save

from therapists.photos.field import PhotoField
from therapists.photos.storing import remove_after_commit
from therapists.querysets import listed_q


@dataclass(frozen=True)
class Standing:
    """Who may see a photo: everybody, or the sign-ins (primary keys) that own it, and staff."""

    is_public: bool
    owners: frozenset


@cache
def holders():
    """[(model, name of the field)] of all that holds photos."""
    return [
        (model, field.name)
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, PhotoField) and not model._meta.proxy
    ]


def is_held(name):
    """Whether a row names this photo."""
    return any(model.objects.filter(**{field: name}).exists() for model, field in holders())


def standing(name):
    """The `Standing` of the photo that rows keep under this name, or None where no row does.

    One query.
    """
    first, *others = [_standings(model, field, name) for model, field in holders()]
    rows = list(first.union(*others, all=True) if others else first)
    if not rows:
        return None
    owners = frozenset(owner for owner, _ in rows if owner is not None)
    return Standing(any(is_public for _, is_public in rows), owners)


def _standings(model, field, name):
    """(owner, whether it is public) of the rows of one model that name this photo."""
    rows = model.objects.filter(**{field: name}).order_by()
    if model._meta.label == "therapists.Therapist":
        public = Case(When(listed_q(), then=True), default=False, output_field=BooleanField())
        return rows.annotate(is_public=public).values_list("owner", "is_public")
    hidden = Value(False, output_field=BooleanField())
    return rows.annotate(is_public=hidden).values_list("therapist__owner", "is_public")


def follow():
    """Remove files that a saved or deleted row leaves behind. Called once, when all is loaded."""
    for model, field in holders():
        for held in [model, *_proxies(model)]:
            pre_save.connect(_replaced, sender=held, dispatch_uid=f"photo {field}")
            post_delete.connect(_deleted, sender=held, dispatch_uid=f"photo {field}")


def _proxies(model):
    return [one for one in apps.get_models() if one._meta.proxy_for_model is model]


def _fields(model):
    """Names of the fields of a model, or of the one that it is a proxy of, which hold photos."""
    concrete = model._meta.concrete_model
    return [field for holder, field in holders() if holder is concrete]


def _replaced(sender, instance, raw=False, update_fields=None, **kwargs):
    for field in _fields(sender):
        if raw or instance.pk is None or (update_fields is not None and field not in update_fields):
            continue
        kept = sender._base_manager.filter(pk=instance.pk).values_list(field, flat=True).first()
        if kept and kept != getattr(instance, field).name:
            remove_after_commit(kept)


def _deleted(sender, instance, **kwargs):
    for field in _fields(sender):
        remove_after_commit(getattr(instance, field).name)
