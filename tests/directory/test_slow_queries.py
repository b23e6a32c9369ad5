"""A statement that takes too long is cut: here because somebody holds a lock on what it reads."""

import contextlib
import subprocess
import sys
import urllib.error
import urllib.request

import psycopg
import pytest
from django.conf import settings as site_settings
from django.db import connection
from django.db.backends.signals import connection_created
from django.test import Client
from django.test.utils import CaptureQueriesContext

from directory.timeouts import limit_statements
from tests import factories
from tests.pages import Form, text
from tests.processes import KEYS, ROOT, Site, directory_in, environment, manage

LIMIT = 0.2  # seconds
TOO_LONG = "That search took too long"


@pytest.fixture
def limited(transactional_db, settings):
    """This process's connection with a limit, as the web server's have one."""
    settings.STATEMENT_TIMEOUT = LIMIT
    connection_created.connect(limit_statements)
    connection.close()
    yield connection
    connection_created.disconnect(limit_statements)
    connection.close()


@pytest.fixture
def specialist(limited):
    return factories.SpecialistFactory(
        approach__slug="one-approach", therapist__slug="one-therapist"
    )


@contextlib.contextmanager
def held(table, mode="ACCESS EXCLUSIVE"):
    """Somebody else's transaction, which keeps everybody from the table meanwhile."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute(f"LOCK TABLE {table} IN {mode} MODE")
        yield
        other.rollback()


def is_sorry(answer, heading=TOO_LONG):
    """Whether it is the whole 503 page, with what every page has for people in danger."""
    page = answer.content.decode()
    return (
        answer.status_code == 503
        and f"<h1>{heading}</h1>" in page
        and answer.headers["Retry-After"] == "5"
        and answer.headers["Cache-Control"] == "no-store"
        and "default-src 'none'" in answer.headers["Content-Security-Policy"]
        and f'href="{site_settings.QUICK_EXIT_URL}"' in page
        and "js/exit.js" in page
        and f'href="tel:{site_settings.CRISIS_PHONE}"' in page
        and f'href="tel:{site_settings.EMERGENCY_PHONE}"' in page
    )


# --- what a reader meets -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "table"),
    [
        ("/", "therapists_therapist"),
        ("/therapists/one-therapist/", "therapists_therapist"),
        ("/sitemap-therapists.xml", "therapists_therapist"),
        ("/therapists/", "therapists_therapist"),
        ("/approaches/one-approach/", "therapists_office"),
        # While a template renders; the second in a condition, which swallows every exception.
        ("/approaches/", "approaches_approach"),
        ("/therapists/?q=grief", "therapists_searchentry"),
    ],
)
def test_what_takes_too_long_is_a_503_after_one_wait_and_a_page_again_later(
    client, specialist, address, table
):
    with held(table), CaptureQueriesContext(connection) as queries:
        answer = client.get(address)

    assert is_sorry(answer)
    assert "Choose fewer things, or try again in a moment." in text(answer)
    assert not answer.cookies
    assert sum(float(query["time"]) >= LIMIT for query in queries) == 1
    assert client.get(address).status_code == 200


def test_staff_meet_it_too(staff, specialist):
    with held("therapists_therapist"):
        assert is_sorry(staff.get("/admin/therapists/therapist/"))
    assert staff.get("/admin/therapists/therapist/").status_code == 200


def test_who_was_saving_is_told_to_look_before_sending_it_again(staff, specialist):
    address = f"/admin/therapists/therapist/{specialist.therapist.pk}/change/"
    form = Form(staff.get(address), "therapist_form").fill(name="Renamed Meanwhile")

    with held("therapists_therapist", mode="EXCLUSIVE"):  # may be read, not written
        answer = staff.post(address, form.sent("_save"))

    assert is_sorry(answer, "That took too long")
    assert "It may not have been saved." in text(answer)
    specialist.therapist.refresh_from_db()
    assert specialist.therapist.name != "Renamed Meanwhile"


def test_what_django_takes_for_something_else_is_a_503_all_the_same(staff, staff_user, limited):
    """Of a session that could not be written Django says with 400 that it was deleted."""
    words = {"login": staff_user.username, "password": "a long enough password"}
    with held("django_session", mode="EXCLUSIVE"):
        assert is_sorry(Client().post("/accounts/login/", words), "That took too long")


def test_a_lock_timeout_is_a_fault_like_any_other(specialist):
    browser = Client(raise_request_exception=False)
    with held("therapists_therapist"):
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        answer = browser.get("/therapists/")
    assert answer.status_code == 500
    assert "Something broke on our side" in text(answer)


def test_while_the_database_is_away_pages_say_so_and_health_is_for_machines(client, specialist):
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])

    answer = client.get("/therapists/")
    assert is_sorry(answer, "The directory is away for a moment")
    health = client.get("/healthz")
    assert (health.status_code, health.json()) == (503, {"database": "does not answer"})

    connection.close()  # the web server does, at its next request
    assert client.get("/therapists/").status_code == 200


# --- the setting ---------------------------------------------------------------------------------


def shown():
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return cursor.fetchone()[0]


def test_a_connection_gets_its_limit_once_and_keeps_it_after_a_rollback(client, specialist):
    assert shown() == "200ms"
    connection.close()
    assert shown() == "200ms"
    with CaptureQueriesContext(connection) as queries:
        client.get("/therapists/")
    assert len(queries)
    assert not [query for query in queries if "statement_timeout" in query["sql"]]
    connection.set_autocommit(False)
    connection.rollback()
    connection.set_autocommit(True)
    assert shown() == "200ms"


def test_zero_sets_no_limit(limited, settings):
    settings.STATEMENT_TIMEOUT = 0
    connection.close()
    assert shown() == "0"


@pytest.mark.parametrize("written", ["five", "-1", "5000"])
def test_a_limit_that_is_none_stops_the_start_with_a_sentence(tmp_path, written):
    given = {**KEYS, "DATABASE_URL": "postgres://attune@db.example/attune"}
    ran = manage("check", env=environment(tmp_path, STATEMENT_TIMEOUT=written, **given))
    assert ran.returncode != 0
    sentence = f"STATEMENT_TIMEOUT is “{written}”: write a whole number from 0 to 3600."
    assert sentence in ran.stdout.splitlines()[-1]


# --- the server itself, over a database of its own ------------------------------------------------


@pytest.fixture
def served(tmp_path, laid_out):
    """gunicorn with a limit of one second; `served.env` is what its commands run under."""
    env = directory_in(tmp_path, like=laid_out, STATEMENT_TIMEOUT=1)
    with Site("-m", "gunicorn", "directory.wsgi", env=env, log=tmp_path / "said.txt") as site:
        site.env, site.var = env, tmp_path / "var"
        yield site.wait("/healthz")


def asked_by_a_command(site, sql):
    """The first value of what a command of the site asks the database."""
    code = (
        f"from django.db import connection as c; print(c.cursor().execute({sql!r}).fetchone()[0])"
    )
    ran = manage("shell", "-v0", "-c", code, env=site.env)
    assert ran.returncode == 0, ran.stdout
    return ran.stdout.strip()


@contextlib.contextmanager
def held_by_a_command(site, table):
    code = (
        "from django.db import connection, transaction\n"
        "with transaction.atomic():\n"
        f"    connection.cursor().execute('LOCK TABLE {table}')\n"
        "    print('held', flush=True)\n"
        "    input()\n"
    )
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", code]
    streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, env=site.env, cwd=ROOT, **streams) as holder:
        assert holder.stdout.readline() == "held\n"
        yield
        holder.communicate("\n")


def asked(site, path):
    """(status, page) as a visitor gets them."""
    try:
        with urllib.request.urlopen(site.address(path), timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_the_server_cuts_what_commands_may_wait_for_and_keeps_it_to_itself(served):
    assert asked_by_a_command(served, "SHOW statement_timeout") == "0"

    with held_by_a_command(served, "therapists_searchentry"):
        status, page = asked(served, "/therapists/?q=saltmarsh")
        assert status == 503
        assert TOO_LONG in page
        assert "saltmarsh" not in page
        assert asked(served, "/healthz")[0] == 200
    assert asked(served, "/therapists/?q=saltmarsh")[0] == 200

    # Its next connections have the limit as well.
    others = "pid <> pg_backend_pid() AND backend_type = 'client backend'"
    ended = f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {others}"
    assert int(asked_by_a_command(served, ended)) > 0
    with held_by_a_command(served, "therapists_searchentry"):
        status, page = asked(served, "/therapists/?q=saltmarsh")
    assert (status, TOO_LONG in page) == (503, True)

    assert "directory.timeouts: A statement took too long and was cut\n" in served.said
    assert "Error at therapists/\n" in served.said
    assert "Traceback" not in served.said
    assert "saltmarsh" not in served.said
    assert "saltmarsh" not in (served.var / "postgres" / "server.log").read_text()
