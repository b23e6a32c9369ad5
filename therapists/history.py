"""The admin's history: one line for each thing that a person did, outside a form, too."""

from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType


def record(row, sentence, *, by):
    """Write `sentence` into the history of `row`; a command (`by` is None) has nobody to name."""
    if by is None:
        return
    LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(row, for_concrete_model=True),
        object_id=row.pk,
        object_repr=str(row)[:200],
        action_flag=CHANGE,
        change_message=sentence,
    )


def lines_about(model, rows):
    """What the history says of these rows of a model, under its name or a proxy's."""
    kinds = [
        ContentType.objects.get_for_model(one, for_concrete_model=False)
        for one in [model, *(sub for sub in model.__subclasses__() if sub._meta.proxy)]
    ]
    keys = [str(row.pk) for row in rows]
    return LogEntry.objects.filter(content_type__in=kinds, object_id__in=keys)
