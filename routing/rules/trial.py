"""Whether a contact is decided by a staged rule set: a share of all contacts, or those of certain queues."""

import zlib
from collections.abc import Collection

from routing.rules.ruleset import Routing
from routing.types import ContactId, QueueId

_PARTS = 10_000


def in_trial(contact_id: ContactId, percent: float, queues: Collection[QueueId], routing: Routing) -> bool:
    """Return whether the contact falls under the staged set; the same answer whenever and wherever asked.

    percent: 0-100, to a hundredth, the share of contacts by a hash of their id; outside it is clamped.  A
    contact that is in at one percentage is in at every greater one.  queues: only contacts that `routing`
    sends there; empty: all queues.
    """
    if queues and routing.queue not in queues:
        return False
    return zlib.crc32(contact_id.encode("utf-8", "replace")) % _PARTS < round(percent * _PARTS / 100)
