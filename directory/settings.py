"""Settings, all of them, from the environment.

Environment variables win. Beneath them stands `var/settings.env`, which `make run` writes for a
first look on one machine. What is not set here is as safe as production needs it; what must be set
and is not stops the start with a sentence that says what to do. `README.md` has the whole table.
"""

import os
import re
from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env

from directory import embedded
from directory.logs import LOGGING  # noqa: F401 - read by Django

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("VAR_DIR", BASE_DIR / "var"))

env = Env()
env.read_env(VAR_DIR / "settings.env", recurse=False)


def required(name, advice):
    """The value of the variable `name`, or a stop that says what to do about it."""
    value = env.str(name, "").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {advice}")
    return value


def switch(name, default):
    """A boolean that is written true or false and no other way: a typing error must not decide."""
    value = env.str(name, str(default).lower()).strip().lower()
    if value not in {"true", "false"}:
        raise ImproperlyConfigured(f"{name} is “{value}”: write true or false.")
    return value == "true"


def number(name, default, *, least=1, most=None):
    """A whole number, within bounds."""
    value = env.str(name, str(default)).strip()
    is_number = re.fullmatch(r"-?\d{1,18}", value, re.ASCII)
    if not is_number or int(value) < least or (most is not None and int(value) > most):
        bounds = f"of {least} or more" if most is None else f"from {least} to {most}"
        raise ImproperlyConfigured(f"{name} is “{value}”: write a whole number {bounds}.")
    return int(value)


# --- The place ---------------------------------------------------------------------------------

SITE_NAME = env.str("SITE_NAME", "Attune")
SITE_TAGLINE = env.str("SITE_TAGLINE", "Find a therapist who is right for you")
# Shown on every page: true where everyone listed is invented.
SITE_IS_DEMO = switch("SITE_IS_DEMO", False)

# Where "Leave now" leads: a page that nobody wonders about.
QUICK_EXIT_URL = env.str("QUICK_EXIT_URL", "https://www.weather.gov/")

# Words and numbers for people in danger. Sites run in other countries, so all of it can be set.
CRISIS_TITLE = env.str("CRISIS_TITLE", "In danger, or thinking of ending your life?")
CRISIS_TEXT = env.str("CRISIS_TEXT", "Someone answers at any hour, and it costs nothing.")
CRISIS_PHONE = env.str("CRISIS_PHONE", "988")
CRISIS_SMS = env.str("CRISIS_SMS", "988")
CRISIS_CHAT_URL = env.str("CRISIS_CHAT_URL", "https://chat.988lifeline.org/")
# A search with such words shows all of this above its results. A regular expression.
DANGER_WORDS = env.str(
    "DANGER_WORDS",
    r"suicid|self[- ]?harm|\bdie\b|\bdying\b|\bkill(ed|ing)?\b|\bend (my|it all)",
)
try:
    re.compile(DANGER_WORDS)
except re.error as error:
    raise ImproperlyConfigured(f"DANGER_WORDS is no regular expression: {error}.") from None
EMERGENCY_PHONE = env.str("EMERGENCY_PHONE", "911")

# Availability carries the day it was confirmed on. In days: asked about, flagged as old, hidden.
AVAILABILITY_ASKED_AFTER = number("AVAILABILITY_ASKED_AFTER", 60)
AVAILABILITY_FLAGGED_AFTER = number("AVAILABILITY_FLAGGED_AFTER", 90)
AVAILABILITY_HIDDEN_AFTER = number("AVAILABILITY_HIDDEN_AFTER", 180)
if not AVAILABILITY_ASKED_AFTER < AVAILABILITY_FLAGGED_AFTER < AVAILABILITY_HIDDEN_AFTER:
    raise ImproperlyConfigured(
        f"AVAILABILITY_ASKED_AFTER is {AVAILABILITY_ASKED_AFTER}, AVAILABILITY_FLAGGED_AFTER "
        f"{AVAILABILITY_FLAGGED_AFTER}, AVAILABILITY_HIDDEN_AFTER {AVAILABILITY_HIDDEN_AFTER}: "
        "each must be more days than the one before."
    )
# How many days the link in such a letter works, unless somebody confirms before.
AVAILABILITY_LINK_WORKS_FOR = number("AVAILABILITY_LINK_WORKS_FOR", 180)

# Days after which staff look a licence up in its register again.
LICENCE_RECHECK_AFTER = number("LICENCE_RECHECK_AFTER", 365)

# How often profiles are shown and opened: written every so many seconds (0 counts nothing), kept so
# many days.
COUNTS_WRITTEN_EVERY = number("COUNTS_WRITTEN_EVERY", 5, least=0)
COUNTS_KEPT_FOR = number("COUNTS_KEPT_FOR", 400)

# In days: what research says of an approach ages, and its page is looked through again.
APPROACH_REVIEW_AFTER = number("APPROACH_REVIEW_AFTER", 365)

THERAPISTS_PER_PAGE = number("THERAPISTS_PER_PAGE", 20)
SPECIALISTS_PER_PAGE = number("SPECIALISTS_PER_PAGE", 20)

