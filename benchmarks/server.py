"""gunicorn as production runs it, on a free port, and clients that ask it and look at the clock."""

import gzip
import os
import socket
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection
from math import ceil

from django.conf import settings

PATIENCE = 60  # seconds for one answer, or for the start


class Refused(Exception):  # noqa: N818 - reads well where it is raised
    """An answer that is no page; the message is its status."""


class Server:
    """A context: served from the start of the block to its end."""

    def __init__(self, database):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "BENCH_DATABASE": database,
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "2",
        }

    def __enter__(self):
        command = [sys.executable, "-m", "gunicorn", "benchmarks.floor", "--log-level", "warning"]
        self.process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=self.environment)
        deadline = time.monotonic() + PATIENCE
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit("gunicorn did not start.")
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(PATIENCE)

    def answers(self):
        try:
            return Client(self.port).get("/healthz")[0] == 200
        except OSError:
            return False

    def memory(self):
        """Resident bytes of the workers, together."""
        listing = ["ps", "-axo", "ppid=,rss="]
        lines = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.split()
        pairs = zip(lines[::2], lines[1::2], strict=True)
        return sum(1024 * int(rss) for parent, rss in pairs if int(parent) == self.process.pid)


class Client:
    """One connection, kept alive."""

    def __init__(self, port):
        self.connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def get(self, path, **headers):
        """(status, headers, body)."""
        self.connection.request("GET", path, headers=headers)
        response = self.connection.getresponse()
        return response.status, response.headers, response.read()

    def post(self, path, body, **headers):
        """(status, body) of the answer to a form."""
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.connection.request("POST", path, body, headers)
        response = self.connection.getresponse()
        return response.status, response.read()

    def follow(self, path):
        """(address, status, body) behind one redirect, to the spelling that all share."""
        status, headers, body = self.get(path)
        if status in (301, 302):
            path = headers["Location"]
            status, _, body = self.get(path)
        return path, status, body

    def timed(self, path, number, seconds):
        """Seconds that each of so many requests took; fewer where the time runs out."""
        taken, end = [], time.perf_counter() + seconds
        for _ in range(number):
            begun = time.perf_counter()
            status, *_ = self.get(path)
            taken.append(time.perf_counter() - begun)
            if status != 200:
                raise Refused(status)
            if time.perf_counter() > end:
                break
        return taken

    def compressed(self, path, body):
        """How many bytes travel where the client takes gzip: the server's, or a proxy's."""
        _, headers, sent = self.get(path, **{"Accept-Encoding": "gzip"})
        return len(sent) if headers["Content-Encoding"] == "gzip" else len(gzip.compress(body, 6))


def together(port, path, seconds, clients):
    """(pages a second that so many clients get at once, how many of their requests failed)."""
    end = time.perf_counter() + seconds
    pages, failures = [], []

    def ask():
        client, in_time = Client(port), True
        while in_time:  # once at least
            status, *_ = client.get(path)
            (pages if status == 200 else failures).append(status)
            in_time = time.perf_counter() < end

    begun = time.perf_counter()
    threads = [threading.Thread(target=ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(pages) / (time.perf_counter() - begun), len(failures)


def percentile(taken, percent):
    """The nearest rank: so many percent took no longer."""
    return sorted(taken)[ceil(len(taken) * percent / 100) - 1]
