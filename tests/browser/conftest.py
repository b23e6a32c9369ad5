"""What tests in a browser need beside `visit`."""

import pytest


@pytest.fixture
def postbox(postbox, settings, live_server):
    """The real mail server; links in its letters lead to the live server."""
    settings.SITE_URL = live_server.url
    return postbox
