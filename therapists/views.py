"""The listing of all therapists, and a therapist's own page."""

from django.http import HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from therapists.addresses import parameters_of
from therapists.counters import count_opened, count_shown
from therapists.listing import Listing
from therapists.models import Therapist
from therapists.places import suggest
from therapists.search.words import suggest_words


@require_safe
def therapists(request):
    """Everyone who is listed, narrowed down by what matters to the reader."""
    listing = Listing(parameters_of(request), path=request.path)
    if listing.address.leads_elsewhere(request):
        return HttpResponseRedirect(listing.address.canonical)
    page = render(request, "therapists/therapists.html", {"listing": listing})
    count_shown(request, (therapist.pk for therapist in listing.page))
    return page


@require_safe
def suggest_places(request):
    """Places that begin as the reader typed: ["Portland, OR", ...]."""
    return JsonResponse(suggest(parameters_of(request).get("begun", "")), safe=False)


@require_safe
def suggest_for_words(request):
    """Terms, approaches and names that begin as the reader typed: ["Grief", ...]."""
    return JsonResponse(suggest_words(parameters_of(request).get("begun", "")), safe=False)


@require_safe
def profile(request, slug):
    """One therapist: their words, what they charge, and how to reach them."""
    therapist = get_object_or_404(Therapist.objects.listed().for_profile(), slug=slug)
    page = render(request, "therapists/profile.html", {"therapist": therapist})
    count_opened(request, therapist.pk)
    return page
