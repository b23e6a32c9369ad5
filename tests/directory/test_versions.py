"""The oldest PostgreSQL that we say will do does, and an older one is a sentence."""

from pathlib import Path

import pytest

from tests.processes import KEYS, database_url, environment, free_port, python

OLDEST = 14


def installed():
    """Folders of PostgreSQL 14 and 15, where this machine has one."""
    return [
        folder
        for folder in sorted(Path("/usr/lib/postgresql").glob("1[45]/bin"))
        if (folder / "initdb").exists()
    ]


BEGIN = """
from pathlib import Path
from django.core.management import execute_from_command_line as run
from directory import embedded
embedded._binaries = lambda: Path({folder!r})
run(["manage.py", "migrate", "-v0"])
run(["manage.py", "check_search_index"])
"""


@pytest.mark.parametrize("folder", installed()[:1] or [None])
def test_the_oldest_server_at_hand_takes_every_migration(folder, tmp_path):
    if folder is None:
        pytest.skip("no PostgreSQL 14 or 15 is installed")
    env = environment(
        tmp_path, **KEYS, DATABASE_URL="embedded", DJANGO_SETTINGS_MODULE="directory.settings"
    )
    ran = python("-c", BEGIN.format(folder=str(folder)), env=env, seconds=120)
    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.strip().endswith("The search index is right.")


TOO_OLD = """
from django.db.backends.postgresql.features import DatabaseFeatures
assert DatabaseFeatures.minimum_database_version == ({oldest},)
DatabaseFeatures.minimum_database_version = (99,)
from directory import run
run.main()
"""


@pytest.mark.django_db
def test_a_server_that_is_too_old_ends_the_start_in_a_sentence(tmp_path):
    env = environment(tmp_path, **KEYS, DATABASE_URL=database_url(), PORT=free_port())
    ran = python("-c", TOO_OLD.format(oldest=OLDEST), env=env)
    assert ran.returncode == 1
    assert "The directory did not start. PostgreSQL 99 or later is required" in ran.stdout
    assert "Traceback" not in ran.stdout
