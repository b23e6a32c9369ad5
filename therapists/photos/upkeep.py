"""What `manage.py rebuild_photos` does: brings older photos into all sizes, and sweeps."""

from datetime import timedelta
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from therapists.photos.holders import holders
from therapists.photos.storing import (
    FOLDER,
    erase,
    has_sizes,
    kept_as,
    remove_after_commit,
    take_in,
)

# A photo is written before its row is. So what is younger may belong to somebody who still saves.
ORPHAN_AFTER = timedelta(days=1)


def rebuild():
    """Make all sizes of each photo that is one file; yields (name, "" or what stood in the way).

    Each row for itself: stopped half way, the next run goes on with what is left.
    """
    for model, field in holders():
        named = model.objects.exclude(**{field: ""}).values_list("pk", field).order_by("pk")
        for pk, name in list(named):
            if not has_sizes(name):
                yield name, _rebuild(model, field, pk, name)


def _rebuild(model, field, pk, name):
    try:
        with default_storage.open(name) as file:
            made = take_in(file)
    except FileNotFoundError:
        return "the file is missing"
    except ValidationError as error:
        return " ".join(error.messages)
    with transaction.atomic():
        # Not where the therapist has chosen another one meanwhile.
        taken = model.objects.filter(pk=pk, **{field: name}).update(**{field: made})
        remove_after_commit(name if taken else made)
    return ""


def erase_orphans():
    """Erase photos that no row names, unless they are new; returns how many."""
    before = timezone.now() - ORPHAN_AFTER
    found = {kept_as(path) for path in _files(FOLDER) if _written(path) < before}
    held = {
        name
        for model, field in holders()
        for name in model.objects.exclude(**{field: ""}).values_list(field, flat=True)
    }
    for name in found - held:
        erase(name)
    return len(found - held)


def _files(folder):
    """Paths of all files in a folder of the storage, and in those beneath it."""
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (str(PurePosixPath(folder) / file) for file in files)
    for inner in folders:
        yield from _files(f"{folder}/{inner}")


def _written(path):
    return default_storage.get_modified_time(path)
