"""Spreadsheets as people send them, and what is refused with a sentence."""

import io
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from approaches.transfer.files import SheetError, made_safe, read_sheet, write_csv, write_xlsx
from tests.approaches.transfer.sheets import csv_of

ROW = {"name": "Zoë Müller", "title": "Beraterin"}


def workbook(*rows):
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    ("encoding", "delimiter", "said"),
    [
        ("utf-8", ",", ""),
        ("utf-8-sig", ";", "semicolons"),
        ("utf-16", "\t", "UTF-16"),
        ("cp1252", ";", "cp1252"),
    ],
)
def test_encodings_and_delimiters_that_can_be_told_apart_are_read(encoding, delimiter, said):
    sheet = read_sheet(csv_of(ROW, delimiter=delimiter, encoding=encoding))
    assert (sheet.headers, sheet.rows) == (["name", "title"], [["Zoë Müller", "Beraterin"]])
    assert said in " ".join(sheet.notes)
    assert bool(said) == bool(sheet.notes)


def test_rows_keep_the_numbers_that_a_spreadsheet_shows():
    sheet = read_sheet(b'\r\nName , Fee From\r\n\r\nA,1\r\n,\r\n"B\nC",2\r\n')
    assert sheet.headers == ["name", "fee_from"]
    assert [*zip(sheet.numbers, sheet.rows, strict=True)] == [(4, ["A", "1"]), (6, ["B\nC", "2"])]


def test_a_workbook_gives_values_and_never_what_a_formula_does():
    import datetime

    sheet = read_sheet(
        workbook(
            ["name", "fee_from", "consent_on", "online", "office_1_zip", None],
            ["Wren", 90.0, datetime.datetime(2026, 1, 2), True, 2139, None],  # noqa: DTZ001
            ["=1+1", None, None, None, None, None],
        )
    )
    assert sheet.rows == [["Wren", "90", "2026-01-02", "yes", "2139"]]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b" \r\n \r\n", "The file is empty."),
        (b"name,title\r\n", "no row below it"),
        (b"name,,title\r\na,b,c\r\n", "Column 2 has no name"),
        (b"name,Name\r\na,b\r\n", "“name” is there twice"),
        (b"name\r\na,b\r\n", "Row 2 has more cells"),
        (b"name\r\n\"a\r\n", "a quotation mark missing"),
        (b"name\r\na\x00b\r\n", "NUL bytes"),
        (b"name\r\na\x07b\r\n", "Row 2 holds a control character"),
        ("name\r\na\u202eb\r\n".encode(), "turns the direction"),
        (b"\xff\xfen\x00a", "no text that we can read"),
        (b"PK\x03\x04 and no more", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old Excel file"),
        (b"\x89PNG\r\n\x1a\n\x81\x8d\x8f", "no text that we can read"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_a_sentence(content, sentence):
    with pytest.raises(SheetError, match=sentence):
        read_sheet(content)


def test_what_is_too_large_is_refused_before_it_is_opened():
    with pytest.raises(SheetError, match=r"50\.0 MB; at most 25 MB"):
        read_sheet(b"a" * 50_000_000)
    with pytest.raises(SheetError, match=r"more than 2 rows.*import_therapists FILE"):
        read_sheet(b"name\na\nb\nc\n", max_rows=2)


def test_a_zip_bomb_is_refused_unopened():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("xl/worksheets/sheet1.xml", b" " * 60_000_000)
    assert len(file.getvalue()) < 100_000
    with pytest.raises(SheetError, match="unpacks to 60 MB"):
        read_sheet(file.getvalue())


def test_a_zip_that_is_no_workbook_is_refused():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as other:
        other.writestr("letter.txt", "hello")
    with pytest.raises(SheetError, match="Excel file cannot be read"):
        read_sheet(file.getvalue())


@pytest.mark.parametrize("start", ["=cmd|' /C calc'!A0", "+1 503 555", "-5", "@SUM(A1)", "'=x"])
def test_no_spreadsheet_runs_what_somebody_wrote(start):
    for write in (write_csv, write_xlsx):
        file = io.BytesIO()
        write(["name"], [[start]], file)
        cell = read_sheet(file.getvalue()).rows[0][0]
        assert cell == start
        if write is write_xlsx:
            written = openpyxl.load_workbook(io.BytesIO(file.getvalue())).worksheets[0]["A2"]
            assert written.data_type != "f"
            assert written.value.startswith("'")
        else:
            assert "'" + start in file.getvalue().decode()


PLAIN = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp", "Zs", "Cn"]), min_size=1
)


@given(PLAIN | st.text("='+-@\n a", min_size=1))
def test_what_is_written_reads_back(text):
    import unicodedata

    meant = unicodedata.normalize("NFC", text).strip()
    if not meant:
        return
    for write in (write_csv, write_xlsx):
        file = io.BytesIO()
        write(["name"], [[meant]], file)
        assert read_sheet(file.getvalue()).rows == [[meant]]
    assert made_safe(meant)[0] not in "=+-@"
