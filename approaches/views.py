"""The approach pages: all of them, one of them, and all that its specialists say."""

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from approaches.kept import kept_page
from approaches.models import Approach
from approaches.quotes import Quotes
from therapists.addresses import parameters_of
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
    approach = kept_page(slug)
    if approach is None:
        return _moved(request, slug, "approaches:approach")
    listing = Listing(parameters_of(request), path=request.path, practising=approach.pk)
    if listing.address.leads_elsewhere(request):
        return HttpResponseRedirect(listing.address.canonical)
    context = page_context(approach, listing)
    page = render(request, "approaches/approach.html", context)
    quoted = [quote.pk for quote in context["quotes"]]
    count_shown(request, [*quoted, *(therapist.pk for therapist in listing.page)])
    return page


def page_context(approach, listing):
    """What the page of an approach shows."""
    quotes = Quotes(approach, listing.day, sets=listing.search.sets)
    return {
        "approach": approach,
        "listing": listing,
        "quoted_count": quotes.count(),
        "quotes": quotes[: settings.SPECIALISTS_PER_PAGE],
    }


@require_safe
def specialists(request, slug):
    """Everything that the specialists of one approach say of it, page by page."""
    approach = kept_page(slug)
    if approach is None:
        return _moved(request, slug, "approaches:specialists")
    asked, today = parameters_of(request), timezone.localdate()
    day = parse_day(asked.get("day", today.isoformat()), today)
    if day is None:
        raise Http404("no such day")
    pages = Paginator(Quotes(approach, day), settings.SPECIALISTS_PER_PAGE)
    page = page_or_404(pages, asked.get("page", ""))
    context = {"approach": approach, "asked": asked, "day": day, "page": page}
    answer = render(request, "approaches/specialists.html", context)
    count_shown(request, (quote.pk for quote in page))
    return answer


def _moved(request, slug, view):
    """To the address of today, if this was one before the page was renamed; Http404 if not."""
    approach = Approach.objects.led_to_by(slug)
    if approach is None:
        raise Http404("no such approach")
    query = request.META["QUERY_STRING"]
    # Not for ever: browsers never ask again, and the page may get its old name back.
    return HttpResponseRedirect(
        reverse(view, args=[approach.slug]) + (f"?{query}" if query else "")
    )
