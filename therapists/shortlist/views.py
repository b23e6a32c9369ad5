"""/shortlist/: those whom the address keeps, to compare, to print and to call."""

from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from therapists.responses import not_kept
from therapists.shortlist.asked import Shortlist
from therapists.shortlist.reading import LONGEST_WRITTEN, MOST


@require_safe
def shortlist(request):
    """A list that lies in its address. No one is counted here, and no copy stays on the way."""
    asked = Shortlist(request.GET)
    if asked.leads_elsewhere(request.META["QUERY_STRING"]):
        response = HttpResponseRedirect(asked.canonical)
    else:
        context = {
            "list": asked,
            "today": timezone.localdate(),
            "most": MOST,
            "longest_written": LONGEST_WRITTEN,
        }
        response = render(request, "shortlist/shortlist.html", context)
    return not_kept(response)
