"""Letters that come back: where they come back to, and what the report says that came with them.

Each letter has a sender of its own on its envelope, `bounces+12-9f86d081884c7d65@example.org`, by
which a report is known to be about it: an address that nobody can guess, and that tells nothing.
"""

import re
from email import message_from_bytes
from email.parser import BytesHeaderParser
from itertools import islice

from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac

from therapists.models import Delivery, Message

# A report stands before the letter that it gives back. The package `email` takes most of a minute
# for a megabyte of parts within parts, and a few seconds for so much.
READ_AT_MOST = 1 << 17
# A report names the letter once or twice; each of these is looked up.
NUMBERS_AT_MOST = 10
TOKEN = re.compile(r"\+(\d{1,18})-([0-9a-f]{16})@", re.IGNORECASE)
# Where mail servers leave the address to which a mail really came.
RECEIVERS = ("X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "To")
STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")


class NotOursError(Exception):
    """It is no report about one of our letters; the message says why."""


def sender_of(delivery):
    """The sender on the envelope of this letter; "" where none is set up."""
    if not settings.BOUNCES_TO:
        return ""
    name, _, host = settings.BOUNCES_TO.rpartition("@")
    return f"{name}+{delivery.pk}-{_signature(delivery)}@{host}"


def _signature(delivery):
    words = f"{delivery.pk} {delivery.kind} {delivery.message.mark}"
    return salted_hmac("therapists.contact.bounces", words, algorithm="sha256").hexdigest()[:16]


def read(raw, to=""):
    """Note what a mail says of a letter of ours. Returns a sentence, or raises `NotOursError`.

    `raw` are its bytes, `to` is the address it came to, where the mail server tells.
    """
    raw = raw[:READ_AT_MOST]
    # Whose letter first, by the head alone: what strangers send is not read any further.
    held = _letter_of([to, *_parsed(_receivers, raw)])
    outcomes = _parsed(_outcomes, raw)
    if not outcomes:
        raise NotOursError("This is no report of a mail server: an automatic answer, perhaps.")
    if "failed" in outcomes:
        return _gave_back(held, outcomes["failed"])
    if "delayed" in outcomes:
        return _is_late(held, outcomes["delayed"])
    return "The letter has arrived."


def _parsed(parse, raw):
    try:
        return parse(raw)
    except Exception:  # the package `email` was not made for what people send
        raise NotOursError("This cannot be read as a mail.") from None


def _receivers(raw):
    head = BytesHeaderParser().parsebytes(raw)
    return [str(value) for name in RECEIVERS for value in head.get_all(name, [])]


def _outcomes(raw):
    """{action: status} of the report in a mail (RFC 3464); empty where there is none."""
    mail = message_from_bytes(raw)
    if mail.get_content_type() != "multipart/report" or not mail.is_multipart():
        return {}
    found = {}
    for part in mail.get_payload():
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            for block in part.get_payload():
                # "failed (cannot be delivered)": some servers explain themselves.
                action = re.match(r"\w+", str(block.get("Action", "")).strip())
                status = STATUS.search(str(block.get("Status", "")))
                if action:
                    found[action[0].lower()] = status[0] if status else "no reason given"
    return found


def _letter_of(addresses):
    pairs = (pair for one in addresses for pair in TOKEN.findall(one[:1000]))
    for pk, signature in islice(dict.fromkeys(pairs), NUMBERS_AT_MOST):
        held = Delivery.objects.select_related("message").filter(pk=pk).first()
        if held and constant_time_compare(_signature(held), signature.lower()):
            return held
    raise NotOursError("This is about no letter that we know; its message may have been erased.")


@transaction.atomic
def _gave_back(held, status):
    fault = f"The address gave it back ({status})."
    still = Delivery.objects.filter(pk=held.pk).exclude(state=Delivery.State.DEAD)
    if still.update(state=Delivery.State.DEAD, fault=fault) and held.kind == Delivery.Kind.MESSAGE:
        Message.objects.filter(pk=held.message_id).update(handed_on_at=None)
    return f"Letter {held.pk}: {fault} Staff are told."


def _is_late(held, status):
    fault = f"The mail server is still trying ({status})."
    Delivery.objects.filter(pk=held.pk, state=Delivery.State.DELIVERED).update(fault=fault)
    return f"Letter {held.pk}: {fault}"
