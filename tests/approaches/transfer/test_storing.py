"""Therapists brought in by a spreadsheet: who they are, what changes, and what never does."""

import pytest
from django.apps import apps

from approaches.models import Specialist
from tests import factories
from tests.approaches.transfer.sheets import bring_in, exported, faults
from therapists.models import Licence, Office, Proposal, Therapist
from therapists.search.check import check

pytestmark = pytest.mark.django_db


def everything():
    models = [
        one for one in apps.get_models() if one._meta.app_label in ("therapists", "approaches")
    ]
    return {one: sorted(one.objects.values_list(), key=repr) for one in models}


WREN = {
    "name": "Wren Byfile", "title": "Counselor", "email": "wren@example.org", "fee_from": "$90",
    "online": "yes", "availability": "Has room for new clients", "website": "wren.example",
    "office_1_city": "Bend", "office_1_state": "Oregon", "office_1_zip": "97701",
    "licence_1_state": "OR", "licence_1_kind": "Counselor", "licence_1_number": "C1",
    "consent_on": "1/2/2026", "consent_basis": "Signed form",
}  # fmt: skip


@pytest.fixture
def words(db):
    """A vocabulary and an approach, so that their columns are there."""
    factories.TermFactory(name="Grief"), factories.TermFactory(name="Moving house")
    factories.ApproachFactory(name="EMDR", slug="emdr")
    return {"issue": "Grief; moving-house", "approach:emdr": "I walk beside you.",
            "training:emdr": "certified", "trained_in:emdr": "2019"}  # fmt: skip


def test_a_row_makes_a_therapist_with_office_license_terms_and_statement(words):
    outcome = bring_in(WREN | words)
    assert outcome.faults == []
    assert outcome.summary == "1 new, 0 changed, 0 as they are"
    wren = Therapist.objects.get()
    assert (wren.slug, wren.status, wren.fee_from) == ("wren-byfile", "draft", 90)
    assert (wren.online, wren.availability) == (True, "open")
    assert wren.website == "https://wren.example"
    assert wren.consent_on.isoformat() == "2026-01-02"
    assert str(wren.byline) == "Wren Byfile, Counselor in Bend, OR"
    assert wren.licences.get().number == "C1"
    assert sorted(wren.terms.values_list("slug", flat=True)) == ["grief", "moving-house"]
    specialist = wren.specialisms.get()
    assert (specialist.training, specialist.training_year) == ("certified", 2019)
    assert specialist.public_statement == ""
    waiting = Proposal.objects.get()
    assert (waiting.text, waiting.specialist, waiting.state) == (
        "I walk beside you.", specialist, "waiting",
    )  # fmt: skip


def test_who_agreed_is_listed_with_their_words_where_staff_publish(words, client):
    bring_in(WREN | words | {"about": "I garden."}, publish=True)
    page = client.get("/therapists/wren-byfile/").text
    for shown in ("I garden.", "I walk beside you.", "Grief"):
        assert shown in page
    assert not Proposal.objects.exists()
    assert "Wren Byfile" in client.get("/therapists/?issue=grief").text
    assert not check()


@pytest.mark.parametrize("missing", ["consent_on", "consent_basis"])
def test_nobody_is_listed_without_day_and_basis_of_consent(missing):
    outcome = bring_in(WREN | {missing: ""}, publish=True)
    assert Therapist.objects.get().status == "draft"
    assert "stays a draft" in outcome.rows[0][1].notes[0]


def test_the_same_file_again_changes_nothing(words):
    bring_in(WREN | words | {"about": "I garden."})
    before = everything()
    outcome = bring_in(WREN | words | {"about": "I garden."})
    assert outcome.summary == "0 new, 0 changed, 1 as they are"
    assert everything() == before


def test_a_dry_run_says_the_same_and_writes_nothing(words):
    before = everything()
    outcome = bring_in(WREN | words, dry_run=True)
    assert outcome.summary == "1 new, 0 changed, 0 as they are"
    assert everything() == before


