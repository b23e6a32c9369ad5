"""Rows that many tests find written: once for all that follow one another in a file.

    @kept
    def people():
        six_people()

    def test_something(client, people): ...

As with `TestCase.setUpTestData`, what a test does to the rows is undone after it, and it gets a
copy of its own of what `people()` returned. `people` takes no fixtures: what it writes outlives the
test and its settings. A test asks for one such fixture at most, and has no transactions of its own
(`transaction=True`).
"""

import contextlib
import copy

import pytest
from django.db import connection, transaction

_writers = {}  # fixture -> what writes its rows


def kept(write):
    """The fixture of this name."""

    @pytest.fixture(name=write.__name__)
    def rows(db):
        assert _held.write is write, "kept rows are for tests without transactions of their own"
        return copy.deepcopy(_held.value)

    _writers[rows] = write
    return rows


def hold_rows_for(request, unblock):
    """Have those rows written that this test asks for, and no others, before its own transaction.

    `unblock` gives a context in which the database may be used.
    """
    fixtures = [vars(request.module).get(name) for name in request.fixturenames]
    asked = [_writers[fixture] for fixture in fixtures if fixture in _writers]
    assert len(asked) <= 1, "a test asks for one kind of kept rows"

    def change_to(write):
        with unblock():
            _held.change_to(write)

    change_to(asked[0] if asked else None)
    if asked:
        request.session.addfinalizer(lambda: change_to(None))


class _Held:
    """The transaction around the tests, in which the rows stand."""

    def __init__(self):
        self.write = self.value = self.stack = None

    def change_to(self, write):
        if self.write is write and not connection.closed_in_transaction:
            return
        if self.write:
            self.stack.close()
        self.write = None
        if write:
            self.write_rows(write)

    def write_rows(self, write):
        with contextlib.ExitStack() as stack:
            stack.enter_context(transaction.atomic())
            stack.callback(transaction.set_rollback, True)
            self.value = write()
            connection.check_constraints()  # now, or each test would check all of them again
            self.stack = stack.pop_all()
        self.write = write


_held = _Held()
