"""Each question that the directory asks of its therapists."""

import pytest
from django.contrib.auth.models import AnonymousUser

from approaches.models import Approach
from tests import factories
from therapists.models import Office, Therapist

pytestmark = pytest.mark.django_db

UNLISTED = ["draft", "withdrawn", "stale"]


def names(therapists):
    """Sorted, and as often as they come."""
    return sorted(therapist.name for therapist in therapists)


def therapist(name, **differences):
    return factories.TherapistFactory(name=name, **differences)


@pytest.fixture
def emdr():
    return factories.ApproachFactory(name="EMDR", slug="emdr")


@pytest.fixture
def gestalt():
    return factories.ApproachFactory(name="Gestalt therapy", slug="gestalt")


# --- scopes -------------------------------------------------------------------------------------


@pytest.mark.parametrize("trait", UNLISTED)
def test_nobody_who_is_not_listed_is_found_by_any_criterion(trait, emdr):
    grief = factories.TermFactory(slug="grief", name="Grief")
    hidden = therapist("Hedy Hidden", terms=[grief], online=True, fee_from=50, **{trait: True})
    factories.SpecialistFactory(therapist=hidden, approach=emdr)
    listed = Therapist.objects.listed()
    for found in (
        listed,
        listed.practising(["emdr"]),
        listed.with_terms("issue", ["grief"], or_unstated=True),
        listed.without_terms("faith"),
        listed.in_states(["OR"]),
        listed.in_towns([("Portland", "OR")]),
        listed.seeing(["online"]),
        listed.available(["open"], or_unstated=True),
        listed.charging_at_most(90, or_unstated=True),
        listed.matching("Hedy"),
        listed.approaches_practised(),
        Office.objects.of_listed_therapists().towns(),
        Office.objects.of_listed_therapists().states(),
    ):
        assert list(found) == []


def test_an_owner_finds_their_own_profiles_and_nobody_elses(profile, other_profile, owner_user):
    assert list(Therapist.objects.owned_by(owner_user)) == [profile]
    assert list(Therapist.objects.owned_by(other_profile.owner)) == [other_profile]


def test_nobody_signed_in_owns_nothing_even_where_profiles_have_no_owner():
    therapist("Nora Noowner", owner=None)
    assert not Therapist.objects.owned_by(AnonymousUser()).exists()


# --- no choice means no narrowing ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("criterion", "nothing"),
    [
        ("practising", [[]]),
        ("practising", [None]),
        ("with_terms", ["issue", []]),
        ("in_states", [[]]),
        ("in_towns", [[]]),
        ("seeing", [[]]),
        ("available", [[]]),
        ("charging_at_most", [None]),
        ("matching", [""]),
        ("matching", ["   "]),
    ],
)
def test_no_choice_means_no_narrowing(criterion, nothing):
    therapist("Anna")
    therapist("Bela", office=False, availability="")
    found = getattr(Therapist.objects.all(), criterion)(*nothing)
    assert names(found) == ["Anna", "Bela"]


# --- criteria -----------------------------------------------------------------------------------


def test_choosing_two_approaches_finds_therapists_of_either_and_nobody_twice(emdr, gestalt):
    anna, bela, cleo = therapist("Anna"), therapist("Bela"), therapist("Cleo")
    factories.SpecialistFactory(therapist=anna, approach=emdr)
    factories.SpecialistFactory(therapist=bela, approach=gestalt)
    for both in (emdr, gestalt):
        factories.SpecialistFactory(therapist=cleo, approach=both)
    practising = Therapist.objects.practising
    assert names(practising(["emdr"])) == ["Anna", "Cleo"]
    assert names(practising(["emdr", "gestalt"])) == ["Anna", "Bela", "Cleo"]
    assert practising(["emdr", "gestalt"]).count() == 3


def test_practising_an_approach_needs_no_approved_statement(emdr):
    factories.SpecialistFactory(therapist=therapist("Anna"), approach=emdr, state="draft")
    assert names(Therapist.objects.practising(["emdr"])) == ["Anna"]


def test_an_approach_that_is_not_published_is_neither_offered_nor_found(emdr):
    factories.SpecialistFactory(approach=emdr)
    assert list(Therapist.objects.approaches_practised()) == [("emdr", "EMDR")]
    Approach.objects.update(status="draft")
    assert list(Therapist.objects.approaches_practised()) == []
    assert list(Therapist.objects.practising(["emdr"])) == []


def test_approaches_are_offered_once_and_a_to_z(emdr, gestalt):
    for approach in (gestalt, emdr, emdr):
        factories.SpecialistFactory(approach=approach)
    offered = [("emdr", "EMDR"), ("gestalt", "Gestalt therapy")]
    assert list(Therapist.objects.approaches_practised()) == offered


