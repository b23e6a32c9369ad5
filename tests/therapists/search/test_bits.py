"""Sets of slots: as Python's own sets, and as PostgreSQL's bit strings."""

from array import array

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from therapists.search.bits import (
    BLOCK,
    Space,
    ascending,
    at_most,
    integers,
    integers_of_array,
)

BLOCKS = 3
SPACE = Space(BLOCKS)
EDGES = [0, 1, 7, 8, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK - 1, 2 * BLOCK, BLOCKS * BLOCK - 1]

SLOTS = st.sets(st.sampled_from(EDGES) | st.integers(0, BLOCKS * BLOCK - 1), max_size=40)
# {slot: number}, and how many binary digits the numbers may have.
NUMBERED = st.integers(0, 6).flatmap(
    lambda digits: st.tuples(
        st.just(digits), st.dictionaries(st.integers(0, 60), st.integers(0, 2**digits - 1))
    )
)
quickly = settings(max_examples=200, deadline=None)
with_database = settings(max_examples=40, deadline=None)


def answer(sql, *params):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()


# --- sets ---------------------------------------------------------------------------------------


@quickly
@given(SLOTS)
def test_a_set_holds_the_slots_that_went_into_it_lowest_first(slots):
    members = SPACE.of_slots(slots)
    assert SPACE.slots(members) == sorted(slots)
    assert members.bit_count() == len(slots)


@quickly
@given(SLOTS, SLOTS)
def test_and_or_and_without_are_those_of_sets(one, other):
    a, b = SPACE.of_slots(one), SPACE.of_slots(other)
    assert SPACE.slots(a & b) == sorted(one & other)
    assert SPACE.slots(a | b) == sorted(one | other)
    assert SPACE.slots(a & ~b) == sorted(one - other)


@quickly
@given(SLOTS, st.lists(st.integers(0, BLOCKS * BLOCK + 20) | st.sampled_from(EDGES)))
def test_a_set_tells_of_every_slot_whether_it_is_in_it(slots, asked):
    has = SPACE.has(SPACE.of_slots(slots))
    assert [slot for slot in asked if has(slot)] == [slot for slot in asked if slot in slots]


@quickly
@given(SLOTS)
def test_a_set_that_is_split_into_blocks_is_gathered_again(slots):
    members = SPACE.of_slots(slots)
    whole = SPACE.to_bytes(members)
    pieces = [whole[start : start + BLOCK // 8] for start in range(0, len(whole), BLOCK // 8)]
    sent = [(block, b"\0\0\x40\0" + piece) for block, piece in enumerate(pieces) if any(piece)]
    assert [block for block, _ in sent] == sorted({slot // BLOCK for slot in slots})
    assert SPACE.gather(sent) == members


def test_a_block_that_is_missing_is_empty():
    assert SPACE.gather([]) == 0
    assert not any(SPACE.to_bytes(0))


# --- PostgreSQL ---------------------------------------------------------------------------------


@pytest.mark.django_db
@with_database
@given(SLOTS)
def test_postgresql_reads_the_blocks_that_python_writes(slots):
    whole = SPACE.to_bytes(SPACE.of_slots(slots))
    for block in {slot // BLOCK for slot in slots}:
        own = sorted(slot % BLOCK for slot in slots if slot // BLOCK == block)
        found = answer(
            "SELECT slot FROM generate_series(0, 16383) slot"
            " WHERE get_bit(('x' || encode(substr(%s, %s, 2048), 'hex'))::bit(16384), slot) = 1"
            " ORDER BY 1",
            whole,
            block * BLOCK // 8 + 1,
        )
        assert [slot for (slot,) in found] == own


@pytest.mark.django_db
@with_database
@given(SLOTS)
def test_python_reads_the_bits_that_postgresql_sets(slots):
    sent = answer(
        """
        SELECT slot >> 14,
            varbit_send(bit_or(set_bit(repeat('0', 16384)::bit(16384), slot & 16383, 1)))
        FROM unnest(%s::int[]) AS slot GROUP BY 1
        """,
        sorted(slots),
    )
    assert SPACE.slots(SPACE.gather(sent)) == sorted(slots)


@pytest.mark.django_db
@with_database
@given(SLOTS, SLOTS)
def test_both_count_alike(one, other):
    a, b = Space(1).of_slots(x % BLOCK for x in one), Space(1).of_slots(x % BLOCK for x in other)
    literal = "x" + a.to_bytes(BLOCK // 8, "big").hex(), "x" + b.to_bytes(BLOCK // 8, "big").hex()
    ((count,),) = answer("SELECT bit_count(%s::text::bit(16384) & %s::text::bit(16384))", *literal)
    assert count == (a & b).bit_count()


INTEGERS = st.lists(st.integers(-(2**31), 2**31 - 1), max_size=20)


@pytest.mark.django_db
@with_database
@given(INTEGERS)
def test_integers_come_as_postgresql_sends_them(numbers):
    ((one_by_one, as_array),) = answer(
        "SELECT string_agg(int4send(n), NULL ORDER BY at), array_send(array_agg(n ORDER BY at))"
        " FROM unnest(%s::int[]) WITH ORDINALITY AS sent (n, at)",
        numbers,
    )
    assert integers(one_by_one or b"") == array("i", numbers)
    assert integers_of_array(as_array or b"") == array("i", numbers)


@pytest.mark.django_db
def test_an_empty_array_of_postgresql_holds_no_integer():
    ((sent,),) = answer("SELECT array_send('{}'::int[])")
    assert list(integers_of_array(sent)) == []


# --- numbers, digit by binary digit -------------------------------------------------------------


def in_digits(digits, numbers):
    """[the set of those whose number has the nth binary digit]."""
    return [
        Space(1).of_slots(slot for slot, number in numbers.items() if number >> place & 1)
        for place in range(digits)
    ]


@quickly
@given(NUMBERED, st.integers(0, 100), st.sets(st.integers(0, 60)))
def test_at_most_finds_those_whose_number_is_no_higher(numbered, bound, among):
    digits, numbers = numbered
    asked = [slot for slot in numbers if slot in among]
    found = at_most(in_digits(digits, numbers), bound, Space(1).of_slots(asked))
    assert Space(1).slots(found) == sorted(slot for slot in asked if numbers[slot] <= bound)


@quickly
@given(NUMBERED, st.sets(st.integers(0, 60)))
def test_ascending_gives_equals_together_the_lowest_first(numbered, among):
    digits, numbers = numbered
    asked = [slot for slot in numbers if slot in among]
    found = ascending(in_digits(digits, numbers), Space(1).of_slots(asked))
    assert [Space(1).slots(tier) for tier in found] == [
        sorted(slot for slot in asked if numbers[slot] == number)
        for number in sorted({numbers[slot] for slot in asked})
    ]
