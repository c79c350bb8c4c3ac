"""Sliding-window counts by key (visitor, address), in bounded memory and by the caller's clock."""

from collections import OrderedDict, deque

KEYS_MAX = 20_000


class Window:
    """At most `hits_max` in any `span_ms` for each key.

    Only the `KEYS_MAX` keys seen last are remembered; a forgotten key starts afresh, so a flood from many
    addresses costs bounded memory and can at worst loosen the limit.
    """

    def __init__(self, hits_max: int, span_ms: int) -> None:
        self._hits_max = hits_max
        self._span_ms = span_ms
        self._hits: OrderedDict[str, deque[int]] = OrderedDict()

    def take(self, key: str, now_ms: int) -> int:
        """Count one hit. Returns 0 within the limit, else the ms to wait (and nothing is counted)."""
        hits = self._hits.get(key)
        if hits is None:
            hits = self._hits[key] = deque(maxlen=self._hits_max)
            if len(self._hits) > KEYS_MAX:
                self._hits.popitem(last=False)
        self._hits.move_to_end(key)
        if len(hits) == self._hits_max and now_ms - hits[0] < self._span_ms:
            return max(1, min(self._span_ms, hits[0] + self._span_ms - now_ms))
        hits.append(now_ms)
        return 0
