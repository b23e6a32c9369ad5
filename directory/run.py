"""`make run`: everything that a first look needs, then a server in this process's place.

Writes `var/settings.env` where nothing is set yet, brings the database up to date, loads the demo
directory into an empty one, makes its two sign-ins, begins the queue's worker, which ends with this
process, and serves: with gunicorn, or with Django's own reloading server (`--dev`). A second start
finds all of it done.
"""

import os
import secrets
import socket
import subprocess
import sys
from pathlib import Path

VAR_DIR = Path(os.environ.get("VAR_DIR", Path(__file__).resolve().parent.parent / "var"))
SETTINGS_FILE = VAR_DIR / "settings.env"
SIGN_INS_FILE = VAR_DIR / "sign-ins.txt"


def main():
    host, port = os.environ.setdefault("HOST", "127.0.0.1"), os.environ.setdefault("PORT", "8000")
    refuse_busy_port(host, port)
    write_first_settings()
    allow_host(host)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "directory.settings")
    is_demo = prepared_or_exit()
    os.environ.setdefault("SITE_IS_DEMO", str(is_demo).lower())
    # Whoever looks around the demo has no authenticator app for it at hand.
    os.environ.setdefault("STAFF_SECOND_FACTOR", str(not is_demo).lower())
    shown = "127.0.0.1" if host == "0.0.0.0" else host  # noqa: S104 - compared, not bound
    # Letters hold whole addresses.
    os.environ.setdefault("SITE_URL", f"http://{shown}:{port}")
    print(f"\nThe directory: http://{shown}:{port}/\n")
    if SIGN_INS_FILE.exists():
        print(SIGN_INS_FILE.read_text())
    print("Ctrl-C stops it.\n", flush=True)
    os.environ["ENDS_WITH_TERMINAL"] = "true"
    # Letters leave by the queue. It sees its parent's end, whichever way the server below ended.
    worker = ["manage.py", "work_queue", "--belongs-to", str(os.getpid())]
    subprocess.Popen([sys.executable, *worker], stdin=subprocess.DEVNULL)
    serve = ["-m", "gunicorn", "directory.wsgi", "--log-level", "warning"]
    if "--dev" in sys.argv[1:]:
        serve = ["manage.py", "runserver", f"{host}:{port}"]
    os.execv(sys.executable, [sys.executable, *serve])  # noqa: S606 - no shell


def refuse_busy_port(host, port):
    """Say so at once, rather than after a minute of preparation."""
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host.strip("[]"), int(port)))
    except (ValueError, OverflowError):
        raise SystemExit(f"PORT is “{port}”: write a number up to 65535.") from None
    except OSError as error:
        raise SystemExit(
            f"{host}:{port} cannot be used ({error.strerror}). Choose another: PORT=8001 make run"
        ) from None


def write_first_settings():
    """Secrets and a database for a machine where nothing is set yet."""
    written = SETTINGS_FILE.read_text() if SETTINGS_FILE.exists() else ""
    if not written:
        if "SECRET_KEY" in os.environ:  # an operator's: what is missing there stops the start
            return
        VAR_DIR.mkdir(parents=True, exist_ok=True)
        written = "# Made by `make run` for this machine. The environment wins over it.\n"
        written += f"SECRET_KEY={secrets.token_urlsafe(50)}\n"
        # Not beside a server of one's own: should its variable get lost, the start must stop.
        written += "" if "DATABASE_URL" in os.environ else "DATABASE_URL=embedded\n"
        written += "HTTPS=false\n"
    elif "MESSAGE_KEYS=" in written or "MESSAGE_KEYS" in os.environ:
        return
    # Also into the file of an earlier release, which had no messages to keep.
    write_for_us_alone(SETTINGS_FILE, f"{written}MESSAGE_KEYS={secrets.token_urlsafe(50)}\n")


def write_for_us_alone(path, text):
    """Written aside and moved into place: a half-written file would have half a secret."""
    aside = path.with_suffix(".new")
    with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    aside.replace(path)


def allow_host(host):
    """Answer to the name that HOST gives; to any name where it means every interface."""
    everywhere = host in ("0.0.0.0", "::")  # noqa: S104 - compared, not bound
    names = "*" if everywhere else f"127.0.0.1,localhost,[::1],{host}"
    os.environ.setdefault("ALLOWED_HOSTS", names)


def prepared_or_exit():
    """Prepare; what the operator can mend ends in its sentence alone."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import NotSupportedError, OperationalError
    from environs import EnvError

    from directory.embedded import Unavailable

    try:
        return prepare()
    except (
        ImproperlyConfigured,
        EnvError,
        OperationalError,
        NotSupportedError,  # an older PostgreSQL
        Unavailable,
    ) as error:
        raise SystemExit(f"The directory did not start. {error}") from None


def prepare():
    """Bring database, static files and demo up to date; returns whether anybody is invented."""
    import django

    django.setup()
    from django.core.management import call_command

    from approaches.demo import directory, sign_ins

    print("Bringing the database up to date ...", flush=True)
    call_command("migrate", verbosity=0, interactive=False)
    call_command("load_demo", if_empty=True)
    call_command("collectstatic", verbosity=0, interactive=False)
    is_demo = directory.is_demo()
    if is_demo and not SIGN_INS_FILE.exists():
        write_for_us_alone(SIGN_INS_FILE, sign_ins.make())
    return is_demo


if __name__ == "__main__":
    main()
