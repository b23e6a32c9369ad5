"""What the specialists of an approach say, in the order of a day."""

from approaches.models import Specialist
from therapists.search.groups import Keys
from therapists.search.index import Search


class Quotes:
    """The public statements on one approach, for a Paginator: pinned ones, then the day's order.

    Slices are lists of specialists, ready for `includes/quote.html`.
    """

    def __init__(self, approach, day):
        self.approach, self.day = approach, day
        quoted = Keys("quoted", options={"this": [("quoted", str(approach.pk))]}, chosen=("this",))
        self.search = Search([quoted], pinned=self.quoted.pinned_slots())

    @property
    def quoted(self):
        return self.approach.specialists.quoted()

    def count(self):
        return self.search.total

    def __getitem__(self, places):
        slots = self.search.slots(self.day, places.start or 0, places.stop)
        return self.quoted.at_slots(slots).for_quotes().in_order_of(slots)


def voice_of(everyone, day):
    """A short statement from those of a `Search` who stand first on the day; or None."""
    specialists = Specialist.objects.quoted().filter(approach__status="published")
    slots = everyone.slots(day, 0, 100)
    brief = specialists.brief().at_slots(slots).for_quotes().in_order_of(slots)
    return next(iter(brief), None)
