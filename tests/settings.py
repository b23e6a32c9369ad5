"""The site's own settings, under an environment that tests alone decide."""

import atexit
import os
import shutil
from pathlib import Path

_ours = Path(__file__).resolve().parent.parent / "var" / "tests"
os.environ.setdefault("VAR_DIR", str(_ours))
os.environ.setdefault("DATABASE_URL", "embedded")
os.environ["SECRET_KEY"] = "tests keep no secrets, and this one is long enough to be accepted"
os.environ["MESSAGE_KEYS"] = "the key under which tests keep what their clients write"
os.environ["HTTPS"] = "false"
os.environ["DEBUG"] = "false"
os.environ["SITE_IS_DEMO"] = "false"
# Tests that are about it turn it on.
os.environ["STAFF_SECOND_FACTOR"] = "false"
os.environ["TIME_ZONE"] = "America/New_York"
# Playwright runs an event loop in the thread in which the live server's tests touch the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

from directory.settings import *  # noqa: E402, F403

COUNTS_WRITTEN_EVERY = 0  # tests of counting turn it on
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The table that counts tries is not emptied between tests. What is in it is tested by itself.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]


def _files_of_this_process():
    """A folder that goes with its process; one that was killed leaves it to the next."""
    everybodys = VAR_DIR / "files"  # noqa: F405
    everybodys.mkdir(parents=True, exist_ok=True)
    for left in everybodys.iterdir():
        try:
            os.kill(int(left.name), 0)
        except ProcessLookupError:
            shutil.rmtree(left, ignore_errors=True)
        except PermissionError:  # somebody else's, and alive
            continue
    folder, owner = everybodys / str(os.getpid()), os.getpid()
    shutil.rmtree(folder, ignore_errors=True)
    # A fork ends, too, and it is not its folder.
    atexit.register(lambda: os.getpid() == owner and shutil.rmtree(folder, ignore_errors=True))
    return folder


_folder = _files_of_this_process()
STATIC_ROOT = _folder / "static"
MEDIA_ROOT = _folder / "media"
STATIC_ROOT.mkdir(parents=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
