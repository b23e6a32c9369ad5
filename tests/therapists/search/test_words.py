"""Words: which errors are forgiven, which names are found, and what stands between words."""

import unicodedata

import pytest

from tests import factories
from tests.therapists.search.asking import find, in_order, meant, named, two_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    two_people()


# --- typing errors --------------------------------------------------------------------------------


def one_letter_wrong(word):
    """The word with one letter missing, too many or another, and with two exchanged."""
    for n in range(len(word)):
        yield word[:n] + word[n + 1 :]
        yield word[:n] + "x" + word[n:]
        yield word[:n] + "x" + word[n + 1 :]
        if n and word[n - 1] != word[n]:
            yield word[: n - 1] + word[n] + word[n - 1] + word[n + 1 :]
    yield word + "x"


@pytest.mark.parametrize("word", ["grief", "trance", "perinatal", "bereavement", "cormorant"])
def test_one_wrong_letter_is_forgiven_wherever_it_is(people, word):
    missed = [typed for typed in one_letter_wrong(word) if find(typed) != {"anna"}]
    assert missed == []


@pytest.mark.parametrize("word", ["bereavement", "hypnotherapy"])
def test_two_wrong_letters_are_forgiven_in_long_words_of_terms_and_approaches(people, word):
    front, back = word[: len(word) // 2], word[len(word) // 2 :]
    typed = [a + b for a in one_letter_wrong(front) for b in list(one_letter_wrong(back))[1::5]]
    assert [one for one in typed if find(one) != {"anna"}] == []


def test_two_wrong_letters_are_too_many_in_a_short_word_and_three_in_any(people):
    for typed in ("graxx", "grf", "trxnxe", "bxrxavxment", "hypmotherpay!x"):
        assert find(typed) == set()
        assert meant(typed) == {}


def test_the_nearest_word_is_taken_and_of_equally_near_ones_each():
    named("greta", "Greta Marlow")
    named("grita", "Grita Barlow")
    assert find("gretta") == {"greta"}
    assert meant("gretta") == {"gretta": ["greta"]}
    assert find("karlow") == {"greta", "grita"}
    assert meant("karlow") == {"karlow": ["barlow", "marlow"]}


def test_the_beginning_of_a_word_is_enough_from_three_letters(people):
    assert find("hyp") == find("corm") == {"anna"}
    assert find("hy") == find("co") == set()


def test_a_word_that_somebody_has_is_never_taken_for_another(people):
    """A person called Greif is found by "greif", and not those who know grief."""
    assert find("greif") == {"anna"}
    named("cleo", "Cleo Greif")
    assert find("greif") == {"cleo"}
    assert meant("greif") == {}


def test_each_misspelled_word_is_told_and_no_other(people):
    typed = "Cormoront in winter berevement"
    assert meant(typed) == {"Cormoront": ["cormorant"], "berevement": ["bereavement"]}
    assert find(typed) == {"anna"}


def test_a_word_that_is_called_so_and_that_nobody_has_is_not_told_as_an_error(people):
    factories.TermFactory(name="Insomnia")
    assert find("insomnia") == set()
    assert meant("insomnia") == {}


def test_a_word_that_says_nothing_is_not_told_as_an_error_beside_one_that_does(people):
    """ "Nobody uses “the”, this is for “theodora”" would be untrue: it is skipped."""
    named("theo", "Theodora Birch")
    assert find("the grief") == {"anna"}
    assert meant("the grief") == {}


def test_words_of_statements_are_found_and_not_guessed(people):
    """Only names are learned by their spelling: of names, terms and approaches."""
    assert find("rivers") == {"anna"}
    assert find("somatic") == {"bela"}
    assert find("rivesr") == find("somatci") == set()


# --- names ----------------------------------------------------------------------------------------

NAMES = [
    ("Zoë Wördlich", ["zoë", "wördlich", "Wördlich, Zoë", "wordlich", "WÖRDLICH"]),
    ("José Núñez", ["josé", "núñez", "jose", "nuñez"]),
    ("Anna-Lena Vale-Heron", ["anna", "lena", "anna-lena", "Vale-Heron", "vale heron", "herron"]),
    ("Siân O'Dell", ["o'dell", "O’Dell", "dell", "siân", "sian"]),
    ("Sade D’Abo-Şahin", ["d'abo", "şahin", "D’Abo-Şahin"]),
    ("林小雨", ["林小雨"]),
    ("ليلى النجار", ["ليلى", "النجار"]),
    ("Анна Ахмерова", ["анна", "Ахмерова", "Ахмерва"]),
    ("An Will", ["an", "will", "An Will"]),
    ("The Who Practice", ["the who", "who", "practice", "pratcice"]),
    ("Dr. Jo-Ann St. Clair", ["jo-ann", "clair", "st clair", "Jo-Ann St. Clair"]),
]


@pytest.mark.parametrize(("name", "typed"), [(name, one) for name, many in NAMES for one in many])
def test_a_name_is_found_by_its_parts_in_any_script(name, typed):
    named("named", name)
    named("other", "Bela Quillfeather")
    assert find(typed) == {"named"}


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Zoë Wördlich", "Zoe"),
        ("José Núñez", "Nunez"),
        ("Anna Lena Smith Jones", "Smith-Jones"),
        ("Siân O'Dell", "ODell"),
        ("Chloë Öberg-Ångström", "Oberg-Angstrom"),
    ],
)
def test_a_name_is_found_without_its_accents_hyphens_and_apostrophes(name, typed):
    """As on a keyboard that has none."""
    named("named", name)
    named("other", "Bela Quillfeather")
    assert find(typed) == {"named"}


