"""Approach pages as plain text, for the importer, and as the site serves them."""

import html
import re
from typing import NamedTuple

from approaches.models import Approach, Specialist
from therapists.models import Office, Therapist

OVERVIEW = "Clients act out a scene. Nobody needs a talent for it."
MEI = "I ask you to stand up.\n\n— Mei Lanternfield, Drama Therapist in Eugene, OR"
OTIS = "We rehearse the hard talk.\n\n— Otis Quillfeather, Counselor in Bend, OR"


def page_of(*signed, title="Drama Therapy", overview=OVERVIEW):
    return "\n\n".join([title, overview, "Find your match", "Meet the specialists", *signed]) + "\n"


def everything():
    """All rows that an import may write, with all they hold."""
    models = [Approach, Therapist, Office, Specialist]
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def nothing_is_stored():
    return not any(everything().values())


class Quote(NamedTuple):
    """One quotation: paragraphs parted by an empty line, what signs it, where the name leads.

    `pull` is the part of the statement that is marked to be set large, "" where none is.
    """

    statement: str
    signature: str
    href: str
    is_pinned: bool
    pull: str


_FIGURE = re.compile(
    r"<figure.*?<blockquote>(.*?)</blockquote>.*?"
    r'<span>(— <a href="([^"]*)">[^<]*</a>[^<]*)(<span class="pinned">.*?</span>)?</span>'
    r"</figcaption>\s*</figure>",
    re.DOTALL,
)


_PULL = re.compile(r'\A<p><span class="pull">([^<]*)</span>')


def quotes_of(response):
    """Every `Quote` of a page, top to bottom."""
    page = response.content.decode()
    quotes = [
        Quote(
            "\n\n".join(
                html.unescape(one)
                for one in re.findall(r"(?s)<p>(.*?)</p>", _PULL.sub(r"<p>\1", words))
            ),
            html.unescape(re.sub(r"<[^>]+>", "", signature)).strip(),
            href,
            bool(pinned),
            html.unescape("".join(_PULL.findall(words))),
        )
        for words, signature, href, pinned in _FIGURE.findall(page)
    ]
    assert len(quotes) == page.count("<figure"), "a quotation that these tests cannot read"
    return quotes


def cards_of(response):
    """The names on the cards of the list below, top to bottom."""
    page = response.content.decode()
    return [html.unescape(name) for name in re.findall(r"<h3><a [^>]*>(.*?)</a>", page)]
