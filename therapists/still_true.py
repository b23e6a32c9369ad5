"""The page behind the link in a letter that asks whether availability is still true.

No sign-in and no cookie: the link itself is the secret. Opening it changes nothing, since mail
programs open links by themselves; a button does.
"""

from contextlib import suppress

from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from therapists import freshness
from therapists.cookieless import from_elsewhere
from therapists.models import Therapist
from therapists.responses import not_kept

CHOICES = {"", *Therapist.Availability.values}


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def still_true(request, token):
    """GET shows what is held and the choices; POST confirms one of them."""
    try:
        number, confirmed_on = freshness.read(token)
    except signing.SignatureExpired:
        return _page(request, "expired", status=410)
    except signing.BadSignature:
        return _page(request, "unknown", status=404)
    therapist = Therapist.objects.filter(pk=number).first()
    if therapist is None:
        return _page(request, "unknown", status=404)
    said = {"therapist": therapist, "choices": Therapist.Availability.choices}
    if therapist.status != Therapist.Status.PUBLISHED:
        return _page(request, "not-public", **said)
    if freshness.is_answered(therapist, confirmed_on):
        return _page(request, "confirmed", **said)
    if request.method == "POST":
        return _answered(request, token, said)
    return _page(request, "asked", **said)


def _answered(request, token, said):
    if from_elsewhere(request):
        return _page(request, "asked", status=403, problem="elsewhere", **said)
    chosen = request.POST.get("availability")
    if chosen not in CHOICES:
        return _page(request, "asked", status=400, problem="nothing chosen", **said)
    # Where somebody was quicker, the page says what holds now.
    with suppress(ValidationError, signing.BadSignature):
        freshness.renew(token, chosen)
    return not_kept(HttpResponseRedirect(request.path), is_secret=True)


def _page(request, state, *, status=200, **context):
    page = render(request, "therapists/still_true.html", {"state": state, **context}, status=status)
    return not_kept(page, is_secret=True)
