"""Tries to sign in are counted in the database, so that all processes count together."""

from django.utils.crypto import salted_hmac


def unreadable(key, prefix, version):
    """The name under which a count is kept: it tells neither an address nor a network."""
    name = f"{prefix}:{version}:{key}"
    return salted_hmac("therapists.accounts.throttle", name, algorithm="sha256").hexdigest()
