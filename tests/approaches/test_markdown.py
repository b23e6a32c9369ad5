"""Text in, safe HTML out; and plain text that comes out as it went in."""

import html
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from approaches.markdown import escape_markdown, render_markdown

# Space as HTML knows it: runs of it are shown as one blank.
SPACE = re.compile(r"[ \t\n\f\r]+")
ATTRIBUTES = re.compile(r"""\s([a-zA-Z-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)""")
PROSE = {"p", "br", "em", "strong", "a", "ul", "ol", "li", "blockquote", "h3", "h4", "code", "hr"}


def shown(text):
    return SPACE.sub(" ", text).strip(" ")


def paragraphs_of(page):
    """The plain text of each <p>, as a browser shows it; fails where anything but <p> was made."""
    assert set(re.findall(r"</?([a-z0-9]+)", page)) <= {"p"}
    return [shown(html.unescape(inner)) for inner in re.findall(r"<p>(.*?)</p>", page, re.DOTALL)]


MARKUP = st.sampled_from(
    [*"\\`*_{}[]()<>#+-.!&|~=:\"'/ \n\t0123456789aZé—“”", "\n\n", "    ", "\n- ", "\n1. ", "\n# "]
    + ["\n> ", "\n===\n", "\n---\n", "```", "~~~", "](", "![", "<b>", "</p>", "&amp;", "&#106;"]
    + ["<!--", "-->", "http://a.example", "<http://a.example>", "javascript:", "  \n", "\\\n", "\r"]
)
TEXT = st.one_of(
    st.lists(MARKUP, max_size=30).map("".join),
    # Neither unprintable nor an exotic space at an edge, which Markdown trims.
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn", "Zs", "Zl", "Zp"]), max_size=80),
)


@given(TEXT)
@example("    four blanks are no code")
@example("\tnor is a tab")
@example("one\r\rtwo\r- three")
@example("1\\. 1. 1) 12345. 1234567890)")
@example("[a]: http://a.example\n\n[a] ![b](c)")
@example("*a* _b_ **c** `d` ~~e~~ | f |\n|---|\n<b>g</b> &lt; &")
@example("a\n---\nb\n===\nc\n- - -\n* * *\n___")
@settings(max_examples=400, deadline=None)
def test_escaped_text_shows_the_same_words_paragraph_by_paragraph(text):
    plain = re.sub(r"\r\n?", "\n", text)
    expected = [shown(one) for one in re.split(r"\n[ \t]*(?:\n[ \t]*)+", plain) if shown(one)]

    assert paragraphs_of(render_markdown(escape_markdown(text))) == expected


@given(st.one_of(TEXT, st.text(max_size=80)))
@settings(max_examples=400, deadline=None)
def test_no_text_whatever_renders_as_more_than_prose(text):
    page = render_markdown(text)

    tags = re.findall(r"<([a-zA-Z0-9]+)((?:\s[^>]*)?)>", page)
    assert {tag for tag, _ in tags} <= PROSE
    for _, attributes in tags:
        for name, value in ATTRIBUTES.findall(attributes):
            assert name in {"href", "rel", "title"}
            if name == "href":
                scheme = re.match(
                    r"([a-z][a-z0-9+.-]*):", html.unescape(value.strip("\"'")).lower()
                )
                assert scheme is None or scheme[1] in {"http", "https", "tel"}


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "before <script src=https://a.example/x.js></script> after",
        "[click](javascript:alert(1))",
        "[click](JaVaScRiPt:alert(1))",
        "[click](java\tscript:alert(1))",
        "[click](&#106;avascript:alert(1))",
        "[click](vbscript:alert(1))",
        "[click](data:text/html;base64,PHNjcmlwdD4=)",
        "<javascript:alert(1)>",
        "[click][x]\n\n[x]: javascript:alert(1)",
        "![alt](https://a.example/pixel.png)",
        "![alt](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "<a href='https://a.example' onclick='alert(1)'>click</a>",
        "<svg/onload=alert(1)>",
        "<iframe src='https://a.example'></iframe>",
        "<style>body { display: none }</style>",
        "<!-- <script> -->",
    ],
)
def test_scripts_pictures_and_raw_html_do_not_survive(text):
    page = render_markdown(text)

    made = re.findall(r"<[^>]*>", page)
    assert {re.match(r"</?(\w+)", one)[1] for one in made} <= {"p", "a"}
    assert not re.search(r"script:|data:|onclick|onerror|onload|onmouseover|src=", "".join(made))


def test_what_prose_needs_is_kept():
    page = render_markdown(
        "It *may* help **many**.\n\n- one\n- two\n\n> said\n\n"
        "[Read](https://a.example/study), [call](tel:+15555550100)"
    )

    assert "<em>may</em> help <strong>many</strong>" in page
    assert "<li>one</li>" in page
    assert "<blockquote>" in page
    assert '<a href="https://a.example/study" rel="noopener noreferrer">Read</a>' in page
    assert '<a href="tel:+15555550100" rel="noopener noreferrer">call</a>' in page


@pytest.mark.parametrize("heading", ["# Large", "## Large", "Large\n====="])
def test_a_text_does_not_bring_the_headings_that_are_the_template_s(heading):
    page = render_markdown(heading)

    assert "Large" in page
    assert "<h" not in page
