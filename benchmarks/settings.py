"""The site's own settings, as in production but for plain http, and a database for each size."""

import os
import secrets
from pathlib import Path

os.environ.setdefault("VAR_DIR", str(Path(__file__).resolve().parent.parent / "var" / "bench"))
os.environ.setdefault("DATABASE_URL", "embedded")
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(60))
os.environ.setdefault("MESSAGE_KEYS", secrets.token_urlsafe(60))
os.environ["HTTPS"] = "false"
os.environ["DEBUG"] = "false"
os.environ["STAFF_SECOND_FACTOR"] = "false"  # the lists are measured, not the way in
os.environ["ALLOWED_HOSTS"] = "127.0.0.1"

from directory.settings import *  # noqa: E402, F403
from directory.settings import DATABASES, STORAGES  # noqa: E402

# Pages name static files as in production; nobody asks for the files, so none are compressed.
STORAGES["staticfiles"] = {
    "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
}

# The database that DATABASE_URL names is only where ours are made from, and is never touched.
MAINTENANCE_DATABASE = DATABASES["default"]["NAME"]
if "BENCH_DATABASE" in os.environ:  # the one that is served
    DATABASES["default"]["NAME"] = os.environ["BENCH_DATABASE"]
