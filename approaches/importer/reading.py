"""Reads a plain-text approach page.

The shape: a title; overview paragraphs; perhaps a call to action ("Find your match"); the line
"Meet the specialists"; then statements, each followed by a line that begins with a dash and signs
it. Blank lines part paragraphs. What does not fit raises `PageError`, which names file and line.
"""

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from django.core.exceptions import ValidationError

from therapists.bylines import DASHES, Byline, parse_byline
from therapists.validators import visible

MAX_BYTES = 1024 * 1024
HEADING = "meet the specialists"
CALL_TO_ACTION = "find your match"

# As wide as their columns are.
MAX_NAME, MAX_TITLE, MAX_CITY = 120, 120, 80
MAX_SIGNATURE = 500

# Marks that turn the direction of what follows: words would not read as they are stored.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class PageError(Exception):
    """A file that is not an approach page: `path`, the line (0 for the whole file), and why."""

    def __init__(self, path, line, why):
        self.path, self.line, self.why = path, line, why
        where = f"{path}, line {line}" if line else str(path)
        super().__init__(f"{where}: {why}")


@dataclass(frozen=True)
class Signed:
    """One statement with its signature, and the line on which it is signed."""

    statement: str
    byline: Byline
    line: int


@dataclass(frozen=True)
class Page:
    """What one file says. `overview` is plain text, paragraphs parted by a blank line."""

    path: str
    title: str
    overview: str
    signed: list[Signed] = field(default_factory=list)


@dataclass(frozen=True)
class _Block:
    """Lines that stand together, and the number of the first."""

    lines: list[str]
    first: int

    @property
    def text(self):
        return " ".join(self.lines)


def read_page(path):
    """Read the file at `path` and return a `Page`; raises `PageError`."""
    return page_in(path, _content_of(Path(path)))


def page_in(path, content):
    """The `Page` in the bytes of a file that is called `path`; raises `PageError`."""
    if len(content) > MAX_BYTES:
        raise PageError(path, 0, too_large(len(content)))
    blocks = _blocks(_text_in(path, content))
    if not blocks:
        raise PageError(path, 0, "the file is empty")
    title = blocks[0]
    if len(title.lines) > 1 or len(title.text) > MAX_NAME:
        raise PageError(
            path,
            title.first,
            "the title should stand alone on the first line, with an empty line"
            f" below it and at most {MAX_NAME} characters",
        )
    heading = _heading(path, blocks)
    overview = _without_call_to_action(blocks[1:heading])
    if not overview:
        raise PageError(
            path, title.first, "there is no overview between the title and “Meet the specialists”"
        )
    signed = list(_signed(path, blocks[heading + 1 :]))
    if not signed:
        raise PageError(path, blocks[heading].first, "no statement follows “Meet the specialists”")
    _check_repeats(path, signed)
    return Page(
        path=str(path),
        title=title.text,
        overview="\n\n".join(block.text for block in overview),
        signed=signed,
    )


def doubts(signed):
    """Sentences on what may have been read wrongly, though it has the right shape."""
    byline, paragraphs = signed.byline, signed.statement.count("\n\n") + 1
    if paragraphs > 1:
        yield f"the statement has {paragraphs} paragraphs; is a signature missing between them?"
    if not byline.title:
        yield "the signature has no title; is it one?"
    elif " in " in byline.title:
        yield f"is “{byline.title}” a title, or does it hold a place?"


