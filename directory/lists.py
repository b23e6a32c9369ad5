"""The lists of both admins stay quick in a large directory, and rubbish in their addresses is told.

Set on every registered admin at once, those of packages included: a list that is added later is
quick by itself.
"""

import logging
from contextlib import suppress

from django.contrib import messages
from django.core.exceptions import EmptyResultSet, FieldError, ValidationError
from django.core.paginator import Paginator
from django.db import DataError, connection
from django.http import HttpResponseRedirect
from django.utils.functional import cached_property

log = logging.getLogger(__name__)

# Up to here a list is counted; above it PostgreSQL's own estimate is good enough.
COUNTED_TO = 10_000


class AboutPaginator(Paginator):
    """Counts short lists, and says about how long a long one is."""

    is_about = False

    @cached_property
    def count(self):
        with suppress(EmptyResultSet):
            estimate = _estimate(self.object_list)
            if estimate > COUNTED_TO:
                self.is_about = True
                return estimate
        return super().count


def _estimate(queryset):
    """How many rows PostgreSQL expects; 0 where it cannot know."""
    if not hasattr(queryset, "query"):
        return 0
    sql, params = queryset.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        return int(cursor.fetchone()[0][0]["Plan"]["Plan Rows"])


def quicken(*sites):
    """Let every list of these admin sites estimate what is long."""
    for site in sites:
        for model_admin in site._registry.values():
            if model_admin.paginator is Paginator:
                model_admin.paginator = AboutPaginator
            model_admin.show_full_result_count = False
            # Django drops a model's own order where rows are counted beside it.
            model_admin.ordering = model_admin.ordering or model_admin.model._meta.ordering


# --- Rubbish

# What Django and PostgreSQL raise for a value that no column can have.
UNREADABLE = (DataError, FieldError, OverflowError, ValidationError, ValueError)
SENTENCE = "Something in that address could not be read, so this is the page without it."
SITES = {"admin", "my"}
VIEWS = ("_changelist", "_add", "autocomplete")


class Rubbish:
    """Middleware: an address of Django's own whose query cannot be read leads to the one without.

    Django answers `?state__exact=%00` with an error page, in every list that has a filter. What a
    page of our own cannot read is its own to explain, and a fault of it shall be seen.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        if _is_djangos(request):
            pairs = request.GET.lists()
            if any("\x00" in name or "\x00" in "".join(values) for name, values in pairs):
                return without_query(request)
        return None

    def process_exception(self, request, error):
        if _is_djangos(request) and request.GET and isinstance(error, UNREADABLE):
            # A fault of ours would come again with the plain address, and be told there.
            log.warning("The query of an admin's address could not be read: %s", type(error))
            return without_query(request)
        return None


def without_query(request):
    messages.error(request, SENTENCE)
    return HttpResponseRedirect(request.path)


def _is_djangos(request):
    """Whether a list, an empty form, or what completes words is asked for, of either admin."""
    match = request.resolver_match
    return (
        request.method in ("GET", "HEAD")
        and match is not None
        and bool(SITES & set(match.namespaces))
        and str(match.url_name).endswith(VIEWS)
    )
