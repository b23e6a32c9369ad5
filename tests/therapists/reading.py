"""Reads a page as its visitor does: who stands on it, what it says, where its links lead."""

import html
import re
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode


def slugs(response):
    """The therapists on a list, from the first card to the last."""
    return re.findall(r'<h3><a href="/therapists/([^/"]+)/">', response.content.decode())


def total(response):
    """The number in the heading over the list."""
    page = response.content.decode()
    (heading,) = re.findall(r'id="results-title"[^>]*>(.*?)</h2>', page)
    if heading == "Nobody fits your choice":
        assert not slugs(response)
        return 0
    assert not heading.startswith("0 ") or "your choice" not in heading
    return int(re.match(r"([\d,]+) therapist", heading)[1].replace(",", ""))


def words(response):
    """All text of the page on one line, as a browser would show it."""
    bare = re.sub(r"(?s)<script.*?</script>", " ", response.content.decode())
    return plain(bare)


def plain(markup):
    """The text of a piece of a page, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def links(response):
    """[(words, address)] of all links."""
    return links_in(response.content.decode())


def links_in(markup):
    """[(words, address)] of the links in a piece of a page."""
    found = re.findall(r'(?s)<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', markup)
    return [(plain(label), html.unescape(address)) for address, label in found]


def get(client, address):
    """The page at an address as a browser asks for it: without its fragment, past redirects."""
    return client.get(address.partition("#")[0], follow=True)


def near(client, place, **others):
    """The list near a place as somebody writes it."""
    return client.get("/therapists/", {"near": place, **others}, follow=True)


def query_of(address):
    """[(parameter, value)] of an address, or of the one at which a page was found at last."""
    if not isinstance(address, str):
        return parse_qsl(address.request["QUERY_STRING"])
    return parse_qsl(address.partition("#")[0].partition("?")[2])


# --- the panel ------------------------------------------------------------------------------------


class Tick(NamedTuple):
    """One choice: what it is called, the number beside it (None: no number), whether it is made."""

    label: str
    count: int | None
    is_chosen: bool


def ticks(response):
    """{(parameter, value): Tick} of the panel, in the order in which they stand."""
    found = {}
    page = response.content.decode()
    for markup in re.findall(r'(?s)<label class="tick[^"]*">(.*?)</label>', page):
        tag = re.match(r"\s*<input [^>]*>", markup)[0]
        assert 'type="checkbox"' in tag
        assert "disabled" not in tag
        name, value = (re.search(rf' {key}="([^"]*)"', tag)[1] for key in ("name", "value"))
        label, _, number = markup[len(tag) :].partition("<i>")
        count = int(plain(number).replace(",", "")) if number else None
        found[name, html.unescape(value)] = Tick(plain(label), count, " checked" in tag)
    return found


def counts(response, name):
    """{value: the number beside it} of one group of the panel, tick boxes or a list of choices."""
    ticked = {value: tick.count for (n, value), tick in ticks(response).items() if n == name}
    return ticked or {
        # Where a list has an empty choice, it is the usual one: 25 miles.
        value or "25": int(number)
        for value, number in _listed(response, name)
        if number
    }


def _listed(response, name):
    """[(value, the number in brackets)] of a list of choices in the panel."""
    page = response.content.decode()
    panel = re.search(r'(?s)<form [^>]*aria-label="Filters">.*?</form>', page)[0]
    (choices,) = re.findall(rf'(?s)<select [^>]*name="{name}">(.*?)</select>', panel)
    return re.findall(r'<option value="([^"]*)"[^>]*>[^<(]*(?:\((\d+)\))?</option>', choices)


def choosing_alone(response, name, value):
    """The address of this search if a value is all that is chosen in its group."""
    widens = ("unstated", "near" if name == "within" else name)
    others = [pair for pair in query_of(response) if pair[0] not in (name, "page")]
    asked = [*(pair for pair in others if pair != widens), (name, value)]
    return f"{response.request['PATH_INFO']}?{urlencode(asked)}"


# --- what the page says of the search -------------------------------------------------------------


def paragraphs(response, kind):
    """The words of each paragraph of this class, links and all."""
    found = re.findall(rf'(?s)<p class="{kind}">(.*?)</p>', response.content.decode())
    return [plain(one) for one in found]


def left_out(response):
    """{sentence: address without it} of what was not understood."""
    found = {}
    for markup in re.findall(r'(?s)<p class="unknown">(.*?)</p>', response.content.decode()):
        (label, address), *others = links_in(markup)
        assert (label, others) == ("Remove it", [])
        found[plain(markup).removesuffix(" Remove it")] = address
    return found


def chosen(response):
    """{"Group: value": address without it} of what narrows the list."""
    return {
        re.sub(r"^Remove | ×$", "", label): address
        for label, address in links(response)
        if label.startswith("Remove ") and label != "Remove it"
    }


def silent(response):
    """{group: (address, promised count)} of the offers to include those who have not said."""
    found = {}
    for markup in re.findall(r'(?s)<p class="unstated">(.*?)</p>', response.content.decode()):
        said = re.match(r"(\d+) more (?:has|have) not said: (.*?)\. Include", plain(markup))
        ((_, address),) = links_in(markup)
        found[said[2]] = (address, int(said[1]))
    return found


def offers(response):
    """{label: (address, promised count)} of what a list that found nobody offers instead."""
    nothing = re.search(r'(?s)<div class="nothing">.*?</div>', response.content.decode())
    found = re.findall(r"(?s)(<a [^>]*>[^<]*</a>): (\d+)", nothing[0] if nothing else "")
    return {
        label: (address, int(count))
        for markup, count in found
        for label, address in links_in(markup)
    }


# --- order ----------------------------------------------------------------------------------------


def orders(response):
    """({label: address} of the other orders, the label of this one)."""
    (markup,) = re.findall(r'(?s)<p class="orders">(.*?)</p>', response.content.decode())
    (this,) = re.findall(r"<strong>(.*?)</strong>", markup)
    return dict(links_in(markup)), html.unescape(this)


def distances(response):
    """{therapist: "about 4 miles away"} of the cards that say how far their office is."""
    cards = re.findall(r'(?s)<article class="card">.*?</article>', response.content.decode())
    found = {}
    for card in cards:
        (slug,) = re.findall(r'<h3><a href="/therapists/([^/"]+)/">', card)
        away = re.search(r"· office ([^·]* away)", plain(card))
        if away:
            found[slug] = away[1]
    return found
