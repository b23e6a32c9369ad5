"""Nothing a client does is recorded: not in a cookie, not by a third party, not in any log.

The sweep goes over every public address there is, as the urlconf and the database know them.
"""

import re
import signal
import socket
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.test import Client

from approaches.models import Approach
from tests import factories
from tests.pages import public_addresses
from tests.processes import (
    KEYS,
    Site,
    directory_in,
    environment,
    free_port,
    manage,
    status,
    wait_until,
)
from therapists.models import Therapist


@pytest.fixture
def addresses(db):
    """All public addresses of a small directory, and the ways on from them."""
    specialist = factories.SpecialistFactory(
        therapist__terms=[factories.TermFactory()], therapist__email="tess@practice.example"
    )
    factories.SpecialistFactory(approach=specialist.approach, position=1)
    specialist.therapist.photo.save("tess.webp", ContentFile(b"a photo"))
    ways_on = [
        "/therapists", "/therapists/?issue=term&q=in+distress", "/therapists/?state=OR",
        "/therapists/?near=Portland&order=nearest", "/therapists/suggest/places/?begun=por",
        "/therapists/suggest/words/?begun=te", "/shortlist/?keep=tess&keep=nobody&add=tester",
    ]  # fmt: skip
    photos = [one.photo.url for one in Therapist.objects.exclude(photo="")]
    missing = ["/nowhere/", "/therapists/nobody/", "/media/photos/none.webp"]
    swept = list(public_addresses(Therapist.objects.all(), Approach.objects.all()))
    assert len(swept) >= 10
    return [*swept, *ways_on, *photos, *missing]


def sweep(addresses, **headers):
    """(address, answer) of all, past redirects, each as a visitor who was never here."""
    for address in addresses:
        answer = Client().get(address, headers=headers, follow=True)
        assert answer.status_code in (200, 404), address
        yield address, answer


def pages(addresses):
    """(address, answer, HTML) of those that are pages for people."""
    for address, answer in sweep(addresses):
        if answer.headers["Content-Type"].startswith("text/html"):
            yield address, answer, answer.content.decode()


def test_nobody_gets_a_cookie_and_pages_are_the_same_for_everyone(addresses):
    for address, answer in sweep(addresses):
        assert not answer.cookies, address
        assert "Set-Cookie" not in answer.headers, address
        assert "cookie" not in answer.headers.get("Vary", "").lower(), address


def test_a_cookie_that_a_browser_brings_makes_no_difference(addresses):
    brought = "sessionid=abcdefghijklmnopqrstuvwxyz123456; messages=abc"
    brought += "; csrftoken=" + "A" * 32
    for address, answer in sweep(addresses, cookie=brought):
        assert not answer.cookies, address
        assert "cookie" not in answer.headers.get("Vary", "").lower(), address


def test_other_sites_are_told_nothing_and_nothing_of_theirs_is_let_in(addresses):
    for address, answer in sweep(addresses):
        assert answer.headers["Referrer-Policy"] in ("same-origin", "no-referrer"), address
        assert answer.headers["X-Content-Type-Options"] == "nosniff", address
        assert answer.headers["X-Frame-Options"] == "DENY", address
        assert "geolocation=()" in answer.headers["Permissions-Policy"], address
        allowed = dict(
            directive.strip().split(" ", 1)
            for directive in answer.headers["Content-Security-Policy"].split(";")
        )
        assert allowed["default-src"] == "'none'", address
        assert allowed["frame-ancestors"] == "'none'", address
        for sources in allowed.values():
            assert set(sources.split()) <= {"'none'", "'self'", "data:"}, address


class Loads(HTMLParser):
    """What a page fetches or runs by itself."""

    def __init__(self, html):
        super().__init__()
        self.fetched, self.inline, self.scripts = [], [], 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.inline += [f"{tag} {name}" for name in attrs if name.startswith("on")]
        self.inline += [f"{tag} style"] if "style" in attrs or tag == "style" else []
        self.inline += ["script"] if tag == "script" and "src" not in attrs else []
        self.inline += [tag] if tag in ("iframe", "object", "embed", "base") else []
        self.inline += ["refresh"] if tag == "meta" and "http-equiv" in attrs else []
        canonical = tag == "link" and attrs.get("rel") == "canonical"
        if tag in ("link", "script", "img", "source", "video", "audio", "form") and not canonical:
            names = ("src", "href", "srcset", "poster", "action")
            self.fetched += [attrs[name] for name in names if name in attrs]


