"""The listing of all therapists, and a therapist's own page."""

from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from therapists.listing import Listing
from therapists.models import Therapist


@require_safe
def therapists(request):
    """Everyone who is listed, narrowed down by what matters to the reader."""
    listing = Listing(request.GET, path=request.path)
    if listing.canonical_query != request.META["QUERY_STRING"]:
        return HttpResponseRedirect(listing.canonical_url)
    return render(request, "therapists/therapists.html", {"listing": listing})


@require_safe
def profile(request, slug):
    """One therapist: their words, what they charge, and how to reach them."""
    therapist = get_object_or_404(Therapist.objects.listed().for_profile(), slug=slug)
    return render(request, "therapists/profile.html", {"therapist": therapist})
