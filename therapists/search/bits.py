"""Sets of slots as Python integers, and their way to and from PostgreSQL's bit strings.

Block 0 stands in the highest bits, as in PostgreSQL's own text, so a set over n blocks is one
integer of n * 16,384 bits. "And", "or" and "without" are `&`, `|` and `& ~`.
"""

import re
from array import array
from collections import defaultdict

BLOCK = 16_384
BLOCK_BYTES = BLOCK // 8
ARRAY_HEADER = 20  # bytes: five numbers
NOT_EMPTY = re.compile(rb"[^\0]")


class Space:
    """Sets over the slots of so many blocks."""

    def __init__(self, blocks):
        self.blocks = blocks
        self.bytes = blocks * BLOCK_BYTES

    def gather(self, pieces):
        """The set made up of (block, bytes of `varbit_send`); a block that is missing is empty."""
        whole = bytearray(self.bytes)
        for block, piece in pieces:
            start = block * BLOCK_BYTES
            whole[start : start + BLOCK_BYTES] = piece[4:]  # before them: the number of bits
        return int.from_bytes(whole, "big")

    def of_slots(self, slots):
        """The set of these slots."""
        whole = bytearray(self.bytes)
        for slot in slots:
            whole[slot >> 3] |= 0x80 >> (slot & 7)
        return int.from_bytes(whole, "big")

    def has(self, members):
        """A function that tells whether a slot is in the set."""
        whole = self.to_bytes(members)

        def has(slot):
            return slot >> 3 < self.bytes and whole[slot >> 3] & (0x80 >> (slot & 7)) != 0

        return has

    def slots(self, members):
        """The slots of a set, lowest first."""
        whole = self.to_bytes(members)
        return [
            found.start() * 8 + bit
            for found in NOT_EMPTY.finditer(whole)
            for bit in range(8)
            if whole[found.start()] & (0x80 >> bit)
        ]

    def to_bytes(self, members):
        """The set as bytes, 2,048 for each block."""
        return members.to_bytes(self.bytes, "big")


def integers(packed):
    """The integers in PostgreSQL's binary form: four bytes each, the highest first."""
    numbers = array("i", packed)
    numbers.byteswap()
    return numbers


def integers_of_array(sent):
    """The integers of an int[] without NULLs, as `array_send` writes it."""
    # An empty array ends before it. Then length and value by turns.
    return integers(sent[ARRAY_HEADER:])[1::2] if len(sent) >= ARRAY_HEADER else array("i")


def strings_of(holders):
    """{key: its bits in one block, as bytes} of (slot, array_send(keys)) of those in the block."""
    strings = defaultdict(lambda: bytearray(BLOCK_BYTES))
    for slot, sent in holders:
        byte, bit = (slot % BLOCK) >> 3, 0x80 >> (slot & 7)
        for key in integers_of_array(sent):
            strings[key][byte] |= bit
    return dict(strings)


def at_most(digits, bound, members):
    """Those of `members` whose number is at most `bound`.

    `digits[n]` is the set of those whose number has the binary digit n; numbers and bound are not
    negative. After O'Neil and Quass, Improved query performance with variant indexes (1997).
    """
    if bound >= (1 << len(digits)) - 1:
        return members
    below, equal = 0, members
    for place in reversed(range(len(digits))):
        if bound >> place & 1:
            below |= equal & ~digits[place]
            equal &= digits[place]
        else:
            equal &= ~digits[place]
    return below | equal


def ascending(digits, members):
    """Yields `members` as sets of those with the same number, the lowest number first."""
    if not members:
        return
    if not digits:
        yield members
        return
    *lower, highest = digits
    yield from ascending(lower, members & ~highest)
    yield from ascending(lower, members & highest)