# --- Safety ------------------------------------------------------------------------------------

DEBUG = switch("DEBUG", False)
SECRET_KEY = required(
    "SECRET_KEY",
    "Set it to 50 or more random characters and keep them to yourself. For a first look: make run",
)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", [])

# False only where the site is looked at over plain http on one's own machine.
HTTPS = switch("HTTPS", True)
SECURE_SSL_REDIRECT = HTTPS
# Load balancers ask by plain http.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# The header by which the proxy in front says that the visitor came by https.
if env.str("PROXY_HTTPS_HEADER", ""):
    SECURE_PROXY_SSL_HEADER = (env.str("PROXY_HTTPS_HEADER"), "https")
# Preloading binds a whole domain for years: the operator's decision, not a default.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

if HTTPS:  # a neighbor under the same domain cannot set cookies of these names
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
# Other sites learn nothing. Not "no-referrer": browsers then send "Origin: null" with our own
# forms, which Django's CSRF check rightly refuses.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# --- Messages of clients: see therapists/contact/ ------------------------------------------------

# What clients write is kept sealed, for so many days. The first key seals; every one of them opens.
MESSAGES_KEPT_FOR = number("MESSAGES_KEPT_FOR", 90, most=3650)
MESSAGE_KEYS = [key.strip() for key in required(
    "MESSAGE_KEYS",
    "Set it to 50 or more random characters, keep them to yourself, and keep a copy: without them "
    "nobody can read the messages of clients. For a first look: make run",
).split(",")]  # fmt: skip
if any(len(key) < 32 for key in MESSAGE_KEYS):
    raise ImproperlyConfigured(
        "MESSAGE_KEYS holds a key of fewer than 32 characters. Write 50 or more random ones; "
        "between two keys a comma, the new one first."
    )
# Messages within an hour: of one sender (those above wait for staff), from one network, and to one
# therapist (those above are asked to wait).
CONTACT_PER_SENDER = number("CONTACT_PER_SENDER", 5)
CONTACT_PER_NETWORK = number("CONTACT_PER_NETWORK", 30)
CONTACT_PER_THERAPIST = number("CONTACT_PER_THERAPIST", 20)
# "Answers within 2 days" is said of those of whom so many answers are known.
ANSWERS_KNOWN_FROM = number("ANSWERS_KNOWN_FROM", 5)

# --- Signing in: django-allauth, see therapists/accounts/ -----------------------------------------

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "my:index"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
ACCOUNT_ADAPTER = "therapists.accounts.adapter.Accounts"
ACCOUNT_FORMS = {
    "login": "therapists.accounts.forms.SignIn",
    "signup": "therapists.accounts.forms.SignUp",
    "reset_password": "therapists.accounts.forms.ResetPassword",
    "reset_password_from_key": "therapists.accounts.forms.NewPassword",
    "change_password": "therapists.accounts.forms.ChangePassword",
    "set_password": "therapists.accounts.forms.SetPassword",
    "add_email": "therapists.accounts.forms.ChangeAddress",
    "reauthenticate": "therapists.accounts.forms.ConfirmPassword",
}
# The name is for those whom `createsuperuser` or staff made.
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# Nobody learns from these pages whether an address is known.
ACCOUNT_PREVENT_ENUMERATION = True
# By another address a new password could be asked for: so the old one is, before it changes.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_METHODS = ("password", "mfa")
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# So many proxies of the operator's own stand in front, and each adds to X-Forwarded-For. With 0
# the header is what anybody may write, and is not read.
ALLAUTH_TRUSTED_PROXY_COUNT = number("TRUSTED_PROXIES", 0, least=0, most=9)

MFA_ADAPTER = "therapists.accounts.adapter.SecondFactors"
MFA_FORMS = {
    "authenticate": "therapists.accounts.forms.Code",
    "reauthenticate": "therapists.accounts.forms.CodeAgain",
    "activate_totp": "therapists.accounts.forms.FirstCode",
    "add_webauthn": "therapists.accounts.forms.AddPasskey",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
# A clock may be half a minute off.
MFA_TOTP_TOLERANCE = 1
# Browsers offer passkeys without https on "localhost" alone.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
# Staff see what is nobody else's business, so a password alone does not open /admin/.
STAFF_SECOND_FACTOR = switch("STAFF_SECOND_FACTOR", True)

# For so many days a letter "keep your profile yourself" can be followed.
INVITATION_DAYS = number("INVITATION_DAYS", 14, most=365)

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# --- What it is made of ------------------------------------------------------------------------

INSTALLED_APPS = [
    "directory.apps.Directory",
    "approaches.apps.Approaches",
    "therapists.apps.Therapists",
    "directory.apps.Admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_filters",
    "procrastinate.contrib.django",
    "localflavor",
    "simple_history",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "directory.middleware.browser_permissions",
    # By what the page says: no version of anything has to be kept in step with it.
    "django.middleware.http.ConditionalGetMiddleware",
    "directory.middleware.kept_nowhere",
    "directory.middleware.asked_again",
    "directory.middleware.no_files_from_visitors",
    "directory.timeouts.Timeouts",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "directory.lists.Rubbish",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "directory.urls"
WSGI_APPLICATION = "directory.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "directory.context.site",
            ]
        },
    }
]

