"""What a card says, and in which words."""

import pytest

from tests import factories
from tests.therapists.reading import near, slugs, words
from therapists.cards import cards, distance, opening_words
from therapists.models import SearchEntry

pytestmark = pytest.mark.django_db


def card_of(therapist):
    slot = SearchEntry.objects.get(therapist=therapist).slot
    return cards([slot])[slot]


def test_a_card_quotes_what_the_public_may_read_on_the_first_approach_by_its_name():
    tess = factories.TherapistFactory()
    for name, status, state in [
        ("Zen", "published", "approved"),
        ("Éclat", "published", "approved"),
        ("Art", "draft", "approved"),
        ("Body", "published", "draft"),
        ("Music", "published", "approved"),
    ]:
        factories.SpecialistFactory(
            therapist=tess,
            approach__name=name,
            approach__status=status,
            state=state,
            statement=f"I say it of {name}.",
        )
    assert card_of(tess).words == "I say it of Music."
    assert card_of(tess).pk == tess.pk


def test_a_card_is_signed_by_the_first_office(client):
    tess = factories.TherapistFactory(title="Guide", office=False)
    for position, city in [(2, "Bend"), (1, "Salem"), (1, "Eugene")]:
        factories.OfficeFactory(therapist=tess, city=city, position=position)
    assert "Guide in Salem, OR" in words(client.get("/therapists/"))


def test_who_is_gone_since_the_index_was_asked_has_no_card():
    tess, other = factories.TherapistFactory(), factories.TherapistFactory()
    gone, stays = (SearchEntry.objects.get(therapist=one).slot for one in (tess, other))
    tess.delete()
    assert list(cards([gone, stays, 999_999])) == [stays]
    assert cards([]) == {}


def test_what_people_wrote_is_shown_as_text(client):
    signs = "<i>&\"'{0}%s"
    tess = factories.TherapistFactory(
        name=f"Tess {signs}", title=signs, post_nominals=signs, pronouns=signs, slug="tess"
    )
    factories.SpecialistFactory(therapist=tess, statement=f"I say {signs}.")
    page = client.get("/therapists/")
    assert slugs(page) == ["tess"]
    for text in (f"Tess {signs} {signs}", f"{signs} in Portland, OR · {signs}", f"I say {signs}."):
        assert text in words(page)


@pytest.mark.parametrize(
    ("miles", "said"),
    [
        (0, "less than a mile"),
        (0.99, "less than a mile"),
        (1, "about 1 mile"),
        (1.49, "about 1 mile"),
        (1.5, "about 2 miles"),
        (24.6, "about 25 miles"),
    ],
)
def test_how_far_an_office_is(miles, said):
    assert distance(miles) == said


def test_a_card_near_a_place_says_how_far(client):
    factories.TherapistFactory()
    assert "office less than a mile away" in words(near(client, "Portland, OR"))


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        (None, ""),
        ("  \n ", ""),
        ("One\n two", "One two"),
        ("word " * 28, " ".join(["word"] * 28)),
        ("word " * 29, " ".join(["word"] * 28) + " …"),
    ],
)
def test_the_opening_words_stand_on_one_line(statement, shown):
    assert opening_words(statement) == shown
