"""The cards of a list: what is read for them, and their HTML.

Written in Python and not as a template: twenty stand on every page, each with forty holes, and the
template engine took half of the page's time for them.
"""

from datetime import date, timedelta
from html import escape
from math import floor
from typing import NamedTuple

from django.conf import settings
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.safestring import mark_safe

from therapists.bylines import Byline
from therapists.models import INVENTED, Therapist
from therapists.photos.portraits import portrait
from therapists.wordings import fees, formats

SIDE = 72  # of the portrait, in pixels
OPENING = 28  # words
AVAILABILITY = dict(Therapist.Availability.choices)


class Card(NamedTuple):
    """What a card shows of the therapist `pk`; `words` are of a statement that is public."""

    slot: int
    pk: int
    slug: str
    name: str
    post_nominals: str
    title: str
    city: str | None
    state: str | None
    pronouns: str
    photo: str
    words: str | None
    in_person: bool
    online: bool
    fee_from: int | None
    fee_to: int | None
    sliding_scale: bool | None
    availability: str
    availability_confirmed_on: date | None
    consent_basis: str


def cards(slots, *, with_words=True):
    """{slot: `Card`} of those of these slots whom the index knows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM therapists_cards(%s::int[], %s)", [list(slots), with_words])
        return {row[0]: Card._make(row) for row in cursor.fetchall()}


def profile_address():
    """What stands before and after a slug in the address of a profile."""
    return reverse("therapists:profile", args=["-"]).rsplit("-", 1)


class Cards:
    """The HTML of a page's cards. `miles` is {slot: miles from the place that was asked for}."""

    def __init__(self, miles):
        self.miles = miles
        self.address = profile_address()
        self.flagged_before = timezone.localdate() - timedelta(
            days=settings.AVAILABILITY_FLAGGED_AFTER
        )

    def html(self, card):
        before, after = self.address
        letters, opening = escape(card.post_nominals), opening_words(card.words)
        confirmed = card.availability_confirmed_on  # None if it was taken back this moment
        is_old = confirmed is not None and confirmed < self.flagged_before
        ways = formats(card) or "In person or online: not stated"
        sliding = ", sliding scale" if card.sliding_scale else ""
        # Not indented: twenty times nothing is still sent.
        return f"""
<article class="card">
{portrait(card.name, card.photo, SIDE)}
<div>
<h3><a href="{before}{card.slug}{after}">{escape(card.name)}</a>{
            letters and f' <span class="letters">{letters}</span>'
        }</h3>
<p class="credit">{" · ".join(self._credit(card))}</p>
{opening and f'<p class="opening">{escape(opening)}</p>'}
<ul class="facts">
<li>{availability(card, is_old)}</li>
<li>{fees(card) or "Fee not stated"}{sliding}</li>
<li>{ways[0].upper()}{ways[1:]}</li>
</ul>
</div>
</article>
"""

    def _credit(self, card):
        signed = Byline("", title=card.title, city=card.city or "", state=card.state or "")
        yield escape(" in ".join(filter(None, (signed.title, signed.place))))
        if card.pronouns:
            yield escape(card.pronouns)
        if card.slot in self.miles:
            yield f"office {distance(self.miles[card.slot])} away"
        if card.consent_basis == INVENTED:
            yield "invented"


def availability(therapist, is_old):
    """Whether there is room, with the day on which that was said where it is an old word."""
    said = AVAILABILITY.get(therapist.availability, "Has not said if there is room")
    kind = therapist.availability or "not-stated"
    html = f'<span class="availability {kind}">{said}</span>'
    if therapist.availability and is_old:
        day = format_date(therapist.availability_confirmed_on, "F j, Y")
        html += f' <span class="old">said on {day}, so ask</span>'
    return mark_safe(html)  # noqa: S308 - words of our own


def distance(miles):
    """`less than a mile`, `about 1 mile`, `about 12 miles`."""
    if miles < 1:
        return "less than a mile"
    rounded = floor(miles + 0.5)
    return f"about {rounded} mile{'' if rounded == 1 else 's'}"


def opening_words(statement):
    """The first words of a statement on one line; "…" stands for the others."""
    words = (statement or "").split(maxsplit=OPENING)
    return " ".join([*words[:OPENING], "…"] if len(words) > OPENING else words)
