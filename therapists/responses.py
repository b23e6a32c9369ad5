"""Answers of which no copy stays anywhere."""


def not_kept(response, *, is_secret=False):
    """Not for search engines, nor for a cache on the way, nor in the browser.

    With `is_secret` the address itself is one: no page that it leads to is told of it.
    """
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow" if is_secret else "noindex"
    if is_secret:
        response.headers["Referrer-Policy"] = "no-referrer"
    return response
