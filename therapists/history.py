"""The admin's history: one line for each thing that a person did, outside a form, too."""

from django.contrib.admin.models import CHANGE, DELETION, LogEntry
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


def record_erased(model, number, *, by):
    """Write down that somebody erased so many rows, and nothing of which these were."""
    names = model._meta.verbose_name if number == 1 else model._meta.verbose_name_plural
    LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(model),
        object_repr=f"{number:,} {names}",
        action_flag=DELETION,
    )


def lines_about(model, numbers):
    """What the history says of the rows of a model with these keys, under its name or a proxy's."""
    kinds = [
        ContentType.objects.get_for_model(one, for_concrete_model=False)
        for one in [model, *(sub for sub in model.__subclasses__() if sub._meta.proxy)]
    ]
    return LogEntry.objects.filter(content_type__in=kinds, object_id__in=map(str, numbers))
