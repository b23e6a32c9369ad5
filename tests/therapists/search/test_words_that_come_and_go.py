"""Words that come and go: found and suggested while they are public, and never after."""

import pytest
from django.db import connection
from django.http import QueryDict
from django.utils import timezone

from approaches.models import Approach, Specialist
from tests import factories
from tests.therapists.search.asking import find, in_order, meant, named, search, two_people
from therapists.filters import TherapistFilter
from therapists.models import Term, Therapist
from therapists.search import upkeep
from therapists.search.index import Search
from therapists.search.words import suggest_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    two_people()


# --- what comes and goes --------------------------------------------------------------------------


def test_synonyms_find_as_names_do_and_follow_their_change(people):
    assert find("mourning") == find("trance") == {"anna"}
    Term.objects.update(synonyms=["sorrow"])
    Approach.objects.update(synonyms=["suggestion work"])
    assert find("mourning") == find("trance") == set()
    assert find("sorrow") == find("sorow") == find("suggestion") == {"anna"}
    assert meant("mournign") == meant("trancee") == {}


def test_a_statement_is_found_only_while_it_is_approved(people):
    Specialist.objects.update(state="draft")
    assert find("rivers") == set()
    assert find("hypnotherapy") == {"anna"}
    Specialist.objects.update(state="approved")
    assert find("rivers") == {"anna"}


def test_a_statement_and_its_approach_are_found_only_while_the_page_is_public(people):
    Approach.objects.update(status="draft")
    assert find("rivers") == find("hypnotherapy") == find("hipnotherapy") == set()
    assert meant("hipnotherapy") == {}
    Approach.objects.update(status="published")
    assert find("rivers") == find("hypnotherapy") == find("hipnotherapy") == {"anna"}


HIDE = {
    "withdrawn": lambda who: who.update(status="withdrawn"),
    "draft": lambda who: who.update(status="draft"),
    "stale": lambda who: who.update(availability_confirmed_on=factories.days_ago(181)),
    "never confirmed": lambda who: who.update(availability_confirmed_on=None),
    "deleted": lambda who: who.delete(),
    "renamed": lambda who: who.update(name="Somebody Else"),
}


@pytest.mark.parametrize("how", HIDE)
def test_the_name_of_who_is_gone_is_neither_found_nor_guessed_nor_suggested(people, how):
    assert suggest_words("corm") == ["Cormorant"]
    HIDE[how](Therapist.objects.filter(slug="anna"))
    assert suggest_words("corm") == []
    for typed in ("cormorant", "cormorent", "corm", "cormorants"):
        assert find(typed) == set()
        assert meant(typed) == {}


def test_a_name_that_somebody_else_has_too_stays(people):
    named("carl", "Carl Cormorant")
    Therapist.objects.filter(slug="anna").update(status="withdrawn")
    assert suggest_words("corm") == ["Cormorant"]
    assert find("cormorent") == {"carl"}


def test_a_name_that_a_term_has_too_stays_and_is_forgiven_as_a_term(people):
    named("carl", "Carl Bereavement")
    Therapist.objects.filter(slug="carl").delete()
    assert find("beereavemnt") == {"anna"}


def test_somebody_who_is_hidden_since_midnight_is_not_suggested(people, monkeypatch):
    """Though nobody has searched on the new day yet."""
    assert suggest_words("quill") == ["Quillfeather"]
    tomorrow = factories.days_ago(-181)
    monkeypatch.setattr(timezone, "localdate", lambda: tomorrow)
    assert suggest_words("quill") == []
    assert suggest_words("perin") == []


def test_words_of_a_deleted_term_are_neither_guessed_nor_suggested(people):
    assert suggest_words("perin") == ["Perinatal grief"]
    Term.objects.all().delete()
    assert suggest_words("perin") == suggest_words("mourn") == []
    for typed in ("perinatal", "perinetal", "bereavment", "mourn"):
        assert find(typed) == set()
        assert meant(typed) == {}


def test_words_of_a_deleted_approach_are_neither_guessed_nor_suggested(people):
    Specialist.objects.all().delete()
    Approach.objects.all().delete()
    assert suggest_words("hypno") == suggest_words("tran") == []
    for typed in ("hypnotherapy", "hipnotherapy", "trence"):
        assert find(typed) == set()
        assert meant(typed) == {}


