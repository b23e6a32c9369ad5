"""From a client's message to the therapist's own words in the answer, by real processes.

Letters say what they have to, and beside them nothing is left but what is sealed; once the client
erases it, not even that.
"""

import contextlib
import re
from http.cookiejar import CookieJar
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from tests.mail import MailServer
from tests.processes import Site, directory_in, wait_until
from tests.traces import database_of, traces_of

PASSWORD = "a long enough password"
SAID = {"name": "Quagmirish", "email": "zebrafishy@client.example", "phone": "(555) 318-2947"}
WORDS, NOTE = "My limpetlike nights.", "Try halibutted Tuesdays."
TRACES = ["Quagmirish", "zebrafishy", "318-2947", "5553182947", "limpetlike", "halibutted"]

SOMEBODY = f"""
from tests import factories as f
owner = f.UserFactory(username="ada", password="{PASSWORD}", email="ada@practice.example")
f.TherapistFactory(name="Ada Found", slug="ada", owner=owner)
"""


@pytest.fixture
def inbox():
    with MailServer() as server:
        yield server


@pytest.fixture
def site(tmp_path, inbox, laid_out):
    """Site and worker, with database, files and temporary folder of their own."""
    (tmp_path / "tmp").mkdir()
    env = directory_in(
        tmp_path, like=laid_out, people=SOMEBODY, TMPDIR=tmp_path / "tmp",
        DJANGO_SETTINGS_MODULE="tests.hurried", EMAIL_URL=f"smtp://127.0.0.1:{inbox.port}",
    )  # fmt: skip
    env["SITE_URL"] = f"http://127.0.0.1:{env['PORT']}"
    said = {"env": env, "log": tmp_path / "site.txt"}
    with Site("-m", "gunicorn", "directory.wsgi", "--log-level", "debug", **said) as site:
        said["log"] = tmp_path / "tmp" / "worker.txt"  # where traces are looked for
        with Site("manage.py", "work_queue", **said):
            site.var, site.tmp = tmp_path / "var", tmp_path / "tmp"
            yield site.wait("/healthz")


class Browser:
    """Keeps its cookies, and presses the buttons of forms."""

    def __init__(self, site):
        self.site, self.opener = site, build_opener(HTTPCookieProcessor(CookieJar()))

    def open(self, address, **sent):
        """The page that follows, and where it is. With `sent` as a form of that page."""
        data = urlencode(sent).encode() if sent else None
        ours = {"Sec-Fetch-Site": "same-origin", "Referer": address}
        with self.opener.open(Request(address, data, ours), timeout=20) as page:  # noqa: S310
            return page.read().decode(), page.geturl()

    def press(self, address, **sent):
        """Open a page, and send its form with all that a browser knows of it."""
        page, address = self.open(address)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        return self.open(address, csrfmiddlewaretoken=token, **sent)


def client_writes(site):
    """Who is quicker than three seconds is asked to press Send once more."""
    address = site.address("/therapists/ada/contact/")
    browser, form = Browser(site), {**SAID, "message": WORDS, "receipt": "on"}
    page, _ = Browser(site).open(address)
    token = re.search(r'name="token" value="([^"]+)"', page)[1]

    def was_taken():
        with contextlib.suppress(OSError):  # 400: too quick
            return "On its way to Ada Found" in browser.open(address, **form, token=token)[0]

    wait_until(was_taken)


def letter_to(inbox, receiver, words):
    """The text of the letter to this address in which these words stand, once it is there."""

    def found():
        texts = [one.get_content() for one in list(inbox.letters) if one["To"] == receiver]
        return next((one for one in texts if words in one), None)

    return wait_until(found)


def test_an_answer_stands_in_its_letter_and_is_gone_when_the_client_erases_it(site, inbox):
    client_writes(site)
    letter = letter_to(inbox, "ada@practice.example", WORDS)
    page_of_message = re.search(r"http://\S+/my/messages/\d+/", letter)[0]

    ada = Browser(site)
    sign_in = {"login": "ada", "password": PASSWORD, "next": urlsplit(page_of_message).path}
    page, where = ada.press(page_of_message, **sign_in)
    assert where == page_of_message
    assert WORDS in page
    page, _ = ada.press(page_of_message, answer="no-room", note=NOTE)
    assert "From today your profile says that you have no room." in page
    answer = letter_to(inbox, SAID["email"], f"> {NOTE}")
    wait_until(lambda: "We wrote to them on" in ada.open(page_of_message)[0])
    assert traces_of(TRACES, site=site) == {}  # while it is kept, sealed

    erase = re.search(r"http://\S+/messages/erase/\S+", answer)[0]
    page, _ = Browser(site).open(erase, erase="yes")
    assert "It is erased" in page
    assert traces_of(TRACES, site=site) == {}
    assert traces_of(["Ada Found"], site=site) != {}  # what is there is seen
    with database_of(site) as database:
        for table in ("therapists_message", "therapists_delivery", "procrastinate_jobs"):
            rows = f"SELECT count(*) FROM {table}"
            wait_until(lambda rows=rows: database.execute(rows).fetchone() == (0,))
        lines = database.execute("SELECT change_message FROM django_admin_log").fetchall()
    assert lines == [("Availability confirmed.",)]  # of the profile
