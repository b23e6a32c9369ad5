"""Forms without a cookie: where a POST came from, and the token that its form carried.

Visitors get no cookie, so there is no CSRF token to compare. A browser says instead from which site
a form was sent, in headers that no page can forge: `Sec-Fetch-Site` over https and on one's own
machine, `Origin` elsewhere and in older browsers. Views that ask here are `csrf_exempt`.
"""

import time
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.http.request import is_same_domain
from django.utils.crypto import get_random_string

MAX_AGE = 12 * 60 * 60  # seconds for which an open form can be sent

OLD = "This page was open for a long time. Your words are still here: please press Send again."
QUICK = "That was quicker than people write. Your words are still here: please press Send again."
ELSEWHERE = (
    "Your browser does not say that this came from our own page. Your words are still here: please "
    "press Send again."
)


class FormTokens:
    """Signed tokens for a form about one therapist, under a salt of the form's own.

    Each names the therapist, holds a random word, by which what is sent twice is known, and says
    from when it can be sent.
    """

    def __init__(self, salt):
        self._signer = signing.Signer(salt=salt)

    def issue(self, therapist, *, wait=0):
        """A token for a form that is opened now, and can be sent in `wait` seconds."""
        ready = int(time.time()) + wait
        return self._signer.sign(f"{therapist.pk}.{get_random_string(32)}.{ready}")

    def read(self, token, therapist):
        """(random word, "") of a token that can be taken; else ("", a sentence)."""
        try:
            number, word, ready = self._signer.unsign(token).split(".")
        except signing.BadSignature:
            return "", OLD
        age = time.time() - int(ready)
        if number != str(therapist.pk) or age > MAX_AGE:
            return "", OLD
        return (word, "") if age >= 0 else ("", QUICK)


def from_our_own_pages(request):
    """Whether the browser says that one of our own pages sent this."""
    site = request.headers.get("Sec-Fetch-Site", "")
    return site == "same-origin" if site else _is_ours(request, _origin(request))


def from_elsewhere(request):
    """Whether the browser says that another site sent this.

    Some say neither: an older browser, on a page with `Referrer-Policy: no-referrer`, sends
    "Origin: null". That is enough only where the form carries a secret of its own.
    """
    says_something = request.headers.get("Sec-Fetch-Site") or _origin(request)
    return bool(says_something) and not from_our_own_pages(request)


def _origin(request):
    origin = request.headers.get("Origin", "")
    return "" if origin == "null" else origin


def _is_ours(request, origin):
    if not origin:
        return False
    if origin == f"{request.scheme}://{request.get_host()}":
        return True
    try:
        asked = urlsplit(origin)
    except ValueError:
        return False
    return any(
        asked.scheme == trusted.scheme and is_same_domain(asked.netloc, trusted.netloc.lstrip("*"))
        for trusted in map(urlsplit, settings.CSRF_TRUSTED_ORIGINS)
    )
