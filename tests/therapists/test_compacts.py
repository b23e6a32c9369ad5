"""Licences that hold in more than one state: what they say, and how staff keep them."""

import datetime as dt

import pytest
from django.db import connection
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.pages import Form, text
from therapists.models import Compact, Licence

pytestmark = pytest.mark.django_db

ADD = "/admin/therapists/compact/add/"


def psypact(**changes):
    return factories.CompactFactory(**{"name": "PSYPACT", "slug": "psypact"} | changes)


def authority(compact=None, **changes):
    """A licence of Colorado that a compact of Colorado, Utah and Washington carries further."""
    changes = {"state": "CO", "kind": "APIT", "number": "A1"} | changes
    return factories.LicenceFactory(compact=compact or psypact(), **changes)


# --- where a licence holds ----------------------------------------------------------------------


def test_a_licence_holds_in_its_own_state():
    assert factories.LicenceFactory(state="OR").states == ["OR"]


def test_a_compact_that_operates_carries_it_to_its_other_states():
    assert authority(state="UT").states == ["UT", "CO", "WA"]


def test_a_compact_that_does_not_operate_yet_carries_it_nowhere():
    assert authority(psypact(operates=False)).states == ["CO"]


@pytest.mark.parametrize(("days_ago", "states"), [(-1, 3), (0, 3), (1, 0)])
def test_it_holds_on_its_last_day_and_nowhere_after(days_ago, states):
    assert len(authority(expires_on=factories.days_ago(days_ago)).states) == states


def test_what_staff_change_of_a_compact_holds_for_its_licences_at_once():
    held = authority()
    Compact.objects.update(states=["CO", "OR"])
    assert Licence.objects.get(pk=held.pk).states == ["CO", "OR"]


def test_a_compact_that_licences_stand_on_is_not_deleted():
    with pytest.raises(ProtectedError):
        authority().compact.delete()


# --- what it says -------------------------------------------------------------------------------


def test_it_names_the_compact_and_counts_the_other_states():
    assert str(authority()) == "APIT, Colorado, A1; and, by PSYPACT, people in 2 other states"


def test_one_other_state_is_one_state():
    held = authority(psypact(states=["CO", "UT"]))
    assert str(held) == "APIT, Colorado, A1; and, by PSYPACT, people in 1 other state"


@pytest.mark.parametrize(
    ("of_compact", "of_licence"),
    [
        ({"operates": False}, {}),
        ({"states": ["CO"]}, {}),
        ({}, {"expires_on": dt.date(2026, 1, 2)}),
    ],
)
def test_where_nothing_carries_it_further_neither_the_licence_nor_the_page_says_so(
    client, of_compact, of_licence
):
    held = authority(psypact(**of_compact), **of_licence)
    assert str(held) == "APIT, Colorado, A1"
    page = text(client.get(held.therapist.get_absolute_url()))
    assert "Colorado: APIT, A1" in page
    assert "PSYPACT" not in page
    assert "other state" not in page


def test_the_profile_says_how_far_it_reaches_and_names_the_states(client):
    page = text(client.get(authority().therapist.get_absolute_url()))
    assert "It holds for people in Colorado and, by PSYPACT, people in 2 other states." in page
    assert "Utah, Washington" in page


def test_a_compact_writes_no_markup_into_the_profile(client):
    held = authority(psypact(name="<b>Loud</b>"))
    assert "<b>Loud" not in client.get(held.therapist.get_absolute_url()).content.decode()


# --- staff --------------------------------------------------------------------------------------


def compact_form(staff, address=ADD):
    return Form(staff.get(address), "compact_form")


def test_staff_make_a_compact_by_ticking_its_states(staff):
    form = compact_form(staff)
    form.fill(name="PSYPACT", slug="psypact", operates="on", url="psypact.example")
    form.fill(states=["CO", "WA"])
    saved = staff.post(ADD, form.sent("_continue"), follow=True)
    compact = Compact.objects.get()
    assert (compact.states, compact.operates) == (["CO", "WA"], True)
    assert compact.url == "https://psypact.example"
    assert Form(saved, "compact_form")["states"] == ["CO", "WA"]  # ticked when it is opened again


@pytest.mark.parametrize("states", [[], ["CO", "ZZ"]])
def test_a_compact_of_no_state_or_of_an_unknown_one_is_refused(staff, states):
    form = compact_form(staff).fill(name="PSYPACT", slug="psypact", states=states)
    answer = staff.post(ADD, form.sent("_save"))
    assert "Please correct the error below." in text(answer)
    assert not Compact.objects.exists()


def test_staff_enter_an_authority_with_its_compact(staff, client, profile):
    compact = psypact()
    address = f"/admin/therapists/therapist/{profile.pk}/change/"
    form = Form(staff.get(address), "therapist_form")
    form.add_row("licences", state="CO", kind="APIT", number="A1", compact=str(compact.pk))
    staff.post(address, form.sent("_save"))
    assert Licence.objects.get().compact == compact
    page = text(client.get(profile.get_absolute_url()))
    assert "by PSYPACT, people in 2 other states" in page


def test_the_list_shows_which_operate_and_how_many_states_each_has(staff):
    psypact()
    page = text(staff.get("/admin/therapists/compact/"))
    assert "PSYPACT" in page
    assert " 3 " in page


def test_the_list_of_choices_is_all_that_one_more_authority_costs_the_page_of_staff(staff, profile):
    compact, counts = psypact(), []
    address = f"/admin/therapists/therapist/{profile.pk}/change/"
    for number in range(3):
        authority(compact, therapist=profile, number=str(number))
        with CaptureQueriesContext(connection) as queries:
            assert text(staff.get(address)).count("; and, by PSYPACT") == number + 1
        counts.append(len(queries))
    assert counts[2] - counts[1] == 1


def test_an_owner_chooses_a_compact_and_cannot_reach_its_page(owner, profile):
    authority(therapist=profile)
    page = owner.get(f"/my/therapists/myprofile/{profile.pk}/change/").content.decode()
    assert 'name="licences-0-compact"' in page
    assert "therapists/compact/" not in page
    for address in ("/my/therapists/compact/", "/admin/therapists/compact/"):
        assert owner.get(address).status_code in (302, 403, 404)
