"""The fair order of the day, which anybody can work out again.

A therapist's rank on a day is the MD5 sum of `YYYY-MM-DD slug`, written in hexadecimal; the lowest
rank stands first. Nobody can pay for, choose or foresee a good place for more than a day, everyone
has the same chance of the first page, and yesterday's order can be had again by yesterday's date.
`/how-we-order/` tells the public the same.
"""

import hashlib
from datetime import date

from django.db.models import F, Value
from django.db.models.functions import MD5, Concat

# Before this day there was no such order to ask for.
FIRST_DAY = date(2026, 1, 1)


def rank(day, slug):
    """The rank of the therapist `slug` on `day`: 32 hexadecimal digits, lowest first."""
    # MD5 because PostgreSQL, Python and every spreadsheet have it; nothing here is secret.
    return hashlib.md5(f"{day:%Y-%m-%d} {slug}".encode(), usedforsecurity=False).hexdigest()


def rank_expression(day, prefix=""):
    """The same rank in SQL, for a queryset that reaches the therapist by `prefix`."""
    return MD5(Concat(Value(f"{day:%Y-%m-%d} "), F(f"{prefix}slug")))


def parse_day(text, today):
    """The day in an address ("2026-11-24"), or None where there was no order yet or no such day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if text == day.isoformat() and FIRST_DAY <= day <= today else None
