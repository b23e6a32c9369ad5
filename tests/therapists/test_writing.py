"""Checks while writing: what is wrong is said, and what is right is left alone."""

import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

import approaches.demo
from therapists.writing import cleaned, doubts, doubts_of_name

DEMO = Path(approaches.demo.__file__).parent
TESS = SimpleNamespace(name="Tess Ownwords", kind="person")
OVERVIEW = (
    "Relational therapy rests on the thought that people grow in connection with others, and that "
    "what hurts was mostly learned in a relationship that did not hold."
)
FINE = "I ask slowly, and I wait. Most people know more than they say at first. We go from there."


def demo_texts():
    """(therapist, approach slug or "", text) for everything that the demo's people say."""
    for file in sorted((DEMO / "therapists").glob("*.toml")):
        for entry in tomllib.loads(file.read_text(encoding="utf-8"))["therapist"]:
            therapist = SimpleNamespace(name=entry["name"], kind=entry["kind"])
            yield therapist, "", entry["about"].strip()
            for slug, statement in entry["statements"].items():
                yield therapist, slug, " ".join(statement.split())


def test_of_a_thousand_texts_that_are_fine_nearly_none_is_doubted():
    overviews = {
        file.stem: tomllib.loads(file.read_text(encoding="utf-8"))["overview"]
        for file in (DEMO / "approaches").glob("*.toml")
    }
    texts = list(demo_texts())
    doubted = [
        text
        for therapist, slug, text in texts
        if doubts(text, therapist=therapist, approach_overview=overviews.get(slug, ""))
    ]
    assert len(texts) > 900
    assert len(doubted) <= len(texts) // 200, doubted


def test_the_demos_texts_come_out_of_cleaning_as_they_went_in():
    assert [text for _, _, text in demo_texts() if cleaned(text) != text] == []


BAD = {
    "CAPITALS": [
        "I WELCOME EVERYBODY WHO STRUGGLES WITH ANXIETY AND GRIEF.",
        "I listen. CALL TODAY FOR A FREE CONSULTATION WITHOUT OBLIGATION! I wait.",
    ],
    "an e-mail address": ["Write to me at tess.own@example.org for a first talk."],
    "a link": [
        "See https://tess.example for more of how I work.",
        "More about me on www.tess-own.example, and much else.",
        "More of my writing stands on tessownwords.com and I add to it.",
    ],
    "a phone number": [
        "Call me at (503) 555-0134 and we will talk.",
        "My number is 503-555-0134. I answer myself.",
        "I answer at +1 503 555 0134 in the mornings.",
        "Text 555-0134 whenever you like, and I answer.",
    ],
    "an address": [
        "I sit at 12 Harbor Street, on the second floor.",
        "You find me at 2450 SE Division St. in Portland.",
        "My room is Suite 210, behind the bakery.",
    ],
    "code from a web page": ["<p>I listen.</p>", "I listen &amp; I wait.", "I<br/>listen."],
    "as of somebody else": [
        "Tess is a psychologist in Portland. She helps people with grief.",
        "Tess Ownwords, LCSW, has worked with families for twenty years.",
        "Dr. Ownwords specializes in the care of those who lost somebody.",
        "She helps people find their footing. She works with couples.",
    ],
    "Is the beginning missing": ["ing with people who grieve is what I do best."],
    "Is the end missing": [
        "I work with people who have lost somebody. Together we look at the",
        "I ask slowly, and I wait. Most people know more than they say at first. We go fr",
        "I work with people who grieve, and who are",
        "I have worked with families for long, and with couples,",
    ],
    "on the approach's own page": [
        "I think that people grow in connection with others, and that what hurts was mostly "
        "learned in a relationship that did not hold. So I listen."
    ],
    "somebody else's profile": [
        "I begin late. Hope is a habit of the hands before it is a thought, and I teach the "
        "hands first. Then we see."
    ],
    "nearly the same": ["I keep bees, and I have learned to move slowly around what stings me."],
}  # fmt: skip
OTHERS = ["Hope is a habit of the hands before it is a thought, and I teach the hands first."]
MINE = ["I keep bees, and I have learned to move slowly around what stings. Try it."]


