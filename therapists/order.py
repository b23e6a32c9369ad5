"""The fair order of the day, which anybody can work out again.

A therapist's rank on a day is the MD5 sum of `YYYY-MM-DD slug`, written in hexadecimal; the lowest
rank stands first. Nobody can pay for, choose or foresee a good place for more than a day, everyone
has the same chance of the first page, and yesterday's order can be had again by yesterday's date.
`/how-we-order/` tells the public the same.
"""

import hashlib
from datetime import date

# What a list can be had by instead: {value in the address: (what it is called, what it needs)}.
# Among equals the day's order decides.
ORDERS = {
    "nearest": ("Nearest first", "near"),
    "fee": ("Lowest fee first", None),
    "words": ("Best word match first", "q"),
}

# Before this day there was no such order to ask for.
FIRST_DAY = date(2026, 1, 1)


def rank(day, slug):
    """The rank of the therapist `slug` on `day`: 32 hexadecimal digits, lowest first."""
    # MD5 because PostgreSQL, Python and every spreadsheet have it; nothing here is secret.
    return hashlib.md5(f"{day:%Y-%m-%d} {slug}".encode(), usedforsecurity=False).hexdigest()


def parse_day(text, today):
    """The day in an address ("2026-11-24"), or None where there was no order yet or no such day."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if text == day.isoformat() and FIRST_DAY <= day <= today else None
