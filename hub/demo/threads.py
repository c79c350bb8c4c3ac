"""What the demo's customers sent and received, for their page: in memory, bounded, gone with the process."""

import secrets
from collections import OrderedDict, deque
from collections.abc import Sequence

from msgspec import Struct

ITEMS_MAX = 200
ADDRESSES_MAX = 500
TEXT_CHARS_MAX = 20_000


class Item(Struct, frozen=True, kw_only=True):
    """One text or mail. `direction`: sent or received, as the customer sees it. `seq` rises over all.

    `message_id` and `reply_to` are a mail's, so that an answer can thread.
    """

    seq: int
    channel: str
    direction: str
    address: str
    other: str
    text: str
    at_ms: int
    subject: str = ""
    message_id: str = ""
    reply_to: str = ""


class Threads:
    """The newest `ITEMS_MAX` items of each of the `ADDRESSES_MAX` addresses used last.

    `epoch` names this process: a page that kept sequence numbers of another one starts over.
    """

    def __init__(self) -> None:
        self.epoch = secrets.token_hex(8)
        self._seq = 0
        self._items: OrderedDict[tuple[str, str], deque[Item]] = OrderedDict()

    def add(
        self, channel: str, direction: str, address: str, other: str, text: str, at_ms: int, **mail: str
    ) -> Item:
        self._seq += 1
        item = Item(
            seq=self._seq,
            channel=channel,
            direction=direction,
            address=address,
            other=other,
            text=text[:TEXT_CHARS_MAX],
            at_ms=at_ms,
            **mail,
        )
        key = (channel, address)
        self._items.setdefault(key, deque(maxlen=ITEMS_MAX)).append(item)
        self._items.move_to_end(key)
        if len(self._items) > ADDRESSES_MAX:
            self._items.popitem(last=False)
        return item

    def after(self, channel: str, address: str, seq: int) -> Sequence[Item]:
        """Items of one address with a higher `seq`, oldest first."""
        return [item for item in self._items.get((channel, address), ()) if item.seq > seq]

    def mail(self, address: str, seq: int) -> Item | None:
        """The mail of `address` with exactly this `seq`."""
        return next((item for item in self.after("mail", address, seq - 1) if item.seq == seq), None)
