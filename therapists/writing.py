"""Checks of what therapists write: what published directories get wrong, said kindly.

`doubts` gives sentences for the therapist and for staff. They are warnings and never walls: few
false alarms matter more than completeness. `cleaned` mends what a word processor leaves behind.
"""

import re
import unicodedata

# A name with words like these is a practice's, not a person's.
PRACTICE_WORDS = re.compile(
    r"(?i)\b(center|centre|clinic|collective|counseling|counselling|group|institute|practice|"
    r"psychotherapy|services|therapy|wellness)\b|&|\bllc\b|\binc\b"
)

# This many words in the same order are no chance: they were copied.
COPIED_RUN = 12
# Two texts are the same if this share of the shorter one's runs of four words is in the other.
SAME_SHARE = 0.7

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
_LINK = re.compile(
    r"(?i)https?://|\bwww\.|(?<![@\w.-])[a-z0-9][a-z0-9-]+\."
    r"(com|org|net|info|health|care|clinic|online|co|us|biz)\b(?!\.[A-Z])"
)
_PHONE = re.compile(
    r"(?<![\d-])(\+?1[\s.-]?)?(\(\d{3}\)\s?|\d{3}[\s.-])\d{3}[\s.-]\d{4}(?!\d)"
    r"|\b(?i:call|text|phone|tel)\b[^.\n\d]{0,20}\d{3}[\s.-]?\d{4}\b|(?<!\d)\d{10}(?!\d)"
)
_STREET = re.compile(
    r"\b\d{1,5}\s+(?:[NSEW]{1,2}\.?\s+)?(?:[A-Z][\w'’]+\.?\s+|\d+(?:st|nd|rd|th)\s+){1,3}"
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Parkway|"
    r"Pkwy|Highway|Hwy|Terrace|Way)\b|(?i:\bp\.?\s?o\.? box \d+)|\bSuite \d+"
)
_TAG = re.compile(
    r"(?i)</?(?:p|br|div|span|b|i|u|strong|em|ul|ol|li|a|h[1-6]|font|table|t[dr]|o:p)(?:\s[^<>]*)?/?>"
    r"|&(?:nbsp|amp|quot|lt|gt|#\d{2,5});"
)
_I = re.compile(r"(?i)\b(i|me|my|mine|myself)\b")
_WE = re.compile(r"(?i)\b(we|us|our|ours)\b")
_DOES = (
    r"(is|was|has|helps|works|believes|offers|specializes|specialises|provides|brings|uses|sees|"
    r"practices|strives|enjoys|earned|received|holds|treats|supports|focuses|welcomes|loves)"
)
_SHE = re.compile(rf"(?:^|[.!?]\s+)(?:She|He|They) (?:also )?{_DOES}\b")
_CAPITALS = re.compile(r"\b[A-Z][A-Z'’]+\b(?:[\s,.;:!&-]+\b[A-Z][A-Z'’]*\b)+")
# Words after which no sentence ends.
_UNFINISHED = {
    "a", "am", "an", "and", "are", "as", "at", "because", "but", "by", "for", "from", "if", "in",
    "into", "is",
    "my", "of", "on", "or", "our", "so", "than", "that", "the", "their", "to", "was", "when",
    "which", "while", "who", "with", "your",
}  # fmt: skip
_BREAK = re.compile(r"[.!?…]['\"’”)]*\s")


def doubts(text, *, therapist=None, approach_overview="", others=(), mine=()):
    """Sentences on what a reader of `text` may stumble over; none for most texts.

    `others` are texts of other therapists on the same approach, `mine` the other texts of this
    profile. Neither is quoted, and nobody is named.
    """
    text = text.strip()
    if not text:
        return []
    checks = [
        _doubts_of_capitals(text),
        _doubts_of_contact(text),
        _doubts_of_tags(text),
        _doubts_of_person(text, therapist),
        _doubts_of_ends(text),
        _doubts_of_copies(text, approach_overview, others, mine),
    ]
    return [sentence for check in checks for sentence in check]


def doubts_of_name(name, *, kind, post_nominals=""):
    """Sentences on a name that does not fit what it is the name of, a person or a practice."""
    said = []
    letters = [c for c in name if c.isalpha()]
    if len(letters) > 4 and all(c.isupper() for c in letters if c.lower() != c.upper()):
        said.append("The name is in capitals. Write it as you sign it.")
    if kind == "person" and PRACTICE_WORDS.search(name):
        said.append("This looks like the name of a practice. A person's profile has their name.")
    words = name.replace(",", " ").split()
    if kind == "practice" and post_nominals and len(words) <= 3 and not PRACTICE_WORDS.search(name):
        said.append("This looks like a person's name. A practice is listed under its own.")
    return said


