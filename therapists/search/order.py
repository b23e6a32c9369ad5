"""The page of an order, by way of the index.

An order is a row of tiers: sets of equals, or lists of their slots, among whom the day's order
decides (see `therapists.order`). Where few stand in a tier, they are ranked one by one. Where many
do, the day's order is walked from its first place until the page is full; it lies ready in
`therapists_searchorder`, in 4096 buckets by the first digits of the rank, and is laid ready by
whoever asks for a day first.
"""

from dataclasses import dataclass

from django.db import connection

from therapists.search.bits import integers_of_array

# Tiers of up to so many are ranked one by one.
FEW = 2_000
BUCKETS = 4096

PAGE = """
SELECT tier, array_send(array_agg(e.slot ORDER BY therapists_search_rank(%(day)s, e.slug), e.slug))
    FROM unnest(%(slots)s::int[], %(tiers)s::int[]) AS few (slot, tier)
    JOIN therapists_searchentry e ON e.slot = few.slot
    GROUP BY 1
UNION ALL
SELECT -1 - bucket, array_send(slots)
    FROM therapists_searchorder WHERE day = %(day)s AND bucket < %(buckets)s
"""


@dataclass(frozen=True)
class Part:
    """What a page shows of one tier: places `start` to `stop` of it."""

    members: object  # a set, or a list of slots
    size: int
    start: int
    stop: int

    @property
    def is_small(self):
        return self.size <= FEW or isinstance(self.members, list)


def page_of(tiers, space, day, start, stop):
    """The slots on places `start` to `stop` of the tiers one after the other, on a day."""
    parts = list(_parts(tiers, start, stop))
    ordered = _ordered(parts, space, day, _buckets(parts))
    if any(len(slots) < part.stop for part, slots in zip(parts, ordered, strict=True)):
        ordered = _ordered(parts, space, day, BUCKETS)
    return [
        slot
        for part, slots in zip(parts, ordered, strict=True)
        for slot in slots[part.start : part.stop]
    ]


def _parts(tiers, start, stop):
    before = 0
    for members in tiers:
        size = len(members) if isinstance(members, list) else members.bit_count()
        if size and before + size > start:
            yield Part(members, size, max(0, start - before), min(size, stop - before))
        before += size
        if before >= stop:
            return


def _buckets(parts):
    """So many buckets hold the parts that are not small, with a margin."""
    shares = [
        1.5 * BUCKETS * (part.stop + 20) / part.size + 8 for part in parts if not part.is_small
    ]
    return min(BUCKETS, int(max(shares, default=0)))


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
        rows = cursor.fetchall()
        if buckets and all(number >= 0 for number, _ in rows):
            cursor.execute("SELECT therapists_search_lay(%s)", [day])
            cursor.execute(PAGE, parameters)
            rows = cursor.fetchall()
    found = {number: integers_of_array(sent) for number, sent in rows}
    buckets_in_order = sorted((number for number in found if number < 0), reverse=True)
    walked = [slot for number in buckets_in_order for slot in found[number]]
    return [
        found.get(number, []) if part.is_small else list(filter(space.has(part.members), walked))
        for number, part in enumerate(parts)
    ]
