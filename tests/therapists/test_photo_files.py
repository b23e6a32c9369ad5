"""Files of photos: written, named by rows, served to those who may see them, and removed."""

import io
import os
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from tests import factories
from therapists import review
from therapists.models import MyProfile, Proposal, Therapist
from therapists.photos import photo_path, storing, take_in
from therapists.photos.field import Photo

pytestmark = pytest.mark.django_db


def upload(colour="teal", name="Tess at 7 Hawthorn Lane.jpg", size=(90, 60)):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG")
    return SimpleUploadedFile(name, file.getvalue(), "image/jpeg")


def with_photo(colour="teal", **fields):
    return factories.TherapistFactory(photo=Photo.of(upload(colour)), **fields)


def files():
    """Names of all files and folders beneath the folder of photos."""
    folder = Path(settings.MEDIA_ROOT)
    return {str(path.relative_to(folder)) for path in (folder / "photos").rglob("*")}


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """A block whose transaction is taken to hold at its end."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


# --- written ---


def test_a_photo_is_a_folder_with_a_random_name_that_tells_nothing():
    names = {take_in(upload()) for _ in range(5)}
    assert len(names) == 5
    assert not any("Tess" in file or "Hawthorn" in file for file in files())
    assert len(files()) == 5 * (1 + 6)
    assert photo_path(None, "Tess.JPG") != photo_path(None, "Tess.JPG")


def test_a_saved_row_names_its_photo_and_keeps_the_name_when_it_is_saved_again():
    tess = with_photo()
    tess.refresh_from_db()
    assert tess.photo.name.endswith("/640.webp")
    assert {f"{side}.{form}" for side in (96, 320, 640) for form in ("avif", "webp")} == {
        Path(file).name for file in files() if "." in file
    }
    before = tess.photo.name, files()
    tess.save()
    assert (tess.photo.name, files()) == before


def test_the_page_offers_each_screen_its_size_and_keeps_the_place(client):
    tess = with_photo()
    page = client.get(tess.get_absolute_url()).text
    base = "/media/" + tess.photo.name.removesuffix("640.webp")
    assert f'<source type="image/avif" srcset="{base}320.avif 320w, {base}640.avif 640w"' in page
    assert 'sizes="144px"' in page
    assert f'src="{base}320.webp" alt="" width="144" height="144" loading="lazy"' in page
    assert "Hawthorn" not in page
    listing = client.get("/therapists/").text
    assert f'srcset="{base}96.avif 96w, {base}320.avif 320w" sizes="72px"' in listing


def test_a_photo_from_before_is_shown_as_the_one_file_that_it_is(client):
    tess = factories.TherapistFactory()
    tess.photo.save("tess.webp", ContentFile(Photo.of(upload()).read()))
    page = client.get(tess.get_absolute_url()).text
    assert f'src="/media/{tess.photo.name}"' in page
    assert "<picture>" not in page
    assert client.get(tess.photo.url).status_code == 200


# --- removed ---


def test_the_old_files_go_when_another_photo_is_kept(committed):
    tess = with_photo()
    first = files()
    with committed():
        tess.photo = Photo.of(upload("navy"))
        tess.save()
        assert first < files()
    assert len(files()) == 7
    assert not first & files()


@pytest.mark.parametrize("model", [Therapist, MyProfile])
def test_all_files_go_with_the_row(committed, model):
    tess = with_photo()
    with committed():
        model.objects.get(pk=tess.pk).delete()
        assert files()
    assert not files()


def test_all_files_go_when_the_photo_is_taken_away(committed):
    tess = with_photo()
    with committed():
        tess.photo = ""
        tess.save(update_fields=["photo"])
    assert not files()


def test_nothing_goes_when_something_else_is_saved(committed):
    tess = with_photo()
    before = files()
    with committed():
        Therapist.objects.get(pk=tess.pk).save(update_fields=["name"])
        Therapist.objects.get(pk=tess.pk).save()
    assert files() == before


@pytest.mark.django_db(transaction=True)
def test_nothing_goes_when_the_transaction_does_not_hold():
    tess = with_photo()
    before = files()
    with transaction.atomic():
        tess.photo = Photo.of(upload("navy"))
        tess.save()
        Therapist.objects.get(pk=tess.pk).delete()
        transaction.set_rollback(True)
    assert before <= files()
    assert Client().get(storing.address(Therapist.objects.get().photo.name)).status_code == 200


def test_a_photo_that_another_row_names_stays(committed):
    """As a proposal's, which becomes the therapist's own when it is approved."""
    tess = with_photo()
    other = factories.TherapistFactory(photo=tess.photo.name)
    before = files()
    with committed():
        tess.delete()
    assert files() == before
    with committed():
        other.delete()
    assert not files()


# --- served ---


def addresses(tess):
    return [
        storing.address(tess.photo.name, side, form)
        for side in (96, 320, 640)
        for form in ("avif", "webp")
    ]


def test_a_listed_therapists_photo_is_everybodys_for_an_hour(client):
    tess = with_photo()
    for address in addresses(tess):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address, headers={"cookie": "sessionid=abcdefgh"})
        assert len(queries) == 1
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == f"image/{address.rpartition('.')[2]}"
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "cookie" not in answer.headers.get("Vary", "").lower()
        assert not answer.cookies
        image = Image.open(io.BytesIO(answer.getvalue()))
        assert f"/{image.width}.{image.format.lower()}" in address


def test_what_a_browser_has_already_is_not_sent_again(client):
    (address, *_) = addresses(with_photo())
    tag = client.get(address).headers["ETag"]
    again = client.get(address, headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Cache-Control"] == "public, max-age=3600"
    Therapist.objects.update(status="withdrawn")
    assert client.get(address, headers={"if-none-match": tag}).status_code == 404


UNLISTED = {
    "draft": {"draft": True},
    "withdrawn": {"withdrawn": True},
    "hidden": {"stale": True},
}


@pytest.mark.parametrize("why", UNLISTED)
def test_photos_of_who_is_not_listed_are_for_themselves_and_staff(
    client, owner, owner_user, staff, other_profile, why
):
    tess = with_photo(owner=owner_user, **UNLISTED[why])
    other = Client()
    other.force_login(other_profile.owner)
    onlooker = Client()
    onlooker.force_login(factories.UserFactory(is_staff=True))  # without a right to see therapists
    for address in addresses(tess):
        for nobody in (client, other, onlooker):
            assert nobody.get(address).status_code == 404
        for somebody in (owner, staff):
            answer = somebody.get(address)
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "private, no-cache"
            assert "Cookie" in answer.headers["Vary"]


def test_withdrawing_and_coming_back_take_the_photo_along(client):
    tess = with_photo()
    (address, *_) = addresses(tess)
    for status, shown in (("published", 200), ("withdrawn", 404), ("published", 200)):
        Therapist.objects.update(status=status)
        assert client.get(address).status_code == shown


@pytest.mark.parametrize(
    "path",
    ["photos/{token}/", "photos/{token}", "photos/{token}/97.webp", "photos/{token}/640.png",
     "photos/{token}/320.webp/", "photos//{token}/320.webp", "photos/./{token}/320.webp",
     "photos/", "photos/.", "photos/secret.txt", "photos/{token}/320.webp%00", "{token}/320.webp"],
)  # fmt: skip
def test_nothing_else_can_be_had_by_an_address(client, path):
    tess = with_photo()
    default_storage.save("photos/secret.txt", ContentFile(b"secret"))
    token = tess.photo.name.split("/")[1]
    assert client.get("/media/" + path.format(token=token)).status_code == 404


def test_no_address_leads_out_of_the_folder(client):
    tess = with_photo()
    (Path(settings.MEDIA_ROOT) / "secret.txt").write_text("secret")
    for path in ("../secret.txt", f"{tess.photo.name}/../../../secret.txt", "%2e%2e/secret.txt"):
        assert client.get(f"/media/photos/{path}").status_code in (400, 404)


def test_a_file_that_got_lost_is_a_404(client):
    tess = with_photo()
    storing.erase(tess.photo.name)
    assert client.get(addresses(tess)[0]).status_code == 404


def test_a_server_in_front_can_send_the_file_when_we_have_allowed_it(client, settings):
    settings.PHOTOS_ACCEL = "/kept/"
    tess = with_photo()
    answer = client.get(addresses(tess)[0])
    assert answer.headers["X-Accel-Redirect"] == "/kept/" + tess.photo.name.replace(
        "640.webp", "96.avif"
    )
    assert answer.headers["Content-Type"] == "image/avif"
    assert answer.content == b""
    Therapist.objects.update(status="withdrawn")
    hidden = client.get(addresses(tess)[0])
    assert hidden.status_code == 404
    assert "X-Accel-Redirect" not in hidden.headers


# --- manage.py rebuild_photos ---


def rebuilt(capsys):
    call_command("rebuild_photos")
    return capsys.readouterr()


def one_file(**fields):
    """A therapist with a photo from before: one file, of another size."""
    tess = factories.TherapistFactory(**fields)
    tess.photo.save("tess.webp", ContentFile(upload().read()))
    return tess


def grow_old():
    for path in Path(settings.MEDIA_ROOT).rglob("*.*"):
        os.utime(path, (0, 0))


def test_photos_from_before_come_in_all_sizes_and_a_second_run_does_nothing(committed, capsys):
    tess = one_file()
    other = with_photo()
    kept, single = other.photo.name, tess.photo.name
    with committed():
        assert "made anew: 1. Left as they are: 0." in rebuilt(capsys).out
    tess.refresh_from_db()
    other.refresh_from_db()
    assert other.photo.name == kept
    assert storing.has_sizes(tess.photo.name)
    assert single not in files()
    before = files()
    assert "made anew: 0." in rebuilt(capsys).out
    assert files() == before


def test_a_photo_that_is_missing_or_damaged_stays_as_it_is_and_is_named(capsys):
    missing, damaged, good = one_file(), one_file(), one_file()
    default_storage.delete(missing.photo.name)
    Path(damaged.photo.path).write_bytes(b"no picture")
    said = rebuilt(capsys)
    assert "made anew: 1. Left as they are: 2." in said.out
    assert f"{missing.photo.name}: the file is missing" in said.err
    assert f"{damaged.photo.name}: This is not a photo" in said.err
    good.refresh_from_db()
    assert storing.has_sizes(good.photo.name)


def test_what_nobody_names_is_erased_once_it_is_a_day_old(capsys):
    tess = with_photo()
    orphan = take_in(upload())
    half = "photos/0123456789abcdef/96.avif"  # killed while it was written
    default_storage.save(half, ContentFile(b"half"))
    assert "erased that nobody has any more: 0." in rebuilt(capsys).out
    grow_old()
    assert "erased that nobody has any more: 2." in rebuilt(capsys).out
    tess.refresh_from_db()
    assert files() == {
        str(Path(tess.photo.name).parent), *storing.files_of(tess.photo.name)
    }  # fmt: skip
    assert orphan not in files()


# --- a photo that waits for review ---


def test_a_photo_that_waits_is_for_its_therapist_and_staff(
    client, owner, owner_user, profile, staff, other_profile
):
    name = take_in(upload("navy"))
    review.propose(profile, Proposal.Part.PHOTO, by=owner_user, photo=name)
    other = Client()
    other.force_login(other_profile.owner)
    address = storing.address(name, 320)
    assert [one.get(address).status_code for one in (owner, staff)] == [200, 200]
    assert [one.get(address).status_code for one in (client, other)] == [404, 404]


def test_an_approved_photo_takes_the_place_of_the_published_one(
    client, committed, owner_user, staff_user
):
    tess = with_photo(owner=owner_user)
    published, waits = tess.photo.name, take_in(upload("navy"))
    proposal = review.propose(tess, Proposal.Part.PHOTO, by=owner_user, photo=waits)
    assert client.get(storing.address(published)).status_code == 200
    with committed():
        review.approve(proposal, by=staff_user)
    assert client.get(storing.address(waits)).status_code == 200
    assert client.get(storing.address(published)).status_code == 404
    assert published not in files()
    with committed():
        Therapist.objects.get(pk=tess.pk).delete()
    assert not files()
