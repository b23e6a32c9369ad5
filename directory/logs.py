"""Logs that tell what broke and never what a visitor looked for.

What people type here is about their health. So no line holds a path, a query string, a referer or
an exception's own words (a database error repeats the value that it could not read): a fault is
logged as the route's pattern, the exception's class, and the places in the code.
"""

import logging
import traceback

from django.urls import Resolver404, resolve
from gunicorn import glogging


def route_of(request):
    """The pattern behind a request, such as `therapists/<slug:slug>/`; never what was asked."""
    match = getattr(request, "resolver_match", None)
    if match is None:
        try:
            match = resolve(request.path_info)
        except (Resolver404, AttributeError):
            return "an address that does not exist"
    return match.route or "/"


# What procrastinate says of a connection that ended, in the database's words. therapists/worker.py
# tells of it once.
SAID_ELSEWHERE = {
    "side_task_failed",
    "side_task_monitor_failed",
    "poll_jobs_to_abort_error",
    *(f"{task}_error" for task in ("listener", "deferrer", "update_heartbeats")),
}


class WithoutTheVisitor(logging.Filter):
    """Rewrites records that carry a request or an exception."""

    def filter(self, record):
        if getattr(record, "action", None) in SAID_ELSEWHERE:
            return False
        request = getattr(record, "request", None)
        if request is not None:
            record.msg, record.args = "%s at %s", (record.levelname.title(), route_of(request))
            del record.request
        elif record.name.startswith("gunicorn") and "request" in str(record.msg):
            record.msg, record.args = "A request could not be handled", ()
        if record.exc_info:
            kind, _, frames = record.exc_info
            record.exc_info = None
            if kind is not None:  # asked for where nothing was raised
                name = f"{kind.__module__}.{kind.__qualname__}"
                record.exc_text = "".join(traceback.format_tb(frames)) + name
        return True


class GunicornLogger(glogging.Logger):
    """gunicorn's own log, likewise: it would write down the address of a request that failed."""

    def setup(self, cfg):
        super().setup(cfg)
        # Below this level it writes down every request line.
        self.error_log.setLevel(max(self.error_log.level, logging.INFO))
        self.error_log.addFilter(WithoutTheVisitor())
        # It warns of every HEAD on a page, which monitors send all day.
        logging.getLogger("gunicorn.http.wsgi").setLevel(logging.ERROR)


# Django's setting.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"without_the_visitor": {"()": "directory.logs.WithoutTheVisitor"}},
    "formatters": {
        "plain": {
            "format": "{asctime} {levelname} {name}: {message}",
            "datefmt": "%Y-%m-%d %H:%M:%S%z",
            "style": "{",
        }
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "plain",
            "filters": ["without_the_visitor"],
        },
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "INFO", "propagate": False},
        # It tells of every job that goes well.
        "procrastinate": {"level": "WARNING"},
        # It repeats every second that the database is away. therapists/worker.py says it once.
        "psycopg.pool": {"handlers": ["nowhere"], "propagate": False},
        # "Not Found: /therapists/..." says where somebody looked.
        "django.request": {"level": "ERROR"},
        "django.security": {"handlers": ["nowhere"], "propagate": False},
        # The development server's request lines.
        "django.server": {"handlers": ["nowhere"], "propagate": False},
    },
}
