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

_APOSTROPHES = re.compile("['’‘ʼ`´′＇]")
_WORD = re.compile(r"[^\W_]+")
_PART = re.compile(r"[^\W_]+|\*")
_SPACES = re.compile(r"\s+")
_ADDRESS = re.compile(r"\w:[/\\]{2}\S")
_BETWEEN_LINKS = re.compile(r"[^\w.@/+-]+")
# Endings that are a link even without a path. Others are words, too: "so tired.Online would help".
_ENDINGS = frozenset({
    "app", "biz", "cc", "cf", "cn", "co", "com", "dev", "edu", "ga", "gov", "gq", "info",
    "io", "ly", "ml", "net", "ng", "org", "pw", "ru", "tk", "ua", "uk", "vip", "xyz",
})  # fmt: skip
# "example (dot) com", "example . com": with such an ending it is not a sentence that ends.
_HIDDEN_DOT = re.compile(
    r" ?[\[({<] ?(?:\.|dot) ?[\])}>] ?"
    r"|(?: dot | ?\. | \.)(?=(?:biz|com|net|org|ru|xyz)\b)"
)
# What takes up room and shows nothing, or nearly so, though Unicode calls it a letter or a mark.
_UNSEEN = dict.fromkeys([
    *range(0x0300, 0x0370), 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810),
    *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0),
])  # fmt: skip
# Letters that look like Latin ones, in words of other scripts, too: rules are folded likewise.
_LOOK_ALIKE = str.maketrans(
    "авеікмнопрстухѕјһԁԛԝӏѵαβεηικνορτυχγօոսհıɑɡłøđ。⠀",
    "abeikmhonpctyxsjhdqwlvabenikvoptuxyonuhiaglod. ",
)


def reason_to_hold(*texts):
    """Why staff look at these texts first, by the rules in use; "" where they need not."""
    return next(map(reason_of, rules_that_hold(*texts)), "")


def rules_that_hold(*texts):
    """The rules in use that would hold any of these texts; a message names the first of them."""
    worded = [words_of(text) for text in texts]
    for rule in HoldRule.objects.filter(is_active=True):
        if rule.kind == HoldRule.Kind.LINK:
            holds = any(map(has_link, texts))
        else:
            holds = any(_is_in(rule.phrase, words) for words in worded)
        if holds:
            yield rule


def reason_of(rule):
    """Why a message is held by this rule, as the message says it."""
    return LINK if rule.kind == HoldRule.Kind.LINK else PHRASE.format(rule.phrase)


def has_link(text):
    """Whether a link stands in it: with "http://" or "www.", or a bare `example.com/page`."""
    text = _HIDDEN_DOT.sub(".", _SPACES.sub(" ", _plain(text)))
    pieces = _BETWEEN_LINKS.split(text)
    return bool(_ADDRESS.search(text)) or any(_is_link(one) for one in pieces if "." in one)


def _is_link(piece):
    parts = piece.split("/")
    return any(
        _is_host(part, has_path=any(parts[after:]))
        for after, part in enumerate(parts, start=1)
        if "@" not in part  # an e-mail address: people leave theirs
    )


def _is_host(part, *, has_path):
    labels = part.strip("._+-").split(".")
    if len(labels) < 2 or not all(map(_is_label, labels)):
        return False
    ending = labels[-1]
    return (
        labels[0] == "www"
        or ending in _ENDINGS
        or (has_path and len(ending) > 1 and ending.isalpha())
    )


def _is_label(label):
    return label.replace("-", "").replace("_", "").isalnum()


def contains(phrase, text):
    """Whether a phrase stands in a text; `*` in it stands for up to five words."""
    return _is_in(phrase, words_of(text))


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


def words_of(text):
    """Its words as rules compare them."""
    return _WORD.findall(_plain(text))


def _plain(text):
    """In small letters, wide ones narrow, without accents, apostrophes and what nobody sees.

    Letters of other scripts that look like Latin ones are taken for those.
    """
    text = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", text)).casefold()
    seen = "".join(c for c in text if unicodedata.category(c) != "Cf")
    return seen.translate(_UNSEEN).translate(_LOOK_ALIKE)
