"""`manage.py ask_availability`: at most one letter for each stage, whatever happens meanwhile."""

import signal
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from tests import factories
from tests.processes import KEYS, Site, database_url, environment, free_port
from therapists import freshness, publishing
from therapists.models import AvailabilityLetter, Therapist

pytestmark = pytest.mark.django_db


def person(name, days, **given):
    given = {"email": f"{name.lower()}@post.example", **given}
    confirmed = factories.days_ago(days)
    return factories.TherapistFactory(name=name, availability_confirmed_on=confirmed, **given)


def later(days):
    """So many days pass for everybody."""
    passed = F("confirmed_on") - timedelta(days=days)
    AvailabilityLetter.objects.update(confirmed_on=passed)
    passed = F("availability_confirmed_on") - timedelta(days=days)
    Therapist.objects.update(availability_confirmed_on=passed)


def run(**options):
    out = StringIO()
    call_command("ask_availability", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def server(postbox):
    return postbox


@pytest.mark.parametrize(
    ("days", "subject"),
    [
        (0, None), (60, None),
        (61, "do you still have room?"), (90, "do you still have room?"),
        (91, "please confirm whether you have room"),
        (180, "please confirm whether you have room"),
        (181, "your profile is hidden until you confirm it"),
        (2000, "your profile is hidden until you confirm it"),
    ],
)  # fmt: skip
def test_the_age_of_the_confirmation_decides_which_letter_is_due(days, subject):
    tess = person("Tess", days)
    run()
    assert [letter.subject for letter in mail.outbox] == ([f"Attune: {subject}"] if subject else [])
    assert tess.is_listed == (days <= 180)


def test_each_stage_brings_one_letter_however_often_the_command_runs():
    person("Tess", 61)
    run(), run()
    for days in (29, 1, 1, 88, 1, 1, 400):
        later(days)
        run(), run()
    assert len(mail.outbox) == 3
    assert AvailabilityLetter.objects.exclude(sent_at=None).count() == 3


def test_who_confirms_is_asked_anew_after_the_next_sixty_days():
    tess = person("Tess", 61)
    run()
    publishing.confirm_availability(tess, by=None)
    run()
    assert len(mail.outbox) == 1
    later(61)
    run()
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("status", ["draft", "withdrawn"])
def test_who_is_not_published_gets_no_letter(status):
    person("Tess", 100)
    Therapist.objects.update(status=status)
    assert "Letters sent: 0." in run()
    assert mail.outbox == []


def test_the_letter_goes_to_the_sign_in_else_to_the_address_that_staff_hold():
    owner = factories.UserFactory(email="owner@post.example")
    silent = factories.UserFactory(email="")
    person("Ana", 61, owner=owner)
    person("Bo", 61, owner=silent)
    person("Cy", 61)
    person("Dee", 61, email="")
    said = run()
    assert [letter.to for letter in mail.outbox] == [
        ["owner@post.example"], ["bo@post.example"], ["cy@post.example"],
    ]  # fmt: skip
    assert "Dee: no e-mail address, so not asked." in said
    assert "post.example" not in said


def test_a_dry_run_names_who_would_be_asked_and_changes_nothing():
    person("Tess", 61), person("Una", 181)
    said = run(dry_run=True)
    assert "Tess: asked." in said
    assert "Una: told, hidden from the public." in said
    assert "Letters to send: 2." in said
    assert mail.outbox == []
    assert not AvailabilityLetter.objects.exists()


def test_the_letter_says_that_a_machine_wrote_it_and_keeps_an_apostrophe(server):
    person("Tess O'Word", 61, email="tess@post.example")
    run()
    [letter] = server.letters
    assert letter["Auto-Submitted"] == "auto-generated"
    body = letter.get_content()
    assert "Hello Tess O'Word," in body
    assert "Has room for new clients" in body
    assert "http://127.0.0.1:8000/therapists/still-true/" in body


def test_an_address_that_is_refused_stops_nobody_and_is_tried_next_time(server):
    for name in ("Ana", "Bo", "Cy"):
        person(name, 61)
    server.refuses = {"bo@post.example"}
    with pytest.raises(CommandError, match="Letters not sent: 1. They are tried next time."):
        run()
    assert server.receivers == ["ana@post.example", "cy@post.example"]
    server.refuses = set()
    run(), run()
    assert server.receivers == ["ana@post.example", "cy@post.example", "bo@post.example"]


def test_a_server_that_hangs_up_once_loses_no_letter(server):
    for name in ("Ana", "Bo", "Cy"):
        person(name, 61)
    server.drops = ["ana@post.example"]
    with pytest.raises(CommandError, match="Letters not sent: 1"):
        run()
    run()
    assert server.receivers == ["bo@post.example", "cy@post.example", "ana@post.example"]


def test_a_server_that_is_away_ends_the_run_soon_and_nothing_counts_as_sent(settings, server):
    for number in range(5):
        person(f"P{number}", 61)
    settings.EMAIL_PORT = free_port()
    with pytest.raises(CommandError, match="The mail server does not answer, so this stops here"):
        run()
    assert not AvailabilityLetter.objects.exists()
    settings.EMAIL_PORT = server.port
    run()
    assert len(server.letters) == 5


@pytest.mark.parametrize("address", ["a\nBcc: b@post.example", "@", "x" * 240 + "@post.example"])
def test_an_address_that_no_letter_can_be_written_to_stops_nobody(server, address):
    server.refuses = {"x" * 240 + "@post.example"}
    person("Ana", 61, email=address)
    person("Bo", 61)
    with pytest.raises(CommandError, match="Letters not sent: 1"):
        run()
    assert server.receivers == ["bo@post.example"]


def test_a_run_that_was_killed_over_a_letter_sends_it_to_nobody_twice():
    tess = person("Tess", 61)
    note = tess.availability_letters.create(
        confirmed_on=tess.availability_confirmed_on, stage="asked"
    )
    assert "may not have arrived" not in run()  # the other run may be under way
    AvailabilityLetter.objects.update(begun_at=timezone.now() - timedelta(hours=2))
    assert "Tess: an earlier run was ended over this letter; it may not have arrived." in run()
    assert mail.outbox == []
    note.refresh_from_db()
    assert note.sent_at is None


@pytest.mark.django_db(transaction=True)
def test_a_command_that_is_killed_over_a_letter_writes_to_nobody_twice(server, tmp_path):
    for name in ("Ana", "Bo", "Cy"):
        person(name, 61)
    server.may_answer.clear()
    env = environment(
        tmp_path, **KEYS, DATABASE_URL=database_url(), HTTPS="false", PORT=0,
        EMAIL_URL=f"smtp://127.0.0.1:{server.port}",
    )  # fmt: skip
    with Site("manage.py", "ask_availability", env=env, log=tmp_path / "said.txt") as command:
        assert server.has_letter.wait(60), command.said
        command.end(signal.SIGKILL)
    server.may_answer.set()
    run(), run()
    assert server.receivers == ["ana@post.example", "bo@post.example", "cy@post.example"]
    assert AvailabilityLetter.objects.filter(sent_at=None).count() == 1


def test_who_confirms_while_the_run_is_under_way_gets_no_letter():
    tess = person("Tess", 61)
    assert list(freshness.due()) == [tess.pk]
    publishing.confirm_availability(tess, by=None)
    tess.refresh_from_db()
    assert freshness.stage_of(tess) is None
    run()
    assert mail.outbox == []


def test_two_runs_at_once_share_the_letters(transactional_db):
    tess = person("Tess", 61)
    assert freshness.ask(tess, freshness.Stage.ASKED)
    assert not freshness.ask(tess, freshness.Stage.ASKED)
    assert len(mail.outbox) == 1


def test_nobody_and_many_take_as_many_queries_to_find(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert list(freshness.due()) == []
    people = [person(f"P{number}", 61) for number in range(5)]
    with django_assert_num_queries(1):
        assert list(freshness.due()) == [one.pk for one in people]
