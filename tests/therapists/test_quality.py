"""What looks like a fault is noted for staff; what is well is not."""

import pytest
from django.core.management import call_command

from tests import factories
from tests.pages import text
from therapists import notes
from therapists.models import Finding, Therapist
from therapists.quality import find_faults

pytestmark = pytest.mark.django_db
Kind = Finding.Kind


def found(kind):
    find_faults()
    rows = Finding.objects.filter(kind=kind).order_by("therapist__name")
    return [row.therapist.name for row in rows]


def test_an_ordinary_directory_has_no_fault():
    licence = factories.LicenceFactory(therapist__about="I listen. I ask.")
    factories.SpecialistFactory(
        therapist=factories.TherapistFactory(name="梅 蘭", title="LCSW", phone="(555) 555-0100"),
        statement="I walk beside you. ",
    )
    factories.TherapistFactory(name="JD Okafor", title="PhD, LMFT", about="A headline")
    factories.LicenceFactory(number=licence.number, state="WA")
    assert sum(find_faults().values()) == 0
    assert not Finding.objects.exists()


def test_who_has_no_place_is_found():
    factories.TherapistFactory(name="Nora Nowhere", office=False)
    factories.TherapistFactory(name="Dee Draft", office=False, draft=True)
    assert found(Kind.NO_PLACE) == ["Nora Nowhere"]


@pytest.mark.parametrize(
    "shouted", [{"name": "ALEX SHOUTER"}, {"name": "ÉLODIE D'ÂNE"}, {"title": "CLINICAL WORKER"}]
)
def test_capitals_are_found(shouted):
    tess = factories.TherapistFactory(**{"name": "Tess Testwell", **shouted})
    assert found(Kind.CAPITALS) == [tess.name]


def test_the_same_name_in_the_same_state_may_be_the_same_person():
    first = factories.TherapistFactory(name="Mei-Lin Lantern", slug="a", office__city="Bend")
    second = factories.TherapistFactory(name="mei lin  LANTERN", slug="b")
    factories.TherapistFactory(name="Mei-Lin Lantern", slug="c", office__state="WA")
    assert found(Kind.SAME_NAME) == [second.name]
    assert Finding.objects.get(kind=Kind.SAME_NAME).other == first


def test_the_same_number_of_two_people_is_found_and_that_of_a_practice_is_not():
    for name, phone in (("Ada A", "(503) 555-0100"), ("Ben B", "503.555.0100")):
        factories.TherapistFactory(name=name, phone=phone)
    for number in range(4):
        factories.TherapistFactory(name=f"Of one house {number}", phone="+1 503 555 0199")
    assert found(Kind.SAME_PHONE) == ["Ben B"]


def test_one_licence_of_two_people_is_found_however_it_is_written():
    factories.LicenceFactory(therapist__name="Ada A", number="L-0042", kind="Counselor")
    factories.LicenceFactory(therapist__name="Ben B", number="l0042", kind="Social Worker")
    assert found(Kind.SAME_LICENCE) == ["Ben B"]


def test_a_text_that_stops_in_mid_sentence_is_found():
    factories.TherapistFactory(name="Ada A", about="I listen. Then we sit down and")
    factories.SpecialistFactory(therapist__name="Ben B", statement="I walk. With you, I")
    factories.SpecialistFactory(therapist__name="Dee D", statement="I. And", state="draft")
    assert found(Kind.CUT_TEXT) == ["Ada A", "Ben B"]


def test_what_is_mended_goes_and_what_was_looked_at_stays_done():
    mended = factories.TherapistFactory(name="ALEX SHOUTER")
    left = factories.TherapistFactory(name="STET SHOUTER")
    assert len(found(Kind.CAPITALS)) == 2
    notes.done(Finding.objects.get(therapist=left), by=None, answer="They write it so.")
    Therapist.objects.filter(pk=mended.pk).update(name="Alex Shouter")

    assert find_faults()[Kind.CAPITALS] == 0

    (kept,) = Finding.objects.all()
    assert (kept.therapist, kept.answer) == (left, "They write it so.")


def test_who_was_the_first_of_two_may_change():
    first, second, third = (
        factories.TherapistFactory(name="Mei Lantern", slug=slug) for slug in "abc"
    )
    assert len(found(Kind.SAME_NAME)) == 2
    first.delete()
    assert found(Kind.SAME_NAME) == ["Mei Lantern"]
    finding = Finding.objects.get()
    assert (finding.therapist, finding.other) == (third, second)


def test_the_command_says_how_many_and_a_second_run_changes_nothing(capsys):
    factories.TherapistFactory(name="ALEX SHOUTER", office=False)
    for _ in range(2):
        call_command("find_faults")
        assert "Name or title in capitals: 1" in capsys.readouterr().out
        rows = list(Finding.objects.values_list("pk", "kind").order_by("pk"))
        assert len(rows) == 2
    assert rows[0][0] == Finding.objects.order_by("pk").first().pk


def test_staff_can_have_everybody_looked_at_now(staff):
    factories.TherapistFactory(name="ALEX SHOUTER")
    page = "/admin/therapists/finding/"
    assert "ALEX SHOUTER" not in text(staff.get(page))
    assert staff.get(f"{page}look/").status_code == 405
    said = text(staff.post(f"{page}look/", follow=True))
    assert "Possible faults now: 1." in said
    assert "ALEX SHOUTER" in said
