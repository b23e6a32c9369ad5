"""The approach pages: all of them, one of them, and all that its specialists say."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from approaches.models import Approach
from approaches.quotes import Quotes
from therapists.counters import count_shown
from therapists.listing import Listing, page_or_404
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
    listing = Listing(request.GET, path=request.path, practising=approach.pk)
    if listing.address.leads_elsewhere(request):
        return HttpResponseRedirect(listing.address.canonical)
    quotes = Quotes(approach, listing.day)
    context = {
        "approach": approach,
        "listing": listing,
        "quoted_count": quotes.count(),
        "specialists": quotes[: settings.SPECIALISTS_PER_PAGE],
        "related": [one for one in approach.related.all() if one.status == one.Status.PUBLISHED],
    }
    page = render(request, "approaches/approach.html", context)
    quoted = [specialist.therapist_id for specialist in context["specialists"]]
    count_shown(request, [*quoted, *(therapist.pk for therapist in listing.page)])
    return page


@require_safe
def specialists(request, slug):
    """Everything that the specialists of one approach say of it, page by page."""
    approach = get_object_or_404(Approach.objects.published(), slug=slug)
    today = timezone.localdate()
    day = parse_day(request.GET.get("day", today.isoformat()), today)
    if day is None:
        raise Http404("no such day")
    pages = Paginator(Quotes(approach, day), settings.SPECIALISTS_PER_PAGE)
    page = page_or_404(pages, request.GET.get("page", ""))
    context = {"approach": approach, "day": day, "page": page}
    answer = render(request, "approaches/specialists.html", context)
    count_shown(request, (specialist.therapist_id for specialist in page))
    return answer
