"""What the contract suite asks of each adapter's test rig.

`cases_<type>.py` beside this file joins the suite by offering `rig(folder)`, an async context manager that
gives a `Rig` around a built adapter that is not yet running, and `SENDS`, whether the adapter is a Sender. A
second `rig` on the same folder is the hub after a restart: same database, same peer where that matters.
"""

from typing import Literal, Protocol

from channels.base import Adapter, Inbound, Outbound, Refused

PEER_TIMEOUT_S = 2.0
"""How long an adapter waits for a silent peer: a peer that is only slow must not be taken for one."""

Failure = Literal["later", "never", "cut", "silence"]
"""How the peer treats our next message: a temporary refusal, a final one, the line cut after it was given,
no answer at all."""


class StoringHost(Protocol):
    """The database behind the adapter; `SqliteHost` is one."""

    fault: Exception | None
    refusal: Refused | None

    def admitted(self) -> list[Inbound]: ...

    def close(self) -> None: ...


class Rig(Protocol):
    """One adapter, its database, and the peer at the other end of the line."""

    adapter: Adapter
    host: StoringHost

    async def deliver(self, text: str, reference: str) -> bool:
        """A customer's message; the same `reference` is the same message. True: acknowledged to the peer."""
        ...

    async def deliver_oversize(self) -> bool:
        """A message beyond the adapter's own limit. True: acknowledged."""
        ...


class SendingRig(Rig, Protocol):
    """In addition for adapters that send."""

    def message(self, text: str, key: str) -> Outbound: ...

    def fail_next(self, failure: Failure) -> None: ...

    def seen(self) -> int:
        """How many messages have come to the peer in full, whether it took them or is silent."""
        ...

    def taken(self) -> list[str]:
        """Texts that the peer took, in order, in full."""
        ...
