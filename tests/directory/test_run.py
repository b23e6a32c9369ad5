"""`make run` as somebody meets it who has just cloned the project: one process, its own folder."""

import contextlib
import os
import re
import signal
import socket
import subprocess
from functools import partial
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

import pytest

from tests.mail import MailServer
from tests.processes import Site, environment, free_port, living, python, status, wait_until
from tests.traces import traces_of

READY = "Ctrl-C stops it."


def start(folder, name, **variables):
    """Run it as `make run` does, with nothing set but where it may write and listen."""
    env = environment(folder / "var", PORT=free_port(), WEB_CONCURRENCY=1, **variables)
    site = Site("-m", "directory.run", env=env, log=folder / f"{name}.txt")
    site.var = folder / "var"
    try:
        wait_until(lambda: READY in site.said or site.process.poll() is not None, 80)
        return site.wait("/healthz")
    except AssertionError:
        site.__exit__()  # or it would run on for good
        raise


def sign_ins(site):
    """{where: (name, password)} as they were printed."""
    found = re.findall(r"(/admin/|/my/) +name: (\S+) +password: (\S+)", site.said)
    return {where: (name, password) for where, name, password in found}


def sign_in(site, where, name, password):
    """Through the form, as a browser does; returns the page that follows and its address."""
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    with browser.open(site.address(where), timeout=20) as page:
        address, form = page.geturl(), page.read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[1]
    sent = {"login": name, "password": password, "csrfmiddlewaretoken": token, "next": where}
    with browser.open(address, urlencode(sent).encode(), timeout=20) as page:
        return page.geturl(), page.read().decode()


