"""Whose turn it is to write: the index has one writer at a time, until its transaction ends."""

from contextlib import contextmanager

from django.db import connection, transaction


def take_turn():
    """Wait for one's turn. For transactions that hold a row of somebody's before they write.

    Writes take it by themselves, but too late for such a transaction: it would hold the row, and
    wait for somebody who waits for that row.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT therapists_search_lock()")


@contextmanager
def followed_once():
    """A transaction that the index follows at its end, and not row by row. For imports."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL therapists.search_later = 'yes'")
        yield
        cursor.execute("SET LOCAL therapists.search_later = 'no'")
        cursor.execute("SELECT therapists_search_follow_put_off()")