def test_one_bad_row_in_three_and_nothing_is_written():
    before = everything()
    good, other = WREN, {"name": "Otto Good", "email": "otto@example.org"}
    found = faults(good, {"name": "", "fee_from": "much", "fee_to": "1e9"}, other, publish=True)
    assert found == {
        (3, "name"): "A therapist needs a name.",
        (3, "fee_from"): "“much” is not a whole number.",
        (3, "fee_to"): "“1e9” is not a whole number.",
    }
    assert everything() == before


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ({"fee_from": "200", "fee_to": "100"}, "fee_to", "The lowest fee is above the highest."),
        ({"fee_to": "100", "fee_from": ""}, "fee_to", "Write the lowest fee too, or alone."),
        ({"fee_from": "120.50"}, "fee_from", "“120.50” is not a whole number."),
        ({"email": "wren"}, "email", "Enter a valid email address."),
        ({"website": "javascript:alert(1)"}, "website", "Enter a valid URL."),
        ({"phone": "call me"}, "phone", "Write digits, blanks and"),
        ({"slug": "No Slug!"}, "slug", "Enter a valid “slug”"),
        ({"name": "W" * 121}, "name", "at most 120 characters"),
        ({"name": "Wren\u200bByfile"}, "name", "nobody sees"),
        ({"kind": "clinic"}, "kind", "“clinic” is not one of: person, practice."),
        ({"in_person": "perhaps"}, "in_person", "“perhaps” is not yes or no."),
        ({"consent_on": "2999-01-01"}, "consent_on", "2999-01-01 is still to come."),
        ({"consent_on": "31/12/2025"}, "consent_on", "is not a date"),
        ({"availability": "soon"}, "availability", "is not one of: open, waiting-list, full."),
        ({"issue": "Greif"}, "issue", "“Greif” is not in the list Issue: did you mean “Grief”?"),
        ({"trained_in:emdr": "1066"}, "trained_in:emdr", "1066 is not a year up to now."),
        ({"training:emdr": "master"}, "training:emdr", "is not one of: certified"),
        ({"office_1_state": "XX"}, "office_1_state", "“XX” is not a state"),
        ({"office_1_city": "", "office_1_state": ""}, "office_1_zip",
         "An office needs a city or a state."),
        ({"licence_1_kind": ""}, "licence_1_number", "A license needs state, kind and number."),
        ({"licence_1_expires_on": "never"}, "licence_1_expires_on", "is not a date"),
        ({"licence_1_compact": "psypact"}, "licence_1_compact", "There are no compacts"),
        ({"about": "(empty)"}, "about", "Words are emptied on the therapist's own page"),
    ],
)  # fmt: skip
def test_a_fault_is_said_with_its_row_its_column_and_a_sentence(words, cells, column, sentence):
    found = faults(WREN | words | cells)
    assert [*found] == [(2, column)]
    assert sentence in found[2, column]


def test_somebody_is_found_by_slug_by_email_or_by_license_and_never_by_name():
    tess = factories.TherapistFactory(name="Tess Tester", slug="tess", email="Tess@example.org")
    factories.LicenceFactory(therapist=tess, state="OR", kind="Counselor", number="L7")
    keys = [
        {"slug": "tess"},
        {"email": "tess@EXAMPLE.org"},
        {"licence_1_state": "oregon", "licence_1_kind": "counselor", "licence_1_number": "l7"},
    ]
    for fee, key in enumerate(keys, start=50):
        outcome = bring_in(key | {"fee_from": str(fee)})
        assert outcome.faults == []
        tess.refresh_from_db()
        assert tess.fee_from == fee
    outcome = bring_in({"name": "Tess Tester", "fee_from": "1"})
    assert Therapist.objects.count() == 2
    assert "another Tess Tester is here already" in outcome.rows[0][1].notes[0]


def test_a_row_that_fits_two_is_refused():
    for slug in ("one", "two"):
        factories.TherapistFactory(slug=slug, email="office@example.org")
    shared = {"email": "office@example.org", "fee_from": "9"}
    assert "2 therapists have this" in faults(shared)[2, "email"]
    assert faults(shared | {"slug": "two"}) == {}
    other = factories.LicenceFactory(therapist__email="c@example.org", kind="K", number="N9")
    two = {"email": "c@example.org", "licence_1_state": "OR", "licence_1_kind": "K"}
    assert faults(two | {"licence_1_number": "N9", "fee_from": "1"}) == {}
    factories.TherapistFactory(email="d@example.org")
    two |= {"email": "d@example.org", "licence_1_number": "N9"}
    assert "belong to two therapists" in faults(two)[2, "email"]
    assert (
        "Another therapist has this license"
        in (faults(two | {"slug": "one", "licence_1_compact": ""})[2, "licence_1_number"])
    )
    other.refresh_from_db()


@pytest.mark.parametrize(
    "second",
    [
        {"slug": "", "email": "WREN@example.org", "licence_1_number": "C2"},
        {"slug": "", "email": "other@example.org"},
    ],
)
def test_two_rows_of_one_therapist_are_refused(second):
    found = faults(WREN, WREN | second)
    assert len(found) == 1
    assert "Row 2 has this too" in next(iter(found.values()))


def test_two_rows_that_lead_to_one_therapist_in_two_ways_are_refused():
    factories.TherapistFactory(slug="tess", email="tess@example.org")
    found = faults({"slug": "tess", "phone": "1"}, {"email": "tess@example.org", "phone": "2"})
    assert "is the same therapist" in found[3, "email"]


