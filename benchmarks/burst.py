"""`python -m benchmarks.burst`: do readers wait while 10,000 messages come in at once?

Pages are read while nobody else does anything, while others read, and while as many others write:
from thousands of networks to a thousand therapists, and then all of them to one. Prints what the
reader waited; writes no file.
"""

# ruff: noqa: T201 - a command that says what it measures

import argparse
import os
import threading
from statistics import median
from time import perf_counter
from urllib.parse import urlencode

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
os.environ["TRUSTED_PROXIES"] = "1"  # the burst says by X-Forwarded-For from where it comes
django.setup()

from django.core.management import call_command  # noqa: E402

from benchmarks import databases  # noqa: E402
from benchmarks.server import Client, Server, percentile  # noqa: E402
from therapists.contact import forms  # noqa: E402
from therapists.models import ContactTally, Message, Therapist  # noqa: E402
from therapists.wordings import takes_messages  # noqa: E402

SIZE, READS, WARM_UP = 1_000, 200, 20


def main():
    parser = argparse.ArgumentParser(prog="python -m benchmarks.burst", description=__doc__)
    parser.add_argument("messages", type=int, nargs="?", default=10_000)
    parser.add_argument("--clients", type=int, default=4, help="that write at once; else 4")
    parser.add_argument("--keep", action="store_true", help="no new copy of the directory")
    asked = parser.parse_args()
    call_command("collectstatic", verbosity=0, interactive=False)
    databases.prepare(SIZE, keep=asked.keep)
    everyone = Therapist.objects.listed().for_contact().order_by("pk")
    everyone = [therapist for therapist in everyone if takes_messages(therapist)]
    pages = ["/therapists/", everyone[0].get_absolute_url()]
    with Server(f"bench_{SIZE}") as server:
        print("| while | page | median ms | p95 ms | requests a second | their answers |")
        print("|---|---|---|---|---|---|")
        told("nobody writes", pages, read(server.port, pages), "")
        ways = {
            f"{asked.clients} others read": reads(asked.messages),
            f"{asked.clients} others write to all": messages(everyone, asked.messages),
            f"{asked.clients} others write to one": messages(everyone[:1], asked.messages),
        }
        for name, requests in ways.items():
            burst = Burst(server.port, requests, asked.clients)
            taken = read(server.port, pages, until=burst)
            told(name, pages, taken, burst.report())
            print(f"Kept: {Message.objects.count():,} messages.", flush=True)
            Message.objects.all().delete()
            ContactTally.objects.all().delete()


def told(name, pages, taken, report):
    for page, seconds in zip(pages, taken, strict=True):
        milliseconds = median(seconds) * 1000, percentile(seconds, 95) * 1000
        print("| {} | {} | {:.1f} | {:.1f} | {} |".format(name, page, *milliseconds, report or "|"))


def read(port, pages, until=None):
    """[[seconds]] of each page, read in turns: so many times, or as long as a burst lasts."""
    client, taken = Client(port), [[] for _ in pages]
    for page in pages * WARM_UP:
        client.get(page)
    if until:
        until.begin()
    while until.lasts if until else len(taken[0]) < READS:
        for page, seconds in zip(pages, taken, strict=True):
            begun = perf_counter()
            status, *_ = client.get(page)
            assert status == 200
            seconds.append(perf_counter() - begun)
    return taken


def reads(number):
    """So many requests for the listing: (path, no body, nothing more)."""
    return [("/therapists/", None, {})] * number


def messages(therapists, number):
    """So many messages, each from another network: (path, body, headers)."""
    requests = []
    for n in range(number):
        therapist = therapists[n % len(therapists)]
        words = {
            "token": forms.tokens.issue(therapist),
            "name": f"Client {n}",
            "email": f"client-{n}@client.example",
            "message": "I cannot sleep, and would like to talk to somebody. " * 10,
        }
        headers = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": f"11.{n >> 8}.{n & 255}.7"}
        requests.append((f"{therapist.get_absolute_url()}contact/", urlencode(words), headers))
    return requests


class Burst:
    """Requests that some clients send, all at once."""

    def __init__(self, port, requests, clients):
        self.port, self.answers, self.lock = port, {}, threading.Lock()
        self.waiting = iter(requests)
        self.threads = [threading.Thread(target=self.send) for _ in range(clients)]

    def send(self):
        client = Client(self.port)
        while True:
            with self.lock:
                path, body, headers = next(self.waiting, (None, None, None))
            if path is None:
                return
            status, *_ = client.post(path, body, **headers) if body else client.get(path)
            with self.lock:
                self.answers[status] = self.answers.get(status, 0) + 1

    def begin(self):
        self.begun = perf_counter()
        for thread in self.threads:
            thread.start()

    @property
    def lasts(self):
        return any(thread.is_alive() for thread in self.threads)

    def report(self):
        rate = sum(self.answers.values()) / (perf_counter() - self.begun)
        answers = ", ".join(f"{status}: {count:,}" for status, count in self.answers.items())
        return f"{rate:.0f} | {answers}"


if __name__ == "__main__":
    main()
