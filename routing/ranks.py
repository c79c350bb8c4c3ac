"""The order of a queue's waiting contacts, so that a position costs no more than a decision.

A sorted list cut into blocks: putting in, taking out and counting who is before a place touch one block and a
list of block ends.
"""

from bisect import bisect_left, insort

BLOCK_MAX = 512

Place = int
"""See `order.py`; smallest first."""


class Ranks:
    """Each place stands in it once at most."""

    def __init__(self) -> None:
        self._blocks: list[list[Place]] = []
        self._lasts: list[Place] = []

    def __len__(self) -> int:
        return sum(map(len, self._blocks))

    def add(self, place: Place) -> None:
        """Put a place in."""
        blocks, lasts = self._blocks, self._lasts
        if not blocks:
            blocks.append([place])
            lasts.append(place)
            return
        at = bisect_left(lasts, place)
        if at == len(blocks):
            at -= 1
            blocks[at].append(place)
            lasts[at] = place
        else:
            insort(blocks[at], place)
        block = blocks[at]
        if len(block) > BLOCK_MAX:
            half = len(block) // 2
            blocks[at : at + 1] = [block[:half], block[half:]]
            lasts[at : at + 1] = [block[half - 1], block[-1]]

    def remove(self, place: Place) -> None:
        """Take out a place that was put in."""
        at = bisect_left(self._lasts, place)
        block = self._blocks[at]
        del block[bisect_left(block, place)]
        if block:
            self._lasts[at] = block[-1]
        else:
            del self._blocks[at], self._lasts[at]

    def before(self, place: Place) -> int:
        """How many places are smaller."""
        at = bisect_left(self._lasts, place)
        count = sum(map(len, self._blocks[:at]))
        return count + bisect_left(self._blocks[at], place) if at < len(self._blocks) else count
