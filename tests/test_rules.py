"""The six rules that hold everywhere, each by its name. Details are tested beside the code."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.urls import reverse

from approaches.models import Approach
from tests import factories
from therapists.models import Therapist
from therapists.order import rank

pytestmark = pytest.mark.django_db


def test_rule_1_nothing_a_client_does_is_recorded(client):
    specialist = factories.SpecialistFactory()
    pages = [
        reverse("home"),
        specialist.approach.get_absolute_url() + "?q=grief",
        "/therapists/?near=97214&order=nearest",
        specialist.therapist.get_absolute_url(),
    ]
    for address in pages:
        response = client.get(address)
        assert not response.cookies
        assert "Cookie" not in response.headers.get("Vary", "")
        assert "data-exit" in response.text
    assert not client.session.keys()


def test_rule_2_order_is_fair_and_recomputable(client):
    slugs = [factories.TherapistFactory().slug for _ in range(6)]
    day = factories.days_ago(40)

    page = client.get(f"/therapists/?day={day}").text

    as_shown = sorted(slugs, key=lambda slug: page.index(f"/therapists/{slug}/"))
    assert as_shown == sorted(slugs, key=lambda slug: rank(day, slug))


@pytest.mark.parametrize(
    ("days", "shown", "flagged"),
    [(0, True, False), (90, True, False), (91, True, True), (180, True, True), (181, False, False)],
)
def test_rule_3_fresh_or_hidden(client, days, shown, flagged):
    therapist = factories.TherapistFactory(availability_confirmed_on=factories.days_ago(days))

    response = client.get(therapist.get_absolute_url())

    assert (response.status_code == 200) == shown
    assert ("so ask" in response.text) == flagged


def test_rule_4_unstated_is_not_no(client):
    factories.TherapistFactory(name="Asks Much", fee_from=200)
    factories.TherapistFactory(name="Asks Little", fee_from=60)
    factories.TherapistFactory(name="Says Nothing", fee_from=None)

    narrowed = client.get("/therapists/?fee=100").text
    assert "Says Nothing" not in narrowed
    assert "1 more has not said" in narrowed

    included = client.get("/therapists/?fee=100&unstated=fee").text
    assert "Says Nothing" in included
    assert "Asks Little" in included
    assert "Asks Much" not in included


def test_rule_5_nobody_is_listed_without_their_consent():
    therapist = factories.TherapistFactory(draft=True, consent_on=None, consent_basis="")

    with pytest.raises(IntegrityError), transaction.atomic():
        Therapist.objects.filter(pk=therapist.pk).update(
            status="published", published_on=factories.today()
        )


def test_rule_6_an_import_is_one_transaction(tmp_path):
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text("A way\n\nWhat it is.\n\nMeet the specialists\n\nI listen.\n\n— Wren Word\n")
    bad.write_text("A way\n\nWhat it is.\n\nMeet the specialists\n\nNobody signs this.\n")

    with pytest.raises(CommandError, match="bad.txt, line 7: this statement is not signed"):
        call_command("import_approach", good, bad, publish=True)

    assert not Approach.objects.exists()
    assert not Therapist.objects.exists()
