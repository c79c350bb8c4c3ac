"""The first free agent of a set, through many blocks."""

from random import Random

from routing.freeline import BLOCK_MAX, FreeLine
from routing.records import FreeKey
from routing.types import AgentId


def test_the_first_of_any_set_is_the_least_loaded_and_longest_idle() -> None:
    random, line = Random(3), FreeLine()
    keys: dict[int, FreeKey] = {}
    for number in range(6 * BLOCK_MAX):
        index = random.randrange(4 * BLOCK_MAX)
        if index in keys:
            line.remove(keys.pop(index))
        else:
            keys[index] = (random.randrange(3), random.randrange(50), AgentId(f"a{index}"), index)
            line.add(keys[index])
        if keys and number % 5 == 0:
            chosen = random.sample(sorted(keys), random.randrange(1, len(keys) + 1))
            hits = sum(1 << slot for slot in chosen) | 1 << (5 * BLOCK_MAX)
            assert line.first(hits) == min(keys[slot] for slot in chosen)[3]
