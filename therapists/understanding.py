"""What one address of the listing asks, as far as it was understood."""

from dataclasses import dataclass

from django.utils.functional import cached_property

from therapists.addresses import DAY, ORDER
from therapists.filters import USUAL_RADIUS
from therapists.order import ORDERS
from therapists.places import is_state, parse
from therapists.states import STATES
from therapists.wordings import speaks_of_danger


@dataclass(frozen=True)
class Choice:
    """One chosen value, and where the page without it lies."""

    group: str
    label: str
    without_url: str


@dataclass(frozen=True)
class Unknown:
    """What was not understood, in a sentence, and where the page without it lies."""

    sentence: str
    without_url: str


class Understanding:
    """What was chosen, in words, and what was not understood. `listing` is the `Listing`."""

    def __init__(self, listing):
        self.listing = listing
        self.filterset, self.address = listing.filterset, listing.address

    @property
    def sets(self):
        return self.listing.search.sets

    @property
    def asks_of_danger(self):
        """Whether the search speaks of dying or self-harm: help is then shown above the results."""
        pairs = self.address.pairs + self.filterset.unknown
        return speaks_of_danger(" ".join(str(value) for _, value in pairs))

    @property
    def is_narrowed(self):
        """Whether anything was chosen, understood or not."""
        return bool(self.chosen or self.unknown)

    @cached_property
    def chosen(self):
        """A `Choice` for every value that narrows this list."""
        return [
            Choice(self.label(name), self.value_label(name, value), self._without(name, value))
            for name, value in self.address.pairs
            if not self._is_idle(name)
        ]

    @cached_property
    def unknown(self):
        """An `Unknown` for every value that was not understood."""
        left_out = [(*pair, self._why_unknown(*pair)) for pair in self.filterset.unknown]
        left_out += [
            (name, value, self._why_idle(name, value))
            for name, value in self.address.pairs
            if self._is_idle(name)
        ]
        found = [Unknown(why, self._without(name, value)) for name, value, why in left_out]
        asked = self.address.asked
        if asked[ORDER] and not self.listing.order:
            found.append(Unknown(self._why_not_so(asked[ORDER]), self.address.url(order="")))
        if not self.listing.day_is_known:
            why = f"We do not know “{_short(asked[DAY])}” (Day), so it is left out."
            found.append(Unknown(why, self.address.url(day="")))
        return found

    # --- place and words ---

    @property
    def is_near(self):
        return "near" in self.listing.search.narrowing

    @property
    def near(self):
        """What was written for a place."""
        return self.filterset.chosen["near"]

    @property
    def place(self):
        """The place that it was understood as: "Portland, OR"; as it was written, if as none."""
        return self.sets.places[0] if self.sets.places else self.near

    @property
    def other_places(self):
        """[(label, url)] of further places that may have been meant."""
        others = self.sets.places[1:4]
        return [(place, self.address.url(set_to=("near", place))) for place in others]

    @property
    def has_more_places(self):
        """Whether further places are called so: nobody should think that theirs is unknown."""
        return len(self.sets.places) > 4

    @property
    def online_in(self):
        """(state's name, url) of who may see people of the place online, where only that is asked.

        None elsewhere. Online the reader's state counts, and no office needs to be near.
        """
        chosen = self.filterset.chosen
        if not (self.is_near and self.sets.places) or chosen["licence"]:
            return None
        if chosen["format"] != ["online"]:
            return None
        state = parse(self.place).state
        return STATES[state], self.address.url(drop=("near", None), add=("licence", state))

    @property
    def meant(self):
        """[(word that nobody has, "those looked for instead")]."""
        meant = self.sets.meant.items()
        return [(w, "” or “".join(said[:3])) for w, said in meant if w.lower() not in said]

    # --- labels and sentences ---

    def label(self, name):
        return self.filterset.filters[name].label

    def value_label(self, name, value):
        if name == "fee":
            return f"${value}"
        if name == "near" and self.is_near:
            # How near stands beside it where it was chosen.
            usual = "" if self.filterset.chosen["within"] else f", within {USUAL_RADIUS} miles"
            return f"{self.place}{usual}"
        choices = self.filterset.filters[name].extra.get("choices", [])
        return dict(choices).get(value, value)

    def _is_idle(self, name):
        """Whether a value is in the address and changes nothing, since what it needs is missing."""
        return name in ("near", "within") and not self.is_near

    def _why_unknown(self, name, value):
        if name == "near" and is_state(value):
            states = self.label("state")
            return f"“{_short(value)}” is a state: choose it under “{states}”, or write a city."
        advice = " Write whole dollars, like 120." if name == "fee" else ""
        return f"We do not know “{_short(value)}” ({self.label(name)}), so it is left out.{advice}"

    def _why_idle(self, name, value):
        if name == "within":
            return f"“Within {value} miles” needs a place: write a ZIP code or a city."
        return (
            f"We do not know the place “{_short(value)}”, so it is left out. "
            "Try a ZIP code, or a city with its state."
        )

    def _why_not_so(self, order):
        if order not in ORDERS:
            return f"We do not know “{_short(order)}” (Order), so it is left out."
        label, needs = ORDERS[order]
        needed = {"near": "a place: write a ZIP code or a city", "q": "words to look for"}[needs]
        return f"“{label}” needs {needed}."

    def _without(self, name, value):
        return self.address.url(drop=(name, value))


def _short(text):
    return text if len(text) <= 60 else f"{text[:59]}…"