def _content_of(path):
    """The file's bytes, as far as they are looked at, or a `PageError` that says why not."""
    if path.is_dir():
        raise PageError(path, 0, "this is a folder; name the files in it")
    try:
        if path.exists() and not path.is_file():  # a pipe or a device would never end
            raise PageError(path, 0, "this is not an ordinary file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PageError(path, 0, f"cannot be read: {error.strerror}") from error
    if len(content) > MAX_BYTES:
        raise PageError(path, 0, too_large(path.stat().st_size))
    return content


def too_large(size):
    """Why so many bytes are no approach page."""
    return f"{size / 1e6:.1f} MB is too large: an approach page has at most {MAX_BYTES // 1024} kB"


def _text_in(path, content):
    """The text that the bytes are, or a `PageError` that says why they are none."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise PageError(path, line, "this is not UTF-8 text; save the page as UTF-8") from error
    for pattern, why in (
        (_CONTROL, "this is not a text file: it holds control characters"),
        (_BIDI, "a character here turns the direction of the text round; take it out"),
    ):
        if found := pattern.search(text):
            raise PageError(path, text.count("\n", 0, found.start()) + 1, why)
    return unicodedata.normalize("NFC", text)


def _blocks(text):
    """Runs of lines without an empty line between them."""
    blocks, lines, first = [], [], 0
    for number, line in enumerate([*re.split(r"\r\n|\r|\n", text), ""], start=1):
        line = " ".join(line.split())
        if line:
            first = first if lines else number
            lines.append(line)
        elif lines:
            blocks.append(_Block(lines, first))
            lines = []
    return _with_heading_apart(blocks)


def _with_heading_apart(blocks):
    """Part the heading from lines that stand directly above or below it."""
    for index, block in enumerate(blocks):
        for offset, line in enumerate(block.lines):
            if _is_heading(line):
                parts = [
                    _Block(block.lines[:offset], block.first),
                    _Block([line], block.first + offset),
                    _Block(block.lines[offset + 1 :], block.first + offset + 1),
                ]
                return blocks[:index] + [p for p in parts if p.lines] + blocks[index + 1 :]
    return blocks


def _is_heading(line):
    return line.strip(" :#").casefold() == HEADING


def _heading(path, blocks):
    for index, block in enumerate(blocks):
        if _is_heading(block.text):
            if index == 0:
                raise PageError(path, block.first, "there is no title above “Meet the specialists”")
            return index
    raise PageError(path, 0, "the line “Meet the specialists” is missing")


def _without_call_to_action(blocks):
    """The overview: the site brings a "find your match" of its own."""
    return [
        block
        for block in blocks
        if not any(line.strip(" :.!").casefold() == CALL_TO_ACTION for line in block.lines)
    ]


def _signed(path, blocks):
    """Statements, each closed by its signature."""
    paragraphs, first = [], 0
    for block in blocks:
        for offset, line in enumerate(block.lines):
            number = block.first + offset
            if line[0] not in DASHES:
                first = first if paragraphs else number
                paragraphs.append((block.first, line))
                continue
            if offset + 1 < len(block.lines):
                why = "text goes on right below this signature; put an empty line after it"
                raise PageError(path, number, why)
            if not paragraphs:
                raise PageError(path, number, "this signature has no statement above it")
            yield Signed(_joined(paragraphs), _byline(path, number, line), number)
            paragraphs = []
    if paragraphs:
        raise PageError(
            path,
            first,
            "this statement is not signed: a line that begins with a dash should follow it",
        )


def _joined(lines):
    """Lines of one block make one paragraph; blocks are parted by an empty line."""
    paragraphs = {}
    for block, line in lines:
        paragraphs.setdefault(block, []).append(line)
    return "\n\n".join(" ".join(lines) for lines in paragraphs.values())


def _byline(path, number, line):
    if len(line) > MAX_SIGNATURE:
        raise PageError(path, number, f"this signature has more than {MAX_SIGNATURE} characters")
    try:
        visible(line)
        byline = parse_byline(line)
    except (ValueError, ValidationError) as error:
        why = error.message if isinstance(error, ValidationError) else error
        raise PageError(path, number, f"{why}: “{line[:80]}”") from error
    limits = {"name": MAX_NAME, "title": MAX_TITLE, "city": MAX_CITY, "post_nominals": 80}
    for part, limit in limits.items():
        if len(getattr(byline, part)) > limit:
            words = part.replace("_", " ")
            raise PageError(
                path, number, f"the {words} in this signature is longer than {limit} characters"
            )
    return byline


def _check_repeats(path, signed):
    """One person says one thing about one approach."""
    seen = {}
    for one in signed:
        key = (one.byline.name.casefold(), one.byline.city.casefold(), one.byline.state)
        if key in seen:
            raise PageError(
                path, one.line, f"{one.byline.name} has signed already, on line {seen[key]}"
            )
        seen[key] = one.line
