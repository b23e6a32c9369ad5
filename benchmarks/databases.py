"""Two databases for each size: the people, kept as they were loaded, and a copy that is measured.

So every run begins with the same rows, whatever an earlier one saved, and whichever commit's search
index it built.
"""

# ruff: noqa: S608, T201 - SQL of our own names; a command that tells how far it is

import hashlib
import json
import shutil
import sys
from contextlib import contextmanager
from datetime import date, timedelta
from time import monotonic

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from approaches.models import Specialist
from benchmarks import people
from therapists.models import Licence, Office, Therapist

KEPT_FOR = timedelta(days=60)  # then confirmations of availability begin to grow stale
BYTES_EACH = 16_000  # of disk for each therapist: people, copy, index, and what loading needs

LOADED = [model._meta.db_table for model in (Therapist, Office, Licence, Specialist)]
LOADED.append(Therapist.terms.through._meta.db_table)


def prepare(size, *, keep=False):
    """Have the default connection lead to so many listed therapists.

    Returns {"day", "load_seconds", ...} about them. `keep`: as the last run left them, if it did.
    """
    kept, ours = f"bench_{size}_people", f"bench_{size}"
    known = described(kept)
    if not (keep and known and exists(ours)):
        if not is_still_good(known):
            create(kept)
            use(kept)
            known = build(size)
            describe(kept, known)
        use(None)
        create(ours, template=kept)
        use(ours)
        call_command("migrate", verbosity=0, interactive=False)
    use(ours)
    return known


def use(name):
    """Lead the default connection to another database; None closes it."""
    connection.close()
    connection.settings_dict["NAME"] = name or settings.MAINTENANCE_DATABASE


def is_still_good(known):
    """Whether loading again would give the same, but for migrations that came on top."""
    now = migrations()
    return (
        known is not None
        and known["version"] == people.VERSION
        and date.fromisoformat(known["day"]) > timezone.localdate() - KEPT_FOR
        and all(now.get(name) == digest for name, digest in known["migrations"].items())
    )


def migrations():
    """{path: digest} of the files that decide what our tables look like."""
    files = sorted(settings.BASE_DIR.glob("*/migrations/**/*.*[lqy]"))  # .py, .sql
    return {
        str(file.relative_to(settings.BASE_DIR)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
    }


def build(size):
    """Fill an empty database; returns what is to be known about it."""
    check_disk(size)
    call_command("migrate", verbosity=0, interactive=False)
    begun, day = monotonic(), timezone.localdate()
    with transaction.atomic(), unwatched():
        world = people.make_world(day)
        people.load(world, size, progress("People"))
    vacuum()
    seconds, made = round(monotonic() - begun), on_disk()
    print(f"Loaded {size:,} therapists in {seconds} s, {made >> 20:,} MB on disk.", flush=True)
    return {
        "version": people.VERSION,
        "day": day.isoformat(),
        "load_seconds": seconds,
        "bytes": made,
        "migrations": migrations(),
    }


@contextmanager
def unwatched():
    """Leave out what COPY needs not: triggers, foreign keys, indexes but for primary keys."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SET LOCAL session_replication_role = replica; SET LOCAL maintenance_work_mem = '1GB'"
        )
        cursor.execute(UNIQUE, [LOADED])
        unique = cursor.fetchall()
        for table, name, _ in unique:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        cursor.execute(INDEXES, [LOADED])
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        print("Indexes ...", flush=True)
        for table, name, definition in unique:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
        for _, definition in indexes:
            cursor.execute(definition)


UNIQUE = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype = 'u' AND conrelid = ANY (%s::regclass[]) ORDER BY 1, 2
"""
INDEXES = """
SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid)
FROM pg_index LEFT JOIN pg_constraint ON conindid = indexrelid AND contype IN ('p', 'u', 'x')
WHERE indrelid = ANY (%s::regclass[]) AND conindid IS NULL ORDER BY 1
"""


def rebuild_index():
    """Build the search index from nothing; the seconds it took, or None where there is none."""
    try:
        from therapists.search.upkeep import rebuild
    except ModuleNotFoundError:
        return None
    begun = monotonic()
    rebuild(progress=progress("Search index"))
    seconds = monotonic() - begun
    vacuum()
    return seconds


def vacuum():
    """As autovacuum leaves it, and on disk: nothing of the load lingers in what is measured."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        if settings.DATABASE_URL == "embedded":
            cursor.execute("CHECKPOINT")


def check_disk(size):
    if settings.DATABASE_URL != "embedded":
        return
    free, needed = shutil.disk_usage(settings.VAR_DIR).free, size * BYTES_EACH
    if free < needed:
        raise SystemExit(
            f"{size:,} therapists need about {needed / 1e9:.0f} GB of disk, and "
            f"{free / 1e9:.0f} GB are left. Make room, or choose: make bench SIZES='1000 10000'"
        )


def on_disk():
    """Bytes that the database takes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return cursor.fetchone()[0]


# --- The server's databases


def server():
    """A connection to the server's own database, from which others are made."""
    parameters = connection.get_connection_params() | {"dbname": settings.MAINTENANCE_DATABASE}
    return psycopg.connect(**parameters, autocommit=True)


def exists(name):
    with server() as at:
        return bool(at.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone())


def create(name, *, template="template0"):
    """Make it anew."""
    with server() as at:
        at.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        words = "CREATE DATABASE {} TEMPLATE {}"
        if at.info.server_version >= 150_000:
            words += " STRATEGY file_copy"  # else all of a copy would go through the log
        at.execute(sql.SQL(words).format(sql.Identifier(name), sql.Identifier(template)))


def described(name):
    """What `describe` told; None of a database that is missing or was never finished."""
    with server() as at:
        about = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
        row = at.execute(about, [name]).fetchone()
        return json.loads(row[0]) if row and row[0] else None


def describe(name, facts):
    """Keep `facts` as the database's comment, so that they go where it goes."""
    words = sql.SQL("COMMENT ON DATABASE {} IS {}")
    with server() as at:
        at.execute(words.format(sql.Identifier(name), sql.Literal(json.dumps(facts))))


def progress(what):
    """A function of (done, whole) that shows how far `what` is."""
    shown = -1

    def show(done, whole):
        nonlocal shown
        percent = 100 * done // max(whole, 1)
        if percent != shown and (sys.stdout.isatty() or percent % 10 == 0):
            shown = percent
            end = "\n" if percent == 100 or not sys.stdout.isatty() else "\r"
            print(f"{what} {'#' * (percent // 4):25} {percent:3} %", end=end, flush=True)

    return show