def test_pages_fetch_from_this_site_alone_and_hold_nothing_inline(addresses):
    for address, _, html in pages(addresses):
        loads = Loads(html)
        assert loads.inline == [], address
        assert loads.fetched, address
        for fetched in loads.fetched:
            assert re.match(r"/(?!/)|data:image/", fetched), f"{address} fetches {fetched}"


def test_the_reader_of_pages_sees_what_must_not_be_there():
    bad = (
        '<p style="x" onclick="y"><script>1</script><img src="//evil.example/x.gif"><style></style>'
    )
    loads = Loads(bad)
    assert loads.inline == ["p onclick", "p style", "script", "style style"]
    assert loads.fetched == ["//evil.example/x.gif"]


def test_every_page_has_the_quick_exit_and_the_numbers_for_an_emergency(addresses):
    for address, _, html in pages(addresses):
        way_out = re.search(r"<a [^>]*data-exit[^>]*>", html)
        assert way_out, address
        assert f'href="{settings.QUICK_EXIT_URL}"' in way_out[0], address
        assert "noreferrer" in way_out[0], address
        for number in (settings.CRISIS_PHONE, settings.EMERGENCY_PHONE):
            assert f'href="tel:{number}"' in html, address
        assert f'href="sms:{settings.CRISIS_SMS}"' in html, address


def test_every_page_answers_to_head_and_refuses_to_be_posted_to(addresses):
    for address, answer in sweep(addresses):
        if answer.status_code == 404:
            continue  # a page that is not there has no method
        there = answer.request["PATH_INFO"] + "?" + answer.request["QUERY_STRING"]
        head = Client().head(there.rstrip("?"))
        assert head.status_code == answer.status_code, address
        assert b"".join(head) == b"", address
        assert not head.cookies, address
        for method in ("post", "put", "patch", "delete"):
            refused = getattr(Client(), method)(there)
            expected = 405
            if method == "post" and address.endswith(("/report/", "/contact/")):
                expected = 400  # it may be posted, and is not taken from nowhere
            elif method == "post" and address == "/match/":
                expected = 200  # it writes nothing down
            assert refused.status_code == expected, f"{method} {address}"
            assert not refused.cookies, address


# --- what stands in logs and files afterwards ----------------------------------------------------

WORDS = {
    "path": "zebrafish", "query": "quagmire", "referer": "rhubarb", "agent": "aardvark",
    "line": "limpet", "host": "hedgehog", "cookie": "cuttlefish", "body": "bumblebee",
    "header": "halibut", "search": "saltmarsh", "place": "plankton", "begun": "barnacle",
    "token": "turmeric", "login": "lobster", "next": "nautilus", "kept": "kumquat",
    "added": "artichoke",
}  # fmt: skip


def converse(port, *lines, body=""):
    """Send a request exactly as written; return the first line of the answer."""
    head = [*lines, f"Content-Length: {len(body)}", "Connection: close", "", body]
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall("\r\n".join(head).encode())
        return line.makefile("rb").readline().decode()


@pytest.fixture(params=["info", "debug"])
def served(request, tmp_path, laid_out):
    """gunicorn over an empty directory with a database and a VAR_DIR of its own."""
    env = directory_in(tmp_path, like=laid_out)
    arguments = ["-m", "gunicorn", "directory.wsgi", "--log-level", request.param]
    with Site(*arguments, env=env, log=tmp_path / "said.txt") as site:
        site.env, site.var = env, tmp_path / "var"
        yield site.wait("/healthz")


