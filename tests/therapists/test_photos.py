"""Photos: what is taken in, and what is kept of it."""

import io
import struct
import tracemalloc
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from therapists.forms import PhotoField
from therapists.photos import SIDE

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
    with pytest.raises(ValidationError, match="Choose a JPEG, PNG, WebP or AVIF."):
        taken_in(picture(form), "me.jpg")


@pytest.mark.parametrize("name", ["me", "me.gif", "me.jpg\0.exe", "x" * 400 + ".jpg"])
def test_the_name_of_a_photo_counts_for_nothing(name):
    upload = SimpleUploadedFile("me", picture("PNG"), "text/html")
    upload._name = name
    assert opened(PhotoField().clean(upload)).size == (SIDE, SIDE)


def test_a_photo_of_a_phone_that_we_cannot_read_is_told_what_to_do():
    with pytest.raises(ValidationError, match="Save it as a JPEG"):
        taken_in(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "IMG_1.HEIC")


@pytest.mark.parametrize("data", [b"", b"no picture", b"<svg onload='alert(1)'/>"])
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(ValidationError):
        taken_in(data)


def test_a_photo_of_30_megapixels_is_refused_by_its_header_alone():
    with pytest.raises(ValidationError, match="more than 20 million pixels"):
        taken_in(png_of(6000, 5000), "me.png")


@pytest.mark.parametrize("side", [12_000, 60_000])
def test_a_picture_that_would_unpack_into_gigabytes_is_refused_before_it_is_decoded(side):
    bomb = png_of(side, side)
    tracemalloc.start()
    with pytest.raises(ValidationError, match="more than 20 million pixels"):
        taken_in(bomb, "me.png")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(bomb) < 1_000
    assert most < 1_000_000


def test_a_real_picture_of_144_megapixels_in_few_bytes_is_refused():
    file = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(file, "PNG")
    assert len(file.getvalue()) < 50_000
    with pytest.raises(ValidationError, match="more than 20 million pixels"):
        taken_in(file.getvalue(), "me.png")


def test_a_small_photo_whose_data_is_missing_is_refused_as_damaged():
    with pytest.raises(ValidationError, match="damaged"):
        taken_in(png_of(600, 500), "me.png")


def test_a_photo_larger_than_ten_megabytes_is_refused():
    with pytest.raises(ValidationError, match="larger than 10 MB"):
        taken_in(picture() + b"\0" * (10 * 1024 * 1024))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_the_place_the_phone_and_what_was_noted_stand_in_no_file(form):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    notes = {"JPEG": {"comment": b"Hawthorn Lane", "xmp": b"<x>Hawthorn Lane</x>"}}.get(form, {})
    data = picture(form, exif=exif(), icc_profile=profile, **notes)
    before = Image.open(io.BytesIO(data))
    assert before.getexif().get_ifd(GPS)
    assert before.getexif()[MAKER] == "Fernphone"
    assert before.info["icc_profile"]
    assert (b"Hawthorn Lane" in data) == bool(notes)

    files = taken_in(data).files

    assert len(files) == 6
    for name, kept in files.items():
        file = Image.open(io.BytesIO(kept))
        assert not file.getexif(), name
        assert set(file.info) <= {"loop", "background", "timestamp", "duration"}, name
        for told in (b"Fernphone", b"Hawthorn", b"Exif", b"EXIF", b"ICCP", b"GPS", b"acsp", b"XMP"):
            assert told not in kept, name


def test_a_photo_is_kept_in_three_sizes_as_avif_and_as_webp():
    files = taken_in(picture()).files
    kept = {name: Image.open(io.BytesIO(data)) for name, data in files.items()}
    assert {name: (one.format, one.size) for name, one in kept.items()} == {
        f"{side}.{form.lower()}": (form, (side, side))
        for side in (96, 320, 640)
        for form in ("AVIF", "WEBP")
    }


# --- the square ---


def chosen(x="", y="", side="", size=(400, 200)):
    """The picture that is kept of a red half and a blue half, cut as a form says."""
    upload = SimpleUploadedFile("me.png", picture("PNG", size))
    upload.crop = [x, y, side]
    return opened(PhotoField().clean(upload)).convert("RGB")


