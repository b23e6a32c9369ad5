"""Home, the published rule of order, health, and the pages for what went wrong."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from approaches.models import Approach
from approaches.quotes import voice_of
from directory.context import site
from therapists.listing import InOrder
from therapists.order import rank
from therapists.search.index import Search


@require_safe
def home(request):
    """What the place is, a search, and the approaches, in one screen."""
    everyone = Search([])
    context = {
        "approaches": Approach.objects.published().with_listed_count(),
        "listed_count": everyone.total,
        "voice": voice_of(everyone, timezone.localdate()),
    }
    return render(request, "home.html", context)


@require_safe
def how_we_order(request):
    """The rule of order in plain words, with today's first three to work out again."""
    today = timezone.localdate()
    first = InOrder(Search([]), today)[0:3]
    context = {
        "day": today,
        "worked_example": [(therapist, rank(today, therapist.slug)) for therapist in first],
        "hidden_after": settings.AVAILABILITY_HIDDEN_AFTER,
        "flagged_after": settings.AVAILABILITY_FLAGGED_AFTER,
        "messages_kept_for": settings.MESSAGES_KEPT_FOR,
        "answers_known_from": settings.ANSWERS_KNOWN_FROM,
    }
    return render(request, "how_we_order.html", context)


@never_cache
@require_safe
def healthz(request):
    """200 when the database answers, 503 when it does not. For load balancers, not for people."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"database": "does not answer"}, status=503)
    return JsonResponse({"database": "answers"})


@require_safe
def robots(request):
    """Everything curated may be indexed; searches may be followed and say noindex themselves."""
    sitemap = request.build_absolute_uri(reverse("sitemap"))
    closed = "".join(f"Disallow: {path}\n" for path in ("/accounts/", "/admin/", "/my/"))
    text = f"User-agent: *\n{closed}\nSitemap: {sitemap}\n"
    return HttpResponse(text, content_type="text/plain; charset=utf-8")


def server_error(request):
    """The 500 page. It asks the database nothing, since the database may be what broke."""
    return HttpResponse(loader.render_to_string("500.html", site(request)), status=500)
