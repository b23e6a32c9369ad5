"""Forms without a cookie: where a POST came from, as the browser itself says.

Visitors get no cookie, so there is no CSRF token to compare. A browser says instead from which site
a form was sent, in headers that no page can forge: `Sec-Fetch-Site` over https and on one's own
machine, `Origin` elsewhere and in older browsers. Views that ask here are `csrf_exempt`.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import is_same_domain


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