def test_an_accent_is_the_same_whether_it_is_one_character_or_two():
    """Some keyboards and files write a letter and its accent one after the other."""
    composed, apart = "José Núñez", unicodedata.normalize("NFD", "José Núñez")
    assert composed != apart
    named("composed", composed)
    named("apart", apart)
    assert find("José") == find(composed) == find(apart) == {"composed", "apart"}


def test_a_name_with_an_accent_is_found_beside_one_that_has_none():
    named("jose", "Jose Birch")
    named("josé", "José Heron")
    assert find("jose") == find("josé") == {"jose", "josé"}


@pytest.mark.parametrize(
    ("name", "typed"),
    [("Nguyễn", "nguyen"), ("Şahin", "sahin"), ("Dvořák", "dvorak"), ("Kovačić", "kovacic")],
)
def test_any_accent_may_be_left_out(name, typed):
    """Also where somebody is called so without it, and nothing has to be guessed."""
    named("with", f"Ada {name}")
    named("without", f"Ada {typed.title()}")
    assert find(typed) == find(name) == {"with", "without"}
    assert meant(typed) == {}


@pytest.mark.parametrize("name", [*dict(NAMES), "O'Dell", "Vale-Heron", "Jo, Al"])
def test_whoever_is_called_so_stands_first_by_word_match(name):
    """Before those who only speak of the name, whatever is in it besides letters."""
    for number in range(4):
        named(f"speaks-{number}", "Bela Quillfeather", about=f"I learned from {name}.")
    named("named", name)
    assert in_order(name, "words")[0] == "named"


def test_by_word_match_names_come_first_then_terms_and_approaches_then_words():
    grief = factories.TermFactory(name="Grief and loss")
    for number in range(3):
        named(f"says-{number}", "Ada Anders", about="grief and loss")
        named(f"states-{number}", "Ada Anders", terms=[grief])
        named(f"is-called-{number}", "Grief Loss")
    for words in ("grief", "loss grief"):
        ranks = [slug[:2] for slug in in_order(words, "words")]
        assert ranks == ["is"] * 3 + ["st"] * 3 + ["sa"] * 3, words


def test_a_word_that_says_nothing_spoils_no_word_match():
    """In "grief and loss" the "and" is skipped, so who states grief and loss stands first."""
    grief = factories.TermFactory(name="Grief and loss")
    for number in range(3):
        named(f"says-{number}", "Ada Anders", about="grief and loss")
        named(f"states-{number}", "Ada Anders", terms=[grief])
    for words in ("grief and loss", "the grief"):
        assert [slug[:2] for slug in in_order(words, "words")] == ["st"] * 3 + ["sa"] * 3, words


def test_an_approach_is_a_match_as_a_term_is():
    for number in range(3):
        named(f"says-{number}", "Ada Anders", about="hypnotherapy")
    specialist = factories.SpecialistFactory(approach__name="Hypnotherapy", therapist__slug="does")
    for words in ("hypnotherapy", "hipnotherapy"):
        assert in_order(words, "words")[0] == specialist.therapist.slug


# --- marks that are no letters --------------------------------------------------------------------


@pytest.mark.parametrize(
    "about",
    [
        "I know “grief”.", "I know ‘grief’.", "I know grief’s weight.", "Loss—grief—hope.",
        "Loss–grief.", "Grief… and hope.", "«Grief» and hope.", "A\u00a0grief\u00a0that stays.",
        "¿Grief?", "Hope\u2022grief", "Grief、hope。", "Grief™ and hope.", "Grief® and hope.",
        "A\u2009grief that stays.", "\ufeffGrief", "★grief★", "💚grief", "(grief)", "grief/loss",
        "hope.Grief", '"grief"',
    ],
)  # fmt: skip
def test_a_word_is_found_beside_typographic_marks(about):
    """As word processors and phones write them."""
    named("named", "Bela Quillfeather", about=about)
    assert find("grief") == {"named"}


@pytest.mark.parametrize(
    "typed", ["“grief”", "‘grief’", "«grief»", "grief…", "grief—", "grief,", "(grief)", "grief’s"]
)
def test_a_word_is_found_though_it_is_typed_with_typographic_marks(people, typed):
    assert find(typed) == {"anna"}
    assert meant(typed) == {}


# --- words that say nothing -----------------------------------------------------------------------


def test_stop_words_are_skipped_unless_there_is_nothing_else(people):
    named("who", "The Who Practice")
    named("an", "An Birch")
    assert find("the grief and the river") == {"anna"}
    assert find("an") == {"an"}
    assert find("An Birch") == {"an"}
    assert find("the") == find("the who") == {"who"}
    assert find("and") == set()


def test_a_text_of_a_megabyte_is_saved_and_found_by_its_beginning():
    """PostgreSQL's vectors of words end at a megabyte."""
    about = "Grief. " + " ".join(f"word{n}" for n in range(100_000))
    named("named", "Bela Quillfeather", about=about)
    assert find("grief") == {"named"}
    assert find("quillfeather") == {"named"}
