"""Photos: what is taken in, and what is kept of it."""

import io
import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests import factories
from therapists.forms import PhotoField
from therapists.photos import SIDE, photo_path

GPS, ORIENTATION, MAKER = 0x8825, 0x0112, 0x010F


def picture(form="JPEG", size=(60, 40), mode="RGB", **options):
    """The bytes of a photo: its left half red, its right half blue."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    file = io.BytesIO()
    image.convert(mode).save(file, form, **options)
    return file.getvalue()


def exif(**tags):
    data = Image.Exif()
    data[MAKER] = "Fernphone"
    for tag, value in tags.items():
        data[{"orientation": ORIENTATION}[tag]] = value
    data.get_ifd(GPS).update({1: "N", 2: (45.0, 31.0, 12.0), 3: "W", 4: (122.0, 40.0, 55.0)})
    return data


def taken_in(data, name="me.jpg"):
    """The picture that is kept of an upload."""
    upload = SimpleUploadedFile(name, data, "image/jpeg")
    return PhotoField().clean(upload)


def opened(upload):
    upload.seek(0)
    return Image.open(upload)


def png_of(width, height):
    """A PNG that claims a size and holds hardly any data: decoding it could not succeed."""

    def chunk(kind, body):
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(b"\0" * 64)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("size", [(60, 40), (40, 60), (1, 1), (3000, 2)])
def test_a_photo_of_any_shape_becomes_a_square_webp(form, size):
    kept = opened(taken_in(picture(form, size)))
    assert (kept.format, kept.mode, kept.size) == ("WEBP", "RGB", (SIDE, SIDE))


@pytest.mark.parametrize(
    ("form", "mode"), [("JPEG", "CMYK"), ("JPEG", "L"), ("PNG", "P"), ("PNG", "RGBA"), ("PNG", "1")]
)
def test_photos_in_other_colour_spaces_are_taken_in(form, mode):
    assert opened(taken_in(picture(form, mode=mode))).mode == "RGB"


@pytest.mark.parametrize("form", ["GIF", "BMP", "TIFF", "ICO"])
def test_a_picture_of_another_kind_is_refused_whatever_it_is_called(form):
    with pytest.raises(ValidationError, match=r"Only JPEG, PNG and WebP|valid image"):
        taken_in(picture(form), "me.jpg")


def test_a_gif_named_jpg_is_refused_by_what_it_is():
    with pytest.raises(ValidationError, match="Only JPEG, PNG and WebP photos can be shown."):
        taken_in(picture("GIF"), "me.jpg")


@pytest.mark.parametrize("data", [b"", b"no picture", b"<svg onload='alert(1)'/>"])
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(ValidationError):
        taken_in(data)


def test_a_photo_of_30_megapixels_is_refused_by_its_header_alone():
    with pytest.raises(ValidationError, match="more than 20 million pixels"):
        taken_in(png_of(6000, 5000), "me.png")


def test_a_picture_that_would_unpack_into_gigabytes_is_refused():
    with pytest.raises(ValidationError, match="valid image"):
        taken_in(png_of(60_000, 60_000), "me.png")


def test_a_small_photo_whose_data_is_missing_is_refused_as_damaged():
    with pytest.raises(ValidationError, match="damaged"):
        taken_in(png_of(600, 500), "me.png")


def test_a_photo_larger_than_ten_megabytes_is_refused():
    with pytest.raises(ValidationError, match="larger than 10 MB"):
        taken_in(picture() + b"\0" * (10 * 1024 * 1024))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_the_place_and_the_phone_are_not_kept(form):
    data = picture(form, exif=exif())
    before = Image.open(io.BytesIO(data)).getexif()
    assert before.get_ifd(GPS)
    assert before[MAKER] == "Fernphone"

    kept = taken_in(data)

    assert not opened(kept).getexif()
    assert set(opened(kept).info) <= {"loop", "background", "timestamp", "duration"}
    kept.seek(0)
    assert b"Fernphone" not in kept.read()


def test_a_photo_taken_with_the_phone_turned_stands_upright():
    # Orientation 6: the camera lay on its side, so what is left in the data is up in the picture.
    kept = opened(taken_in(picture(size=(60, 60), exif=exif(orientation=6)))).convert("RGB")
    red, _, blue = kept.getpixel((SIDE // 2, 20))
    assert red > 200 > 100 > blue
    red, _, blue = kept.getpixel((SIDE // 2, SIDE - 20))
    assert blue > 200 > 100 > red


def test_a_stored_photo_has_a_random_name_that_tells_nothing():
    paths = {photo_path(None, "Tess at home, 7 Hawthorn Lane.JPG") for _ in range(50)}
    assert len(paths) == 50
    assert all(path.startswith("photos/") and path.endswith(".jpg") for path in paths)
    assert not any("Tess" in path or "Hawthorn" in path for path in paths)


@pytest.mark.django_db
def test_an_uploaded_photo_is_stored_under_a_random_name_and_shown(client):
    tess = factories.TherapistFactory(photo=taken_in(picture(), "Hawthorn Lane.jpg"))
    assert tess.photo.name.startswith("photos/")
    assert tess.photo.name.endswith(".webp")
    page = client.get(tess.get_absolute_url()).content.decode()
    assert f'src="{tess.photo.url}"' in page
    assert "Hawthorn" not in page
    shown = client.get(tess.photo.url)
    assert shown.status_code == 200
    assert Image.open(io.BytesIO(shown.getvalue())).format == "WEBP"


def test_a_photo_with_broken_metadata_is_refused_in_words():
    data = picture("WEBP", exif=exif()).replace(b"MM\0*", b"MM\0\0")
    with pytest.raises(ValidationError, match="damaged"):
        taken_in(data)


SAMPLES = [picture(form, exif=exif(orientation=6)) for form in ("JPEG", "PNG", "WEBP")]


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")  # Pillow says what it skips
@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=6))))
def test_a_damaged_photo_is_kept_bare_or_refused_in_words(data, damages):
    data = bytearray(data)
    for place, rubbish in damages:
        start = int(place * len(data))
        data[start : start + len(rubbish)] = rubbish
    try:
        kept = taken_in(bytes(data))
    except ValidationError as refusal:
        assert refusal.messages  # noqa: PT017  either outcome is right; a crash is not
    else:
        assert opened(kept).size == (SIDE, SIDE)
        assert not opened(kept).getexif()


def test_what_was_transparent_becomes_white():
    file = io.BytesIO()
    Image.new("RGBA", (50, 50), (255, 0, 0, 0)).save(file, "PNG")

    photo = opened(taken_in(file.getvalue(), "me.png"))

    assert photo.getpixel((SIDE // 2, SIDE // 2)) == (255, 255, 255)