def test_terms_count_in_their_own_vocabulary_alone():
    faith = factories.VocabularyFactory(slug="faith")
    issue = [factories.TermFactory(slug=slug) for slug in ("grief", "loss")]
    therapist("Anna", terms=issue)
    therapist("Bela", terms=[factories.TermFactory(slug="grief", vocabulary=faith)])
    therapist("Cleo")
    everyone = Therapist.objects.all()
    assert names(everyone.with_terms("issue", ["grief", "loss"])) == ["Anna"]
    assert names(everyone.with_terms("issue", ["grief"], or_unstated=True)) == [
        "Anna",
        "Bela",
        "Cleo",
    ]
    assert names(everyone.with_terms("faith", ["grief"])) == ["Bela"]
    assert names(everyone.without_terms("issue")) == ["Bela", "Cleo"]
    assert names(everyone.without_terms("faith")) == ["Anna", "Cleo"]


def test_any_office_counts_and_three_in_one_state_make_one_therapist():
    anna = therapist("Anna")
    factories.OfficeFactory(therapist=anna, city="Bend")
    factories.OfficeFactory(therapist=anna, city="Bend", street="Elsewhere 1")
    factories.OfficeFactory(therapist=anna, city="Boise", state="ID")
    therapist("Bela", office__city="Boise", office__state="")
    everyone = Therapist.objects.all()
    assert names(everyone.in_states(["OR", "ID"])) == ["Anna"]
    assert names(everyone.in_towns([("Bend", "OR"), ("Portland", "OR")])) == ["Anna"]
    assert names(everyone.in_towns([("Boise", "ID")])) == ["Anna"]
    assert names(everyone.in_towns([("Boise", "ID"), ("Boise", "")])) == ["Anna", "Bela"]
    assert names(everyone.in_towns([("Bend", "ID")])) == []


def test_towns_and_states_are_offered_once_and_only_where_they_are_known():
    anna = therapist("Anna", office__city="", office__state="ME")
    factories.OfficeFactory(therapist=anna, city="Bend")
    therapist("Bela", office__city="Bend")
    therapist("Cleo", office__city="Boise", office__state="")
    offices = Office.objects.of_listed_therapists()
    assert list(offices.towns()) == [("Bend", "OR"), ("Boise", "")]
    assert list(offices.states()) == ["ME", "OR"]


@pytest.mark.parametrize(
    ("formats", "found"),
    [
        (["in-person"], ["Anna", "Cleo"]),
        (["online"], ["Bela", "Cleo"]),
        (["in-person", "online"], ["Anna", "Bela", "Cleo"]),
    ],
)
def test_seeing_in_any_of_the_ways(formats, found):
    therapist("Anna", in_person=True)
    therapist("Bela", online=True)
    therapist("Cleo", in_person=True, online=True)
    therapist("Dora")
    assert names(Therapist.objects.seeing(formats)) == found


@pytest.mark.parametrize(
    ("chosen", "or_unstated", "found"),
    [
        (["open"], False, ["Anna"]),
        (["open", "full"], False, ["Anna", "Cleo"]),
        (["waiting-list"], True, ["Bela", "Dora"]),
    ],
)
def test_availability_and_those_who_have_not_said(chosen, or_unstated, found):
    for name, availability in [("Anna", "open"), ("Bela", "waiting-list"), ("Cleo", "full")]:
        therapist(name, availability=availability)
    therapist("Dora", availability="")
    assert names(Therapist.objects.available(chosen, or_unstated=or_unstated)) == found
    assert names(Therapist.objects.without_availability()) == ["Dora"]


@pytest.mark.parametrize(
    ("dollars", "or_unstated", "found"),
    [
        (99, False, ["Zoe"]),
        (100, False, ["Anna", "Zoe"]),
        (0, False, ["Zoe"]),
        (0, True, ["Dora", "Zoe"]),
        (10_000, False, ["Anna", "Bela", "Zoe"]),
    ],
)
def test_the_lowest_fee_decides_and_those_who_have_not_said(dollars, or_unstated, found):
    therapist("Anna", fee_from=100, fee_to=300)
    therapist("Bela", fee_from=150)
    therapist("Dora")
    therapist("Zoe", fee_from=0)
    assert names(Therapist.objects.charging_at_most(dollars, or_unstated=or_unstated)) == found
    assert names(Therapist.objects.without_fee()) == ["Dora"]


def test_all_criteria_hold_together_and_each_may_include_the_silent(emdr):
    grief = factories.TermFactory(slug="grief")
    says = {"online": True, "fee_from": 80, "terms": [grief], "about": "I like rivers."}
    silent = {**says, "fee_from": None, "terms": [], "availability": ""}
    for name, differences in [
        ("Anna", says),
        ("Bela", silent),
        ("Cleo", {**says, "online": False}),
    ]:
        factories.SpecialistFactory(therapist=therapist(name, **differences), approach=emdr)
    therapist("Dora", **says)

    def found(*, or_unstated):
        return names(
            Therapist.objects.listed()
            .matching("rivers")
            .practising(["emdr"])
            .with_terms("issue", ["grief"], or_unstated=or_unstated)
            .in_states(["OR"])
            .in_towns([("Portland", "OR")])
            .seeing(["online"])
            .available(["open"], or_unstated=or_unstated)
            .charging_at_most(100, or_unstated=or_unstated)
            .in_fair_order(factories.today())
            .for_cards()
        )

    assert found(or_unstated=False) == ["Anna"]
    assert found(or_unstated=True) == ["Anna", "Bela"]
