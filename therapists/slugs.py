"""Slugs for people: readable, and never twice."""

from itertools import count

from django.utils.text import slugify

MAX_LENGTH = 120


def unique_slug(name, taken, *, otherwise="therapist"):
    """A slug for `name` that is not in the set `taken`; `otherwise` where no letter is Latin."""
    base = slugify(name)[:MAX_LENGTH].strip("-") or otherwise
    if base not in taken:
        return base
    return next(slug for n in count(2) if (slug := f"{base}-{n}") not in taken)
