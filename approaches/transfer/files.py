"""Reads spreadsheets that people send, CSV and XLSX, and writes them so that they read back."""

import csv
import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from tablib import Dataset

MAX_BYTES = 25_000_000
# An XLSX file is packed: so much may come out of it, and so many times its size.
MAX_UNPACKED, MAX_TIMES = 250_000_000, 40
MAX_COLUMNS = 1_000
# Excel cuts what is longer, and says nothing.
EXCEL_CELL = 32_767
BLANK_ROWS_END_A_SHEET = 1_000

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Spreadsheets run a cell that begins so. An apostrophe in front makes text of it.
_RUNS = re.compile(r"(?=[=+\-@\t\r])")
_MADE_TEXT = re.compile(r"\A'(?='*[=+\-@\t\r])")


class SheetError(Exception):
    """A file that cannot be read as a spreadsheet; the message is a sentence."""


@dataclass
class Sheet:
    """A header and its rows, all of them text; `numbers` are the rows' own in the file."""

    headers: list[str]
    rows: list[list[str]] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def dataset(self):
        return Dataset(*self.rows, headers=self.headers)


def read_sheet(content, *, max_bytes=MAX_BYTES, max_rows=None):
    """The `Sheet` in the bytes of a CSV or XLSX file; raises `SheetError`."""
    if len(content) > max_bytes:
        raise SheetError(
            f"The file has {len(content) / 1e6:.1f} MB; at most {max_bytes / 1e6:.0f} MB are read."
        )
    if not content.strip():
        raise SheetError("The file is empty.")
    notes = []
    if content.startswith(b"PK\x03\x04"):
        rows = _rows_of_workbook(content)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise SheetError("This is an old Excel file (.xls). Save it as .xlsx or as CSV.")
    else:
        rows = _rows_of_text(_text(content, notes), notes)
    return _sheet(rows, notes, max_rows)


def _sheet(rows, notes, max_rows):
    """Header and rows, without those that are blank."""
    sheet = None
    for number, cells in enumerate(rows, start=1):
        if not any(cells):
            continue
        if sheet is None:
            sheet = Sheet(_headers(cells), notes=notes)
            continue
        if any(cells[len(sheet.headers) :]):
            raise SheetError(f"Row {number} has more cells than the first row has columns.")
        cells = [*cells, *[""] * len(sheet.headers)][: len(sheet.headers)]
        sheet.rows.append(cells)
        sheet.numbers.append(number)
        if max_rows is not None and len(sheet.rows) > max_rows:
            raise SheetError(
                f"There are more than {max_rows:,} rows. Split the file, or ask who runs the "
                "server to import it: manage.py import_therapists FILE"
            )
    if sheet is None:
        raise SheetError("The file is empty.")
    if not sheet.rows:
        raise SheetError("There is a first row with column names, and no row below it.")
    return sheet


def _headers(cells):
    while cells and not cells[-1]:
        cells = cells[:-1]
    headers = [re.sub(r"\s+", "_", cell.casefold()) for cell in cells]
    headers = [re.sub(r":_*", ":", header) for header in headers]
    for position, header in enumerate(headers, start=1):
        if not header:
            raise SheetError(f"Column {position} has no name in the first row.")
        if header in headers[: position - 1]:
            raise SheetError(f"The column “{header}” is there twice.")
    return headers


# --- Text


def _text(content, notes):
    """The file's text. What cannot be told apart for certain is said in a note."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            notes.append("The file was read as UTF-16.")
            return _decoded(content, encoding)
    if b"\x00" in content:
        raise SheetError("This is no spreadsheet: it holds NUL bytes. Save it as CSV in UTF-8.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        notes.append(
            "The file is not UTF-8, so it was read as Windows text (cp1252), as Excel saves it. "
            "Look whether names with accents are right."
        )
        return _decoded(content, "cp1252")


def _decoded(content, encoding):
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise SheetError("This is no text that we can read. Save it as CSV in UTF-8.") from None


def _rows_of_text(text, notes):
    first = text.lstrip("\r\n").splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t", key=first.count)
    if delimiter != ",":
        notes.append(f"Cells are parted by {'semicolons' if delimiter == ';' else 'tabs'}.")
    csv.field_size_limit(1_000_000)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield [_cell(cell, number) for cell in _bounded(cells, number)]
    except csv.Error:
        raise SheetError(
            f"Row {number + 1} cannot be read: is a quotation mark missing there?"
        ) from None


def _bounded(cells, number):
    if len(cells) > MAX_COLUMNS:
        raise SheetError(f"Row {number} has more than {MAX_COLUMNS:,} cells.")
    return cells


def _cell(text, number):
    """One cell's text as it is meant."""
    if not text:
        return ""
    for pattern, why in (
        (_CONTROL, "a control character"),
        (_BIDI, "a character that turns the direction of the text round"),
    ):
        if pattern.search(text):
            raise SheetError(f"Row {number} holds {why}. Take it out.")
    text = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()
    return _MADE_TEXT.sub("", text)


# --- XLSX


def _rows_of_workbook(content):
    """The rows of the first sheet: values alone, never what a formula would do."""
    _refuse_bombs(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
    except Exception as error:  # whatever openpyxl meets in a file that somebody made up
        raise SheetError("This Excel file cannot be read. Save it again, or as CSV.") from error
    blank = 0
    rows = sheet.iter_rows(values_only=True)
    for number in range(1, 2_000_000):
        try:
            values = next(rows, None)
        except Exception as error:
            raise SheetError(f"Row {number} of the Excel file cannot be read.") from error
        if values is None:
            return
        cells = [_cell(_as_text(value, number), number) for value in _bounded(values, number)]
        blank = 0 if any(cells) else blank + 1
        if blank > BLANK_ROWS_END_A_SHEET:
            return
        yield cells


def _refuse_bombs(content):
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(one.file_size for one in packed.infolist())
    except zipfile.BadZipFile:
        raise SheetError("This Excel file is damaged. Save it again, or as CSV.") from None
    if unpacked > min(MAX_UNPACKED, max(10_000_000, MAX_TIMES * len(content))):
        raise SheetError(
            f"This Excel file unpacks to {unpacked / 1e6:,.0f} MB. Save what you need as CSV."
        )


def _as_text(value, number):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)
    if len(text) >= EXCEL_CELL:
        raise SheetError(
            f"Row {number} has a cell as long as Excel allows: it may have been cut. Use CSV."
        )
    return text


# --- Writing


def made_safe(text):
    """Text that no spreadsheet runs, and that `read_sheet` reads as it was."""
    return f"'{text}" if _RUNS.match(text.lstrip("'")[:1] or " ") else text


def write_csv(headers, rows, to):
    """Write a header and rows to a binary file, as UTF-8 that Excel knows for what it is."""
    file = io.TextIOWrapper(to, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(file)
    writer.writerow(headers)
    writer.writerows([made_safe(cell) for cell in row] for row in rows)
    file.detach()


def write_xlsx(headers, rows, to, *, guide=()):
    """The same as a workbook; `guide` are the rows of a second sheet that explains the columns."""
    book = openpyxl.Workbook(write_only=True)
    for title, lines in (("Therapists", chain([headers], rows)), ("How to fill it in", guide)):
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append([ILLEGAL_CHARACTERS_RE.sub("", made_safe(cell)) for cell in line])
    book.save(to)