def test_what_a_therapist_keeps_by_a_sign_in_is_never_overwritten(words, profile):
    specialist = factories.SpecialistFactory(
        therapist=profile, approach__slug="rogerian", statement="Mine."
    )
    Therapist.objects.filter(pk=profile.pk).update(about="My words.", fee_from=80)
    outcome = bring_in(
        {"slug": profile.slug, "about": "Theirs.", "fee_from": "70", "phone": "555 1",
         "title": "New", "approach:rogerian": "Theirs.", "office_1_city": "Salem",
         "office_2_city": "Bend"} | words,
        publish=True,
    )  # fmt: skip
    profile.refresh_from_db(), specialist.refresh_from_db()
    assert (profile.about, profile.fee_from, profile.phone) == ("My words.", 80, "")
    assert profile.title == "New"  # staff's to keep
    assert specialist.statement == "Mine."
    assert profile.offices.get().city == "Portland"
    assert not profile.terms.exists()
    assert profile.specialisms.count() == 1
    assert not Proposal.objects.exists()
    for column in ("about", "fee_from", "approach:rogerian", "issue", "office_2_city"):
        assert column in outcome.rows[0][1].notes[0]


def test_published_words_stay_up_while_the_imported_ones_wait(words):
    specialist = factories.SpecialistFactory(
        therapist__slug="tess", approach__slug="rogerian", statement="Old."
    )
    bring_in({"slug": "tess", "approach:rogerian": "New.", "about": "New about."})
    specialist.refresh_from_db()
    assert specialist.public_statement == "Old."
    assert sorted(Proposal.objects.values_list("text", flat=True)) == ["New about.", "New."]
    bring_in({"slug": "tess", "approach:rogerian": "New."}, publish=True)
    specialist.refresh_from_db()
    assert specialist.public_statement == "New."
    assert Proposal.objects.waiting().get().text == "New about."


def test_who_has_withdrawn_stays_so_and_so_does_a_statement(words):
    gone = factories.TherapistFactory(withdrawn=True, slug="gone")
    taken = factories.SpecialistFactory(
        therapist__slug="tess", approach__slug="rogerian", state=Specialist.State.DRAFT,
        decided_at="2026-01-01T00:00Z",
    )  # fmt: skip
    outcome = bring_in(
        {"slug": "gone", "phone": "1"}, {"slug": "tess", "approach:rogerian": "Again."},
        publish=True,
    )  # fmt: skip
    gone.refresh_from_db(), taken.refresh_from_db()
    assert (gone.status, taken.state) == ("withdrawn", "draft")
    assert not Proposal.objects.exists()
    assert "has withdrawn" in outcome.rows[0][1].notes[0]
    assert "was withdrawn" in outcome.rows[1][1].notes[0]


def test_an_empty_cell_keeps_what_we_hold_and_the_word_empty_empties_it(words):
    tess = factories.TherapistFactory(
        slug="tess", phone="555 1", fee_from=80, pronouns="she/her", sliding_scale=True,
        terms=[factories.TermFactory(name="Grief")],
    )  # fmt: skip
    bring_in({"slug": "tess", "phone": "", "fee_from": "(empty)", "sliding_scale": "(empty)",
              "pronouns": "(empty)", "issue": "(empty)"})  # fmt: skip
    tess.refresh_from_db()
    assert (tess.phone, tess.fee_from, tess.pronouns, tess.sliding_scale) == (
        "555 1",
        None,
        "",
        None,
    )
    assert not tess.terms.exists()


def test_consent_is_not_taken_from_who_is_published():
    tess = factories.TherapistFactory(slug="tess")
    assert (
        "Nobody is listed without having agreed"
        in (faults({"slug": "tess", "consent_on": "(empty)"})[2, "consent_on"])
    )
    tess.refresh_from_db()
    assert tess.consent_on


def test_a_second_office_and_another_fee_are_filled_in_beside_what_is_there():
    tess = factories.TherapistFactory(slug="tess")
    bring_in(
        {"slug": "tess", "office_1_zip": "2139", "office_2_city": "Bend", "office_2_state": "OR"}
    )
    first, second = Office.objects.filter(therapist=tess)
    assert (first.city, first.postal_code) == ("Portland", "02139")
    assert second.place == "Bend, OR"


def test_a_license_is_known_by_its_number_wherever_it_stands():
    tess = factories.TherapistFactory(slug="tess")
    for number in ("A1", "B2"):
        factories.LicenceFactory(therapist=tess, kind="Counselor", number=number)
    bring_in({"slug": "tess", "licence_1_state": "OR", "licence_1_kind": "Counselor",
              "licence_1_number": "B2", "licence_1_expires_on": "2031-05-06"})  # fmt: skip
    days = dict(Licence.objects.values_list("number", "expires_on"))
    assert days["A1"] is None
    assert str(days["B2"]) == "2031-05-06"


def test_words_of_other_scripts_and_very_long_ones_come_through(words):
    about = "わたしは聞きます。\n\nИ слушаю. " + "word " * 4000
    bring_in(WREN | words | {"name": "Ōe Κώστας", "about": about}, publish=True)
    assert Therapist.objects.get().about == about.strip()
    assert "わたしは聞きます。" in exported().decode()
