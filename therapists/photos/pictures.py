"""From an upload to one bare square, and from that to the files that are kept."""

import math
from dataclasses import dataclass
from io import BytesIO

from django.core.exceptions import ValidationError
from PIL import Image, ImageCms, ImageOps

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 20_000_000
# The only formats whose readers ever see an upload. HEIC is not among them: Pillow has none for it.
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
ACCEPTED = "JPEG, PNG, WebP or AVIF, at most 10 MB and 20 million pixels."

# Sides in pixels: the circle in a list, the same on a dense screen, and the profile on a dense one.
SIZES = (96, 320, 640)
SIDE = SIZES[-1]

UNKNOWN_PART = "We could not read which part of the photo to show. Choose again."
UNREADABLE = "This is not a photo that we can read. Choose a JPEG, PNG, WebP or AVIF."
HEIC = "This is a HEIC photo, which we cannot read. Save it as a JPEG, and choose that."
DAMAGED = "This photo is damaged. Choose another one."


@dataclass(frozen=True)
class Crop:
    """The square that was chosen: fractions of the upright picture.

    `x` and `y` say where its upper left corner lies, of the width and of the height; `side` is its
    length, of the shorter edge.
    """

    x: float
    y: float
    side: float

    @classmethod
    def parse(cls, x, y, side):
        """The crop that a form sent as text; None where it sent none, and the middle is taken."""
        if not (x or y or side):
            return None
        try:
            crop = cls(float(x), float(y), float(side))
        except ValueError:
            crop = cls(math.nan, 0, 0)
        if not (all(map(math.isfinite, (crop.x, crop.y, crop.side))) and crop.side > 0):
            raise ValidationError(UNKNOWN_PART)
        return crop

    def box(self, width, height):
        """(left, upper, right, lower) in pixels; what lies outside the picture is moved into it."""
        side = max(1.0, min(self.side, 1.0) * min(width, height))
        left = max(0.0, min(self.x * width, width - side))
        upper = max(0.0, min(self.y * height, height - side))
        return left, upper, left + side, upper + side


def _middle(width, height):
    side = min(width, height)
    left, upper = (width - side) / 2, (height - side) / 2
    return left, upper, left + side, upper + side


def square(upload, crop=None):
    """An upright square of `SIDE` pixels, RGB, with nothing but its pixels.

    Refuses by size and by what the header says, before the picture is decoded. The name of the file
    and the type that the browser claims count for nothing.
    """
    if upload.size > MAX_BYTES:
        raise ValidationError("This photo is larger than 10 MB. Choose a smaller one.")
    original = _opened(upload)
    if original.width * original.height > MAX_PIXELS:
        raise ValidationError("This photo has more than 20 million pixels. Choose a smaller one.")
    try:
        profile = original.info.get("icc_profile")
        upright = _simple(ImageOps.exif_transpose(original))
    except Exception as error:
        # Data that are broken make Pillow raise whatever comes of it.
        raise ValidationError(DAMAGED) from error
    box = crop.box(*upright.size) if crop else _middle(*upright.size)
    small = upright.resize((SIDE, SIDE), Image.Resampling.LANCZOS, box=box)
    return _bare(small, profile)


def _opened(upload):
    upload.seek(0)
    try:
        return Image.open(upload, formats=FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        # Pillow's own limit is further off than ours.
        raise ValidationError(
            "This photo has more than 20 million pixels. Choose a smaller one."
        ) from error
    except Exception as error:
        upload.seek(0)
        is_heic = upload.read(12)[4:] in (b"ftypheic", b"ftypheix", b"ftypmif1")
        raise ValidationError(HEIC if is_heic else UNREADABLE) from error


def _simple(image):
    """The picture in a mode that can be scaled: L, RGB, CMYK or RGBA."""
    if image.mode.startswith(("I", "F")):  # 16 bits of gray: Pillow would cut them off, not scale
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("L", "RGB", "CMYK") and "transparency" not in image.info:
        image.load()
        return image
    return image.convert("RGBA")


def _bare(image, profile):
    """The pixels in the web's colours, upon white.

    White, since beneath what is transparent may lie colours that nobody meant to show.
    """
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colours = _in_srgb(image.convert("RGB") if alpha else image, profile)
    bare = Image.new("RGB", image.size, "white")
    bare.paste(colours, mask=alpha)
    return bare


def _in_srgb(image, profile):
    """RGB by the colour profile that the photo came with: phones use a wider one than the web."""
    if profile:
        try:
            return ImageCms.profileToProfile(
                image, BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            pass  # a profile that is broken, or of another colour space: as if there were none
    return image.convert("RGB")


def encoded(picture, *, quick=False):
    """{file name: bytes} of a square in all sizes as AVIF and WebP; the largest WebP comes last.

    `quick` takes a fifth of the time and makes files half as large again: for drawings by the
    hundred.
    """
    files = {}
    for side in SIZES:
        scaled = picture.resize((side, side), Image.Resampling.LANCZOS, reducing_gap=2)
        files[f"{side}.avif"] = _bytes(scaled, "AVIF", quality=60, speed=9 if quick else 6)
        files[f"{side}.webp"] = _bytes(scaled, "WEBP", quality=80, method=2 if quick else 4)
    return files


def _bytes(picture, form, **options):
    file = BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()
