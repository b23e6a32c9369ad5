"""What the letters of a message say: what their templates are given, and nothing that can fake us.

Letters to clients repeat nothing that was written in the form, not even a name: who writes to a
stranger's address must not be able to make us say something there.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.urls import reverse

from therapists import letters
from therapists.contact.promptness import usual_answer
from therapists.contact.suggestions import suggestions
from therapists.models import Delivery
from therapists.writing import cleaned

Kind = Delivery.Kind
# Stands in the letter as a therapist sees it before it is written: the link is the client's.
UNTOLD_LINK = "(a link by which they erase their message)"


@dataclass(frozen=True)
class Told:
    """What a letter to the therapist says of who wrote, each on one line but the text."""

    name: str
    email: str
    phone: str
    text: str


def context(message, kind, said):
    """What `templates/letters/contact/KIND.txt` is given; `said` is what was unsealed."""
    if kind == Kind.MESSAGE:
        return _to_therapist(message, said)
    return _to_client(message, kind, said, letters.whole_address(_erase_link(message)))


def preview(message, kind, said):
    """The text of a letter to the client, as it would be today, for the therapist to read before.

    The same suggestions are in the letter if it leaves on the same day.
    """
    told = _to_client(message, kind, said, UNTOLD_LINK)
    return letters.written(f"contact/{kind}", "", **told).body


def erased_on(message):
    """The first day on which nothing of it is here any more."""
    return message.received_at + timedelta(days=settings.MESSAGES_KEPT_FOR + 1)


def _to_therapist(message, said):
    page = reverse("my:message", args=[message.pk])
    return {
        "message": message,
        "therapist": message.therapist,
        "told": Told(
            *(one_line(said.get(part, "")) for part in ("name", "email", "phone")),
            quoted(said.get("text", "")),
        ),
        # Who has no sign-in has nowhere to go.
        "page": letters.whole_address(page) if message.therapist.owner_id else "",
        "erased_on": erased_on(message),
    }


def _to_client(message, kind, said, erase_link):
    therapist = message.therapist
    told = {
        "message": message,
        "therapist": therapist,
        "erase_link": erase_link,
        "crisis": crisis_line(),
        "listing": letters.whole_address(reverse("therapists:therapists")) + "?availability=open",
    }
    if kind == Kind.RECEIPT:
        return told | {"usual_answer": usual_answer(therapist)}
    return told | {
        "note": quoted(said.get("note", "")),
        "suggestions": suggestions(therapist, said.get("text", "")),
        "rule": letters.whole_address(reverse("how-we-order")) + "#match",
    }


def _erase_link(message):
    from therapists.contact.erasing import link_for  # a page, which needs what letters need

    return link_for(message)


def one_line(text):
    """Without line breaks and what nobody sees: no line of it can look like one of ours."""
    return " ".join(cleaned(text.replace("\0", "")).split())


def quoted(text):
    """Each line of it behind "> ", as mail programs quote; "" for nothing."""
    text = cleaned(text.replace("\0", ""))
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