@pytest.mark.parametrize(
    ("sentence", "text"), [(sentence, text) for sentence, texts in BAD.items() for text in texts]
)
def test_what_is_wrong_is_said_and_nothing_else(sentence, text):
    said = doubts(text, therapist=TESS, approach_overview=OVERVIEW, others=OTHERS, mine=MINE)
    assert len(said) == 1, said
    assert sentence in said[0]


@pytest.mark.parametrize(
    "text",
    [
        "", "   ", "Yes.", FINE, "I use EMDR, CBT, DBT, ACT, IFS and MBCT, in that order.",
        "Podemos buscarla en español, in English, or in the mixture you use with your sister.",
        "我听你说话。我们一起慢慢来。",
        "אני מקשיבה. אנחנו הולכים לאט.", "A first line\n- grief\n- loss",
        "In danger? Call 988, at any hour. I am not a crisis service.",
        "She said it was the first time. I remember that, since I was there.",
        "Between 2010 and 2020 I saw 1500 people on the ward, and 12 of them still write.",
        "I listen ❤️", "“You are late,” I said. “So are you,” he said.",
    ],
)  # fmt: skip
def test_what_is_fine_is_left_alone(text):
    assert doubts(text, therapist=TESS, approach_overview=OVERVIEW, others=OTHERS, mine=MINE) == []


def test_a_practice_may_speak_of_itself_by_its_name():
    practice = SimpleNamespace(name="Harbor Counseling", kind="practice")
    assert (
        doubts("Harbor Counseling is a group of seven. It opened in 1999.", therapist=practice)
        == []
    )


def test_nobody_is_named_or_quoted():
    said = doubts(OTHERS[0], therapist=TESS, others=OTHERS)
    assert len(said) == 1
    assert "bees" not in said[0]
    assert "Hope" not in said[0]


@pytest.mark.parametrize(
    ("name", "kind", "letters", "sentence"),
    [
        ("Harbor Counseling Center", "person", "", "the name of a practice"),
        ("Ash & Elm", "person", "", "the name of a practice"),
        ("Tess Ownwords", "practice", "LCSW", "a person's name"),
        ("TESS OWNWORDS", "person", "", "in capitals"),
    ],
)
def test_a_name_that_does_not_fit_is_doubted(name, kind, letters, sentence):
    said = doubts_of_name(name, kind=kind, post_nominals=letters)
    assert len(said) == 1
    assert sentence in said[0]


@pytest.mark.parametrize(
    ("name", "kind"),
    [("Tess Ownwords", "person"), ("Mei-Ling O’Hara, Jr.", "person"), ("Harbor House", "practice"),
     ("林美", "person"), ("JB", "person")],
)  # fmt: skip
def test_a_name_that_fits_is_left_alone(name, kind):
    assert doubts_of_name(name, kind=kind) == []


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("I\xa0listen.\u200b I\u00a0wait.\ufeff", "I listen. I wait."),
        ("“Hello,” I say – and it’s enough…", "“Hello,” I say – and it’s enough…"),
        ("I see:\r\n•\tgrief\r\n·       loss\r\no   anger", "I see:\n- grief\n- loss\n- anger"),
        ("\uf0b7 grief", "- grief"),
        ("One.\x0bTwo.\u2028Three.", "One.\nTwo.\nThree."),
        ("One.\n\n\n\n\nTwo.  \n  Three.", "One.\n\nTwo.\nThree."),
        ("co\xadop\u202eerate", "cooperate"),
        ("👩\u200d👩\u200d👧 می\u200cخواهم", "👩\u200d👩\u200d👧 می\u200cخواهم"),
        ("le\u200dft", "left"),
        ("e\u0301te\u0301", "été"),
        ("\x07bell", "bell"),
    ],
)
def test_what_a_word_processor_leaves_behind_is_mended(pasted, kept):
    assert cleaned(pasted) == kept
    assert cleaned(kept) == kept