# --- Where things are kept ---------------------------------------------------------------------

DATABASE_URL = required(
    "DATABASE_URL",
    "Set it to your PostgreSQL server, postgres://user:password@host/name, or to “embedded” for "
    "the one that comes with the project.",
)
if DATABASE_URL == "embedded":
    EMBEDDED_CLUSTER = VAR_DIR / "postgres"
    DATABASES = {
        "default": {
            "ENGINE": "directory.embedded_engine",
            **embedded.connection(EMBEDDED_CLUSTER),
        }
    }
else:
    DATABASES = {"default": env.dj_db_url("DATABASE_URL")}
    if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
        raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL server: postgres://...")
# A connection kept open serves three times as many pages as a new one each.
DATABASES["default"].update(CONN_MAX_AGE=600, CONN_HEALTH_CHECKS=True)
# In seconds; 0 sets none. What visitors and staff ask ends after it: see directory/timeouts.py.
STATEMENT_TIMEOUT = number("STATEMENT_TIMEOUT", 5, least=0, most=3600)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Counts tries to sign in, for all processes together. Nothing else is cached.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "therapists_throttle",
        "KEY_FUNCTION": "therapists.accounts.throttle.unreadable",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = VAR_DIR / "media"
# Where nginx has an `internal` location for MEDIA_ROOT, and is to send the photos that we allow.
PHOTOS_ACCEL = env.str("PHOTOS_ACCEL", "")
if PHOTOS_ACCEL and not (PHOTOS_ACCEL.startswith("/") and PHOTOS_ACCEL.endswith("/")):
    raise ImproperlyConfigured(
        f"PHOTOS_ACCEL is “{PHOTOS_ACCEL}”: write a path that begins and ends with a slash, as "
        "/kept-media/."
    )
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "directory.statics.Storage"},
}

# --- Language, time, log -----------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
TIME_ZONE = env.str("TIME_ZONE", "America/New_York")
USE_I18N = False
USE_TZ = True

# --- Mail --------------------------------------------------------------------------------------

# submission://user:password@host; without one, letters are printed where the server runs.
_mail = env.dj_email_url("EMAIL_URL", "console://")
if "EMAIL_BACKEND" not in _mail:
    raise ImproperlyConfigured(
        "EMAIL_URL must begin with submission:// (STARTTLS), smtps://, smtp://, file:// or console://."
    )
vars().update(_mail)
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", f"{SITE_NAME} <directory@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# Letters to clients: without a name, which a locked screen would show to whoever is in the room.
_bare = re.search(r"<([^<>]+)>\s*$", DEFAULT_FROM_EMAIL)
LETTERS_TO_CLIENTS_FROM = env.str(
    "LETTERS_TO_CLIENTS_FROM", _bare[1] if _bare else DEFAULT_FROM_EMAIL
)
# Mail that cannot be delivered comes back to bounces+...@example.org, for `manage.py read_bounce`.
BOUNCES_TO = env.str("BOUNCES_TO", "").strip()
if BOUNCES_TO and not re.fullmatch(r"[\w.-]{1,20}@[\w.-]+", BOUNCES_TO, re.ASCII):
    raise ImproperlyConfigured(
        f"BOUNCES_TO is “{BOUNCES_TO}”: write an address such as bounces@example.org, "
        "with at most 20 letters before the @."
    )
# How the site is reached from elsewhere: letters hold whole addresses.
SITE_URL = env.str("SITE_URL", "http://127.0.0.1:8000").rstrip("/")

# --- The queue: procrastinate, see therapists/tasks.py --------------------------------------------

PROCRASTINATE_WORKER_DEFAULTS = {
    # What is done leaves nothing behind. What failed is written down where staff see it.
    "delete_jobs": "always",
    "concurrency": 4,
}
# Seconds from one try of a letter to the next: five days in all, longer than a server's weekend.
DELIVERY_WAITS = [60, 300, 1800, 7200, 28_800, 50_400, *[86_400] * 4]
# A refusal for good is believed when the mail server says so again after this.
DELIVERY_REFUSED_AGAIN_AFTER = 21_600
# What was in the hands of a worker that was killed is due again after this. Longer than a talk with
# a mail server that uses all of EMAIL_TIMEOUT for each of its answers.
DELIVERY_LEASE = 300
# Seconds until a client is told "no room" or "not a fit": until then a wrong click is taken back.
ANSWERS_LEAVE_AFTER = 300
# Seconds between two looks for what is due and has no job.
QUEUE_UPKEEP_EVERY = 15

# --- make dev ----------------------------------------------------------------------------------

if DEBUG:
    STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
    }
    INSTALLED_APPS += ["debug_toolbar"]
    MIDDLEWARE.insert(1, "debug_toolbar.middleware.DebugToolbarMiddleware")
    INTERNAL_IPS = ["127.0.0.1", "::1"]
