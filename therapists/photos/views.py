"""Serves photos: to everybody while the therapist is listed, else to them and to staff."""

from pathlib import PurePosixPath

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from therapists.photos.holders import standing
from therapists.photos.storing import kept_as

# How long others may keep a photo: so long it stays with them after a therapist has withdrawn.
PUBLIC = "public, max-age=3600"
PRIVATE = "private, no-cache"

KINDS = {
    ".avif": "image/avif",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
}


@require_safe
def photo(request, path):
    """One file of a photo. Asks the database once, and for the sign-in only where it matters.

    A path counts by what rows name, so no other file can be had by it.
    """
    if ".." in PurePosixPath(path).parts:
        raise SuspiciousFileOperation("This path leads elsewhere.")
    is_plain = str(PurePosixPath(path)) == path  # and has one spelling
    found = standing(kept_as(path)) if is_plain else None
    if found is None:
        raise Http404
    if not found.is_public and not _may_see(request, found):
        raise Http404
    answer = _answer(request, path)
    answer.headers["Cache-Control"] = PUBLIC if found.is_public else PRIVATE
    if not found.is_public:
        patch_vary_headers(answer, ["Cookie"])
    return answer


def _may_see(request, found):
    """Whether this is the owner, or one of the staff who may look at therapists."""
    user = request.user
    if not user.is_active:
        return False
    return user.pk in found.owners or (
        admin.site.has_permission(request) and user.has_perm("therapists.view_therapist")
    )


def _answer(request, path):
    # A file never changes: another photo has another name.
    tag = f'"{path}"'
    if request.headers.get("If-None-Match") == tag:
        return HttpResponseNotModified(headers={"ETag": tag})
    kind = KINDS.get(PurePosixPath(path).suffix, "application/octet-stream")
    headers = {"ETag": tag, "Content-Type": kind}
    if settings.PHOTOS_ACCEL:
        return HttpResponse(headers={**headers, "X-Accel-Redirect": settings.PHOTOS_ACCEL + path})
    try:
        file = default_storage.open(path)
    except FileNotFoundError:
        raise Http404 from None
    return FileResponse(file, headers=headers)
