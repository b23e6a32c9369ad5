"""Staff choose who stands above the day's order, and in which order."""

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client

from tests import factories
from tests.approaches.pages import quotes_of
from tests.pages import text

pytestmark = pytest.mark.django_db


@pytest.fixture
def drama():
    return factories.ApproachFactory(name="Drama therapy", slug="drama")


def pins(row):
    return f"/admin/approaches/approach/{row.pk}/pins/"


def order(row):
    pinned = row.specialists.filter(position__isnull=False).order_by("position")
    return list(pinned.values_list("therapist__name", "position"))


def test_staff_choose_who_stands_first_and_in_which_order(staff, client, drama):
    for name in ("Ada", "Bea", "Cora", "Dot"):
        factories.SpecialistFactory(approach=drama, therapist__name=name)
    factories.SpecialistFactory(therapist__name="Ada Elsewhere")
    for name in ("Ada", "Bea", "Cora"):
        found = staff.get(f"{pins(drama)}?q={name.lower()}")
        assert "Elsewhere" not in text(found)
        number = drama.specialists.get(therapist__name=name).pk
        answer = staff.post(f"{pins(drama)}?q={name}", {"pin": number}, follow=True)
        assert f"Unpin {name}" in answer.content.decode()
    assert order(drama) == [("Ada", 1), ("Bea", 2), ("Cora", 3)]

    def press(button, name):
        staff.post(pins(drama), {button: drama.specialists.get(therapist__name=name).pk})
        return [name for name, _ in order(drama)]

    assert press("up", "Cora") == ["Ada", "Cora", "Bea"]
    assert press("down", "Ada") == ["Cora", "Ada", "Bea"]
    assert press("up", "Cora") == ["Cora", "Ada", "Bea"]  # it is at the top
    assert press("down", "Bea") == ["Cora", "Ada", "Bea"]
    assert press("unpin", "Ada") == ["Cora", "Bea"]
    assert order(drama) == [("Cora", 1), ("Bea", 2)]
    page = quotes_of(client.get("/approaches/drama/"))
    assert [one.is_pinned for one in page] == [True, True, False, False]
    assert ["Cora" in page[0].signature, "Bea" in page[1].signature] == [True, True]


def test_numbers_written_by_hand_are_put_in_order(staff, drama):
    for name, position in (("Ada", 7), ("Bea", 7), ("Cora", 30)):
        factories.SpecialistFactory(approach=drama, therapist__name=name, position=position)
    staff.post(pins(drama), {"up": drama.specialists.get(therapist__name="Cora").pk})
    assert order(drama) == [("Ada", 1), ("Cora", 2), ("Bea", 3)]


@pytest.mark.parametrize("value", ["", "x", "0", "99999999999999999999", "²", "\x00"])
def test_a_forged_pin_changes_nothing(staff, drama, value):
    factories.SpecialistFactory(approach=drama, therapist__name="Ada", position=1)
    for act in ("pin", "unpin", "up", "down", "other"):
        assert staff.post(pins(drama), {act: value}).status_code in (302, 404)
    assert order(drama) == [("Ada", 1)]
    assert staff.get(f"{pins(drama)}?q=%00{value}").status_code == 200


def test_a_specialist_of_another_page_is_not_pinned_here(staff, drama):
    other = factories.SpecialistFactory()
    assert staff.post(pins(drama), {"pin": other.pk}).status_code == 404
    assert order(other.approach) == []


def test_two_clicks_at_once_are_told(staff, drama):
    ada = factories.SpecialistFactory(approach=drama, therapist__name="Ada", position=1)
    assert "Ada is pinned already." in text(staff.post(pins(drama), {"pin": ada.pk}, follow=True))
    staff.post(pins(drama), {"unpin": ada.pk})
    said = text(staff.post(pins(drama), {"up": ada.pk}, follow=True))
    assert "Ada is not pinned any more." in said


def test_who_may_only_look_pins_nobody(drama):
    user = factories.UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_approach"))
    client = Client()
    client.force_login(user)
    ada = factories.SpecialistFactory(approach=drama)
    assert client.get(pins(drama)).status_code == 403
    assert client.post(pins(drama), {"pin": ada.pk}).status_code == 403
    assert order(drama) == []


def test_one_who_is_pinned_and_hidden_is_passed_over_wherever_the_index_has_them(client, drama):
    """In a block of the index beyond all others, where nobody is listed."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE therapists_searchentry_slot_seq RESTART 16383")
    factories.SpecialistFactory(approach=drama, therapist__name="Ada", statement="I am here.")
    factories.SpecialistFactory(
        approach=drama,
        therapist__name="Bea",
        therapist__availability_confirmed_on=factories.days_ago(900),
        statement="I was here.",
        position=1,
    )
    quotes = quotes_of(client.get(drama.get_absolute_url()))
    assert [quote.statement for quote in quotes] == ["I am here."]