def cleaned(text):
    """The text without what nobody sees and what only a word processor means. Words stay."""
    text = unicodedata.normalize("NFC", text)
    text = re.sub(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]", "\n", text)
    # Spaces of other widths are spaces, and a tab is one; what has no width is nothing.
    text = re.sub(r"[\t\xa0\u2000-\u200a\u202f\u205f\u3000]", " ", text)
    text = re.sub(r"[\xad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]", "", text)
    # Joiners belong to some scripts and to emoji; between plain letters they are left over.
    text = re.sub(r"(?<=[\x00-\u024f])[\u200c\u200d]|[\u200c\u200d](?=[\x00-\u024f])", "", text)
    # NUL is left for the form to refuse, with a sentence.
    text = re.sub(r"[\x01-\x08\x0e-\x1f\x7f]", "", text)
    text = re.sub(r"(?m)^ *(?:[•·▪‣◦●§\uf0a7\uf0b7]|o(?=  )) *", "- ", text)
    text = re.sub(r" {2,}", " ", text)
    text = re.sub(r"(?m)^ +| +$", "", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def words_of(text):
    """The words alone, small and without accents of typesetting: what is compared."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'").casefold()
    return re.findall(r"[\w']+", text)


def is_copied(text, source):
    """Whether a long run of words of `text` stands in `source` too."""
    return bool(_runs(words_of(text), COPIED_RUN) & _runs(words_of(source), COPIED_RUN))


def is_the_same(text, other):
    """Whether two texts say nearly the same."""
    one, two = _runs(words_of(text), 4), _runs(words_of(other), 4)
    shorter = min(len(one), len(two))
    return bool(shorter) and len(one & two) / shorter >= SAME_SHARE


def probes(text, number=5):
    """Pieces of `text`, the longest first: who copied a long run of words has one of them.

    Looked for as they stand, so they hold no punctuation, and no word that may begin a sentence.
    """
    pieces = (piece.split()[1:] for piece in re.split(r"[^\w ]+", cleaned(text)))
    pieces = {" ".join(words) for words in pieces if len(words) >= 4}
    return sorted(pieces, key=lambda piece: (-len(piece), piece))[:number]


def _runs(words, length):
    return {tuple(words[start : start + length]) for start in range(len(words) - length + 1)}


def _doubts_of_capitals(text):
    for run in _CAPITALS.finditer(text):
        words = re.findall(r"[A-Z'’]+", run[0])
        # EMDR, CBT and DBT are names; a sentence has long words.
        if sum(map(len, words)) >= 20 and sum(len(word) >= 5 for word in words) >= 3:
            yield "There are words in CAPITALS. To readers they shout; write them small."
            return


def _doubts_of_contact(text):
    ways = [
        (_EMAIL.search(text), "an e-mail address"),
        (_LINK.search(_EMAIL.sub(" ", text)), "a link"),
        (_PHONE.search(text), "a phone number"),
        (_STREET.search(text), "an address"),
    ]
    for found, what in ways:
        if found:
            yield (
                f"There is {what} in these words. Write it under Contact or Where instead, "
                "so that it stays right when it changes."
            )


def _doubts_of_tags(text):
    found = _TAG.search(text)
    if found:
        yield f"There is code from a web page in it ({found[0][:20]}). Readers see it; take it out."


def _doubts_of_person(text, therapist):
    if therapist is not None and therapist.kind == "practice":
        return
    named = False
    if therapist is not None and therapist.name.split():
        names = [word for word in therapist.name.split() if len(word) > 2 and word[0].isalpha()]
        whole = re.escape(therapist.name)
        parts = "|".join(re.escape(name) for name in names[:1] + names[-1:])
        subject = rf"(?:{whole}|(?:(?:Dr|Mr|Ms|Mrs|Mx)\.? )?(?:{parts}))" if parts else whole
        named = re.search(rf"(?:^|[.!?]\s+){subject}(?:, [^.]{{2,60}},)? (?:also )?{_DOES}\b", text)
    if not _I.search(text) and (named or (_SHE.search(text) and not _WE.search(text))):
        yield "It speaks of you as of somebody else. Readers warm to “I”."


def _doubts_of_ends(text):
    first, last = text[0], text[-1]
    if first.islower() and _is_latin(first):
        yield "It begins with a small letter. Is the beginning missing?"
    if last in "-–—," or (_is_latin(last) and _is_unfinished(text)):
        yield "It stops in the middle of a sentence. Is the end missing?"


def _is_unfinished(text):
    """Whether a text whose last character is a letter was cut: others of its sentences end."""
    last = re.findall(r"[\w'’]+", text)[-1].casefold()
    final_line = text.rsplit("\n", 1)[-1]
    is_listed = final_line.startswith("- ") or len(final_line) < 30 < len(text)
    return last in _UNFINISHED or (bool(_BREAK.search(text)) and not is_listed)


def _is_latin(character):
    return "LATIN" in unicodedata.name(character, "")


def _doubts_of_copies(text, overview, others, mine):
    if overview and is_copied(text, overview):
        yield (
            "Part of it stands on the approach's own page. Readers have just read that; "
            "tell them how you work."
        )
    if any(is_copied(text, other) for other in others):
        yield "Part of it stands word for word in somebody else's profile. Use words of your own."
    if any(is_the_same(text, other) for other in mine):
        yield "You say nearly the same elsewhere in your profile. Say something new here."
