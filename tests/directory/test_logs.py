"""What the log's filter makes of single records; the whole is tried out in test_privacy.py."""

import io
import logging
import re

import pytest
from django.test import RequestFactory

from directory.logs import WithoutTheVisitor


@pytest.fixture
def log():
    """A logger with the site's filter, and what it has written."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(WithoutTheVisitor())
    logger = logging.Logger("gunicorn.error")
    logger.addHandler(handler)
    logger.written = written.getvalue
    return logger


def test_a_fault_is_its_class_and_its_place_without_its_words(log):
    try:
        int("zebrafish")
    except ValueError:
        log.exception("It broke")
    assert "builtins.ValueError" in log.written()
    assert "test_logs.py" in log.written()
    assert "invalid literal" not in log.written()


def test_what_led_to_a_fault_is_left_out_with_its_words(log):
    try:
        try:
            raise KeyError("zebra" + "fish")
        except KeyError as error:
            raise RuntimeError("quag" + "mire") from error
    except RuntimeError:
        log.exception("It broke")
    assert "builtins.RuntimeError" in log.written()
    for word in ("zebrafish", "quagmire"):
        assert word not in log.written()


def test_a_fault_that_is_none_is_written_down_all_the_same(log):
    log.error("It looks broken", exc_info=True)
    assert log.written() == "It looks broken\n"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/therapists/zebrafish/", "Error at therapists/<slug:slug>/"),
        ("/approaches/zebrafish/?q=zebrafish", "Error at approaches/<slug:slug>/"),
        ("/zebrafish", "Error at an address that does not exist"),
        ("/", "Error at /"),
    ],
)
def test_a_request_is_the_pattern_behind_it(log, path, shown):
    request = RequestFactory().get(path)
    log.error("Internal Server Error: %s", path, extra={"request": request, "status_code": 500})
    assert log.written() == f"{shown}\n"


def test_what_has_no_visitor_in_it_stays_as_it_is(log):
    log.info("Listening at: %s", "http://127.0.0.1:8000")
    assert log.written() == "Listening at: http://127.0.0.1:8000\n"


def test_the_databases_words_about_a_connection_are_left_to_the_queues_worker(log):
    log.error("Side task listener failed: host 10.0.0.1", extra={"action": "side_task_failed"})
    log.error("listener error: host 10.0.0.1", extra={"action": "listener_error"})
    assert log.written() == ""
    log.error("A job failed", extra={"action": "job_error"})
    assert log.written() == "A job failed\n"


def test_every_line_says_when_with_the_offset_from_utc(settings):
    kind = settings.LOGGING["formatters"]["plain"]
    record = logging.makeLogRecord({"name": "x", "levelname": "INFO", "msg": "y"})
    line = logging.Formatter(kind["format"], kind["datefmt"], kind["style"]).format(record)
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d{4} INFO x: y", line)
