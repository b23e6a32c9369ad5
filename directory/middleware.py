"""What every answer carries, beyond what Django and django-csp set."""

# A directory needs none of these; a page that was tampered with shall not have them either.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "microphone",
        "payment",
        "usb",
    )
)


def browser_permissions(get_response):
    """Refuse browser features and shared memory to every page."""

    def middleware(request):
        response = get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return middleware


def asked_again(get_response):
    """Pages may be kept, by browsers and by what stands in front, if they ask before each use.

    Who withdraws is gone at once; who asks again is told in a few bytes that nothing has changed.
    """

    def middleware(request):
        response = get_response(request)
        if not response.has_header("Last-Modified"):  # files: a photo is another at another address
            response.headers.setdefault("Cache-Control", "no-cache")
        return response

    return middleware


# Where people sign in and what they see then. Everything else is public, and without a cookie.
PRIVATE = ("/accounts/", "/my/", "/admin/")


def kept_nowhere(get_response):
    """No copy of a page that belongs to one person stays in a browser or a proxy."""

    def middleware(request):
        response = get_response(request)
        if request.path_info.startswith(PRIVATE):
            response.headers["Cache-Control"] = "no-store"
        return response

    return middleware
