"""/my/numbers/: a therapist's own numbers, beside the fair share, and nobody else's."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.pages import text
from therapists.models import DirectoryDay, ProfileDay
from therapists.my.numbers import Picture

pytestmark = pytest.mark.django_db
HERE = "/my/numbers/"


def day(profile, age, shown=0, opened=0, contacted=0):
    ProfileDay.objects.create(
        therapist_id=profile.pk, day=factories.days_ago(age),
        shown=shown, opened=opened, contacted=contacted,
    )  # fmt: skip


def test_a_profile_without_any_numbers_says_nought_and_draws_no_bar(owner):
    page = owner.get(HERE)
    assert "Tess Ownwords was shown 0 times and opened 0 times" in text(page)
    assert "<rect" not in page.text
    assert "If everybody listed here" not in text(page)


def test_own_numbers_stand_beside_the_fair_share(owner, profile):
    day(profile, 0, 1, 1), day(profile, 29, 1200, 0, 2), day(profile, 30, 5000)
    DirectoryDay.objects.create(day=factories.today(), shown=30, listed=10)
    DirectoryDay.objects.create(day=factories.days_ago(29), shown=0, listed=0)
    page = owner.get(HERE)
    said = text(page)
    assert "was shown 1,201 times and opened 1 time, and people wrote to you 2 times" in said
    assert "it would have been 3 times for each" in said
    assert page.text.count("<rect") == 3
    assert len(re.findall("<tr>", page.text)) == 31
    year = owner.get(HERE + "?days=365")
    assert 2 <= year.text.count("<rect") <= 5  # weeks
    assert "was shown 6,201 times" in text(year)
    assert len(re.findall("<tr>", year.text)) == 366


@pytest.mark.parametrize(
    "asked", ["?days=7", "?days=x", "?days=%00", "?days=", "?days=99999999999"]
)
def test_another_period_is_thirty_days(owner, asked):
    assert "In the last 30 days" in text(owner.get(HERE + asked))


def test_nobody_sees_the_numbers_of_another(owner, profile, other_profile):
    day(other_profile, 0, 777)
    for asked in (other_profile.pk, other_profile.pk + 999, "x", "%00", "-1", ""):
        answer = owner.get(f"{HERE}?profile={asked}")
        assert answer.status_code == 404
        assert "Otto" not in answer.text
    assert "777" not in owner.get(HERE).text


def test_who_has_two_profiles_chooses(owner, owner_user, profile):
    second = factories.TherapistFactory(name="Tess Second", owner=owner_user)
    day(second, 0, 5)
    assert "Tess Second" in text(owner.get(f"{HERE}?profile={profile.pk}"))
    page = owner.get(f"{HERE}?profile={second.pk}")
    assert "Tess Second was shown 5 times" in text(page)


def test_strangers_and_staff_without_a_profile_get_the_sign_in_page(profile, staff):
    for browser in (Client(), staff):
        assert browser.get(HERE).status_code == 302
    assert Client().post(HERE).status_code in (302, 403, 405)


def test_it_only_shows(owner):
    assert owner.post(HERE).status_code == 405


def test_a_year_takes_as_many_queries_as_a_day(owner, profile):
    owner.get(HERE)
    asked = []
    for ages in ([0], range(1, 200)):
        for age in ages:
            day(profile, age, 3)
        with CaptureQueriesContext(connection) as queries:
            owner.get(HERE + "?days=365")
        asked.append(len(queries))
    assert asked[0] == asked[1] <= 9


def test_the_page_holds_nothing_inline(owner, profile):
    day(profile, 0, 3)
    page = owner.get(HERE).text
    assert not re.search(r"\sstyle=|\son\w+=|<style|<script(?![^>]*\ssrc=)", page)


def test_the_profile_leads_there(owner, profile):
    page = owner.get(f"/my/therapists/myprofile/{profile.pk}/change/")
    assert f'href="{HERE}?profile={profile.pk}"' in page.text


def test_bars_and_line_fill_the_box_and_a_day_without_a_share_parts_the_line():
    picture = Picture([0, 10, 5], [20, None, 5.5])
    third = round(365 / 3, 2)
    assert [bar[1::2] for bar in picture.bars] == [(50.0, 50.0), (75.0, 25.0)]
    assert picture.paths == f"M0.0 0.0H{third}M{round(730 / 3, 2)} 72.5H365.0"
    assert Picture([0, 0]).bars == []
    assert Picture([0]).paths == ""
