"""The site as a process of its own, under an environment that the test alone decides."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import quote

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
SECRET = "processes of tests keep no secrets, and this is a long enough one"
KEYS = {"SECRET_KEY": SECRET, "MESSAGE_KEYS": "and what their clients write is kept under this"}


def environment(var_dir, **variables):
    """Only what a shell has, and what is given: nothing of the test's own settings."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    kept |= {"PYTHONPATH": str(ROOT), "VAR_DIR": str(var_dir), "PYTHONUNBUFFERED": "1"}
    kept |= {"PYTHONDONTWRITEBYTECODE": "1"}
    return kept | {name: str(value) for name, value in variables.items()}


def database_url():
    """Where the tests' own database is, for a process that is to see what a test has written."""
    held = connection.settings_dict
    port = f":{held['PORT']}" if held["PORT"] else ""
    where = f"{quote(held['USER'])}@{quote(held['HOST'], safe='')}{port}"
    return f"postgres://{where}/{held['NAME']}"


def python(*arguments, env, seconds=60):
    """Run to its end; stdout and stderr come in one."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    command = [sys.executable, *arguments]
    return subprocess.run(command, env=env, cwd=ROOT, timeout=seconds, text=True, **streams)


def manage(*arguments, env):
    return python("manage.py", *arguments, env=env)


def directory_in(folder, *, like, people="", **variables):
    """The environment of a directory of its own in `folder`: a copy of one that is laid out.

    `people` is Python that fills it. `like` comes from the fixture `laid_out`: to migrate takes
    ten times as long as to copy.
    """
    # Its files may belong to the account of the embedded server.
    subprocess.run(["cp", "-a", like, folder / "var"], check=True)
    env = environment(
        folder / "var", **KEYS, DATABASE_URL="embedded", HTTPS="false", PORT=free_port(),
        WEB_CONCURRENCY=1, **variables,
    )  # fmt: skip
    if people:
        ran = manage("shell", "-v0", "-c", people, env=env)
        assert ran.returncode == 0, ran.stdout
    return env


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(happened, seconds=40):
    """What `happened` gives once that is true; a failure after the deadline."""
    deadline, pause = time.monotonic() + seconds, threading.Event()
    while not (outcome := happened()):
        assert time.monotonic() < deadline, "it did not happen in time"
        pause.wait(0.05)
    return outcome


def status(address):
    """The status that an address answers with; 0 where nobody listens."""
    try:
        with urllib.request.urlopen(address, timeout=20) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def living(words):
    """{pid: command line} of processes whose command line or working folder names `words`."""
    listing = ["ps", "-axww", "-o", "pid=,stat=,args="]
    lines = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.splitlines()
    fields = [line.split(maxsplit=2) for line in lines]
    return {
        int(pid): arguments
        for pid, state, arguments in (field for field in fields if len(field) == 3)
        if state[0] != "Z" and str(words) in arguments
    }


class Site:
    """A server that runs in a process group of its own, and what it has said so far."""

    def __init__(self, *arguments, env, log):
        self.port, self.log = env["PORT"], Path(log)
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                [sys.executable, *arguments],
                env=env,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def said(self):
        return self.log.read_text()

    def address(self, path="/"):
        return f"http://127.0.0.1:{self.port}{path}"

    def wait(self, path="/robots.txt", seconds=60):
        """Until it serves that path; a failure with its words where it ends before."""

        def serves():
            assert self.process.poll() is None, f"it ended: {self.said}"
            return status(self.address(path)) == 200

        wait_until(serves, seconds)
        return self

    def end(self, number=signal.SIGINT):
        """Send the signal to the whole group, as Ctrl-C in a terminal does, and see it end soon."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        return self.process.wait(15)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.end(signal.SIGKILL)
