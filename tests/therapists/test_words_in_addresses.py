"""Searching by words: what is searched, what is not, what is forgiven, and what nobody expected."""

import pytest

from approaches.models import Approach, Specialist
from tests import factories
from tests.kept import kept
from tests.therapists.reading import counts, get, paragraphs, slugs, total, words
from therapists.models import Office, Term, Therapist

pytestmark = pytest.mark.django_db


@kept
def wilma():
    """Somebody of whom much is known in public."""
    wilma = factories.TherapistFactory(
        slug="wilma",
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
    factories.TherapistFactory(slug="xaver", name="Xaver Xtra", title="Counselor")
    return wilma


def found(client, asked):
    """Who is found by words, from the first card to the last."""
    response = client.get("/therapists/", {"q": asked}, follow=True)
    assert response.status_code == 200
    return slugs(response)


# --- what is searched -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        "Wilma", "wördlich", "WILMA wördlich", "psyd", "music therapists", "river",
        "tucson", "yuma", "Tucson Yuma", "perinatal", "panic loss", "EMDR", "emdr in tucson",
        "walking", '"by the sea"', '"sea walk"', "wilma -tucson", "wilma ---", "(wilma)",
        "wilma, tucson", "100%", "höre", " wilma ", "wilma wilma",
    ],
)  # fmt: skip
def test_words_are_found_in_all_that_the_public_may_read(client, wilma, asked):
    assert found(client, asked) == ["wilma"]


def test_people_are_found_by_the_synonyms_of_their_terms_and_approaches(client):
    grief = factories.TermFactory(name="Grief and loss", synonyms=["bereavement"])
    griever = factories.TherapistFactory(terms=[grief])
    emdr = factories.ApproachFactory(name="EMDR", synonyms=["Eye movement therapy"])
    mover = factories.SpecialistFactory(approach=emdr).therapist

    assert found(client, "bereavement") == [griever.slug]
    assert found(client, "eye movement") == [mover.slug]


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("The Who Practice", "the who"), ("The Who Practice", "who"), ("An Will", "an"),
        ("An Will", "will an"), ("Will Will", "will"), ("ليلى النجار", "ليلى"),
        ("林小雨", "林小雨"), ("Núñez-Vega", "núñez"), ("Núñez-Vega", "Vega"),
        ("Nuala O’Hara", "O’Hara"), ("Nuala O’Hara", "o'hara"),
    ],
)  # fmt: skip
def test_a_name_is_found_whatever_its_language_even_if_it_is_a_stop_word(client, name, asked):
    named = factories.TherapistFactory(name=name, slug="named", title="")
    factories.TherapistFactory(name="Xaver Xtra", title="")
    assert found(client, asked) == [named.slug]


def test_words_that_say_nothing_are_skipped_beside_others(client, wilma):
    factories.TherapistFactory(slug="the-practice", name="The Practice", title="")
    assert found(client, "the wilma and the tucson") == ["wilma"]
    assert found(client, "the") == ["the-practice"]


def test_every_word_has_to_be_somewhere_in_the_words_of_one_therapist(client, wilma):
    assert found(client, "xtra") == ["xaver"]
    assert found(client, "sea") == ["wilma"]
    assert found(client, "xtra sea") == []


def test_what_a_therapist_writes_and_staff_rename_is_found_at_once(client, wilma):
    Therapist.objects.filter(slug="xaver").update(about="I keep bees.")
    assert found(client, "bees") == ["xaver"]

    Term.objects.filter(name="Panic").update(name="Sudden dread")
    assert found(client, "dread") == ["wilma"]
    assert found(client, "panic") == []

    Therapist.objects.filter(slug="xaver").update(name="Xenia Xtra")
    assert found(client, "xenia") == ["xaver"]
    assert found(client, "xaver") == []


# --- what is not searched -------------------------------------------------------------------------


def test_words_that_await_approval_are_not_searched(client, wilma):
    factories.StatementFactory(specialist=Specialist.objects.get(), text="I climb high hills.")
    assert found(client, "climb hills") == []

    Specialist.objects.update(state="draft")
    assert found(client, "walk sea") == []
    assert found(client, "EMDR") == ["wilma"]


@pytest.mark.parametrize("asked", ["EMDR", "walk sea"])
def test_an_approach_that_is_not_published_is_not_searched_nor_what_is_said_of_it(
    client, wilma, asked
):
    Approach.objects.update(status="draft")
    assert found(client, asked) == []

    Approach.objects.update(status="published")
    assert found(client, asked) == ["wilma"]


@pytest.mark.parametrize(
    "asked", ["secretly@example.org", "secretly", "Fernleaf", "Hawthorn", "85701", "503"]
)
def test_what_is_private_is_not_searched(client, wilma, asked):
    Therapist.objects.filter(pk=wilma.pk).update(
        email="secretly@example.org", consent_basis="Fernleaf form", phone="503 555 0100"
    )
    Office.objects.filter(therapist=wilma).update(street="Hawthorn Lane 7", postal_code="85701")
    assert found(client, asked) == []


