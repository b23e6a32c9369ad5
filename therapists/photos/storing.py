"""Files of photos: written before a row names them, removed after no row does.

A photo is a folder with a random name, and in it one file for each size and format. A row keeps the
name of its largest WebP, `photos/<token>/640.webp`: so the width and height of every file are known
without opening one. Photos from before lie alone, `photos/<token>.webp`; `manage.py rebuild_photos`
makes folders of them.
"""

import secrets
from contextlib import suppress
from pathlib import PurePosixPath

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from therapists.photos.pictures import SIDE, SIZES, encoded, square

FOLDER = "photos"
FORMATS = ("avif", "webp")
FILES = tuple(f"{side}.{form}" for side in SIZES for form in FORMATS)
LARGEST = f"{SIDE}.webp"


def photo_path(instance, filename):
    """Where a photo lies that somebody hands to the field as it is: under a random name."""
    return f"{FOLDER}/{secrets.token_hex(8)}{PurePosixPath(filename).suffix.lower()}"


def take_in(upload, crop=None):
    """Check an upload and write all files of it; returns the name that a row keeps.

    `crop` is a `pictures.Crop`, or None for the middle. Raises ValidationError with a sentence.
    """
    return store(encoded(square(upload, crop)))


def store(files, *, folder=None):
    """Write {file name: bytes}, as of `pictures.encoded`; returns the name that a row keeps.

    Whoever is stopped half way leaves files that no row names: `manage.py rebuild_photos` removes
    them, as it does after a transaction that was rolled back.
    """
    folder = folder or f"{FOLDER}/{secrets.token_hex(8)}"
    for name, data in files.items():
        default_storage.save(f"{folder}/{name}", ContentFile(data))
    return f"{folder}/{LARGEST}"


def has_sizes(name):
    """Whether a photo is a folder with all sizes, or one file from before."""
    return PurePosixPath(name).name == LARGEST


def files_of(name):
    """Names of all files of a photo that a row calls by this name."""
    if not has_sizes(name):
        return [name]
    folder = PurePosixPath(name).parent
    return [str(folder / file) for file in FILES]


def kept_as(path):
    """The name under which a row keeps the photo that the file at this path belongs to."""
    path = PurePosixPath(path)
    return str(path.with_name(LARGEST)) if path.name in FILES else str(path)


def address(name, side=SIDE, form="webp"):
    """The address of the photo in one of `SIZES`; a photo from before has one file for all."""
    if has_sizes(name):
        name = f"{name.removesuffix(LARGEST)}{side}.{form}"
    return settings.MEDIA_URL + name


def remove_after_commit(name):
    """Remove a photo's files once the transaction holds, unless a row still names it then."""
    if name:
        transaction.on_commit(lambda: _remove_unless_held(name), robust=True)


def _remove_unless_held(name):
    from therapists.photos.holders import is_held

    if not is_held(name):
        erase(name)


def erase(name):
    """Remove all files of a photo, and its folder where the storage has folders."""
    for file in files_of(name):
        default_storage.delete(file)
    if has_sizes(name):
        with suppress(OSError):  # somebody laid something else there
            default_storage.delete(str(PurePosixPath(name).parent))
