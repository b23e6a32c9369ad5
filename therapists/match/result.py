"""What the reader is shown: who comes first, and why; and what to loosen where few are left."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.safestring import mark_safe

from therapists.cards import Cards
from therapists.listing import InOrder, page_or_404
from therapists.match.loosening import loosenings
from therapists.match.rule import FeeWish, match
from therapists.match.ways import WAYS

PER_PAGE = 10
# So few that it is worth saying what would find more.
FEW = 3

# How a met wish is worded, by the list that it is from; others say the words of the list.
VERBS = {"issue": "works with", "insurance": "takes", "language": "speaks", "client": "sees"}


@dataclass(frozen=True)
class Reason:
    """One wish in the light of one therapist: `state` is "met", "not-said" or "unmet"."""

    state: str
    text: str


@dataclass(frozen=True)
class Found:
    """One therapist's card with the reasons for their place."""

    card: str
    reasons: list

    @property
    def met(self):
        return sum(reason.state == "met" for reason in self.reasons)


class Result:
    """Who answers `answers` best, on one page of the order of `day`. Http404 beyond the last."""

    def __init__(self, answers, day, number=""):
        self.answers, self.day = answers, day
        self.match = match(answers)
        pages = Paginator(InOrder(self.match, day, with_words=False), PER_PAGE)
        self.page = page_or_404(pages, number)

    @property
    def total(self):
        return self.page.paginator.count

    @property
    def number_after(self):
        """How many stand on the next page."""
        return min(PER_PAGE, self.total - self.page.end_index())

    @cached_property
    def found(self):
        """A `Found` for everyone on this page."""
        people = list(self.page)
        drawn = Cards(self.match.miles_to([one.slot for one in people]))
        wordings = [Wording(self.answers, wish, self.match.sets) for wish in self.match.wishes]
        return [
            Found(
                mark_safe(drawn.html(one)),  # noqa: S308 - escaped
                [wording.of(one.slot) for wording in wordings],
            )
            for one in people
        ]

    @property
    def is_few(self):
        return self.total < FEW

    @cached_property
    def loosenings(self):
        """Where few fit: a `Loosening` for each answer that finds more when it is made wider."""
        return loosenings(self.answers, self.total) if self.is_few else []

    @property
    def search_url(self):
        """The same as a search of the open listing: there the answers stand in the address."""
        answers = self.answers
        pairs = [("issue", slug) for slug in answers.issues]
        pairs += [
            (name, value)
            for name in answers.lists
            if name != "issue"
            for value in answers.of(name) or []
        ]
        pairs += [("format", how) for how in answers.of("how") or []]
        if answers.place:
            pairs.append(("near", str(answers.place)))
        elif answers.state:
            pairs.append(("state", answers.state))
        if answers.of("fee") is not None:
            pairs.append(("fee", answers.of("fee")))
        url = reverse("therapists:therapists")
        return f"{url}?{urlencode(pairs)}" if pairs else url


class Wording:
    """How a wish is worded for one therapist or another."""

    def __init__(self, answers, wish, sets):
        self.answers, self.wish = answers, wish
        # Sets over everybody: looked into for each therapist, and made ready once.
        has = sets.space.has
        self.meets, self.is_silent = has(wish.fit(sets)), has(wish.silent(sets))
        self.has_option = {value: has(sets[wish.name, ("option", value)]) for value in wish.options}

    def of(self, slot):
        """The `Reason` of the therapist with this slot."""
        if self.meets(slot):
            return Reason("met", self._met(slot))
        if self.is_silent(slot):
            return Reason("not-said", f"{self._subject}: not stated")
        return Reason("unmet", self._unmet)

    def _met(self, slot):
        if self.wish.kind == "room":
            return "has room"
        if isinstance(self.wish, FeeWish):
            return f"asks ${self.wish.dollars} or less"
        names = [self._name(value) for value in self.wish.chosen if self.has_option[value](slot)]
        said = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
        if self.wish.kind == "way":
            return f"way of working: {said[0].lower()}{said[1:]}"
        verb = VERBS.get(self.wish.kind)
        return f"{verb} {said}" if verb else f"{self._subject}: {said}"

    @property
    def _unmet(self):
        if self.wish.kind == "room":
            return "has no room at once"
        if isinstance(self.wish, FeeWish):
            return f"asks more than ${self.wish.dollars}"
        if self.wish.kind == "issue":
            return f"does not name {self._name(self.wish.chosen[0])}"
        return f"{self._subject}: something else"

    @property
    def _subject(self):
        if isinstance(self.wish, FeeWish):
            return "Fee"
        named = {"way": "Way of working", "room": "Room"}
        return named.get(self.wish.kind) or self._list.label

    @property
    def _list(self):
        return self.answers.lists[self.wish.kind]

    def _name(self, value):
        return dict(WAYS if self.wish.kind == "way" else self._list.choices)[value]
