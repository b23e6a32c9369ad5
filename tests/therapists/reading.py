"""Reads a page as its visitor does: who stands on it, what it says, where its links lead."""

import html
import re


def slugs(response):
    """The therapists on a list, from the first card to the last."""
    return re.findall(r'<h3><a href="/therapists/([^/"]+)/">', response.content.decode())


def total(response):
    """The number in the heading over the list."""
    page = response.content.decode()
    (heading,) = re.findall(r'id="results-title">(.*?)</h2>', page)
    if heading == "Nobody fits your choice":
        assert not slugs(response)
        return 0
    assert not heading.startswith("0 ") or "your choice" not in heading
    return int(re.match(r"([\d,]+) therapist", heading)[1].replace(",", ""))


def words(response):
    """All text of the page on one line, as a browser would show it."""
    bare = re.sub(r"(?s)<script.*?</script>|<[^>]+>", " ", response.content.decode())
    return " ".join(html.unescape(bare).split())


def links(response):
    """[(words, address)] of all links."""
    found = re.findall(r'(?s)<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', response.content.decode())
    return [
        (" ".join(html.unescape(re.sub("<[^>]+>", " ", label)).split()), html.unescape(address))
        for address, label in found
    ]


def get(client, address):
    """The page at an address as a browser asks for it: without its fragment, past redirects."""
    return client.get(address.partition("#")[0], follow=True)
