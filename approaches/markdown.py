"""Markdown as approach pages use it: text in, safe HTML out."""

import re
from functools import lru_cache

import nh3
from django.utils.safestring import mark_safe
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "typographer": False})

# What a page's prose needs. Headings are the template's, pictures and scripts are nobody's.
_TAGS = {"p", "br", "em", "strong", "a", "ul", "ol", "li", "blockquote", "h3", "h4", "code", "hr"}


@lru_cache(maxsize=256)  # by the text itself, so it cannot be out of date
def render_markdown(text):
    """Safe HTML for a Markdown text: no raw HTML, no pictures, links that name no referrer."""
    html = nh3.clean(
        _MARKDOWN.render(text),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "tel"},
        link_rel="noopener noreferrer",
    )
    return mark_safe(html)  # noqa: S308 - nh3 has just cleaned it


def links_of(text):
    """Where the links of a Markdown text lead, in their order."""
    tokens = [child for token in _MARKDOWN.parse(text) for child in token.children or ()]
    return [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]


# A character that Markdown reads as its own, anywhere in a line...
_SPECIAL = re.compile(r"([\\`*_\[\]<>&#|~])")
# ... or where a line begins: "1. " and "- " and "+ ", and a row of = that makes a heading.
_AT_LINE_START = re.compile(r"(?m)^(\d+)([.)])|^([-+=])")


def escape_markdown(text):
    """Markdown that renders as exactly this plain text, with a paragraph for each of its own."""
    # Blanks around a line would make code of it, or a hard break.
    lines = [line.strip(" \t") for line in re.split(r"\r\n|\r|\n", text)]
    text = _SPECIAL.sub(r"\\\1", "\n".join(lines))
    return _AT_LINE_START.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", text)
