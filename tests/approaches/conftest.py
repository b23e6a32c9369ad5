"""What the tests of approaches share: imports, the admin's history, two people at once."""

from concurrent.futures import ThreadPoolExecutor
from io import StringIO

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import connection


@pytest.fixture
def run(tmp_path):
    """Imports texts as files of one command, page-0.txt and so on; returns what it says."""

    def run(*texts, **options):
        files = []
        for number, text in enumerate(texts):
            files.append(tmp_path / f"page-{number}.txt")
            files[-1].write_bytes(text if isinstance(text, bytes) else text.encode())
        out = StringIO()
        call_command("import_approach", *map(str, files), stdout=out, no_color=True, **options)
        return out.getvalue()

    return run


@pytest.fixture
def history():
    """Returns [(who, what)] of all that was recorded, oldest first."""

    def history():
        lines = LogEntry.objects.select_related("user").order_by("pk")
        return [(line.user.username, line.change_message) for line in lines]

    return history


@pytest.fixture
def elsewhere():
    """Does something in a thread, and so on a connection, of its own; returns the Future."""

    def act(do):
        try:
            return do()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        yield lambda do: pool.submit(act, do)


@pytest.fixture
def wait_until_blocked():
    """Waits until PostgreSQL says that somebody in this database waits for a lock."""

    def wait(future):
        with connection.cursor() as cursor:
            while not future.done():
                cursor.execute("SELECT pg_stat_clear_snapshot()")
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
                )
                if cursor.fetchone()[0]:
                    return
        pytest.fail(f"nobody waited: {future.exception() or future.result()}")

    return wait
