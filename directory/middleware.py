"""What every answer carries and no request may bring, beyond what Django and django-csp set."""

from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpResponse
from django.template import loader

from directory.context import site

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


# Where photos and spreadsheets are taken, from people who are signed in.
TAKE_FILES = ("/my/", "/admin/")
# In bytes. Every box of a match ticked makes ten thousand.
LONGEST_BODY = 1_000_000


class NothingKept(FileUploadHandler):
    """A file that is read past: Django would write a larger one into the temporary folder."""

    def receive_data_chunk(self, raw_data, start):
        return None

    def file_complete(self, file_size):
        return None


def no_files_from_visitors(get_response):
    """What a visitor sends is short and never lies on a disk, whoever makes the form."""

    def middleware(request):
        if not request.path_info.startswith(TAKE_FILES):
            if _length(request) > LONGEST_BODY:
                page = loader.render_to_string("413.html", site(request))
                return HttpResponse(page, status=413, headers={"Cache-Control": "no-store"})
            request.upload_handlers = [NothingKept(request)]
        return get_response(request)

    return middleware


def _length(request):
    length = request.META.get("CONTENT_LENGTH") or ""
    return int(length) if length.isascii() and length.isdigit() else 0
