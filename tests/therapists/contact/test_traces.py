"""Messages sent to a real server, and nothing of them is left but what is sealed.

Also of those that were held, refused, broken on the way, or met a database that was killed.
"""

import contextlib
import http.client
import os
import re
import signal
from urllib.parse import urlencode

import pytest

from tests.processes import Site, directory_in, wait_until
from tests.traces import database_of, traces_of

# Words that stand nowhere before somebody writes them.
NAME, EMAIL, DIGITS = "Quagmirish", "zebrafishy@client.example", "5553182947"
WRITTEN = [NAME, "zebrafishy", DIGITS, "318-2947"]
WORDS = ["limpetlike", "barnacled", "halibutted", "saltmarshy", "hedgehoggish", "turmericky"]

SOMEBODY = """
from tests import factories as f
f.TherapistFactory(name="Ada Found", slug="ada", email="ada@practice.example")
f.TherapistFactory(name="Bo Busy", slug="bo", email="bo@practice.example")
from therapists.models import HoldRule
HoldRule.objects.get_or_create(kind="link")
"""

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def site(tmp_path, laid_out):
    """gunicorn as the directory runs it, with database, files and temporary folder of its own."""
    (tmp_path / "tmp").mkdir()
    env = directory_in(
        tmp_path, like=laid_out, people=SOMEBODY, TMPDIR=tmp_path / "tmp", COUNTS_WRITTEN_EVERY=1,
        TRUSTED_PROXIES=1, CONTACT_PER_THERAPIST=3, DJANGO_SETTINGS_MODULE="directory.settings",
    )  # fmt: skip
    arguments = ["-m", "gunicorn", "directory.wsgi", "--log-level", "debug"]
    with Site(*arguments, env=env, log=tmp_path / "said.txt") as site:
        site.var, site.tmp = tmp_path / "var", tmp_path / "tmp"
        yield site.wait("/healthz")


def post(site, body, slug="ada", kind=FORM):
    """(status, the page)."""
    headers = {"Content-Type": kind, "Sec-Fetch-Site": "same-origin", "X-Forwarded-For": "8.8.8.8"}
    line = http.client.HTTPConnection("127.0.0.1", int(site.port), timeout=20)
    with contextlib.closing(line):
        line.request("POST", f"/therapists/{slug}/contact/", body, headers)
        answer = line.getresponse()
        return answer.status, answer.read().decode()


def written(word, token="", **others):
    said = {"name": NAME, "email": EMAIL, "phone": "(555) 318-2947", "token": token}
    return urlencode(said | {"message": f"My {word} nights.", "receipt": "on"} | others)


def send(site, word, **others):
    """As a person who pressed Send, was told that the page is old, and presses again."""
    status, page = post(site, written(word))
    assert status == 400
    token = re.search('name="token" value="([^"]+)"', page)[1]
    return post(site, written(word, token, **others), slug="ada")


def while_something_is_wrong(site):
    """A message on the line while the queue is broken, and while the database is killed."""
    with database_of(site) as other:
        other.execute("ALTER TABLE procrastinate_jobs RENAME TO gone")
        assert send(site, "saltmarshy")[0] == 503
        other.execute("ALTER TABLE gone RENAME TO procrastinate_jobs")
    postmaster = int((site.var / "postgres/data/postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    status, page = post(site, written("hedgehoggish"))
    assert status in (400, 503)
    assert "My hedgehoggish nights." in page
    wait_until(lambda: post(site, written("hedgehoggish"))[0] == 400)


def test_after_messages_of_all_kinds_nothing_is_left_but_what_is_sealed(site):
    untouched = site.tmp.stat().st_mtime_ns
    status, page = send(site, "limpetlike")
    assert status == 200
    assert "On its way to Ada Found" in page
    assert send(site, "barnacled", message="See barnacled.example.com")[0] == 200
    while_something_is_wrong(site)
    for expected in (200, 200, 200, 429):  # a server that was killed begins to count anew
        assert send(site, "halibutted", phone="")[0] == expected
    parts = 'Content-Disposition: form-data; name="message"; filename="a.txt"'
    parts = f"--edge\r\n{parts}\r\n\r\n{'turmericky ' * 50_000}\r\n--edge--\r\n"
    assert post(site, parts, kind="multipart/form-data; boundary=edge")[0] == 400

    assert site.tmp.stat().st_mtime_ns == untouched
    assert traces_of([*WRITTEN, *WORDS, "8.8.8.8", "8.8.8.0"], site=site) == {}
    with database_of(site) as database:
        states = database.execute("SELECT state FROM therapists_message ORDER BY id").fetchall()
        assert [state for (state,) in states] == ["sent", "held", "sent", "sent", "sent"]
    assert "A message could not be taken" in site.said  # the log was on
