"""People who sign up and in, and a mail server of our own."""

import re
from urllib.parse import urlsplit

import pytest
from aiosmtpd.controller import Controller
from django.core.cache import cache

from tests import factories
from tests.processes import free_port


@pytest.fixture(autouse=True)
def no_tries_yet():
    """Tries to sign in are counted over all tests of a process."""
    cache.clear()


class Postbox:
    """What an SMTP handler of aiosmtpd is asked; `refuses` is its answer instead of taking mail."""

    def __init__(self):
        self.letters, self.refuses = [], None

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - its name in aiosmtpd
        if self.refuses:
            return self.refuses
        self.letters.append(envelope)
        return "250 OK"


@pytest.fixture
def postbox(settings):
    """A real SMTP server, to which the site sends."""
    box = Postbox()
    server = Controller(box, hostname="127.0.0.1", port=free_port())
    server.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = server.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield box
    server.stop()


@pytest.fixture
def imported(db):
    """A profile that an import brought: nobody's yet, and agreed to by somebody else's word."""
    return factories.TherapistFactory(
        name="Ida Imported", email="ida@practice.example", consent_basis="Letter to Ana, staff",
        consent_on=factories.days_ago(40),
    )  # fmt: skip


def link_in(letter):
    """The path and query of the first address of ours in a letter."""
    address = urlsplit(re.search(r"https?://\S+", letter)[0])
    return f"{address.path}?{address.query}" if address.query else address.path
