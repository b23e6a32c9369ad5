"""The offices around a place, as PostgreSQL sends them in one piece."""

from struct import pack

import pytest

from therapists.search.reading import Around


def around(*places):
    """An `Around` of (miles, slots) as they are sent: of each slot its length stands before it."""
    sent = b"".join(pack(">d", miles) for miles, _ in places)
    sent += b"".join(pack(">i", len(slots)) for _, slots in places)
    sent += b"".join(pack(">ii", 4, slot) for _, slots in places for slot in slots)
    return Around(len(places), sent)


@pytest.fixture
def three():
    """Two of the places are as far away; number 5 has an office at a nearer and a farther one."""
    return around((0.0, [5]), (3.5, [7, 8]), (3.5, [2]), (25.0, [9, 5]))


def test_a_radius_takes_in_what_lies_on_its_edge(three):
    found = {miles: three.slots[: three.within(miles)].tolist() for miles in (0, 3, 5, 25, 100)}
    assert found == {
        0: [5],
        3: [5],
        5: [5, 7, 8, 2],
        25: [5, 7, 8, 2, 9, 5],
        100: [5, 7, 8, 2, 9, 5],
    }


def test_places_as_far_away_are_one_ring(three):
    assert [ring.tolist() for ring in three.rings()] == [[5], [7, 8, 2], [9, 5]]


def test_the_nearer_of_two_offices_counts(three):
    assert three.miles_to([2, 5, 9, 77]) == {2: 3.5, 5: 0.0, 9: 25.0}


def test_nobody_around_is_nobody():
    nobody = Around()
    assert (nobody.within(100), list(nobody.rings()), nobody.miles_to([1])) == (0, [], {})
