"""A statement that takes too long is cut, and the reader is told so.

`limit_statements` gives each connection of the web server its limit, once; commands and migrations
have none. `Timeouts` turns what was cut into a page with status 503.
"""

import logging

from django.conf import settings
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.template import loader
from psycopg.errors import QueryCanceled

from directory.context import site

log = logging.getLogger(__name__)

SEARCH = ("That search took too long", "Choose fewer things, or try again in a moment.")
SAVING = (
    "That took too long",
    "It may not have been saved. Go back and look before you send it again.",
)
AWAY = (
    "The directory is away for a moment",
    "It was nothing you did. Please try again in a minute.",
)


def limit_statements(connection, **_):
    """For `connection_created`: the limit lasts as long as the connection does."""
    if settings.STATEMENT_TIMEOUT:
        limit = [f"{settings.STATEMENT_TIMEOUT}s"]
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", limit)


def was_cut(error):
    """Whether PostgreSQL cut a statement; a lock timeout and a deadlock are other faults."""
    return isinstance(error, OperationalError) and isinstance(error.__cause__, QueryCanceled)


def is_away(error):
    """Whether the database cannot be reached, or hung up: no SQLSTATE, or one that says so."""
    if not isinstance(error, OperationalError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(("08", "57P"))


class Patience:
    """The statements of one request: after one was cut, no other is tried.

    `{% if a == b %}` swallows every exception, so a page would go on, and wait again and again.
    """

    def __init__(self):
        self.cut = None

    def __call__(self, execute, sql, params, many, context):
        if self.cut:
            raise self.cut
        try:
            return execute(sql, params, many, context)
        except OperationalError as error:
            self.cut = error if was_cut(error) else None
            raise


class Timeouts:
    """Middleware: a page with status 503 for what was cut, and while the database is away.

    A view whose POST writes nothing sets `request.only_asks`.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        patience = Patience()
        with connection.execute_wrapper(patience):
            response = self.get_response(request)
        if patience.cut and response.status_code != 503:  # swallowed, or taken for something else
            return self.process_exception(request, patience.cut)
        return response

    def process_exception(self, request, error):
        """Also for what a template's rendering raises. None leaves the rest to Django."""
        if was_cut(error):
            log.warning("A statement took too long and was cut")
            saves = request.method not in ("GET", "HEAD") and not hasattr(request, "only_asks")
            return sorry(request, *(SAVING if saves else SEARCH))
        if is_away(error):
            log.error("The database does not answer")
            return sorry(request, *AWAY)
        return None


def sorry(request, heading, advice):
    """The 503 page. Like the 500 page it asks the database nothing."""
    words = {"heading": heading, "advice": advice}
    page = loader.render_to_string("503.html", site(request) | words)
    headers = {"Retry-After": "5", "Cache-Control": "no-store"}
    return HttpResponse(page, status=503, headers=headers)