def test_nothing_that_a_visitor_sends_stands_in_any_log_or_file(served):
    port, secret = served.port, WORDS
    usual = [
        f"Host: 127.0.0.1:{port}", f"Referer: http://{secret['referer']}.example/",
        f"User-Agent: {secret['agent']}", f"Cookie: sessionid={secret['cookie']}",
    ]  # fmt: skip

    def ask(line, *headers, body=""):
        return converse(port, line, *(headers or usual), body=body)

    search = f"/therapists/?q={secret['search']}"
    assert " 302 " in ask(f"GET /therapists/?odd={secret['query']} HTTP/1.1")
    assert " 200 " in ask(f"GET {search} HTTP/1.1")
    assert " 200 " in ask(f"GET /therapists/?near={secret['place']} HTTP/1.1")
    for kind in ("places", "words"):
        begun = f"/therapists/suggest/{kind}/?begun={secret['begun']}"
        assert " 200 " in ask(f"GET {begun} HTTP/1.1")
    assert " 200 " in ask(f"GET /shortlist/?keep={secret['kept']}&add={secret['added']} HTTP/1.1")
    assert " 302 " in ask(f"GET /accounts/claim/{secret['token']}/ HTTP/1.1")
    assert " 200 " in ask(f"GET /accounts/confirm-email/{secret['token']}/ HTTP/1.1")
    assert " 200 " in ask(f"GET /accounts/login/?next=/{secret['next']} HTTP/1.1")
    assert " 403 " in ask("POST /accounts/login/ HTTP/1.1", body=f"login={secret['login']}")
    assert " 404 " in ask(f"GET /therapists/{secret['path']}/ HTTP/1.1")
    assert " 404 " in ask(f"GET /{secret['path']}?{secret['query']} HTTP/1.1")
    assert " 403 " in ask(f"POST {search} HTTP/1.1", body=f"message={secret['body']}")
    contact = f"POST /therapists/{secret['path']}/contact/ HTTP/1.1"
    form = "Content-Type: application/x-www-form-urlencoded"
    written = f"name={secret['login']}&message={secret['body']}"
    assert " 410 " in ask(contact, *usual, form, body=written)
    assert " 404 " in ask(f"GET /messages/erase/{secret['token']}/ HTTP/1.1")
    assert " 400 " in ask("GET / HTTP/1.1", f"Host: {secret['host']}.example")
    assert " 400 " in ask(f"GET /a {secret['line']} HTTP/1.1")
    assert " 400 " in ask(f"{secret['line']}")
    assert " 400 " in ask("GET / HTTP/1.1", *usual, f"Broken {secret['header']}: x")
    assert " 414 " in ask(f"GET /?{secret['query']}={'x' * 9000} HTTP/1.1")
    assert " 400 " in ask(f"GET /media/photos/../../{secret['path']} HTTP/1.1")

    broken = manage(
        "shell", "-v0", "-c",
        "from django.db import connection as c; "
        "c.cursor().execute('ALTER TABLE therapists_therapist RENAME COLUMN status TO gone;"
        " ALTER TABLE therapists_searchentry RENAME COLUMN changes_on TO gone')",
        env=served.env,
    )  # fmt: skip
    assert broken.returncode == 0, broken.stdout
    assert " 500 " in ask(f"GET {search} HTTP/1.1")
    assert " 500 " in ask(f"GET /therapists/{secret['path']}/?{secret['query']} HTTP/1.1")
    assert " 500 " in ask(contact, *usual, form, body=written)
    served.end(signal.SIGTERM)

    # The log does say what broke and where ...
    assert "Error at therapists/<slug:slug>/" in served.said
    assert "ProgrammingError" in served.said
    assert "A request could not be handled" in served.said
    # ... and nothing else does anywhere.
    server_log = served.var / "postgres" / "server.log"
    assert server_log.read_text()
    kept = [one for one in served.var.rglob("*") if one.is_file() and not one.is_symlink()]
    kept = [one for one in kept if served.var / "postgres" / "data" not in one.parents]
    assert server_log in kept
    for word in secret.values():
        assert word not in served.said
        for file in kept:
            assert word.encode() not in file.read_bytes(), f"{word} in {file}"


def test_the_log_says_what_a_visitor_cannot_and_an_operator_needs(tmp_path):
    """What is not set is our own sentence, so it is not withheld."""
    env = environment(
        tmp_path, **KEYS, DATABASE_URL="embedded", PORT=free_port(), WEB_CONCURRENCY=1
    )
    del env["SECRET_KEY"]
    with Site("-m", "gunicorn", "directory.wsgi", env=env, log=tmp_path / "said.txt") as site:
        assert wait_until(lambda: site.process.poll() is not None) is True
        assert site.process.returncode != 0
        assert "SECRET_KEY is not set. Set it to 50 or more random characters" in site.said
        assert status(site.address()) == 0
