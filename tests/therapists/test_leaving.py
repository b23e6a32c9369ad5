"""A therapist takes their data along, hides the profile, comes back, or has all of it erased."""

import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from django.conf import settings
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from PIL import Image

from tests import factories
from tests.pages import Form, text
from therapists import leaving, publishing, review, takeout
from therapists.history import record
from therapists.models import (
    AvailabilityLetter,
    Departure,
    MyProfile,
    ProfileDay,
    Proposal,
    Therapist,
)
from therapists.photos import take_in

pytestmark = pytest.mark.django_db

PASSWORD = "a long enough password"  # noqa: S105


@pytest.fixture(autouse=True)
def media(tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def upload(colour="teal"):
    file = io.BytesIO()
    Image.new("RGB", (60, 60), colour).save(file, "PNG")
    return SimpleUploadedFile("me.png", file.getvalue())


def at(profile, page=""):
    return f"/my/leaving/{profile.pk}/{page}"


@pytest.fixture
def full_profile(profile, owner_user, staff_user):
    """The owner's profile with something of everything, in words that stand nowhere else."""
    owner_user.email = "zephyrine@private.example"
    owner_user.save()
    Therapist.objects.filter(pk=profile.pk).update(
        name="Zephyrine Quillfeather", slug="zephyrine-quillfeather", about="I keep marmosets.",
        phone="555 0142", photo=take_in(upload()),
        website="https://zephyrine.example", consent_basis="Letter of Zephyrine",
    )  # fmt: skip
    profile.refresh_from_db()
    profile.terms.add(factories.TermFactory(name="Grief"))
    profile.offices.update(street="7 Xylanthe Lane")
    factories.LicenceFactory(therapist=profile, number="ZQ-4711", checked_by=staff_user)
    factories.SpecialistFactory(therapist=profile, statement="Marmosets taught me patience.")
    review.propose(
        profile, Proposal.Part.ABOUT, by=owner_user, text="I keep marmosets and an axolotl."
    )
    review.propose(
        profile, Proposal.Part.PHOTO, by=owner_user, photo=take_in(upload("navy"))
    )  # fmt: skip
    for days in range(3):
        ProfileDay.objects.create(therapist=profile, day=factories.days_ago(days), shown=7)
    AvailabilityLetter.objects.create(
        therapist=profile, confirmed_on=factories.today(), stage="asked"
    )
    record(profile, "Axolotl mentioned.", by=staff_user)
    LogEntry.objects.log_actions(owner_user.pk, [MyProfile.objects.get(pk=profile.pk)], 2, "Fees.")
    LogEntry.objects.log_actions(staff_user.pk, [owner_user], 2, "Signed up.")
    return profile


# --- taking along ---


def unpacked(answer):
    return zipfile.ZipFile(io.BytesIO(answer.getvalue()))


def test_everything_can_be_taken_along(owner, full_profile, other_profile):
    factories.SpecialistFactory(therapist=other_profile, statement="Otto's words.")
    answer = owner.get("/my/download/")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Content-Type"] == "application/zip"
    assert "no-store" in answer.headers["Cache-Control"]

    archive = unpacked(answer)

    assert archive.testzip() is None
    folder = "profiles/zephyrine-quillfeather"
    profile = json.loads(archive.read(f"{folder}/profile.json"))
    assert profile["name"] == "Zephyrine Quillfeather"
    assert profile["owner"] == "you"
    assert profile["terms"] == ["Issue: Grief"]
    assert profile["offices"][0]["street"] == "7 Xylanthe Lane"
    assert profile["licenses"][0]["number"] == "ZQ-4711"
    assert profile["licenses"][0]["checked_by"] == "staff"
    assert profile["specialisms"][0]["statement"] == "Marmosets taught me patience."
    assert profile["specialisms"][0]["state"] == "approved"
    assert {one["part"] for one in profile["proposals"]} == {"about", "photo"}
    assert [day["shown"] for day in profile["days with counts"]] == [7, 7, 7]
    assert profile["letters about your availability"][0]["stage"] == "asked"
    assert {"Axolotl mentioned.", "Fees."} <= {line["done"] for line in profile["history"]}
    assert {line["by"] for line in profile["history"]} == {"you", "staff"}
    account = json.loads(archive.read("account.json"))
    assert account["email"] == "zephyrine@private.example"
    assert "password" not in account
    photos = [name for name in archive.namelist() if "/photos/" in name]
    assert len(photos) == 12  # the published one and the one that waits
    assert {Image.open(archive.open(name)).format for name in photos} == {"AVIF", "WEBP"}
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Otto" not in everything
    assert b"ana-staff" not in everything


def test_who_owns_two_profiles_takes_both_along(owner, owner_user, profile):
    factories.TherapistFactory(name="Tess Second", owner=owner_user)
    names = unpacked(owner.get("/my/download/")).namelist()
    assert {"profiles/tess-ownwords/profile.json", "profiles/tess-second/profile.json"} <= {*names}


def test_a_photo_whose_file_got_lost_does_not_stop_the_rest(owner, profile):
    Therapist.objects.update(photo="photos/lost/640.webp")
    assert "account.json" in unpacked(owner.get("/my/download/")).namelist()


def test_every_model_that_points_to_a_therapist_is_exported_or_left_out_with_a_reason():
    pointing = {model._meta.label for model in takeout.models_that_point_to_a_therapist()}
    named = {**takeout.EXPORTED, **takeout.LEFT_OUT}
    assert pointing - {*named} == set(), "name these in therapists/takeout.py"
    assert {*named} - pointing == set(), "these point to no therapist"
    assert not {*takeout.EXPORTED} & {*takeout.LEFT_OUT}
    assert all(named.values())


# --- hiding, and coming back ---


def test_hiding_takes_the_profile_from_the_public_at_once_and_it_can_come_back(
    owner, full_profile, client
):
    page = owner.get(at(full_profile))
    assert client.get(full_profile.get_absolute_url()).status_code == 200
    answer = owner.post(at(full_profile, "hide/"), Form(page, "hide-form").sent(), follow=True)
    assert "Hidden. Nobody sees it now." in text(answer)
    assert client.get(full_profile.get_absolute_url()).status_code == 404
    answer = owner.post(at(full_profile, "come-back/"), Form(answer, "come-back-form").sent())
    assert client.get(full_profile.get_absolute_url()).status_code == 200
    full_profile.refresh_from_db()
    assert full_profile.stepped_back_on is None


def test_whom_staff_have_withdrawn_cannot_come_back_by_themselves(
    owner, owner_user, staff_user, profile
):
    publishing.step_back(profile, by=owner_user)
    publishing.withdraw(profile, by=staff_user)
    assert "Only they can publish it again." in text(owner.get(at(profile)))
    answer = owner.post(at(profile, "come-back/"), follow=True)
    assert "You did not hide this profile yourself." in text(answer)
    # Nor by hiding what is hidden already.
    answer = owner.post(at(profile, "hide/"), follow=True)
    assert "there is nothing to hide" in text(answer)
    assert owner.post(at(profile, "come-back/")).status_code == 302
    profile.refresh_from_db()
    assert profile.status == "withdrawn"


def test_a_draft_is_not_published_by_coming_back(owner, owner_user):
    tess = factories.TherapistFactory(draft=True, owner=owner_user)
    for verb in (publishing.step_back, publishing.come_back):
        with pytest.raises(ValidationError):
            verb(tess, by=owner_user)
    assert "not public yet" in text(owner.get(at(tess)))


def test_nobody_is_public_and_stepped_back(profile):
    with pytest.raises(IntegrityError), transaction.atomic():
        Therapist.objects.update(stepped_back_on=factories.today())


# --- erasing ---


def test_the_page_says_what_is_erased_and_what_is_kept(owner, full_profile):
    page = owner.get(at(full_profile, "erase/"))
    said = text(page)
    for words in (
        "the profile of Zephyrine Quillfeather", "offices: 1", "licenses: 1",
        "approaches that you work with: 1", "versions and wishes that you sent us: 2",
        "days with numbers of views: 3",
        "letters about your availability: 1", "your photo",
        "your sign-in, zephyrine@private.example", "A mark of your name and place", "Backups",
    ):  # fmt: skip
        assert words in said
    assert Therapist.objects.filter(pk=full_profile.pk).exists()


def tables():
    """(table, column) of everything in the database that holds text."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type IN"
            " ('text', 'character varying', 'jsonb', 'json', 'ARRAY', 'tsvector', 'bytea', 'xml')"
        )
        return cursor.fetchall()


def found(*words):
    """(table, column, word) wherever one of these words stands in the database."""
    hits = []
    for table, column in tables():
        for word in words:
            with connection.cursor() as cursor:
                cursor.execute(
                    f'SELECT count(*) FROM "{table}" WHERE "{column}"::text ILIKE %s',
                    [f"%{word}%"],
                )
                hits += [(table, column, word)] * bool(cursor.fetchone()[0])
    return hits


WORDS = ["zephyrine", "quillfeather", "marmoset", "axolotl", "xylanthe", "ZQ-4711", "555 0142",
         "tess-therapist", "tess ownwords"]  # fmt: skip


def test_nothing_of_somebody_who_was_erased_is_left(owner, full_profile, other_profile, committed):
    assert {word for _, _, word in found(*WORDS)} == {*WORDS} - {"tess ownwords"}
    assert list(Path(settings.MEDIA_ROOT).rglob("*.webp"))
    form = Form(owner.get(at(full_profile, "erase/")), "erase-form")
    with committed():
        answer = owner.post(at(full_profile, "erase/"), form.fill(password=PASSWORD).sent())

    assert "Your profile is erased" in text(answer)
    assert found(*WORDS) == []
    assert not ProfileDay.objects.exists()
    assert not AvailabilityLetter.objects.exists()
    assert list(Path(settings.MEDIA_ROOT).rglob("*")) == [Path(settings.MEDIA_ROOT) / "photos"]
    assert Therapist.objects.get() == other_profile
    assert not get_user_model().objects.filter(username="tess-therapist").exists()
    [letter] = mail.outbox
    assert letter.to == ["zephyrine@private.example"]
    assert "your sign-in is erased, too" in " ".join(letter.body.casefold().split())


def test_who_was_erased_is_signed_out(owner, profile, client):
    owner.post(at(profile, "erase/"), {"password": PASSWORD})
    answer = owner.get("/my/")
    assert answer.status_code == 302
    assert "/login/" in answer.headers["Location"]


def test_a_wrong_password_erases_nothing_and_the_fifth_signs_out(owner, profile):
    for _ in range(4):
        answer = owner.post(at(profile, "erase/"), {"password": "a guess"})
        assert "This is not your password. Nothing was erased." in text(answer)
    assert owner.post(at(profile, "erase/"), {"password": "a guess"}).status_code == 302
    assert owner.post(at(profile, "erase/"), {"password": PASSWORD}).status_code == 302
    assert Therapist.objects.filter(pk=profile.pk).exists()


@pytest.mark.parametrize("password", ["", "\0", "x" * 5000])
def test_a_password_that_is_none_is_told_so(owner, profile, password):
    answer = owner.post(at(profile, "erase/"), {"password": password})
    assert answer.status_code == 200
    assert Therapist.objects.filter(pk=profile.pk).exists()


def test_who_has_no_password_types_the_name(owner, owner_user, profile):
    owner_user.set_unusable_password()
    owner_user.save()
    owner.force_login(owner_user)
    assert "Type the name on the profile: Tess Ownwords" in text(owner.get(at(profile, "erase/")))
    answer = owner.post(at(profile, "erase/"), {"name": "Tess"})
    assert "This is not the name on the profile." in text(answer)
    owner.post(at(profile, "erase/"), {"name": " tess  ownwords "})
    assert not Therapist.objects.exists()


def test_who_leaves_is_told_what_becomes_of_messages_and_who_still_waits(owner, profile):
    for address in ("", "erase/"):
        assert "wait for your answer" not in text(owner.get(at(profile, address)))
    factories.MessageFactory.create_batch(2, therapist=profile)
    factories.MessageFactory(therapist=profile, spam=True)
    factories.MessageFactory(therapist=profile, held=True)
    for address in ("", "erase/"):
        page = owner.get(at(profile, address))
        assert "2 people wait for your answer. We tell them nothing by ourselves." in text(page)
        assert 'href="/my/messages/">answer them first' in page.text
    assert "What clients wrote to you is not in it" in text(owner.get(at(profile, "")))
    factories.DeliveryFactory(message=profile.messages.first())
    said = text(owner.get(at(profile, "erase/")))
    assert "messages that people wrote to you: 4" in said
    assert "our letters about these messages: 1" in said


def test_a_sign_in_for_another_profile_stays(owner, owner_user, profile):
    second = factories.TherapistFactory(name="Tess Second", owner=owner_user)
    assert "it is for another profile" in text(owner.get(at(profile, "erase/")))
    answer = owner.post(at(profile, "erase/"), {"password": PASSWORD}, follow=True)
    assert "The profile of Tess Ownwords is erased." in text(answer)
    assert list(Therapist.objects.all()) == [second]


def test_a_sign_in_of_staff_stays(owner, owner_user, profile):
    owner_user.is_staff = True
    owner_user.save()
    owner.post(at(profile, "erase/"), {"password": PASSWORD})
    assert not Therapist.objects.exists()
    owner_user.refresh_from_db()


def test_an_erasing_that_fails_half_way_has_erased_nothing(owner_user, full_profile, monkeypatch):
    user, before = get_user_model(), len(found(*WORDS))
    monkeypatch.setattr(user, "delete", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        leaving.erase(full_profile)
    assert len(found(*WORDS)) == before
    assert len(list(Path(settings.MEDIA_ROOT).rglob("*.webp"))) == 6
    assert not Departure.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("page", ["erase/", "hide/"])
def test_pressed_twice_at_once_it_happens_once_and_nothing_breaks(owner_user, profile, page):
    factories.TherapistFactory(name="Tess Second", owner=owner_user)  # so that the sign-in stays
    start = Barrier(2)

    def press():
        try:
            browser = Client()
            browser.force_login(owner_user)
            start.wait(timeout=30)
            return browser.post(at(profile, page), {"password": PASSWORD}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(one.result() for one in [pool.submit(press), pool.submit(press)])
    assert answers == ([302, 404] if page == "erase/" else [302, 302])
    assert Therapist.objects.filter(status="published").get().name == "Tess Second"
    assert Departure.objects.count() == (page == "erase/")


PAGES = ["", "hide/", "come-back/", "erase/"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_therapists_pages_answer_as_if_there_were_none(
    owner, profile, other_profile, page, method
):
    before = list(Therapist.objects.order_by("pk").values())
    sent = {"password": PASSWORD, "name": other_profile.name}
    answers = [
        getattr(owner, method)(f"/my/leaving/{pk}/{page}", sent)
        for pk in (other_profile.pk, other_profile.pk + 10_000)
    ]
    assert {one.status_code for one in answers} <= {404, 405}
    assert answers[0].content == answers[1].content
    assert list(Therapist.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("page", [*(f"leaving/{{pk}}/{one}" for one in PAGES), "download/"])
def test_a_visitor_is_asked_to_sign_in(profile, page):
    answer = Client().post("/my/" + page.format(pk=profile.pk), {"password": PASSWORD})
    assert answer.status_code == 302
    assert Therapist.objects.get().status == "published"


@pytest.mark.parametrize("page", ["hide/", "come-back/", "erase/"])
def test_nothing_happens_without_a_token_of_ours(owner_user, profile, page):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(owner_user)
    answer = browser.post(at(profile, page), {"password": PASSWORD})
    assert answer.status_code == 403
    assert Therapist.objects.get().status == "published"


@pytest.mark.parametrize("page", ["hide/", "come-back/"])
def test_a_link_alone_changes_nothing(owner, profile, page):
    assert owner.get(at(profile, page)).status_code == 405


def test_the_form_leads_here(owner, profile):
    page = owner.get(f"/my/therapists/myprofile/{profile.pk}/change/").text
    assert f'href="{at(profile)}"' in page


# --- known again ---


@pytest.fixture
def zoe_left():
    def leave(**office):
        zoe = factories.TherapistFactory(name="Zoë Quill", **office)
        leaving.erase(zoe)

    return leave


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Zoë Quill", {"city": "Portland", "state": "OR"}),
        ("zoë  QUILL", {"city": "portland", "state": "OR"}),
        ("Zoë Quill", {"state": "OR"}),
        ("Zoë Quill", {"city": "Portland"}),
        ("Zoë Quill", {}),
    ],
)
def test_who_has_left_is_known_again(zoe_left, name, place):
    zoe_left()
    assert leaving.departed(name, **place) == factories.today()


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("Zoë Quill", {"city": "Portland", "state": "ME"}),
        ("Zoë Quill", {"city": "Bend", "state": "OR"}),
        ("Zoë Quills", {"city": "Portland", "state": "OR"}),
        ("", {}),
    ],
)
def test_somebody_else_is_not_taken_for_who_has_left(zoe_left, name, place):
    zoe_left()
    assert leaving.departed(name, **place) is None


@pytest.mark.parametrize(
    ("office", "place", "known"),
    [
        ({"office__city": ""}, {"city": "Salem", "state": "OR"}, True),
        ({"office__city": ""}, {"city": "Salem", "state": "ME"}, False),
        ({"office__state": ""}, {"city": "Portland", "state": "ME"}, True),
        ({"office": False}, {"city": "Portland", "state": "ME"}, True),
        ({"office": False}, {}, True),
    ],
)
def test_a_place_that_was_not_stated_agrees_with_any(zoe_left, office, place, known):
    zoe_left(**office)
    assert bool(leaving.departed("Zoë Quill", **place)) == known


def test_an_import_leaves_out_who_has_left_and_says_so(zoe_left, tmp_path, capsys):
    zoe_left()
    page = tmp_path / "page.txt"
    page.write_text(
        "A way\n\nWhat it is.\n\nMeet the specialists\n\n"
        "I listen.\n\n— Zoë Quill in Portland, OR\n\nI wait.\n\n— Wren Word in Bend, OR\n"
    )
    call_command("import_approach", page, publish=True)
    said = " ".join(capsys.readouterr().out.split())
    assert "Zoë Quill deleted their profile on" in said
    assert [one.name for one in Therapist.objects.all()] == ["Wren Word"]


def test_a_departure_tells_no_name(zoe_left):
    zoe_left()
    assert "Quill" not in str(Departure.objects.values())
    assert str(Departure.objects.get()).startswith("somebody who left on")
