"""Searching by words: what is searched, what is not, and words that nobody expected."""

import pytest

from approaches.models import Approach, Specialist
from tests import factories
from therapists.models import Office, Therapist

pytestmark = pytest.mark.django_db


@pytest.fixture
def wilma():
    """Somebody of whom much is known in public."""
    wilma = factories.TherapistFactory(
        name="Wilma Wördlich",
        post_nominals="PsyD",
        title="Music Therapist",
        about="I listen for 100% of an hour, and to rivers. Ich höre zu.",
        office__city="Tucson",
        office__state="AZ",
        terms=[factories.TermFactory(name="Perinatal loss"), factories.TermFactory(name="Panic")],
    )
    factories.OfficeFactory(therapist=wilma, city="Yuma", state="AZ")
    factories.SpecialistFactory(
        therapist=wilma, approach__name="EMDR", statement="We walk by the sea."
    )
    factories.TherapistFactory(name="Xaver Xtra")
    return wilma


@pytest.mark.parametrize(
    "words",
    [
        "Wilma", "wördlich", "örd", "WILMA wördlich", "psyd", "music therapists", "river",
        "tucson", "yuma", "Tucson Yuma", "perinatal", "panic loss", "EMDR", "emdr in tucson",
        "walking", '"by the sea"', '"sea walk"', "wilma -tucson", "wilma ---",
        "100%", "höre", " wilma ",
    ],
)  # fmt: skip
def test_words_are_found_in_all_that_the_public_may_read(wilma, words):
    assert list(Therapist.objects.matching(words)) == [wilma]


@pytest.mark.parametrize(
    "words",
    [
        "Wilma Xaver", "nobody OR wilma", "%", "_", "W_lma", "W%a", "\\",
        "'", '"', '""', "' OR 1=1 --", ":*", "wilmax:*", "<->", "(((", ")", "&&&", "|", "!",
        "OR", "AND", "-", "the", "the and of", "😀", "مرحبا", "\u200f", "你好", "\ufffd",
        "a" * 5000, "sad " + "-" * 200, "- " * 200, '-"' * 200,
    ],
)  # fmt: skip
def test_odd_words_find_nobody_and_break_nothing(wilma, words):
    assert list(Therapist.objects.matching(words)) == []


def test_a_name_of_stop_words_is_found_by_a_part_of_it():
    who = factories.TherapistFactory(name="The Who Practice")
    assert list(Therapist.objects.matching("the who")) == [who]


@pytest.mark.parametrize(("name", "words"), [("ليلى النجار", "ليلى"), ("林小雨", "小雨")])
def test_names_in_other_scripts_are_found(name, words):
    named = factories.TherapistFactory(name=name)
    assert list(Therapist.objects.matching(words)) == [named]


@pytest.mark.parametrize("state", ["draft", "submitted", "sent-back"])
def test_words_that_await_approval_are_not_searched(wilma, state):
    Specialist.objects.update(state=state)
    assert list(Therapist.objects.matching("walk sea")) == []
    assert list(Therapist.objects.matching("EMDR")) == [wilma]


@pytest.mark.parametrize("words", ["EMDR", "walk sea"])
def test_an_approach_that_is_not_published_is_not_searched_nor_what_is_said_of_it(wilma, words):
    Approach.objects.update(status="draft")
    assert list(Therapist.objects.matching(words)) == []


def test_what_is_private_is_not_searched(wilma):
    Therapist.objects.filter(pk=wilma.pk).update(
        email="secretly@example.org", consent_basis="Fernleaf form"
    )
    Office.objects.filter(therapist=wilma).update(street="Hawthorn Lane 7", postal_code="85701")
    for words in ("secretly@example.org", "secretly", "Fernleaf", "Hawthorn", "85701"):
        assert list(Therapist.objects.matching(words)) == []


def test_one_therapists_words_are_not_anothers(wilma):
    """Each word stands somewhere, but all of them with nobody."""
    assert list(Therapist.objects.matching("xtra sea")) == []


def test_people_are_found_by_the_synonyms_of_their_terms_and_approaches():
    grief = factories.TermFactory(name="Grief and loss", synonyms=["bereavement"])
    griever = factories.TherapistFactory(terms=[grief])
    emdr = factories.ApproachFactory(name="EMDR", synonyms=["Eye movement therapy"])
    mover = factories.SpecialistFactory(approach=emdr).therapist

    assert list(Therapist.objects.matching("bereavement")) == [griever]
    assert list(Therapist.objects.matching("eye movement")) == [mover]
