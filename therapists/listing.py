"""The filterable listing, as `/therapists/` and every approach page show it."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, QueryDict
from django.utils import timezone
from django.utils.functional import cached_property

from therapists.addresses import DAY, ORDER, PAGE, Address
from therapists.cards import cards
from therapists.filters import TherapistFilter
from therapists.order import ORDERS, parse_day
from therapists.panel import Panel
from therapists.search.groups import quoted
from therapists.search.index import Search
from therapists.understanding import Understanding


def page_or_404(pages, number):
    """The page that an address names ("2"; "" is the first); Http404 where there is none."""
    number = number or "1"
    # "02" would be a second address of page 2.
    if not re.fullmatch(r"[1-9][0-9]{0,6}", number) or int(number) > pages.num_pages:
        raise Http404("no such page")
    return pages.page(int(number))


class InOrder:
    """Those who fit a search in a day's order, for a Paginator; slices are lists of `Card`."""

    def __init__(self, search, day, *, with_words=True):
        self.search, self.day, self.with_words = search, day, with_words

    def count(self):
        return self.search.total

    def __getitem__(self, places):
        slots = self.search.slots(self.day, places.start, places.stop)
        found = cards(slots, with_words=self.with_words)
        return [found[slot] for slot in slots if slot in found]


@dataclass(frozen=True)
class Offer:
    """A neighbouring search, and how many therapists it finds."""

    label: str
    count: int
    url: str


class Listing:
    """What one address of the listing shows.

    `query` is the request's QueryDict; `path` the page that the list stands on; `practising` the
    number of the approach that this page is about. Raises Http404 for a page that does not exist.
    """

    def __init__(self, query, *, path, practising=None):
        self.path = path
        self.filterset = TherapistFilter(query, practising=practising)
        self.address = Address(path, self.filterset, query)
        self.asked = Understanding(self)
        today, asked = timezone.localdate(), self.address.asked[DAY]
        self.day = parse_day(asked, today) or today
        self.day_is_known = not asked or parse_day(asked, today) is not None

    @cached_property
    def search(self):
        asked, approach = self.address.asked[ORDER], self.filterset.practising
        return Search(
            self.filterset.groups,
            by=asked if self._is_possible(asked) else "",
            # An approach's page quotes people above its list.
            along=[] if approach is None else [quoted(approach)],
        )

    @cached_property
    def page(self):
        """The page of therapists asked for."""
        # An approach's page has quoted them already.
        in_order = InOrder(self.search, self.day, with_words=self.filterset.practising is None)
        found = Paginator(in_order, settings.THERAPISTS_PER_PAGE)
        return page_or_404(found, self.address.asked[PAGE])

    @property
    def total(self):
        return self.page.paginator.count

    @property
    def miles(self):
        """{slot: miles from the place that was asked for} of those on the page."""
        return self.search.miles_to([card.slot for card in self.page.object_list])

    @cached_property
    def panel(self):
        return Panel(self.filterset, self.search)

    @property
    def other_choices(self):
        """[(parameter, value)] that "find your match" carries along: all but place and format."""
        return [pair for pair in self.address.pairs if pair[0] not in ("near", "format")]

    @property
    def formats(self):
        return self.panel.options("format")

    # --- order ---

    def _is_possible(self, order):
        """Whether the search has what an order needs."""
        if order not in ORDERS:
            return False
        needs = ORDERS[order][1]
        return needs is None or bool(self.filterset.chosen[needs])

    def _is_offered(self, order):
        return self._is_possible(order) and (order != "nearest" or bool(self.search.sets.places))

    @property
    def order(self):
        """A key of ORDERS, or "" for the day's order alone."""
        return self.search.by if self.search.by and self._is_offered(self.search.by) else ""

    @property
    def order_label(self):
        return ORDERS[self.order][0] if self.order else ""

    @property
    def orders(self):
        """[(label, url, is this one)] of the orders that this search can be had in."""
        offered = [
            (order, label) for order, (label, _) in ORDERS.items() if self._is_offered(order)
        ]
        return [
            (label, self.address.url(order=order), order == self.order)
            for order, label in [("", "The day's order"), *offered]
        ]

    # --- neighbouring pages ---

    @property
    def clear_url(self):
        return self.path + "#results"

    @property
    def previous_url(self):
        return self._page_url(self.page.previous_page_number())

    @property
    def next_url(self):
        return self._page_url(self.page.next_page_number())

    def _page_url(self, number):
        return self.address.url(page=number, day=self.day.isoformat())

    @property
    def day_url(self):
        """This list in this day's order, for ever."""
        return self.address.url(day=self.day.isoformat())

    # --- neighbouring searches ---

    @cached_property
    def unstated_offers(self):
        """For each chosen group: how many more fit if those who have not said are included."""
        offers = []
        for name in self.search.narrowing:
            one = self.filterset.filters.get(name)
            if one and one.may_be_unstated and name not in self.filterset.chosen["unstated"]:
                silent = self.search.silent(name)
                if silent:
                    url = self.address.url(add=("unstated", name))
                    offers.append(Offer(one.unstated_label, silent, url))
        return offers

    @cached_property
    def loosening_offers(self):
        """When nothing matches: what leaving out one group would find, most first."""
        offers = []
        for name in self.search.narrowing:
            count = self.search.total_without(name)
            if count and name in self.filterset.filters:
                pairs = [pair for pair in self.address.pairs if pair[0] == name]
                label = " or ".join(self.asked.value_label(*pair) for pair in pairs)
                offers.append(Offer(label, count, self.address.url(drop=(name, None))))
        return sorted(offers, key=lambda offer: -offer.count)

    @cached_property
    def farther_offers(self):
        """When nothing matches near a place: the radius that finds any, or the nearest town."""
        if not self.asked.is_near:
            return self._offers_near_the_words()
        for radius in self.panel.radii:
            if radius.count:
                label = f"Within {radius.label} of {self.asked.place}"
                url = self.address.url(set_to=("within", radius.value))
                return [Offer(label, radius.count, url)]
        beyond = self.search.nearest_beyond()
        if beyond is None:
            return []
        miles, place, count = beyond
        label = f"The nearest: {place}, about {miles:,.0f} miles away"
        return [Offer(label, count, self.address.url(set_to=("near", place)))]

    def _offers_near_the_words(self):
        """When nobody has the words, and they are a ZIP code: many write it in the first field."""
        words = self.filterset.chosen["q"]
        if not re.fullmatch(r"[0-9]{5}(-[0-9]{4})?", words) or self.filterset.chosen["near"]:
            return []
        url = self.address.url(drop=("q", words), set_to=("near", words[:5]))
        query = QueryDict(url.partition("?")[2].partition("#")[0])
        there = Listing(query, path=self.path, practising=self.filterset.practising)
        if not there.asked.is_near:  # such a code does not exist
            return []
        # Of 0 as well: the page that it leads to knows the nearest.
        return [Offer(f"Near {there.asked.place}", there.search.total, url)]