def colours(kept):
    """What stands in the middle of the left and of the right edge."""
    pixels = [kept.getpixel((place, SIDE // 2)) for place in (4, SIDE - 5)]
    return ["red" if red > 200 > 100 > blue else "blue" for red, _, blue in pixels]


def test_without_a_choice_the_middle_is_shown():
    assert colours(chosen()) == ["red", "blue"]


@pytest.mark.parametrize(
    ("crop", "shown"),
    [
        (("0", "0", "1"), ["red", "red"]),
        (("0.5", "0", "1"), ["blue", "blue"]),
        (("0.25", "0", "1"), ["red", "blue"]),
        (("0.375", "0.25", "0.5"), ["red", "blue"]),
        (("0.5", "0.5", "0.1"), ["blue", "blue"]),
        # Outside the picture: moved into it.
        (("7", "0", "1"), ["blue", "blue"]),
        (("-3", "-3", "0.5"), ["red", "red"]),
        (("0.25", "9", "40"), ["red", "blue"]),
        (("1e308", "1e308", "1e-300"), ["blue", "blue"]),
    ],
)
def test_the_square_that_was_chosen_is_shown(crop, shown):
    assert colours(chosen(*crop)) == shown


@pytest.mark.parametrize(
    "crop",
    [
        ("a", "b", "c"), ("nan", "0", "1"), ("0", "inf", "1"), ("0", "0", "0"), ("0", "0", "-1"),
        ("0", "", ""), ("0", "0\0", "1"),
    ],
)  # fmt: skip
def test_a_square_that_cannot_be_read_is_refused_in_words(crop):
    with pytest.raises(ValidationError, match="which part of the photo to show. Choose again."):
        chosen(*crop)


def test_the_square_is_chosen_on_the_upright_picture():
    # Turned: what the data hold as left is up. The upper half was chosen.
    upload = SimpleUploadedFile("me.jpg", picture(size=(400, 200), exif=exif(orientation=6)))
    upload.crop = ["0", "0", "1"]
    assert colours(opened(PhotoField().clean(upload)).convert("RGB")) == ["red", "red"]
    upload.crop = ["0", "0.5", "1"]
    assert colours(opened(PhotoField().clean(upload)).convert("RGB")) == ["blue", "blue"]


def test_a_photo_taken_with_the_phone_turned_stands_upright():
    # Orientation 6: the camera lay on its side, so what is left in the data is up in the picture.
    kept = opened(taken_in(picture(size=(60, 60), exif=exif(orientation=6)))).convert("RGB")
    red, _, blue = kept.getpixel((SIDE // 2, 20))
    assert red > 200 > 100 > blue
    red, _, blue = kept.getpixel((SIDE // 2, SIDE - 20))
    assert blue > 200 > 100 > red


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


def test_sixteen_bits_of_gray_stay_gray():
    file = io.BytesIO()
    Image.new("I;16", (50, 50), 128 * 256).save(file, "PNG")
    gray = opened(taken_in(file.getvalue())).convert("RGB").getpixel((320, 320))
    assert all(abs(value - 128) < 4 for value in gray)


def test_of_a_moving_picture_the_first_is_kept():
    first, second = Image.new("RGB", (80, 80), "red"), Image.new("RGB", (80, 80), "blue")
    file = io.BytesIO()
    first.save(file, "WEBP", save_all=True, append_images=[second], duration=100)
    kept = opened(taken_in(file.getvalue()))
    assert not getattr(kept, "is_animated", False)
    assert colours(kept.convert("RGB")) == ["red", "red"]


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_a_photo_that_was_cut_off_is_refused_in_words(form):
    noise = Image.effect_noise((300, 300), 80).convert("RGB")
    file = io.BytesIO()
    noise.save(file, form)
    whole = file.getvalue()
    assert opened(taken_in(whole)).size == (SIDE, SIDE)
    with pytest.raises(ValidationError, match="damaged|cannot|can read"):
        taken_in(whole[: len(whole) // 2])


def test_an_empty_file_is_refused_in_words():
    with pytest.raises(ValidationError, match="This file is empty. Choose another one."):
        taken_in(b"")


def test_colours_are_brought_into_the_webs_as_the_photos_profile_says():
    """A phone's file says which red its numbers mean; without that its photos would look pale."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    turned = profile.replace(b"rXYZ", b"tmp.").replace(b"bXYZ", b"rXYZ").replace(b"tmp.", b"bXYZ")
    assert turned != profile
    kept = opened(taken_in(picture("PNG", icc_profile=turned)))
    assert colours(kept.convert("RGB")) == ["blue", "red"]


@pytest.mark.parametrize("profile", [b"rubbish", b"\0" * 200])
def test_a_colour_profile_that_cannot_be_read_is_passed_over(profile):
    kept = taken_in(picture("PNG", icc_profile=profile))
    assert colours(opened(kept).convert("RGB")) == ["red", "blue"]
