"""The approach pages: all of them, one of them, and all that its specialists say."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from approaches.models import Approach
from therapists.listing import Listing, page_or_404
from therapists.models import Therapist
from therapists.order import parse_day


@require_safe
def approaches(request):
    """All published approaches, A to Z, each with how many listed therapists practise it."""
    published = Approach.objects.published().with_listed_count()
    return render(request, "approaches/approaches.html", {"approaches": published})


@require_safe
def approach(request, slug):
    """One approach: what it is, its specialists in their own words, and the list of them."""
    approach = get_object_or_404(Approach.objects.published().for_page(), slug=slug)
    listing = Listing(
        request.GET,
        path=request.path,
        therapists=Therapist.objects.listed().practising([approach.slug]),
        without={"approach"},
    )
    if listing.canonical_query != request.META["QUERY_STRING"]:
        return HttpResponseRedirect(listing.canonical_url)
    quoted = approach.specialists.quoted().in_page_order(listing.day).for_quotes()
    context = {
        "approach": approach,
        "listing": listing,
        "quoted_count": quoted.count(),
        "specialists": quoted[: settings.SPECIALISTS_PER_PAGE],
        "related": [one for one in approach.related.all() if one.status == one.Status.PUBLISHED],
    }
    return render(request, "approaches/approach.html", context)


@require_safe
def specialists(request, slug):
    """Everything that the specialists of one approach say of it, page by page."""
    approach = get_object_or_404(Approach.objects.published(), slug=slug)
    today = timezone.localdate()
    day = parse_day(request.GET.get("day", today.isoformat()), today)
    quoted = approach.specialists.quoted()
    if day is None:
        raise Http404("no such day")
    pages = Paginator(quoted.in_page_order(day).for_quotes(), settings.SPECIALISTS_PER_PAGE)
    page = page_or_404(pages, request.GET.get("page", ""))
    context = {"approach": approach, "day": day, "page": page}
    return render(request, "approaches/specialists.html", context)
