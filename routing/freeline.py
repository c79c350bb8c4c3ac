"""Free agents of one channel in order: least loaded, longest idle, first by id.

A sorted list cut into blocks, each with the bits of its agents, so that the first free agent of a set is
found by skipping whole blocks. The agents at the front are often those whom nobody asks for; walking past
them one by one would make every search as long as the line.
"""

from bisect import bisect_left, insort

from routing.records import FreeKey

BLOCK_MAX = 64


class _Block:
    __slots__ = ("bits", "keys")

    def __init__(self, keys: list[FreeKey]) -> None:
        self.keys = keys
        self.bits = 0
        for key in keys:
            self.bits |= 1 << key[3]


class FreeLine:
    """Each agent stands in the line once at most."""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        self._lasts: list[FreeKey] = []
        """The greatest key of each block."""

    def add(self, key: FreeKey) -> None:
        """Put an agent into its place."""
        if not self._blocks:
            self._blocks.append(_Block([key]))
            self._lasts.append(key)
            return
        at = min(bisect_left(self._lasts, key), len(self._blocks) - 1)
        block = self._blocks[at]
        insort(block.keys, key)
        block.bits |= 1 << key[3]
        if len(block.keys) > BLOCK_MAX:
            half = len(block.keys) // 2
            self._blocks[at : at + 1] = [_Block(block.keys[:half]), _Block(block.keys[half:])]
            self._lasts[at : at + 1] = [block.keys[half - 1], block.keys[-1]]
        else:
            self._lasts[at] = block.keys[-1]

    def remove(self, key: FreeKey) -> None:
        """Take out an agent that was put in with this key."""
        at = bisect_left(self._lasts, key)
        block = self._blocks[at]
        del block.keys[bisect_left(block.keys, key)]
        block.bits ^= 1 << key[3]
        if not block.keys:
            del self._blocks[at], self._lasts[at]
            return
        self._lasts[at] = block.keys[-1]
        # Thin blocks are walked for nothing, so two that fit into half of one become one.
        for first in (at, at - 1):
            if 0 <= first < len(self._blocks) - 1:
                one, other = self._blocks[first], self._blocks[first + 1]
                if len(one.keys) + len(other.keys) <= BLOCK_MAX // 2:
                    one.keys += other.keys
                    one.bits |= other.bits
                    self._lasts[first] = one.keys[-1]
                    del self._blocks[first + 1], self._lasts[first + 1]
                    return

    def first(self, hits: int) -> int:
        """The bit position of the first agent of the set `hits`, which must not be without any in line."""
        for block in self._blocks:
            if block.bits & hits:
                return next(key[3] for key in block.keys if hits >> key[3] & 1)
        raise AssertionError("a free agent is missing from the line")
