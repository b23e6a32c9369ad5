"""Staff import and export in /admin/: first a look, then all of it or nothing."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from approaches.admin.transfer import MAX_ROWS
from approaches.models import Approach
from approaches.transfer.files import read_sheet
from tests import factories
from tests.approaches.transfer.sheets import csv_of
from tests.approaches.transfer.test_storing import WREN, everything
from tests.pages import Form, text
from therapists.models import Therapist

pytestmark = pytest.mark.django_db

LIST = "/admin/therapists/therapist/"
IMPORT = f"{LIST}import/"
PAGES = "/admin/approaches/approach/import/"
PAGE = """Walking Therapy

We walk.

Meet the specialists

I walk beside you.

— Wren Word, Counselor in Bend, OR
"""


def upload(content, name="people.csv"):
    return SimpleUploadedFile(name, content, "text/csv")


def look(client, content, **changes):
    form = Form(client.get(IMPORT), "transfer-form").fill(file=upload(content), **changes)
    return client.post(IMPORT, form.sent())


def confirm(client, looked, address=IMPORT):
    return client.post(address, Form(looked, "confirm-form").sent("confirm"), follow=True)


def as_role(role):
    user = factories.UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def test_a_file_is_looked_at_first_and_then_imported(staff, staff_user):
    before = everything()
    looked = look(staff, csv_of(WREN))
    assert "1 new, 0 changed, 0 as they are. Nothing is written yet." in text(looked)
    assert "Wren Byfile" in text(looked)
    assert everything() == before
    assert "Imported: 1 new, 0 changed" in text(confirm(staff, looked))
    wren = Therapist.objects.get()
    assert wren.status == "draft"
    assert LogEntry.objects.get(object_id=wren.pk).user == staff_user


def test_faults_are_said_by_row_and_column_and_nothing_can_be_confirmed(staff):
    looked = look(staff, csv_of(WREN, {"name": "Otto", "fee_from": "much"}))
    assert "3 fee_from “much” is not a whole number." in text(looked)
    assert "confirm-form" not in looked.text
    assert not Therapist.objects.exists()


def test_staff_list_those_who_agreed_by_a_tick(staff, client):
    looked = look(staff, csv_of(WREN, {"name": "Otto"}), publish=["on"])
    assert "Stays a draft" in text(looked)
    confirm(staff, looked)
    assert client.get("/therapists/wren-byfile/").status_code == 200
    assert client.get("/therapists/otto/").status_code == 404


def test_what_changed_meanwhile_is_looked_at_again_when_it_is_confirmed(staff):
    looked = look(staff, csv_of(WREN))
    factories.LicenceFactory(state="OR", kind="Counselor", number="C1", therapist__slug="otto")
    factories.TherapistFactory(email=WREN["email"], slug="other")
    answer = confirm(staff, looked)
    assert "belong to two therapists" in text(answer)
    assert not Therapist.objects.filter(name="Wren Byfile").exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The submitted file is empty."),
        (b"name\r\n", "no row below it"),
        (b"nmae\r\nx\r\n", "did you mean “name”"),
        (b"name\r\na\x00b\r\n", "NUL bytes"),
        (b"a" * 2_100_000, "2.1 MB; at most 2 MB are read here"),
        (b"name\r\n" + b"x\r\n" * (MAX_ROWS + 1), "manage.py import_therapists FILE"),
    ],
)
def test_a_bad_file_is_refused_on_the_page_with_a_sentence(staff, content, sentence):
    looked = look(staff, content)
    assert looked.status_code == 200
    assert sentence in text(looked)


def test_nothing_chosen_and_a_forged_confirmation_are_refused(staff):
    assert "Choose a file first." in text(staff.post(IMPORT, {}))
    looked = look(staff, csv_of(WREN))
    other = as_role("manager")  # what one person looked at, another cannot send
    for carried in ("", "forged", Form(looked, "confirm-form")["carried"]):
        answer = other.post(IMPORT, {"confirm": "1", "carried": carried})
        assert "left open too long" in text(answer)
    assert not Therapist.objects.exists()


def test_what_one_page_carried_is_nothing_to_the_other(staff):
    sheet = Form(look(staff, csv_of(WREN)), "confirm-form")["carried"]
    pages = Form(staff.post(PAGES, {"pasted": PAGE}), "confirm-form")["carried"]
    for address, carried in ((IMPORT, pages), (PAGES, sheet)):
        answer = staff.post(address, {"confirm": "1", "carried": carried})
        assert answer.status_code == 200
        assert "left open too long" in text(answer)


def test_an_export_holds_what_the_list_shows_and_reads_back(staff):
    for name, kind in (("Tess", "person"), ("Clinic", "practice")):
        factories.TherapistFactory(name=name, kind=kind)
    for kind in ("csv", "xlsx"):
        answer = staff.get(f"{LIST}export/{kind}/?kind__exact=practice")
        assert "no-store" in answer.headers["Cache-Control"]
        sheet = read_sheet(answer.getvalue())
        assert [row[sheet.headers.index("name")] for row in sheet.rows] == ["Clinic"]
    ticked = Therapist.objects.get(name="Tess")
    act = {"action": "export_selected", "_selected_action": ticked.pk}
    assert b"Tess" in staff.post(LIST, act).getvalue()


def test_a_file_to_fill_in_has_all_columns_and_explains_them(staff):
    import io

    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(staff.get(f"{LIST}template/xlsx/").getvalue()))
    assert book.sheetnames == ["Therapists", "How to fill it in"]
    names = [cell.value for cell in book["Therapists"][1]]
    assert names == [row[0].value for row in book["How to fill it in"].iter_rows(min_row=2)]
    assert staff.get(f"{LIST}template/csv/").getvalue().decode("utf-8-sig").strip() == ",".join(
        names
    )


@pytest.mark.parametrize(
    "address", ["export/exe/", "template/exe/", "export/csv/?nothing__like=it"]
)
def test_odd_addresses_are_no_fault_of_ours(staff, address):
    assert staff.get(f"{LIST}{address}").status_code in (302, 403)


@pytest.mark.parametrize(
    ("role", "imports", "exports", "pages"),
    [("manager", 200, 200, 200), ("reviewer", 403, 403, 403), ("curator", 403, 403, 200)],
)
def test_who_may_import_and_export(role, imports, exports, pages):
    client = as_role(role)
    assert client.get(IMPORT).status_code == imports
    assert client.post(IMPORT, {"confirm": "1"}).status_code == imports
    assert client.get(f"{LIST}export/csv/").status_code == exports
    assert client.get(PAGES).status_code == pages


def look_at_pages(client, *files, **changes):
    form = Form(client.get(PAGES), "transfer-form")
    form.fill(files=[upload(one.encode(), f"{n}.txt") for n, one in enumerate(files)], **changes)
    return client.post(PAGES, form.sent())


def test_a_page_is_looked_at_and_then_imported_as_a_draft(staff):
    looked = look_at_pages(staff, PAGE)
    said = text(looked)
    assert "Walking Therapy would be created (draft): 1 statements, 1 new therapists" in said
    assert "line 9: Wren Word | Counselor | Bend, OR | I walk beside you." in said
    assert not Approach.objects.exists()
    assert "Imported: Walking Therapy." in text(confirm(staff, looked, PAGES))
    assert Approach.objects.get().status == "draft"


def test_a_pasted_page_is_published_by_the_word_of_staff(staff, client):
    looked = look_at_pages(staff, pasted=PAGE, publish=["on"])
    confirm(staff, looked, PAGES)
    assert "I walk beside you." in client.get("/approaches/walking-therapy/").text


def test_a_curator_imports_drafts_and_lists_nobody():
    curator = as_role("curator")
    assert "publish" not in Form(curator.get(PAGES), "transfer-form").choices
    looked = look_at_pages(curator, PAGE)
    sent = Form(looked, "confirm-form").sent("confirm")
    curator.post(PAGES, {**sent, "publish": "on"})
    assert Approach.objects.get().status == "draft"
    assert Therapist.objects.get().status == "draft"


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([], "Nothing: is there to import: choose a file, or paste a page. Nothing was imported."),
        ([PAGE, "A way\n\nNo more.\n"], "1.txt: the line “Meet the specialists” is missing."),
        (["A way\x00"], "0.txt, line 1: this is not a text file"),
    ],
)
def test_a_bad_page_is_refused_with_file_and_line_and_nothing_is_kept(staff, files, sentence):
    answer = look_at_pages(staff, *files)
    assert sentence in text(answer)
    assert not Approach.objects.exists()


def test_a_page_that_is_not_utf8_is_refused_with_its_line(staff):
    form = Form(staff.get(PAGES), "transfer-form")
    form.fill(files=[upload("A way\n\nZoë".encode("cp1252"), "old.txt")])
    assert "old.txt, line 3: this is not UTF-8 text" in text(staff.post(PAGES, form.sent()))


@pytest.mark.parametrize("address", [IMPORT, PAGES])
def test_pages_hold_nothing_inline(staff, address):
    page = staff.get(address).text
    looked = look(staff, csv_of(WREN)) if address == IMPORT else look_at_pages(staff, PAGE)
    for html in (page, looked.text):
        assert " style=" not in html
        assert " onclick=" not in html
