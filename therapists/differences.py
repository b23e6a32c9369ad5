"""What changed between two texts, word by word, as HTML that is safe to show."""

import re
from difflib import SequenceMatcher

from django.utils.html import escape
from django.utils.safestring import mark_safe

# A word, a run of blanks, or a mark.
_PIECES = re.compile(r"\w+|\s+|[^\w\s]")
_SENTENCES = re.compile(r"[^.!?\n]*[.!?\n]+\s*|[^.!?\n]+")

# Comparing takes the square of the pieces: beyond so many, sentences are compared and not words.
_MOST_PIECES = 3_000


def word_difference(old, new, *, around=None):
    """`new` with what it lost in `<del>` and what it gained in `<ins>`: safe HTML.

    With `around`, unchanged stretches are cut to so many words beside each change, with “…” for
    the rest. Equal texts give the text itself (with `around`: "").
    """
    old, new = _unified(old), _unified(new)
    if old == new:
        return mark_safe("" if around is not None else escape(new))  # noqa: S308 - escaped
    changes = list(_changes(old, new))
    html = []
    for number, (kind, before, after) in enumerate(changes):
        if kind == "equal":
            is_first, is_last = number == 0, number == len(changes) - 1
            html.append(escape(_cut("".join(after), around, is_first, is_last)))
            continue
        if before:
            html.append(f"<del>{escape(''.join(before))}</del>")
        if after:
            html.append(f"<ins>{escape(''.join(after))}</ins>")
    return mark_safe("".join(html))  # noqa: S308 - what people wrote is escaped above


def _unified(text):
    """Browsers send line ends of their own, which nobody means as a change."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")


def _changes(old, new):
    """[(kind, pieces before, pieces after)], kinds as SequenceMatcher has them."""
    before, after = _PIECES.findall(old), _PIECES.findall(new)
    if max(len(before), len(after)) > _MOST_PIECES:
        before, after = _SENTENCES.findall(old), _SENTENCES.findall(new)
    if max(len(before), len(after)) > _MOST_PIECES:
        yield "replace", before, after
        return
    codes = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for kind, i, j, k, m in _joined(codes, before):
        yield kind, before[i:j], after[k:m]


def _joined(codes, before):
    """Changes with nothing but a blank between them are one: whole phrases can be read."""
    joined = []
    for code in codes:
        kind, i, j, k, m = code
        is_gap = kind == "equal" and not "".join(before[i:j]).strip()
        if joined and joined[-1][0] != "equal" and (is_gap or kind != "equal"):
            _, first, _, third, _ = joined.pop()
            joined.append(("replace", first, j, third, m))
        else:
            joined.append(code)
    return joined


def _cut(text, around, is_first, is_last):
    """An unchanged stretch, of which only the words beside a change are of interest."""
    words = re.findall(r"\s*\S+\s*|\s+", text)
    if around is None or len(words) <= (around if is_first or is_last else 2 * around):
        return text
    head = "" if is_first else "".join(words[:around])
    tail = "" if is_last else "".join(words[-around:])
    return f"{head}… {tail}"
