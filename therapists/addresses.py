"""Addresses of a listing: equal searches have equal addresses.

The filters' parameters in their fixed order, then the order, the day and the page; repeated keys,
nothing empty.
"""

from urllib.parse import urlencode

from django.conf import settings
from django.http import QueryDict
from django.utils.functional import cached_property

from therapists.fields import printable
from therapists.order import ORDERS

# Not filters, but part of a listing's address; they stand behind the filters, in this order.
ORDER, DAY, PAGE = "order", "day", "page"

LONGEST = 8_000


def parameters_of(request):
    """`request.GET` of a page that answers whatever its address holds.

    As many of its parameters as Django takes, a thousand; a page has some four hundred boxes.
    """
    most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
    parameters = request.META["QUERY_STRING"].split("&", most)[:most]
    return QueryDict("&".join(parameters).encode("latin-1"), encoding=request.encoding)


class Address:
    """The address of one listing, and of its neighbours.

    `asked` is what it says of order, day and page, understood or not.
    """

    def __init__(self, path, filterset, query):
        self.path, self.filterset = path, filterset
        self.asked = {name: printable(query.get(name, "")) for name in (ORDER, DAY, PAGE)}

    @cached_property
    def pairs(self):
        """[(parameter, value)] of all that was understood, in the address's order."""
        pairs = []
        for name, value in self.filterset.chosen.items():
            values = value if isinstance(value, list) else [value]
            pairs += [(name, one) for one in values if one not in (None, "")]
        return pairs

    @cached_property
    def canonical_query(self):
        """The query string that every equal search shares."""
        return self._query(page=self.asked[PAGE] if self.asked[PAGE] != "1" else "")

    @property
    def canonical(self):
        return f"{self.path}?{self.canonical_query}" if self.canonical_query else self.path

    def leads_elsewhere(self, request):
        """Whether the request should be sent on to the canonical address."""
        # Django sends nobody to an address that browsers may refuse; such a page answers as it is.
        is_short = len(self.canonical) <= LONGEST
        return is_short and self.canonical_query != request.META["QUERY_STRING"]

    def url(self, **changes):
        """The address of a neighbour: see `_query` for what may differ."""
        query = self._query(**changes)
        return f"{self.path}?{query}#results" if query else f"{self.path}#results"

    def _query(self, *, drop=None, add=None, set_to=None, order=None, day=None, page=""):
        """A query string: this search less `drop`, plus `add` or `set_to`, on a day and a page.

        `drop` is (parameter, value), or (parameter, None) for all of its values.
        """
        # What is unknown stays in the address until the reader removes it: the page names it.
        dropped = [drop, (set_to[0], None)] if set_to else [drop]
        asked = [
            (name, value)
            for name, value in self.pairs + self.filterset.unknown
            if (name, value) not in dropped and (name, None) not in dropped
        ]
        asked += [pair for pair in (add, set_to) if pair and pair[1]]
        pairs = list(self._in_order(asked)) if asked else []
        behind = {
            ORDER: self._order(pairs) if order is None else order,
            DAY: self.asked[DAY] if day is None else day,
            PAGE: "" if page == 1 else str(page),
        }
        return urlencode(pairs + [pair for pair in behind.items() if pair[1]])

    def _order(self, pairs):
        """The order asked for, unless what it needs was there and goes."""
        order = self.asked[ORDER]
        needs = ORDERS[order][1] if order in ORDERS else None
        goes = needs and self.filterset.chosen[needs] and needs not in dict(pairs)
        return "" if goes else order

    def _in_order(self, asked):
        """The pairs in the filters' order, without what has nothing left to widen."""
        chosen = {name for name, _ in asked}
        had = {name for name, _ in self.pairs + self.filterset.unknown}
        places = {name: place for place, name in enumerate(self.filterset.filters)}
        for name, value in sorted(asked, key=lambda pair: places[pair[0]]):
            # "Include those who have not said" goes with the group that it widens, and so does how
            # near with the place. What widened nothing that was there stays, if the page names it.
            widens = {"unstated": value, "within": "near"}.get(name)
            is_named = (name, value) in self.filterset.unknown or (
                name == "within" and "near" not in had
            )
            if widens is None or widens in chosen or is_named:
                yield name, value
