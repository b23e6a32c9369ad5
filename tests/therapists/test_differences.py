"""The difference between two texts, as staff read it."""

import re
import time

import pytest
from django.utils.safestring import SafeString

from therapists.differences import word_difference


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("", "", ""),
        ("same words", "same words", "same words"),
        ("", "new words", "<ins>new words</ins>"),
        ("old words", "", "<del>old words</del>"),
        (None, "a", "<ins>a</ins>"),
        ("I walk beside you.", "I run beside you.", "I <del>walk</del><ins>run</ins> beside you."),
        ("one two three", "one three", "one <del>two </del>three"),
        ("a quiet room", "a bright house", "a <del>quiet room</del><ins>bright house</ins>"),
        ("Anna sagt ja.", "Änna sagt ja.", "<del>Anna</del><ins>Änna</ins> sagt ja."),
        ("我听雨", "我听风", "<del>我听雨</del><ins>我听风</ins>"),
        ("line\r\nline", "line\nline", "line\nline"),
    ],
)
def test_the_words_that_differ_are_marked(old, new, shown):
    assert word_difference(old, new) == shown


def test_what_people_write_is_never_markup():
    html = word_difference("<b>&", "<script>alert('x')</script> <ins>")
    assert isinstance(html, SafeString)
    bare = html.replace("<del>", "").replace("</del>", "")
    bare = bare.replace("<ins>", "").replace("</ins>", "")
    assert "<" not in bare
    assert "&lt;" in bare


def test_both_texts_can_be_read_from_the_difference():
    old = "We sit. We talk about what hurts, and what helps. Then we rest."
    new = "We talk about what helps, and what hurts. We walk. Then we rest a while."
    html = word_difference(old, new)
    assert re.sub("<ins>.*?</ins>|</?del>", "", html) == old
    assert re.sub("<del>.*?</del>|</?ins>", "", html) == new


def test_of_a_long_text_only_the_surroundings_of_a_change_are_shown():
    words = [f"word{n}" for n in range(100)]
    changed = [*words[:50], "other", *words[51:]]
    shown = word_difference(" ".join(words), " ".join(changed), around=2)
    assert shown == "… word48 word49 <del>word50</del><ins>other</ins> word51 word52 … "
    assert word_difference("same", "same", around=2) == ""


def test_very_long_texts_are_compared_in_good_time():
    old = "".join(f"Sentence {n} is about rain. " for n in range(2_500))
    new = old.replace("Sentence 700 ", "Phrase 700 ")
    begun = time.monotonic()
    shown = word_difference(old, new, around=3)
    assert "Phrase 700" in shown
    assert len(shown) < 400
    word_difference("a b " * 20_000, "b a " * 20_000)
    assert time.monotonic() - begun < 5
