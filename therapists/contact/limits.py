"""How many messages may come within an hour: from a network, of a sender, to a therapist, alike.

A row of `ContactTally` holds a count and the moment when it ends, an hour after its first. Its key
is a keyed hash: nobody can read from it who that was. Each count is one statement in a transaction
of its own, so that messages never wait for one another.
"""

import ipaddress
from datetime import timedelta
from math import ceil

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac

from therapists.contact.holding import words_of
from therapists.models import ContactTally

WINDOW = timedelta(hours=1)
ALIKE_FROM = 12  # words

# What has ended goes with the next count, whoever's it is; two at once leave each other's alone.
# Where the count has reached `at_most`, no row comes back.
COUNT = """
WITH ended AS (
    SELECT key FROM therapists_contacttally
    WHERE until <= %(now)s AND key <> %(key)s ORDER BY until LIMIT 50 FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM therapists_contacttally WHERE key IN (SELECT key FROM ended)
)
INSERT INTO therapists_contacttally AS held (key, count, until)
VALUES (%(key)s, 1, %(until)s)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN held.until <= %(now)s THEN 1 ELSE held.count + 1 END,
    until = CASE WHEN held.until <= %(now)s THEN excluded.until ELSE held.until END
WHERE held.until <= %(now)s OR held.count < %(at_most)s
RETURNING 1
"""


def wait_of_network(request):
    """Count a try from this network. Seconds to wait where there were too many, else 0."""
    network = network_of(request)
    return _counted("network", network, settings.CONTACT_PER_NETWORK) if network else 0


def wait_of_therapist(therapist):
    """Count a message to this therapist. Seconds to wait where they have too many, else 0."""
    return _counted("therapist", str(therapist.pk), settings.CONTACT_PER_THERAPIST)


def are_many(said):
    """Count a message of this sender. Whether they have sent more than is usual."""
    # No refusal: it would tell somebody else in the same home that this address was used.
    senders = [("email", mailbox(said["email"])), ("phone", digits(said["phone"]))]
    waits = [_counted(kind, value, settings.CONTACT_PER_SENDER) for kind, value in senders if value]
    return any(waits)


def are_alike(text, therapist):
    """Count these words. Whether they came more often than one person sends them.

    The therapist's name counts for nothing, so that "Dear Tess" and "Dear Otto" are the same. Few
    words are not counted: many people ask "Do you have room?".
    """
    name = set(words_of(therapist.name))
    words = [word for word in words_of(text) if word not in name]
    if len(words) < ALIKE_FROM:
        return False
    return bool(_counted("words", " ".join(words), settings.CONTACT_PER_SENDER))


def mailbox(email):
    """Where it arrives: in many places a dot, and what follows a plus, make no other mailbox."""
    name, _, host = email.casefold().rpartition("@")
    name = name.partition("+")[0].replace(".", "") or name
    return f"{name}@{host.encode('idna').decode()}" if host else ""


def digits(phone):
    """The digits of a number, in any script: what makes two ways to write it the same."""
    return "".join(str(int(c)) for c in phone if c.isdecimal())


def network_of(request):
    """The visitor's address, cut to its network (/24, or /48 of IPv6); "" where none is known.

    An address that is not public is that of a proxy of which we were not told, or of a machine in
    the same house: everybody would seem to come from it.
    """
    try:
        address = ipaddress.ip_address(get_adapter().get_client_ip(request))
    except ValueError:
        return ""
    address = getattr(address, "ipv4_mapped", None) or address
    if not address.is_global:
        return ""
    if address.version == 4:
        return str(ipaddress.IPv4Network((int(address), 24), strict=False))
    return str(ipaddress.IPv6Network((int(address), 48), strict=False))


def forget():
    """Remove what has ended. Each count does so too; this is for hours in which none comes."""
    ContactTally.objects.filter(until__lte=timezone.now()).delete()


def _counted(kind, value, at_most):
    """Count one more, if that is no more than `at_most`. Seconds to wait until it is, else 0."""
    key = salted_hmac("therapists.contact.limits", f"{kind} {value}", algorithm="sha256")
    key, now = key.hexdigest(), timezone.now()
    values = {"key": key, "now": now, "until": now + WINDOW, "at_most": at_most}
    with connection.cursor() as cursor:
        cursor.execute(COUNT, values)
        if cursor.fetchone():
            return 0
    held = ContactTally.objects.filter(key=key).values_list("until", flat=True).first()
    return max(1, ceil((held - now).total_seconds())) if held else 1
