"""Photos of therapists: what is taken in, what is kept of it, and under which name."""

import secrets
from io import BytesIO
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageOps

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 20_000_000
FORMATS = {"JPEG", "PNG", "WEBP"}

# One square, in pixels: sharp in the largest circle that a page draws, on a dense screen.
SIDE = 640


def photo_path(instance, filename):
    """A random name: the uploader's own may tell more than they meant to."""
    return f"photos/{secrets.token_hex(12)}{PurePosixPath(filename).suffix.lower()}"


def check_photo(upload):
    """Refuse by size and by what the header says, before the picture is decoded in full.

    `upload` has been through `forms.ImageField`, which leaves the opened header as `.image`.
    """
    if upload.size > MAX_BYTES:
        raise ValidationError("This photo is larger than 10 MB. Choose a smaller one.")
    if upload.image.format not in FORMATS:
        raise ValidationError("Only JPEG, PNG and WebP photos can be shown.")
    if upload.image.width * upload.image.height > MAX_PIXELS:
        raise ValidationError("This photo has more than 20 million pixels. Choose a smaller one.")


def cleaned_photo(upload):
    """A new WebP of the same picture: upright, square from the middle, and nothing else.

    Phones write the place and the time into a photo. So the pixels alone are copied.
    """
    upload.seek(0)
    with Image.open(upload) as original:
        try:
            upright = ImageOps.exif_transpose(original).convert("RGBA")
        except Exception as error:
            # As in ImageField: a broken header makes Pillow raise whatever comes of it.
            raise ValidationError("This photo is damaged. Choose another one.") from error
    square = ImageOps.fit(upright, (SIDE, SIDE), method=Image.Resampling.LANCZOS)
    # What was transparent becomes white: beneath it may lie colours that nobody meant to show.
    bare = Image.new("RGB", square.size, "white")
    bare.paste(square, mask=square)
    file = BytesIO()
    bare.save(file, "WEBP", quality=82)
    return SimpleUploadedFile("photo.webp", file.getvalue(), "image/webp")
