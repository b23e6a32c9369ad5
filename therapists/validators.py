"""What a name or a number may be made of."""

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils import timezone


def visible(text):
    """Refuse characters that nobody sees: two names that look alike must be alike."""
    hidden = next((c for c in text if unicodedata.category(c) in {"Cf", "Cc"}), None)
    if hidden:
        name = unicodedata.name(hidden, "a control character").lower()
        raise ValidationError(f"there is a character here that nobody sees ({name}); take it out")


def is_key(text):
    """Whether this can be the key of a row: a whole number that PostgreSQL's bigint holds."""
    return text.isascii() and text.isdigit() and len(text) < 19


phone_number = RegexValidator(
    r"^(?=.*[0-9])[0-9+().\- x]+\Z", "Write digits, blanks and + ( ) - . x alone."
)


def not_in_future(day):
    """Refuse a day that is still to come for what is said to have happened."""
    if day > timezone.localdate():
        raise ValidationError("This day is still to come.")


def plain_link(url):
    """Refuse a link that no browser opens, or that carries a sign-in: everybody would see it."""
    if not url.lower().startswith(("https://", "http://")):
        raise ValidationError("Write an address that begins with https://.")
    if "@" in url.partition("://")[2].partition("/")[0]:
        raise ValidationError("Leave out the part before the @.")
