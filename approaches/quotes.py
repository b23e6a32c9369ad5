"""What the specialists of an approach say, in the order of a day."""

import re
from html import escape
from typing import NamedTuple

from django.db import connection
from django.utils.safestring import mark_safe

from approaches.models import Specialist
from therapists.bylines import Byline
from therapists.cards import profile_address
from therapists.photos.portraits import portrait
from therapists.search.groups import quoted
from therapists.search.index import Search
from therapists.wordings import quote_size

SIDE = 48  # of the portrait, in pixels

# Who is quoted the index has said. A statement that was withdrawn this moment is not read any more.
PINNED = """
SELECT e.slot FROM approaches_specialist s
JOIN therapists_searchentry e ON e.therapist_id = s.therapist_id
WHERE s.approach_id = %s AND s.position IS NOT NULL ORDER BY s.position, s.id
"""
QUOTES = "SELECT * FROM approaches_quotes(%s::int[], %s)"

# A short one. "Dr.", "Mrs." and "J." end no sentence.
FIRST_SENTENCE = re.compile(
    r"(.{12,110}?[.!?])(?<!\b[DMS][rst]\.)(?<!\bMrs\.)(?<!\b[A-Za-z]\.) (?=\S)"
)


class Quote(NamedTuple):
    """One public statement of the therapist `pk`, and how it is signed."""

    slot: int
    pk: int
    slug: str
    name: str
    title: str
    city: str | None
    state: str | None
    photo: str
    statement: str
    is_pinned: bool

    @property
    def html(self):
        return html_of([self])

    def drawn(self, before, after):
        """The HTML; the slug stands between `before` and `after` in its profile's address."""
        signed = Byline(self.name, self.title, self.city or "", self.state or "")
        name = f'<a href="{before}{self.slug}{after}">{escape(self.name)}</a>'
        pinned = ' <span class="pinned">Chosen by the editors</span>' if self.is_pinned else ""
        return f"""
<figure class="quote {quote_size(self.statement)}" id="{self.slug}">
  <blockquote>{as_pull_quote(self.statement)}</blockquote>
  <figcaption>{portrait(self.name, self.photo, SIDE)}
<span>— {name}{escape(signed.credit)}{pinned}</span></figcaption>
</figure>
"""


def html_of(quotes):
    """Written in Python, as `therapists.cards` are: twenty stand on a page."""
    address = profile_address()
    html = "".join(quote.drawn(*address) for quote in quotes)
    return mark_safe(html)  # noqa: S308 - what people wrote is escaped in it


class Quotes:
    """The public statements on one approach, for a Paginator: pinned ones, then the day's order.

    Slices are lists of `Quote`. `sets` may be those of the listing on the same page.
    """

    def __init__(self, approach, day, *, sets=None):
        self.approach, self.day = approach, day
        pinned = [slot for (slot,) in _rows(PINNED, approach.pk)]
        self.search = Search([quoted(approach.pk)], pinned=pinned, sets=sets)

    def count(self):
        return self.search.total

    def __getitem__(self, places):
        slots = self.search.slots(self.day, places.start or 0, places.stop)
        found = {row[0]: Quote._make(row) for row in _rows(QUOTES, slots, self.approach.pk)}
        return [found[slot] for slot in slots if slot in found]


def _rows(query, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchall()


class Voice(NamedTuple):
    """One voice for the whole directory."""

    approach: object
    quote: Quote


def voice_of(everyone, day):
    """A short statement from those of a `Search` who stand first on the day; or None."""
    slots = everyone.slots(day, 0, 100)
    specialists = Specialist.objects.quoted().filter(approach__status="published").brief()
    for brief in specialists.at_slots(slots).select_related("approach").in_order_of(slots):
        for row in _rows(QUOTES, [brief.slot], brief.approach_id):
            return Voice(brief.approach, Quote._make(row))
    return None


def as_pull_quote(statement):
    """Paragraphs as HTML; a first sentence that is short enough is marked, to be set large."""
    first, *others = [" ".join(text.split()) for text in re.split(r"\n\s*\n", statement.strip())]
    lead = FIRST_SENTENCE.match(first)
    html = escape(first)
    if lead:
        html = f'<span class="pull">{escape(lead[1])}</span> {escape(first[lead.end() :])}'
    return "\n".join(f"<p>{one}</p>" for one in [html, *map(escape, others)])