@pytest.mark.parametrize("asked", ["wilma", "wlima", "wilm", "sea", "tucson", "emdr"])
@pytest.mark.parametrize(
    "change",
    [{"status": "draft"}, {"status": "withdrawn"},
     {"availability_confirmed_on": factories.days_ago(181)}],
)  # fmt: skip
def test_nobody_who_is_hidden_is_found_or_named(client, wilma, change, asked):
    Therapist.objects.filter(pk=wilma.pk).update(**change)
    response = client.get("/therapists/", {"q": asked})
    assert slugs(response) == []
    assert "Wilma" not in words(response)
    assert "This is for" not in words(response)


# --- what is forgiven -----------------------------------------------------------------------------


@kept
def anxiety():
    """Somebody who states anxiety, and practises hypnotherapy."""
    one = factories.TherapistFactory(
        slug="berit",
        name="Berit Halvorsen",
        terms=[factories.TermFactory(name="Anxiety", synonyms=["worry"])],
    )
    factories.SpecialistFactory(therapist=one, approach__name="Hypnotherapy")
    factories.TherapistFactory(slug="xaver", name="Xaver Xtra")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("anxeity", "anxiety"), ("anxiet", "anxiety"), ("anxxiety", "anxiety"),
        ("enxiety", "anxiety"), ("ANXEITY", "anxiety"), ("wory", "worry"), ("worrry", "worry"),
        ("hipnoterapy", "hypnotherapy"), ("halvorson", "halvorsen"), ("Brit", "berit"),
        ("anx", "anxiety"), ("hypno", "hypnotherapy"),
    ],
)  # fmt: skip
def test_a_typing_error_or_a_beginning_is_forgiven_and_the_page_says_so(
    client, anxiety, typed, meant
):
    response = client.get("/therapists/", {"q": typed})
    assert slugs(response) == ["berit"]
    assert paragraphs(response, "understood") == [
        f"Nobody here uses “{typed}”. This is for “{meant}”."
    ]
    assert counts(response, "availability")["open"] == 1


@pytest.mark.parametrize("typed", ["anxiety", "worry", "berit", "hypnotherapy", "anxieties"])
def test_of_a_word_that_somebody_has_nothing_is_said(client, anxiety, typed):
    response = client.get("/therapists/", {"q": typed})
    assert slugs(response) == ["berit"]
    assert paragraphs(response, "understood") == []


def test_a_term_that_nobody_states_is_no_misspelling_of_itself(client):
    factories.TermFactory(name="Anxiety")
    response = client.get("/therapists/?q=Anxiety")
    assert slugs(response) == []
    assert paragraphs(response, "understood") == []


@pytest.mark.parametrize("typed", ["anhxeitz", "wrroyy", "be", "qrt", "xnot", "aviary"])
def test_a_word_too_far_from_any_is_not_guessed(client, anxiety, typed):
    response = client.get("/therapists/", {"q": typed})
    assert slugs(response) == []
    assert paragraphs(response, "understood") == []


def test_a_misspelling_that_may_be_several_words_looks_for_all_of_them(client):
    factories.TherapistFactory(slug="mara", name="Mara Vale")
    factories.TherapistFactory(slug="mary", name="Mary Vale")
    response = client.get("/therapists/?q=marx")
    assert sorted(slugs(response)) == ["mara", "mary"]
    assert paragraphs(response, "understood") == [
        "Nobody here uses “marx”. This is for “mara” or “mary”."
    ]


def test_each_misspelled_word_is_said_and_the_others_hold(client, anxiety):
    response = get(client, "/therapists/?q=berit+anxeity+hipnoterapy")
    assert slugs(response) == ["berit"]
    assert len(paragraphs(response, "understood")) == 2
    assert slugs(get(client, "/therapists/?q=xaver+anxeity")) == []


def test_a_word_that_only_the_hidden_use_is_not_forgiven_into_their_name(client):
    factories.TherapistFactory(name="Hedy Hidden", stale=True)
    factories.TherapistFactory(name="Zora Draftwell", draft=True)
    for typed in ("hiden", "draftwel"):
        response = client.get(f"/therapists/?q={typed}")
        assert total(response) == 0
        assert paragraphs(response, "understood") == []


# --- odd words ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "asked",
    [
        "Wilma Xaver", "nobody OR wilma", "%", "_", "W%a", "\\",
        "'", '"', '""', "' OR 1=1 --", ":*", "wilmax:*", "<->", "(((", ")", "&&&", "|", "!",
        "OR", "AND", "-", "the", "the and of", "😀", "مرحبا", "\u200f", "你好", "\ufffd",
        "a" * 5000, "sad " + "-" * 200, "- " * 200, '-"' * 200, "x" * 199 + " wilma",
    ],
)  # fmt: skip
def test_odd_words_find_nobody_and_break_nothing(client, wilma, asked):
    assert found(client, asked) == []


def test_words_are_cut_to_a_length_that_nobody_types(client, wilma):
    response = client.get("/therapists/", {"q": "word " * 2000}, follow=True)
    assert response.status_code == 200
    assert len(response.request["QUERY_STRING"]) <= 202


def test_the_thirteenth_word_is_not_looked_for(client, wilma):
    assert found(client, "wilma " * 12 + "nonesuch") == ["wilma"]