def test_a_deleted_approach_does_not_take_the_address_of_a_new_one(people):
    Specialist.objects.all().delete()
    Approach.objects.all().delete()
    new = factories.ApproachFactory(name="Trance work", slug="hypnotherapy")
    factories.SpecialistFactory(approach=new, therapist=Therapist.objects.get(slug="bela"))
    found = Search(TherapistFilter(QueryDict("approach=hypnotherapy")).groups)
    assert found.total == 1
    options = TherapistFilter(QueryDict()).filters["approach"].extra["choices"]
    assert options == [("hypnotherapy", "Trance work")]


def test_suggested_are_names_of_terms_and_approaches_by_any_of_their_words_then_people(people):
    assert suggest_words("gri") == suggest_words("bereav") == ["Perinatal grief"]
    assert suggest_words("trance") == ["Hypnotherapy"]
    named("perry", "Perry Perinatal")
    assert suggest_words("per") == ["Perinatal grief", "Perinatal", "Perry"]
    assert suggest_words("p") == suggest_words("") == suggest_words("\0") == []


def test_what_nobody_states_is_not_suggested(people):
    factories.TermFactory(name="Perfectionism")
    factories.ApproachFactory(name="Performance coaching")
    assert suggest_words("perf") == []


def test_a_name_is_suggested_whole_and_once_as_it_is_written():
    named("named", "Zoë Nguyễn-Şahin")
    assert suggest_words("zo") == suggest_words("zoe") == ["Zoë"]
    assert suggest_words("ng") == ["Nguyễn"]
    assert suggest_words("ah") == []
    assert suggest_words("sa") == suggest_words("şa") == ["Şahin"]


def test_at_most_eight_are_suggested(people):
    for number in range(12):
        named(f"person-{number}", f"Quince{'abcdefghijkl'[number]} Heron")
    assert len(suggest_words("quin")) == 8


# --- words that many use --------------------------------------------------------------------------

ASKED = [
    "grief", "Rivers", "river", "winter", "walking", "somatic", "anna", "Cormorant", "quillfeather",
    "perinatal grief", "listen slow", "the river", "cormorent", "berevement", "hypnotherapy", "by",
    "corm", "rivesr", "zzyzx",
]  # fmt: skip


def answers():
    """Who is found by each, in either order, and what is meant."""
    return {
        words: (in_order(words), in_order(words, "words"), meant(words), search(words).counts)
        for words in ASKED
    }


def frequent():
    """Words that are keys, and how many of the index have them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT value, coalesce(sum(count), 0) FROM therapists_searchkey k"
            " LEFT JOIN therapists_searchbits b ON b.key = k.id WHERE facet = 'word' GROUP BY 1"
        )
        return dict(cursor.fetchall())


def make_frequent(*words):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT therapists_search_make_keys(array_agg('word'::text), array_agg(word))"
            " FROM unnest(%s::text[]) AS word",
            [list(words)],
        )
        cursor.execute("SELECT therapists_search_refresh(array_agg(id)) FROM therapists_therapist")


def test_words_that_become_keys_find_exactly_the_same_people(people):
    before = answers()
    make_frequent("grief", "river", "winter", "walk", "somat", "anna", "cormor", "cormorant")
    assert frequent()["river"] == frequent()["somat"] == frequent()["cormorant"] == 1
    assert answers() == before


def test_all_words_become_keys_when_an_index_is_built_and_find_the_same(people, monkeypatch):
    before = answers()
    monkeypatch.setattr(upkeep, "FREQUENT_AT_LEAST", 1)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or the tables cannot be emptied
    upkeep.rebuild()
    assert {"river", "winter", "somat", "quillfeather"} <= set(frequent())
    assert answers() == before


def test_a_word_that_is_a_key_follows_what_is_written(people):
    make_frequent("river", "winter", "grief", "heron")
    bela = Therapist.objects.filter(slug="bela")
    bela.update(about="A river in winter")
    assert find("river") == find("winter") == {"anna", "bela"}
    Specialist.objects.update(state="draft")
    assert find("river") == {"bela"}
    bela.update(status="withdrawn")
    assert find("river") == find("winter") == set()
    named("cleo", "Cleo Heron", about="grief")
    assert find("heron") == {"cleo"}
    assert find("grief") == {"anna", "cleo"}
    assert find("herno") == {"cleo"}


def test_a_key_that_nobody_has_any_more_is_forgiven_as_any_other_word(people):
    """The key stays when the last one leaves; a name that is spelled alike is then meant."""
    make_frequent("anna")
    named("hanna", "Hanna Birch")
    Therapist.objects.filter(slug="anna").update(status="withdrawn")
    assert frequent()["anna"] == 0
    assert find("anna") == {"hanna"}
    assert meant("anna") == {"anna": ["hanna"]}