def nothing_is_left(site):
    """Neither a server nor a database of it runs, and nothing listens on its port."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(site.process.pid, 0)
        return False
    return not living(site.var) and status(site.address()) == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("a folder with spaces")


@pytest.fixture(scope="module")
def first_run(folder):
    """The first run of all, and what it let a visitor do; it has been stopped by Ctrl-C."""
    with start(folder, "first") as site:
        site.found = {"home": status(site.address("/")), "count": listed(site)}
        site.inside = {
            where: sign_in(site, where, *words) for where, words in sign_ins(site).items()
        }
        site.stopped = stopped_by_ctrl_c(site)
        wait_until(lambda: nothing_is_left(site))  # before another run begins
        yield site


def stopped_by_ctrl_c(site):
    """Whether it ended in a moment, as people expect who press it."""
    try:
        return site.end(signal.SIGINT) in (0, -signal.SIGINT)
    except subprocess.TimeoutExpired:
        site.end(signal.SIGKILL)
        return False


def listed(site):
    with build_opener().open(site.address("/therapists/"), timeout=20) as page:
        return re.search(r"results-title\"[^>]*>([\d,]+) therapist", page.read().decode())[1]


def test_the_first_run_shows_a_full_directory_at_the_address_that_it_prints(first_run):
    assert f"The directory: http://127.0.0.1:{first_run.port}/" in first_run.said
    assert re.search(r"The demo directory: \d+ approaches, \d+ therapists\.", first_run.said)
    assert first_run.found["home"] == 200
    assert int(first_run.found["count"]) > 100


def test_both_sign_ins_that_are_printed_really_sign_in(first_run):
    assert set(first_run.inside) == {"/admin/", "/my/"}
    address, page = first_run.inside["/admin/"]
    assert address == first_run.address("/admin/")
    assert "Therapists" in page
    assert "Messages to look at first <span" in page  # the demo holds one
    address, page = first_run.inside["/my/"]
    assert address.startswith(first_run.address("/my/therapists/myprofile/"))
    assert address.endswith("/change/")
    assert "Messages (3 open)" in page
    assert "Saving this page says that your availability is true today." in page


def test_what_it_wrote_is_for_its_owner_alone(first_run):
    for name in ("settings.env", "sign-ins.txt"):
        assert (first_run.var / name).stat().st_mode & 0o077 == 0, name


def test_ctrl_c_stops_everything_that_it_started(first_run):
    assert first_run.stopped
    assert nothing_is_left(first_run)
    assert "Traceback" not in first_run.said


def test_a_second_run_finds_all_of_it_done(first_run, folder):
    with start(folder, "second") as site:
        assert "The demo directory" not in site.said
        assert sign_ins(site) == sign_ins(first_run)
        assert listed(site) == first_run.found["count"]
        address, _ = sign_in(site, "/admin/", *sign_ins(site)["/admin/"])
        assert address == site.address("/admin/")
        site.end(signal.SIGTERM)
        wait_until(lambda: nothing_is_left(site))


def test_after_everything_was_killed_it_runs_again_with_its_data(first_run, folder):
    with start(folder, "killed") as site:
        postmaster = int((site.var / "postgres/data/postmaster.pid").read_text().split()[0])
        assert postmaster in living("postgres -D")
        site.end(signal.SIGKILL)
        os.kill(postmaster, signal.SIGKILL)
    with start(folder, "after") as site:
        assert listed(site) == first_run.found["count"]
        assert sign_ins(site) == sign_ins(first_run)
        site.end(signal.SIGTERM)
        wait_until(lambda: nothing_is_left(site))


def test_a_database_that_is_killed_under_the_site_is_there_for_the_next_request(first_run, folder):
    with start(folder, "mended") as site:
        assert listed(site) == first_run.found["count"]
        postmaster = int((site.var / "postgres/data/postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGKILL)
        wait_until(lambda: postmaster not in living("postgres -D"))

        assert listed(site) == first_run.found["count"]
        site.end(signal.SIGTERM)
        wait_until(lambda: nothing_is_left(site))


# Run beside the site, as its form does it.
WRITE = """
from therapists.contact.messages import take
from therapists.models import Therapist
import secrets
said = dict(name="Ines", email="ines@client.example", phone="", text="%s")
tess = Therapist.objects.first()
tess.email = "tess@post.example"
tess.save()
take(tess, said, mark=secrets.token_hex(16))
"""


def client_writes(site, words):
    ran = python("manage.py", "shell", "-c", WRITE % words, env=environment(site.var))
    assert ran.returncode == 0, ran.stdout


def states(site):
    """What stands in the rows of all letters."""
    ask = "from therapists.models import Delivery as D; print(*D.objects.values_list('state'))"
    command = ["manage.py", "shell", "--no-imports", "-c", ask]
    ran = python(*command, env=environment(site.var))
    assert ran.returncode == 0, ran.stdout
    return ran.stdout


def killed(site):
    postmaster = int((site.var / "postgres/data/postmaster.pid").read_text().split()[0])
    os.kill(postmaster, signal.SIGKILL)
    wait_until(lambda: postmaster not in living("postgres -D"))


def test_letters_leave_into_the_terminal_also_after_the_database_was_killed(first_run, folder):
    with start(folder, "letters") as site:
        check = partial(python, "manage.py", "check_queue", env=environment(site.var))
        wait_until(lambda: "Letters leave." in check().stdout)
        client_writes(site, "I lie awake at night.")
        wait_until(lambda: "I lie awake at night." in site.said)
        killed(site)
        client_writes(site, "I lie awake by day.")
        wait_until(lambda: "I lie awake by day." in site.said)
        assert site.said.count("I lie awake") == 2
        site.end(signal.SIGINT)
        wait_until(lambda: nothing_is_left(site))
        assert "Traceback" not in site.said


def test_a_database_that_is_killed_while_a_letter_leaves_sends_it_once_and_keeps_no_word_of_it(
    first_run, folder
):
    temporary, words = folder / "tmp", ["ines@client.example", "quagmire"]
    temporary.mkdir()
    with MailServer() as server:
        given = {"EMAIL_URL": f"smtp://127.0.0.1:{server.port}", "TMPDIR": temporary}
        with start(folder, "posting", **given) as site:
            site.tmp = temporary
            server.may_answer.clear()
            client_writes(site, "Since the quagmire at work.")
            wait_until(server.has_letter.is_set)
            killed(site)
            server.may_answer.set()
            wait_until(lambda: "waiting" not in states(site))

            assert list(server.copies.values()) == [1]
            assert "quagmire" in server.letters[0].get_content()
            assert traces_of(words, site=site) == {}
            erase = ["erase_messages", "--older-than", "0"]
            assert python("manage.py", *erase, env=environment(site.var)).returncode == 0
            assert states(site).strip() == ""
            assert traces_of(words, site=site) == {}
            site.end(signal.SIGTERM)
            wait_until(lambda: nothing_is_left(site))


def test_the_worker_ends_with_a_server_that_was_killed(first_run, folder):
    with start(folder, "alone") as site:
        site.process.kill()  # nobody else
        site.process.wait(15)
        wait_until(lambda: nothing_is_left(site))


def test_it_ends_with_the_terminal_in_which_it_was_started(first_run, folder):
    with start(folder, "closed") as site:
        assert site.end(signal.SIGHUP) in (0, -signal.SIGHUP)
        wait_until(lambda: nothing_is_left(site))


def test_a_busy_port_is_a_sentence_and_nothing_is_written(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = python("-m", "directory.run", env=environment(tmp_path / "var", PORT=port))
    assert ran.returncode != 0
    assert ran.stdout.startswith(f"127.0.0.1:{port} cannot be used (Address already in use).")
    assert "PORT=8001 make run" in ran.stdout
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("port", ["eight", "", "70000", "-1"])
def test_a_port_that_is_none_is_a_sentence(tmp_path, port):
    ran = python("-m", "directory.run", env=environment(tmp_path / "var", PORT=port))
    assert ran.returncode != 0
    assert ran.stdout == f"PORT is “{port}”: write a number up to 65535.\n"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"HTTPS": "yes"}, "HTTPS is “yes”: write true or false."),
        ({"DATABASE_URL": "postgres://nobody@127.0.0.1:1/nowhere"}, "connection failed"),
        ({"DATABASE_URL": "mysql://host/name"}, "DATABASE_URL must name a PostgreSQL server"),
    ],
)
def test_what_the_operator_can_mend_is_a_sentence_and_no_traceback(tmp_path, settings, sentence):
    ran = python(
        "-m", "directory.run", env=environment(tmp_path / "var", PORT=free_port(), **settings)
    )
    assert ran.returncode != 0
    assert "The directory did not start." in ran.stdout
    assert sentence in ran.stdout
    assert "Traceback" not in ran.stdout


def test_beside_a_server_of_ones_own_no_other_database_is_written_down(tmp_path):
    url = "postgres://nobody@127.0.0.1:1/nowhere"
    python("-m", "directory.run", env=environment(tmp_path, PORT=free_port(), DATABASE_URL=url))

    assert "DATABASE_URL" not in (tmp_path / "settings.env").read_text()
