"""Readers say that a listing is wrong; nothing is kept of who they are."""

import datetime

import pytest
from django.utils import timezone

from tests import factories
from tests.pages import Form, text
from therapists import cookieless, notes
from therapists.models import Report

pytestmark = pytest.mark.django_db

OURS = {"Sec-Fetch-Site": "same-origin", "Origin": "http://testserver"}


@pytest.fixture
def tess():
    return factories.TherapistFactory(name="Tess Testwell", slug="tess")


def address(therapist):
    return f"/therapists/{therapist.slug}/report/"


def send(client, therapist, headers=OURS, **values):
    form = Form(client.get(address(therapist)), "report_form").fill(**values)
    return client.post(address(therapist), form.sent(), headers=headers, follow=True)


def test_a_reader_finds_the_form_on_the_profile_and_is_thanked(client, tess):
    assert f'href="{address(tess)}"' in client.get(tess.get_absolute_url()).text

    answer = send(client, tess, reason="place", words="The door\nis locked. ")

    assert answer.redirect_chain == [("/therapists/tess/report/thanks/", 302)]
    assert "Staff will look into what you told us about Tess Testwell." in text(answer)
    report = Report.objects.get()
    assert (report.therapist, report.reason) == (tess, "place")
    assert report.words.split() == ["The", "door", "is", "locked."]


def test_a_day_is_kept_and_nothing_else_of_the_reader(client, tess):
    answer = send(client, tess, reason="other")

    assert not client.cookies
    assert not client.session.keys()
    for page in (client.get(address(tess)), answer):
        assert "Cookie" not in page.headers.get("Vary", "")
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Robots-Tag"] == "noindex"
    kept = {field.name: getattr(Report.objects.get(), field.name) for field in Report._meta.fields}
    assert set(kept) == {
        "id", "therapist", "reason", "words", "noted_on", "done_on", "done_by", "answer",
    }  # fmt: skip
    assert type(kept["noted_on"]) is datetime.date


def test_a_form_that_says_nothing_comes_back_with_a_sentence_and_all_words(client, tess):
    answer = send(client, tess, words="Written with care.")
    assert answer.status_code == 400
    assert "Choose what is wrong." in text(answer)
    assert "Written with care." in text(answer)
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"reason": "rubbish"}, "Choose one of these."),
        ({"reason": "place", "words": "x" * 1001}, "at most 1000 characters"),
        ({"reason": "place", "words": "NUL \0 inside"}, "Null characters are not allowed."),
        ({"reason": "\0"}, "Choose one of these."),
    ],
)
def test_bad_input_is_answered_with_a_sentence(client, tess, values, said):
    answer = send(client, tess, **values)
    assert answer.status_code == 400
    assert said in text(answer)
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
)
def test_another_site_cannot_send_the_form(client, tess, headers):
    answer = send(client, tess, headers=headers, reason="place", words="Forged.")
    assert answer.status_code == 400
    assert "does not say that this came from our own page" in text(answer)
    assert not Report.objects.exists()


@pytest.mark.parametrize("token", ["", "rubbish", "1:rubbish:rubbish", "\0"])
def test_a_forged_token_is_not_taken(client, tess, token):
    assert send(client, tess, reason="place", token=token).status_code == 400
    assert not Report.objects.exists()


def test_a_token_of_another_profile_or_of_yesterday_asks_to_send_again(client, tess, monkeypatch):
    other = factories.TherapistFactory()
    token = Form(client.get(address(other)), "report_form")["token"]
    assert send(client, tess, reason="place", token=token).status_code == 400

    old = Form(client.get(address(tess)), "report_form")["token"]
    monkeypatch.setattr(cookieless, "MAX_AGE", -1)
    answer = send(client, tess, reason="place", words="Still here.", token=old)
    assert "Your words are still here" in text(answer)
    assert "Still here." in text(answer)
    fresh = Form(answer, "report_form")
    monkeypatch.undo()
    assert client.post(address(tess), fresh.sent(), headers=OURS).status_code == 302


@pytest.mark.parametrize("hidden", ["draft", "withdrawn", "stale"])
def test_who_is_not_listed_cannot_be_reported(client, hidden):
    nobody = factories.TherapistFactory(**{hidden: True})
    for page in ("", "thanks/", "known/"):
        assert client.get(address(nobody) + page).status_code == 404
    assert client.post(address(nobody), {"reason": "place"}, headers=OURS).status_code == 404


def test_after_twenty_open_reports_the_page_says_that_we_know(client, tess):
    factories.ReportFactory.create_batch(20, therapist=tess, noted_on=factories.days_ago(2))
    answer = send(client, tess, reason="place")
    assert "We know already" in text(answer)
    assert Report.objects.count() == 20

    notes.done(Report.objects.first(), by=None)
    assert "Thank you" in text(send(client, tess, reason="place"))


def test_five_a_day_are_enough_and_others_are_not_silenced_by_them(client, tess):
    for _ in range(5):
        assert notes.report(tess, "place")
    notes.done(Report.objects.first(), by=None)
    assert "We know already" in text(send(client, tess, reason="place"))
    assert notes.report(factories.TherapistFactory(), "place")
    assert Report.objects.filter(noted_on=timezone.localdate()).count() == 6


def test_the_page_is_one_query_longer_than_nothing(client, tess, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        client.get(address(tess))
