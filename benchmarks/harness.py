"""Measure one size: `python -m benchmarks.harness 10000 figures.json`.

A process for each size, so that nothing that the site keeps in memory outlives its database.
"""

# ruff: noqa: S311, T201 - seeded, not secret; a command that tells how far it is

import argparse
import json
import os
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from urllib.parse import parse_qsl, urlencode, urlsplit

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client as InProcess  # noqa: E402
from django.test.utils import CaptureQueriesContext, setup_test_environment  # noqa: E402
from django.utils import timezone  # noqa: E402

from benchmarks import databases, staff  # noqa: E402
from benchmarks.people import POPULAR_APPROACH, by_popularity  # noqa: E402
from benchmarks.server import Client, Refused, Server, percentile, together  # noqa: E402
from therapists.models import Term, Therapist  # noqa: E402

WARM_UP, SAVES, CLIENTS = 10, 30, 8


def requests(size):
    """[(name, path)] of the twelve."""
    terms = by_popularity()

    def any_of(vocabulary, *ranks):
        return [(vocabulary, terms[vocabulary][rank]) for rank in ranks]

    three = any_of("issue", 0, 2) + any_of("insurance", 1, 4) + any_of("language", 1)
    more = any_of("age", 0) + any_of("contact", 0, 1) + any_of("style", 0, 1, 2)
    near = [("near", "10001")]
    words = [("q", "therapy sobriety")]
    page = [("day", timezone.localdate().isoformat()), ("page", min(40, size // 20))]
    listing = {
        "nothing chosen": [],
        "popular term": any_of("issue", 0),
        "rare term": any_of("issue", -1),
        "three groups": three,
        "six groups": three + more,
        "ZIP radius": near,
        "ZIP radius and three groups": near + three,
        "state online licence": [("licence", "OR"), ("format", "online")],
        "words": words,
        "words and two groups": words + any_of("issue", 0) + any_of("insurance", 0, 1),
        "page 40": page,
    }
    paths = [
        (name, f"/therapists/?{urlencode(pairs)}".rstrip("?")) for name, pairs in listing.items()
    ]
    return [*paths, ("approach page", f"/approaches/{POPULAR_APPROACH}/")]


def lost(asked, understood):
    """Parameters that the site took out of an address, since it has no such filter."""
    keys = [dict(parse_qsl(urlsplit(path).query)) for path in (asked, understood)]
    return sorted(keys[0].keys() - keys[1].keys())


def row(server, size, name, asked, number, seconds):
    """The figures of one request; of one that is refused, its status."""
    client, begun = Client(server.port), perf_counter()
    path, status, body = client.follow(asked)
    found = {"name": name, "path": path, "lost": lost(asked, path)}
    try:
        if status != 200:
            raise Refused(status)
        found["first"] = (perf_counter() - begun) * 1000
        client.timed(path, min(WARM_UP, number), seconds / 4)
        taken = client.timed(path, number, seconds)
    except Refused as refused:
        return found | {"status": refused.args[0]}
    compressed = client.compressed(path, body)
    floor = f"/floor/{size}/{len(body)}/"
    least = client.timed(floor, 5 * number, seconds)
    busy = min(number / 50, seconds), min(CLIENTS, number)
    rate_together, failed = together(server.port, path, *busy)
    return found | {
        "rate": len(taken) / sum(taken),
        **{f"p{percent}": percentile(taken, percent) * 1000 for percent in (50, 95, 99)},
        "floor_rate": len(least) / sum(least),
        "together": rate_together,
        "failed": failed,
        "floor_together": together(server.port, floor, *busy)[0],
        "raw": len(body),
        "gzip": compressed,
        "memory": server.memory(),
        **looked_into(path),
    }


def match_seconds(server, number):
    """How long each of so many answers of "find your match" took: place, cost, and six wishes."""
    terms = by_popularity()
    answers = [("near", "10001"), ("fee", "150"), ("cost-must", "yes")]
    for vocabulary, ranks in (("issue", (0, 2, 9)), ("insurance", (1,)), ("language", (1,))):
        answers += [(vocabulary, terms[vocabulary][rank]) for rank in ranks]
    client, body, taken = Client(server.port), urlencode(answers), []
    for _ in range(WARM_UP + number):
        begun = perf_counter()
        status, _ = client.post("/match/", body)
        taken.append(perf_counter() - begun)
        if status != 200:
            raise Refused(status)
    return taken[WARM_UP:]


def looked_into(path):
    """What only the process that makes the page can tell: how many queries, how many it finds."""
    client = InProcess(headers={"host": "127.0.0.1"})
    client.get(path)
    with CaptureQueriesContext(connection) as queries:
        response = client.get(path)
    return {"queries": len(queries), "finds": response.context["listing"].total}


def save_seconds(size, number):
    """The median of saving a therapist with another fee and one term exchanged."""
    taken = []
    for pk in Random(size).sample(range(1, size + 1), number):
        therapist = Therapist.objects.get(pk=pk)
        old = therapist.terms.first()
        new = Term.objects.filter(vocabulary=old.vocabulary).exclude(therapists=therapist).first()
        therapist.fee_from = therapist.fee_to = 59
        begun = perf_counter()
        with transaction.atomic():
            therapist.save()
            therapist.terms.remove(old)
            therapist.terms.add(new)
        taken.append(perf_counter() - begun)
    return median(taken)


def postgresql():
    """Its version, and the memory that it keeps pages in."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version'), current_setting('shared_buffers')"
        )
        version, buffers = cursor.fetchone()
    return f"{version.split()[0]}, shared_buffers {buffers}"


def measure(size, *, number=100, seconds=20, keep=False):
    """All figures of one size."""
    print(f"{size:,} therapists", flush=True)
    facts = databases.prepare(size, keep=keep)
    index_seconds = None if keep else databases.rebuild_index()
    call_command("collectstatic", verbosity=0, interactive=False)
    setup_test_environment(debug=False)  # or a response would not tell its context
    rows = []
    with Server(connection.settings_dict["NAME"]) as server:
        for name, path in requests(size):
            rows.append(row(server, size, name, path, number, seconds))
            status, p95 = rows[-1].get("status"), rows[-1].get("p95")
            print(f"  {name:30}", f"status {status}" if status else f"{p95:8.1f} ms", flush=True)
        matches = match_seconds(server, number)
    return {
        "size": size,
        "rows": rows,
        "match": {f"p{one}": percentile(matches, one) * 1000 for one in (50, 95)},
        "staff": staff.measured(),
        "save": save_seconds(size, min(number, SAVES)) * 1000,
        "index_seconds": index_seconds,
        "load_seconds": facts["load_seconds"],
        "day": facts["day"],
        "people_bytes": facts["bytes"],
        "bytes": databases.on_disk(),
        "postgresql": postgresql(),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("size", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    figures = measure(asked.size, number=asked.requests, keep=asked.keep)
    asked.file.write_text(json.dumps(figures))
