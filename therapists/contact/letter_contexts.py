"""What the letters of a message say: what their templates are given, and nothing that can fake us.

Letters to clients repeat nothing that was written in the form, not even a name: who writes to a
stranger's address must not be able to make us say something there.
"""

import re
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.urls import reverse

from therapists import letters
from therapists.contact.limits import digits
from therapists.contact.links import link_for
from therapists.contact.promptness import usual_answer
from therapists.contact.suggestions import suggestions
from therapists.models import Delivery
from therapists.writing import cleaned

Kind = Delivery.Kind
# Letters that show nothing: a row of them pushes what follows to a line of its own, without "> ".
BLANKS = re.compile("[\u115f\u1160\u2800\u3164\uffa0]+")
PILE = re.compile("([\u0300-\u036f]{3})[\u0300-\u036f]+")
NUMBER = re.compile(r"[+＋]?\s?\(?\d[\d\s().\-–]{5,}\d")
# Stands in the letter as a therapist sees it before it is written: the link is the client's.
UNTOLD_LINK = "(a link by which they erase their message)"


@dataclass(frozen=True)
class Told:
    """What the therapist is told of who wrote, each on one line but the text."""

    name: str
    email: str
    phone: str
    text: str

    @property
    def dials(self):
        """The number as a phone takes it, without what else they wrote: "ext. 5", "?body=Yes"."""
        found = NUMBER.search(self.phone)
        number = found[0] if found else self.phone
        return ("+" if number.startswith(("+", "＋")) else "") + digits(number)


def context(message, kind, said):
    """What `templates/letters/contact/KIND.txt` is given; `said` is what was unsealed."""
    if kind == Kind.MESSAGE:
        return _to_therapist(message, said)
    return _to_client(message, kind, said, letters.whole_address(link_for(message)))


def preview(message, kind, said, suggested):
    """The text of a letter to the client, as it would be today, for the therapist to read before.

    `suggested` are the `Suggestions` of today: the letter has the same if it leaves today.
    """
    told = _to_client(message, kind, said, UNTOLD_LINK, suggested)
    return letters.written(f"contact/{kind}", "", **told).body


def told(said):
    """The `Told` of what was unsealed: nothing in it that is not seen, and single lines single."""
    one_liners = (one_line(said.get(part, "")) for part in ("name", "email", "phone"))
    return Told(*one_liners, shown(said.get("text", "")))


def erased_on(message):
    """The first day on which nothing of it is here any more."""
    return message.received_at + timedelta(days=settings.MESSAGES_KEPT_FOR + 1)


def _to_therapist(message, said):
    page = reverse("my:message", args=[message.pk])
    return {
        "message": message,
        "therapist": message.therapist,
        "told": told(said),
        "text": quoted(said.get("text", "")),
        # Who has no sign-in has nowhere to go.
        "page": letters.whole_address(page) if message.therapist.owner_id else "",
        "erased_on": erased_on(message),
    }


def _to_client(message, kind, said, erase_link, suggested=None):
    therapist = message.therapist
    known = {
        "message": message,
        "therapist": therapist,
        "erase_link": erase_link,
        "crisis": crisis_line(),
        "listing": letters.whole_address(reverse("therapists:therapists")) + "?availability=open",
    }
    if kind == Kind.RECEIPT:
        return known | {"usual_answer": usual_answer(therapist)}
    if suggested is None:
        suggested = suggestions(therapist, said.get("text", ""))
    return known | {
        "note": quoted(said.get("note", "")),
        "suggestions": suggested,
        "rule": letters.whole_address(reverse("how-we-order")) + "#match",
    }


def shown(text):
    """Without what nobody sees, and without marks that would cover the lines above and below."""
    return cleaned(PILE.sub(r"\1", BLANKS.sub(" ", text.replace("\0", ""))))


def one_line(text):
    """Without line breaks, too: no line of it can look like one of ours."""
    return " ".join(shown(text).split())


def quoted(text):
    """Each line of it behind "> ", as mail programs quote; "" for nothing."""
    text = shown(text)
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines()) if text else ""


def crisis_line():
    """Where help is at any hour, on one line: “In danger? Call 988 or text 988”; "" if nowhere."""
    phone, sms, chat = settings.CRISIS_PHONE, settings.CRISIS_SMS, settings.CRISIS_CHAT_URL
    ways = [
        f"call {phone}" if phone else "",
        f"text {sms}" if sms else "",
        chat and f"go to {chat}",
    ]
    ways = " or ".join(filter(None, ways))
    return one_line(f"{settings.CRISIS_TITLE} {ways[:1].upper()}{ways[1:]}") if ways else ""
