"""The filterable listing, as `/therapists/` and every approach page show it."""

import re
from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, QueryDict
from django.utils import timezone

from therapists.filters import TherapistFilter, printable
from therapists.models import Therapist
from therapists.order import parse_day

# Not filters, but part of a listing's address; they stand behind the filters, in this order.
DAY, PAGE = "day", "page"


def page_or_404(pages, number):
    """The page that an address names ("2"; "" is the first); Http404 where there is none."""
    number = number or "1"
    # "02" would be a second address of page 2.
    if not re.fullmatch(r"[1-9][0-9]{0,6}", number) or int(number) > pages.num_pages:
        raise Http404("no such page")
    return pages.page(int(number))


@dataclass(frozen=True)
class Choice:
    """One chosen or unknown value, and where the page without it lies."""

    group: str
    label: str
    without_url: str


@dataclass(frozen=True)
class Offer:
    """A neighbouring search, and how many therapists it finds."""

    label: str
    count: int
    url: str


@dataclass(frozen=True)
class Group:
    """One group of the filter panel. `options` are (value, label, whether it is chosen)."""

    name: str
    kind: str
    label: str
    explanation: str
    value: object
    options: list
    is_open: bool
    may_be_unstated: bool
    includes_unstated: bool

    @property
    def chosen_count(self):
        return sum(chosen for *_, chosen in self.options)

    @property
    def is_chosen(self):
        return self.value not in ("", [])


