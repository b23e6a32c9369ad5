"""The page of an order, by way of the index.

An order is a row of tiers: sets of equals, or lists of their slots, among whom the day's order
decides (see `therapists.order`). Where few stand in a tier, they are ranked one by one. Where many
do, the day's order is walked from its first place until the page is full; it lies ready in
`therapists_searchorder`, in 4096 buckets by the first digits of the rank, and is laid ready by
whoever asks for a day first.
"""

from dataclasses import dataclass

from django.db import connection

from therapists.search.bits import BLOCK, integers, integers_of_array

BUCKETS = 4096
# To rank one takes as long as to walk past so many.
RANKING = 10


def is_sooner_walked(size, steps):
    """Whether so many are many: steps past the others are sooner done than ranking them all."""
    return RANKING * size > steps


WALKED = -1  # stands in the place of a tier
PAGE = """
SELECT * FROM therapists_search_page(%(day)s, %(slots)s::int[], %(tiers)s::int[], %(buckets)s)
"""


@dataclass(frozen=True)
class Part:
    """What a page shows of one tier: places `start` to `stop` of it."""

    members: object  # a set, or a list of slots
    size: int
    start: int
    stop: int
    everyone: int  # at most so many stand in the day's order

    @property
    def buckets(self):
        """So many buckets should hold it, with a margin."""
        return min(BUCKETS, int(1.5 * BUCKETS * (self.stop + 20) / self.size + 8))

    @property
    def is_small(self):
        """Whether it is ranked one by one."""
        if isinstance(self.members, list):
            return True
        return not is_sooner_walked(self.size, self.everyone * self.buckets / BUCKETS)


def page_of(tiers, space, day, start, stop):
    """The slots on places `start` to `stop` of the tiers one after the other, on a day."""
    parts = list(_parts(tiers, space, start, stop))
    buckets = max((part.buckets for part in parts if not part.is_small), default=0)
    ordered = _ordered(parts, space, day, buckets)
    if any(len(slots) < part.stop for part, slots in zip(parts, ordered, strict=True)):
        ordered = _ordered(parts, space, day, BUCKETS)
    return [
        slot
        for part, slots in zip(parts, ordered, strict=True)
        for slot in slots[part.start : part.stop]
    ]


def _parts(tiers, space, start, stop):
    before = 0
    for members in tiers:
        size = len(members) if isinstance(members, list) else members.bit_count()
        if size and before + size > start:
            first, last = max(0, start - before), min(size, stop - before)
            yield Part(members, size, first, last, space.blocks * BLOCK)
        before += size
        if before >= stop:
            return


def _ordered(parts, space, day, buckets):
    """For each part the slots of its tier in the day's order, as far as the buckets hold them."""
    small = [
        (number, slot)
        for number, part in enumerate(parts)
        if part.is_small
        for slot in (part.members if isinstance(part.members, list) else space.slots(part.members))
    ]
    parameters = {
        "day": day,
        "tiers": [number for number, _ in small],
        "slots": [slot for _, slot in small],
        "buckets": buckets,
    }
    with connection.cursor() as cursor:
        cursor.execute(PAGE, parameters)
        sent = dict(cursor.fetchall())
        if buckets and sent[WALKED] is None:
            cursor.execute("SELECT therapists_search_lay(%s)", [day])
            cursor.execute(PAGE, parameters)
            sent = dict(cursor.fetchall())
    walked = integers(sent.pop(WALKED, None) or b"")[1::2]  # length and value by turns
    ranked = {number: integers_of_array(slots) for number, slots in sent.items()}
    return [
        ranked.get(number, []) if part.is_small else list(filter(space.has(part.members), walked))
        for number, part in enumerate(parts)
    ]
