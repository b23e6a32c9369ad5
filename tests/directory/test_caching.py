"""Pages may be kept by those who ask again; what has changed is changed at once."""

import pytest

from tests import factories
from tests.pages import public_addresses
from therapists.models import Therapist
from therapists.publishing import withdraw

pytestmark = pytest.mark.django_db


def again(client, address, known):
    return client.get(address, headers={"If-None-Match": known.headers["ETag"]})


def test_every_public_page_is_asked_for_again_and_no_news_are_a_few_bytes(client):
    specialist = factories.SpecialistFactory()
    addresses = public_addresses(Therapist.objects.all(), [specialist.approach])
    pages = {one: client.get(one) for one in addresses if one != "/healthz"}
    for address, page in pages.items():
        assert page.status_code == 200, address
        if page.headers.get("Cache-Control") == "no-store":  # a form that a visitor fills in
            continue
        if not page.has_header("Last-Modified"):
            assert page.headers["Cache-Control"] == "no-cache", address
        answer = again(client, address, page)
        assert (answer.status_code, answer.content) == (304, b""), address
    assert pages["/therapists/"].headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("address", ["/therapists/", "/approaches/emdr/", "/"])
def test_who_withdraws_is_gone_from_a_page_that_was_kept(address, client, staff_user):
    tess = factories.TherapistFactory(name="Tess Gonesoon")
    factories.SpecialistFactory(
        therapist=tess,
        approach__slug="emdr",
        statement="I listen, and we take the time we need. "
        "There is no hurry, and nothing that you have to say first.",
    )
    kept = client.get(address)
    assert "Tess Gonesoon" in kept.text
    withdraw(tess, by=staff_user)
    answer = again(client, address, kept)
    assert answer.status_code == 200
    assert "Tess Gonesoon" not in answer.text


def test_everyone_gets_the_same_tag(client, owner):
    factories.TherapistFactory()
    assert client.get("/therapists/").headers["ETag"] == owner.get("/therapists/").headers["ETag"]


def test_what_is_not_public_is_kept_by_nobody(staff, owner):
    for client, address in [(staff, "/admin/"), (owner, "/my/")]:
        answer = client.get(address, follow=True)
        assert "no-store" in answer.headers["Cache-Control"]
        assert "ETag" not in answer.headers