class Listing:
    """What one address of the listing shows.

    `query` is the request's QueryDict; `therapists` the queryset to list from; `path` the page that
    the list stands on; `without` names parameters that the page itself has settled. Raises Http404
    for a page that does not exist.
    """

    def __init__(self, query, *, path, therapists=None, without=()):
        self.path = path
        self.base = Therapist.objects.listed() if therapists is None else therapists
        self.filterset = TherapistFilter(query, queryset=self.base, without=without)
        self.asked_day = printable(query.get(DAY, ""))
        self.asked_page = printable(query.get(PAGE, ""))
        today = timezone.localdate()
        self.day = parse_day(self.asked_day, today) or today
        self.day_is_known = not self.asked_day or parse_day(self.asked_day, today) is not None

    # --- results ---

    @cached_property
    def page(self):
        """The page of therapists asked for, in the day's fair order."""
        therapists = self.filterset.qs.in_fair_order(self.day).for_cards()
        return page_or_404(Paginator(therapists, settings.THERAPISTS_PER_PAGE), self.asked_page)

    @property
    def total(self):
        return self.page.paginator.count

    @property
    def previous_url(self):
        return self._url(page=self.page.previous_page_number(), day=self.day.isoformat())

    @property
    def next_url(self):
        return self._url(page=self.page.next_page_number(), day=self.day.isoformat())

    @property
    def day_url(self):
        """This list in this day's order, for ever."""
        return self._url(day=self.day.isoformat())

    # --- what was asked ---

    @property
    def asks_of_danger(self):
        """Whether the search speaks of dying or self-harm: help is then shown above the results."""
        if not settings.DANGER_WORDS:
            return False
        chosen = " ".join(str(value) for _, value in self._pairs + self.filterset.unknown)
        return re.search(settings.DANGER_WORDS, chosen, re.IGNORECASE) is not None

    @property
    def is_narrowed(self):
        """Whether anything was chosen, understood or not."""
        return bool(self.chosen or self.unknown)

    @cached_property
    def chosen(self):
        """A `Choice` for every value that narrows this list."""
        return [
            Choice(self._label(name), self._value_label(name, value), self._url(drop=(name, value)))
            for name, value in self._pairs
        ]

    @cached_property
    def unknown(self):
        """A `Choice` for every value that we do not know."""
        choices = [
            Choice(self._label(name), value, self._url(drop=(name, value)))
            for name, value in self.filterset.unknown
        ]
        if not self.day_is_known:
            choices.append(Choice("Day", self.asked_day, self._url(day="")))
        return choices

    @cached_property
    def groups(self):
        """The filter panel, a `Group` for each parameter but `unstated`, which stands in them."""
        return [self._group(name) for name in self.filterset.filters if name != "unstated"]

    @property
    def states(self):
        return self._group("state").options

    @property
    def formats(self):
        return self._group("format").options

    @property
    def other_choices(self):
        """[(parameter, value)] that "find your match" carries along: all but place and format."""
        return [pair for pair in self._pairs if pair[0] not in ("state", "format")]

    def _group(self, name):
        one, value = self.filterset.filters[name], self.filterset.chosen[name]
        choices = getattr(self.filterset.form.fields[name], "choices", [])
        options = [(key, label, key in value) for key, label in choices]
        # What is chosen stands first: a long list scrolls, and would hide it.
        options.sort(key=lambda option: not option[2])
        return Group(
            name=name,
            kind=one.kind,
            label=one.label,
            explanation=one.explanation,
            value="" if value is None else value,
            options=options,
            is_open=bool(value) or one.is_open,
            may_be_unstated=one.unstated is not None,
            includes_unstated=name in self.filterset.unstated_groups,
        )

    @property
    def clear_url(self):
        return self.path + "#results"

    @cached_property
    def canonical_query(self):
        """The query string that every equal search shares: fixed order, nothing empty."""
        return self._query(page=self.asked_page if self.asked_page != "1" else "")

    @property
    def canonical_url(self):
        return f"{self.path}?{self.canonical_query}" if self.canonical_query else self.path

    # --- neighbouring searches ---

    @cached_property
    def unstated_offers(self):
        """For each chosen group: how many more fit if those who have not said are included."""
        offers = []
        for name, value in self.filterset.chosen.items():
            one = self.filterset.filters[name]
            if value in (None, "", []) or not one.unstated:
                continue
            if name in self.filterset.unstated_groups:
                continue
            silent = one.unstated(self.filterset.narrowed(self.base, leaving_out=name)).count()
            if silent:
                offers.append(Offer(one.label, silent, self._url(add=("unstated", name))))
        return offers

    @cached_property
    def loosening_offers(self):
        """When nothing matches: what leaving out one group would find, most first."""
        offers = []
        for name in dict.fromkeys(name for name, _ in self._pairs if name != "unstated"):
            count = self.filterset.narrowed(self.base, leaving_out=name).count()
            if count:
                labels = (self._value_label(*pair) for pair in self._pairs if pair[0] == name)
                offers.append(Offer(" or ".join(labels), count, self._url(drop=(name, None))))
        return sorted(offers, key=lambda offer: -offer.count)

    # --- addresses ---

    def _label(self, name):
        return self.filterset.filters[name].label

    def _value_label(self, name, value):
        if name == "fee":
            return f"${value}"
        choices = self.filterset.form.fields[name]
        return dict(getattr(choices, "choices", [])).get(value, value)

    @cached_property
    def _pairs(self):
        """[(parameter, value)] of all that was understood, in the address's order."""
        pairs = []
        for name, value in self.filterset.chosen.items():
            values = value if isinstance(value, list) else [value]
            pairs += [(name, one) for one in values if one not in (None, "")]
        return pairs

    def _query(self, *, drop=None, add=None, day=None, page=""):
        """A query string: this search less `drop`, plus `add`, on a day and a page."""
        # What is unknown stays in the address until the reader removes it: the page names it.
        pairs = self._pairs + self.filterset.unknown + ([add] if add else [])
        pairs = [
            (name, value) for name, value in pairs if drop not in ((name, value), (name, None))
        ]
        chosen = {name for name, _ in pairs}
        places = {name: place for place, name in enumerate(self.filterset.filters)}
        query = QueryDict(mutable=True)
        for name, value in sorted(pairs, key=lambda pair: places[pair[0]]):
            # "Include those who have not said" goes with the group that it widens.
            widens_nothing = (name, value) in self._pairs and value not in chosen
            if name != "unstated" or not widens_nothing:
                query.appendlist(name, str(value))
        if wanted := (self.asked_day if day is None else day):
            query[DAY] = wanted
        if page and page != 1:
            query[PAGE] = str(page)
        return query.urlencode()

    def _url(self, **changes):
        query = self._query(**changes)
        return f"{self.path}?{query}#results" if query else f"{self.path}#results"
