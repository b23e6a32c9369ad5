"""What holds a message back until a member of staff has read it: links, and phrases of frauds.

The rules are rows that staff keep (`HoldRule`). Text is compared word by word, in small letters and
without punctuation: no pattern that somebody writes can make a long message take long.
"""

import re
import unicodedata
from bisect import bisect_right

from therapists.models import HoldRule

STAR = 5  # so many words, or fewer, may stand where a phrase has a star

LINK = "It holds a link."
PHRASE = "It holds “{}”."

_APOSTROPHES = re.compile("['’ʼ]")
_WORD = re.compile(r"[^\W_]+")
_PART = re.compile(r"[^\W_]+|\*")
_BETWEEN_LINKS = re.compile(r"[\s<>()\[\]{}\"“”,;|]+")
# Endings that are a link even without a path. Others are words, too: "so tired.Online would help".
_ENDINGS = frozenset({
    "app", "biz", "cc", "cf", "cn", "co", "com", "dev", "edu", "ga", "gov", "gq", "info", "io",
    "ly", "ml", "net", "org", "pw", "ru", "tk", "vip", "xyz",
})  # fmt: skip


def reason_to_hold(*texts):
    """Why staff look at these texts first, by the rules in use; "" where they need not."""
    worded = [_words(text) for text in texts]
    for rule in HoldRule.objects.filter(is_active=True):
        if rule.kind == HoldRule.Kind.LINK:
            if any(map(has_link, texts)):
                return LINK
        elif any(_is_in(rule.phrase, words) for words in worded):
            return PHRASE.format(rule.phrase)
    return ""


def has_link(text):
    """Whether a link stands in it: with "http://" or "www.", or a bare `example.com/page`."""
    pieces = _BETWEEN_LINKS.split(_plain(text))
    return any(_is_link(piece) for piece in pieces if "." in piece or "/" in piece)


def _is_link(piece):
    if "http://" in piece or "https://" in piece:
        return True
    before, slash, after = piece.partition("/")
    if "@" in before:  # an e-mail address: people leave theirs
        return False
    labels = before.partition(":")[0].strip(".:!?*_~'’`").split(".")
    if len(labels) < 2 or not all(_is_label(label) for label in labels):
        return False
    if labels[0] == "www":
        return True
    ending = labels[-1]
    return ending in _ENDINGS or bool(slash and after) and len(ending) > 1 and ending.isalpha()


def _is_label(label):
    return label.replace("-", "").isalnum()


def contains(phrase, text):
    """Whether a phrase stands in a text; `*` in it stands for up to five words."""
    return _is_in(phrase, _words(text))


def _is_in(phrase, words):
    # Where what has been found so far may end; of all those only the nearest one before counts.
    ends = None
    for wait, segment in _segments(phrase):
        starts = [
            at
            for at in range(len(words) - len(segment) + 1)
            if words[at] == segment[0] and words[at : at + len(segment)] == segment
        ]
        if ends is not None:
            starts = [at for at in starts if _ends_near(ends, at, wait)]
        if not starts:
            return False
        ends = [at + len(segment) for at in starts]
    return ends is not None


def _ends_near(ends, at, wait):
    before = bisect_right(ends, at)
    return before > 0 and ends[before - 1] >= at - wait


def _segments(phrase):
    """[(words that may stand before it, [word])] of a phrase: "visiting * town *" gives two."""
    segments, wait, is_open = [], 0, False
    for part in _PART.findall(_plain(phrase)):
        if part == "*":
            wait, is_open = wait + STAR, False
        elif is_open:
            segments[-1][1].append(part)
        else:
            segments.append((wait, [part]))
            wait, is_open = 0, True
    return segments


def _words(text):
    return _WORD.findall(_plain(text))


def _plain(text):
    """In small letters, wide ones narrow, without what nobody sees and without apostrophes."""
    text = unicodedata.normalize("NFKC", text).casefold()
    seen = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return _APOSTROPHES.sub("", seen)
