"""One line in the admin's history for each thing that a person did outside a form."""

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
