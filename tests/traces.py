"""What is left of somebody's words: in tables, on the database's own disk, in logs and in files."""

import os
from pathlib import Path
from urllib.parse import quote, quote_plus

import psycopg
from psycopg import sql

from directory import embedded

# Also in memory: what a connection was asked last is shown to whoever may look.
OF_THE_SERVER = [("pg_catalog", "pg_stat_activity"), ("pg_catalog", "pg_prepared_statements")]


def traces_of(words, *, site):
    """{word: sorted places} where any of `words` stands, in any case and as an address writes it.

    `site` is a `Site` with its own embedded database: `site.var` is its VAR_DIR and `site.tmp` its
    TMPDIR. Looks into every column of every table, every file of the cluster after a checkpoint
    (the WAL too, and rows that are deleted and not yet overwritten), all other files, what the
    server printed, and files that its processes hold open, deleted or not.
    """
    spellings = {word: _spellings(word) for word in words}
    found = {word: set() for word in words}
    with database_of(site) as database:
        for schema, table in [*_tables(database), *OF_THE_SERVER]:
            for word, written in spellings.items():
                if _is_in(database, schema, table, written):
                    found[word].add(f"table {table}")
        database.execute("CHECKPOINT")
    for where, content in _contents(site):
        content = content.lower()
        for word, written in spellings.items():
            if any(one.lower().encode() in content for one in written):
                found[word].add(where)
    return {word: sorted(places) for word, places in found.items() if places}


def database_of(site):
    """A connection of its own to the embedded database of a running `Site`."""
    port, folder = (site.var / "postgres/data/postmaster.pid").read_text().splitlines()[3:5]
    where = {"host": folder, "port": port, "user": embedded.USER, "dbname": "attune"}
    return psycopg.connect(**where, autocommit=True)


def _spellings(word):
    """As it was written; as forms and addresses write it; as PostgreSQL shows bytes."""
    return {word, quote(word), quote_plus(word), word.encode().hex()}


def _tables(database):
    return database.execute(
        "SELECT table_schema, table_name FROM information_schema.tables"
        " WHERE table_type = 'BASE TABLE'"
        " AND table_schema NOT IN ('pg_catalog', 'information_schema')"
    ).fetchall()


def _is_in(database, schema, table, written):
    own = "" if table != "pg_stat_activity" else " AND pid <> pg_backend_pid()"
    query = sql.SQL("SELECT EXISTS (SELECT FROM {} AS t WHERE t::text ILIKE ANY (%s) {})").format(
        sql.Identifier(schema, table), sql.SQL(own)
    )
    patterns = ["%{}%".format(one.replace("%", r"\%").replace("_", r"\_")) for one in written]
    return database.execute(query, [patterns]).fetchone()[0]


def _contents(site):
    """(where, bytes) of all that lies on the disk, or did when it was opened."""
    yield "what the server printed", site.log.read_bytes()
    for folder in (site.var, site.tmp):
        for file in folder.rglob("*"):
            if file.is_file() and not file.is_symlink():
                yield str(file.relative_to(folder.parent)), file.read_bytes()
    for number in _processes(site.process.pid):
        for handle in Path(f"/proc/{number}/fd").iterdir():
            target = os.readlink(handle)
            if target.endswith(" (deleted)") and handle.is_file():
                yield f"open in a process: {target}", handle.read_bytes()


def _processes(group):
    """Numbers of the living processes of a process group."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == group:
                yield int(folder.name)
        except ProcessLookupError:
            continue
