"""Personas, the browser, and what every test may ask for."""

import fcntl
import gc
import os
import shutil

import pytest
from django.test import Client, TransactionTestCase

from tests import factories, kept
from tests.emptying import empty_database
from tests.mail import MailServer
from tests.processes import KEYS, environment, manage, wait_until
from therapists.contact import forms

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
CHROMIUM_FLAGS = [
    "--no-sandbox",  # as root there is none
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


TransactionTestCase._fixture_teardown = empty_database


def pytest_collection_finish():
    """What is there by now stays: not to look through it again and again saves a sixth of a run."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef, request):
    """Kept rows are written before the test's own transaction begins."""
    if fixturedef.argname == "_django_db_helper":
        kept.hold_rows_for(request, request.getfixturevalue("django_db_blocker").unblock)


@pytest.fixture
def staff_user(db):
    return factories.UserFactory(username="ana-staff", is_staff=True, is_superuser=True)


@pytest.fixture
def staff(staff_user):
    """A browser in which staff are signed in."""
    client = Client()
    client.force_login(staff_user)
    return client


@pytest.fixture
def owner_user(db):
    return factories.UserFactory(username="tess-therapist")


@pytest.fixture
def profile(owner_user):
    """The profile of the therapist who is signed in."""
    return factories.TherapistFactory(name="Tess Ownwords", owner=owner_user)


@pytest.fixture
def owner(owner_user, profile):
    """A browser in which a therapist is signed in, who owns `profile`."""
    client = Client()
    client.force_login(owner_user)
    return client


@pytest.fixture
def other_profile(db):
    """A profile of somebody else, who has a sign-in too."""
    other = factories.UserFactory(username="otto-other")
    return factories.TherapistFactory(name="Otto Elsewhere", owner=other)


@pytest.fixture
def no_wait(monkeypatch):
    """Tests write messages more quickly than people."""
    monkeypatch.setattr(forms, "QUICKEST", 0)


@pytest.fixture
def postbox(settings):
    """A real mail server, to which the site sends."""
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield server


@pytest.fixture(scope="session")
def laid_out(tmp_path_factory, worker_id):
    """A VAR_DIR that can be served, with nobody in it: tests take copies (`directory_in`)."""
    here = tmp_path_factory.getbasetemp()
    folder = (here if worker_id == "master" else here.parent) / "laid-out"
    with folder.with_suffix(".lock").open("a+") as done:
        fcntl.flock(done, fcntl.LOCK_EX)  # of several processes one lays it out
        if not done.seek(0, os.SEEK_END):
            lay_out(folder)
            done.write("done")
    return folder


def lay_out(folder):
    env = environment(folder, **KEYS, DATABASE_URL="embedded", HTTPS="false")
    for command in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"]):
        ran = manage(*command, env=env)
        assert ran.returncode == 0, ran.stdout
    # Its server ends a moment after whoever asked last; while it writes nothing can be copied.
    wait_until(lambda: not (folder / "postgres/data/postmaster.pid").exists())


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium, driven by Playwright."""
    if not CHROMIUM:
        advice = "browser tests need Chromium: apt-get install chromium"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(advice)
        pytest.skip(advice)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium, live_server):
    """Opens a fresh page of a visitor; addresses are relative to the live server."""
    contexts = []

    def visit(width, height, **options):
        context = chromium.new_context(
            base_url=live_server.url, viewport={"width": width, "height": height}, **options
        )
        contexts.append(context)
        return context.new_page()

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture
def page(visit):
    """A fresh page of a visitor with a phone."""
    return visit(360, 780, locale="en-US")


@pytest.fixture
def remembering(chromium, live_server):
    """A page in a browser that keeps pages in memory for Back: people's do, Playwright's not."""
    off = "--disable-back-forward-cache"
    browser = chromium.browser_type.launch(
        executable_path=CHROMIUM, args=CHROMIUM_FLAGS, ignore_default_args=[off]
    )
    yield browser.new_context(
        base_url=live_server.url, viewport={"width": 360, "height": 780}
    ).new_page()
    browser.close()
