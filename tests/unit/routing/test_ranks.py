"""A position is how many places are smaller, whatever has been put in and taken out."""

from bisect import bisect_left, insort
from random import Random

from routing.ranks import BLOCK_MAX, Place, Ranks


def test_counts_agree_with_a_sorted_list_through_many_blocks() -> None:
    random, ranks = Random(7), Ranks()
    places: list[Place] = []
    for number in range(4 * BLOCK_MAX):
        place = (random.randrange(1_000), number)
        ranks.add(place)
        insort(places, place)
        if random.random() < 0.4:
            gone = places.pop(random.randrange(len(places)))
            ranks.remove(gone)
        wanted = (random.randrange(1_000), random.randrange(number + 1))
        assert ranks.before(wanted) == bisect_left(places, wanted)
        assert len(ranks) == len(places)
    for place in list(places):
        ranks.remove(place)
    assert len(ranks) == ranks.before((9_999, 0)) == 0


def test_places_that_come_in_order_fill_the_last_block() -> None:
    ranks = Ranks()
    for number in range(3 * BLOCK_MAX):
        ranks.add((number, 0))
    assert ranks.before((2 * BLOCK_MAX, 0)) == 2 * BLOCK_MAX
    assert ranks.before((-1, 0)) == 0
