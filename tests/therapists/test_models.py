"""What the database refuses, what is listed, and how a therapist signs."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from tests import factories
from therapists.models import RESERVED_PARAMETERS, Licence, Office, Term, Therapist, Vocabulary

pytestmark = pytest.mark.django_db

DAYS = [None, -1, 0, 1, 90, 91, 179, 180, 181, 365]


def confirmed(days):
    return None if days is None else factories.days_ago(days)


# --- what the database refuses ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"consent_on": None}, "therapist_published_with_consent"),
        ({"consent_basis": ""}, "therapist_published_with_consent"),
        ({"published_on": None}, "therapist_published_with_consent"),
        ({"fee_from": 200, "fee_to": 100}, "therapist_fee_from_below_to"),
        ({"fee_from": None, "fee_to": 100}, "therapist_fee_to_needs_from"),
        ({"name": ""}, "therapist_has_a_name"),
    ],
)
def test_an_update_past_every_form_cannot_make_an_impossible_therapist(change, constraint):
    tess = factories.TherapistFactory()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Therapist.objects.filter(pk=tess.pk).update(**change)
    tess.refresh_from_db()
    assert tess.is_listed


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"consent_on": None}, "Nobody is listed without having agreed"),
        ({"fee_from": 200, "fee_to": 100}, "The lowest fee is above the highest."),
        ({"fee_to": 100}, "Write the lowest fee too"),
    ],
)
def test_a_form_gives_the_reason_in_a_sentence(change, sentence):
    tess = factories.TherapistFactory()
    for field, value in change.items():
        setattr(tess, field, value)
    with pytest.raises(ValidationError, match=sentence):
        tess.full_clean()


@pytest.mark.parametrize(
    "change",
    [
        {"fee_from": 100, "fee_to": 100},
        {"fee_from": 0, "fee_to": 10},
        {"fee_from": 100, "fee_to": None},
        {"fee_from": None, "fee_to": None},
        {"status": "withdrawn", "consent_on": None, "consent_basis": ""},
        {"status": "draft", "published_on": None, "consent_on": None},
    ],
)
def test_what_is_possible_is_let_through(change):
    tess = factories.TherapistFactory()
    assert Therapist.objects.filter(pk=tess.pk).update(**change) == 1


def test_an_office_is_somewhere():
    factories.TherapistFactory()
    with pytest.raises(IntegrityError, match="office_is_somewhere"), transaction.atomic():
        Office.objects.update(city="", state="")
    assert Office.objects.update(city="") == 1


def test_one_licence_is_entered_once_whoever_claims_it():
    held = factories.LicenceFactory()
    with pytest.raises(IntegrityError, match="licence_number_once"), transaction.atomic():
        factories.LicenceFactory(kind=held.kind, number=held.number)
    factories.LicenceFactory(kind=held.kind, number=held.number, state="WA")
    with pytest.raises(IntegrityError, match="licence_number_once"), transaction.atomic():
        Licence.objects.update(state="WA", number=held.number)


def test_a_term_stands_once_in_its_vocabulary_and_again_in_another():
    grief = factories.TermFactory(slug="grief")
    faith = factories.VocabularyFactory(slug="faith")
    other = factories.TermFactory(slug="grief", vocabulary=faith)
    assert other.pk != grief.pk
    with pytest.raises(IntegrityError, match="term_slug_once"), transaction.atomic():
        Term.objects.filter(pk=other.pk).update(vocabulary=grief.vocabulary)


def test_two_profiles_cannot_share_an_address():
    factories.TherapistFactory(slug="tess")
    otto = factories.TherapistFactory(slug="otto")
    with pytest.raises(IntegrityError, match="slug"), transaction.atomic():
        Therapist.objects.filter(pk=otto.pk).update(slug="tess")


@pytest.mark.parametrize("slug", sorted(RESERVED_PARAMETERS))
def test_a_vocabulary_cannot_take_a_parameter_that_means_something_else(slug):
    with pytest.raises(ValidationError, match="used in addresses already"):
        Vocabulary(slug=slug, name="Mine", question="Which?").full_clean()


def test_a_vocabulary_with_terms_is_not_deleted():
    grief = factories.TermFactory()
    with pytest.raises(ProtectedError):
        grief.vocabulary.delete()


# --- listed -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", Therapist.Status.values)
@pytest.mark.parametrize("days", DAYS)
def test_is_listed_agrees_with_listed_with_the_list_and_with_the_rule(client, status, days):
    tess = factories.TherapistFactory(status=status, availability_confirmed_on=confirmed(days))
    rule = status == "published" and days is not None and days <= 180
    assert tess.is_listed is rule
    assert Therapist.objects.listed().filter(pk=tess.pk).exists() is rule
    assert (f"/therapists/{tess.slug}/" in client.get("/therapists/").text) is rule


@pytest.mark.parametrize(("days", "listed"), [(179, 200), (180, 200), (181, 404)])
def test_the_180th_day_is_the_last_on_which_a_profile_is_seen(client, days, listed):
    tess = factories.TherapistFactory(availability_confirmed_on=confirmed(days))
    assert client.get(tess.get_absolute_url()).status_code == listed


@pytest.mark.parametrize(("days", "old"), [(None, False), (0, False), (90, False), (91, True)])
def test_the_91st_day_is_the_first_on_which_availability_counts_as_old(days, old):
    tess = factories.TherapistFactory(availability_confirmed_on=confirmed(days))
    assert tess.availability_is_old is old


def test_the_operator_decides_after_how_many_days(settings):
    settings.AVAILABILITY_HIDDEN_AFTER, settings.AVAILABILITY_FLAGGED_AFTER = 10, 5
    tess = factories.TherapistFactory(availability_confirmed_on=confirmed(10))
    otto = factories.TherapistFactory(availability_confirmed_on=confirmed(11))
    assert (tess.is_listed, otto.is_listed) == (True, False)
    assert list(Therapist.objects.listed()) == [tess]
    assert tess.availability_is_old


# --- offices, bylines, licences -----------------------------------------------------------------


def test_the_first_office_signs_whichever_was_entered_first():
    tess = factories.TherapistFactory(name="Tess Tester", office__position=2)
    factories.OfficeFactory(therapist=tess, city="Bend", position=1)
    factories.OfficeFactory(therapist=tess, city="Salem", position=1)
    assert str(tess.byline) == "Tess Tester, Licensed Clinical Social Worker in Bend, OR"
    assert tess.main_office.city == "Bend"


def test_without_an_office_or_a_title_the_name_signs_alone():
    tess = factories.TherapistFactory(name="Tess Tester", title="", office=False)
    assert str(tess.byline) == "Tess Tester"


@pytest.mark.parametrize(
    ("city", "state", "place"),
    [("Bend", "OR", "Bend, OR"), ("", "OR", "Oregon"), ("Bend", "", "Bend")],
)
def test_an_office_says_as_much_of_its_place_as_it_knows(city, state, place):
    assert str(Office(city=city, state=state)) == place


@pytest.mark.parametrize(
    ("expires", "checked", "expired", "verified"),
    [
        (None, None, False, False),
        (None, 3, False, True),
        (0, 3, False, True),
        (1, 3, True, False),
        (-30, None, False, False),
    ],
)
def test_a_licence_is_verified_when_checked_and_valid_through_its_last_day(
    expires, checked, expired, verified
):
    licence = Licence(expires_on=confirmed(expires), checked_on=confirmed(checked))
    assert (licence.is_expired, licence.is_verified) == (expired, verified)


def test_terms_stand_by_vocabulary_in_the_order_of_staff():
    faith = factories.VocabularyFactory(slug="faith", position=2)
    issue = factories.VocabularyFactory(slug="issue", position=1)
    quaker = factories.TermFactory(vocabulary=faith, name="Quaker")
    worry = factories.TermFactory(vocabulary=issue, name="Worry", position=2)
    grief = factories.TermFactory(vocabulary=issue, name="Grief", position=3)
    tess = factories.TherapistFactory(terms=[quaker, grief, worry])
    assert tess.terms_by_vocabulary() == [(issue, [worry, grief]), (faith, [quaker])]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Mei\u200b Lanternfield"),
        ("name", "\u202eMei"),
        ("title", "Coun\u00adselor"),
        ("phone", "1\n2"),
        ("phone", "++++"),
        ("website", "https://me:secret@example.org/"),
        ("booking_url", "https://me@example.org/"),
    ],
)
def test_what_would_deceive_or_betray_is_refused_in_a_form(field, value):
    therapist = factories.TherapistFactory()
    setattr(therapist, field, value)

    with pytest.raises(ValidationError) as caught:
        therapist.full_clean()

    assert field in caught.value.message_dict
