"""The port between message adapters and the hub.

An adapter is a module or package `channels.<type>` with a frozen dataclass `Settings` (validated by the hub
from its section of `config.yaml`) and `build(settings, host) -> Adapter`. It may offer more by implementing
`Sender`, `HttpEndpoints` or `SocketEndpoints`; the hub checks for these once, at start.

What arrives is made durable by `Host.store` (raw bytes first, parse later) or directly by `Host.admit`; only
after one of them returned may an adapter acknowledge to the outside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol, runtime_checkable

from aiohttp import web


class Kind(StrEnum):
    """The medium, as the customer sees it."""

    EMAIL = "email"
    SMS = "sms"
    CHAT = "chat"


TEXT_MAX_CHARS = 200_000
"""Longest text that the hub stores of one message; adapters cut or quarantine before this."""
ATTACHMENT_MAX_BYTES = 25 * 1024 * 1024
ATTACHMENTS_MAX = 50


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that came with a message. `filename` is already free of path parts and control characters."""

    filename: str
    content_type: str
    content: bytes
    content_id: str = ""
    blocked: str = ""
    """Empty, or why nobody should open it (e.g. "executable"); kept, but never served inline."""

    def __repr__(self) -> str:
        return f"Attachment({self.filename!r}, {len(self.content)} bytes)"


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes as received, to be made durable before anybody parses them.

    `provider_id` is unique in the account (e.g. "<uidvalidity>:<uid>", MessageSid); the second store of the
    same id is a duplicate. `cursor` is the adapter's own position, committed in the same transaction.
    """

    provider_id: str
    content: bytes
    received_at_ms: int
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """One message from a customer, parsed and cleaned (valid UTF-8, no NUL, no lone surrogates).

    `sender` is an e-mail address in lower case, an E.164 number (or what the provider gave when it is none),
    or a visitor id. `recipient` is our side: mailbox address, our number, site. `thread_token` is the
    interaction id that a *verified* token in the address named; `references` are provider ids of earlier
    messages (newest last), tried when there is no token. `automatic` marks auto-replies, bulk and bounces:
    they are kept in the story but never open or re-open work. `client_id` deduplicates within a conversation.
    """

    kind: Kind
    provider_id: str
    sender: str
    recipient: str
    received_at_ms: int
    text: str
    sender_name: str = ""
    subject: str = ""
    html: str = ""
    attachments: tuple[Attachment, ...] = ()
    thread_token: str = ""
    references: tuple[str, ...] = ()
    message_id: str = ""
    language: str = ""
    automatic: str = ""
    """Empty, or why nobody should answer: auto_reply, bulk, bounce, read_receipt."""
    verified: bool = True
    """False when the sender's identity is only claimed; it then gets no foreign history."""
    answers: Mapping[str, str] = field(default_factory=dict)
    """What the customer chose before (pre-chat form); routed on as `ivr.<name>`."""
    client_id: str = ""
    new_text: str = ""
    """`text` without the quoted history, for display only; empty when it is the whole text."""
    consent: str = ""
    """SMS: "stop" or "start" when the customer withdrew or renewed consent with this very message."""
    raw: Raw | None = None
    """Given when the adapter did not call `store` before: stored in the same transaction."""

    def __repr__(self) -> str:
        return f"Inbound({self.kind}, {self.provider_id!r}, {len(self.text)} chars)"


@dataclass(frozen=True, slots=True)
class Admission:
    """What became of an inbound message. `seq` counts from 1 as the customer does, without notes."""

    interaction_id: str
    message_id: str
    seq: int
    duplicate: bool = False


class Refused(Exception):
    """The hub will not take this input; `reason` is for the sender, in plain words."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Outbound:
    """A message to a customer. `key` is the idempotency key: the same key is the same message.

    `message_id` is fixed when the message is created (e-mail: the Message-ID to use). `thread_token` goes
    into the reply address. `in_reply_to` / `references` are provider message ids of the conversation.
    """

    key: str
    kind: Kind
    interaction_id: str
    sender: str
    recipient: str
    text: str
    agent_name: str = ""
    subject: str = ""
    message_id: str = ""
    thread_token: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    automatic: bool = False


class DeliveryState(StrEnum):
    """How far an outbound message is known to have come."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The peer took the message. `provider_ref` names it in later delivery reports."""

    provider_ref: str
    state: DeliveryState = DeliveryState.SENT
    refused: tuple[str, ...] = ()
    """Recipients that were refused though the message went out to others."""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """News of a message sent before; out-of-order and repeated reports are normal."""

    provider_ref: str
    state: DeliveryState
    at_ms: int
    detail: str = ""


class ChannelError(Exception):
    """The outside failed. Subclasses say what the outbox should do."""


class Transient(ChannelError):
    """Nothing was sent; try again, not before `retry_after_ms` if given."""

    def __init__(self, message: str, retry_after_ms: int | None = None) -> None:
        super().__init__(message)
        self.retry_after_ms = retry_after_ms


class Rejected(ChannelError):
    """The peer refused for good. `code` is its own."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class Uncertain(ChannelError):
    """The message may or may not have gone out: never send again silently."""


class Malformed(ChannelError):
    """Raw input that no parser of ours can read; kept and shown as quarantined."""


@dataclass(frozen=True, slots=True)
class PendingRaw:
    """A stored Raw that was not yet admitted or quarantined (the hub was killed in between)."""

    raw: Raw


class Host(Protocol):
    """What the hub offers to one adapter instance (one account)."""

    @property
    def account(self) -> str:
        """Name of the account in config.yaml."""
        ...

    @property
    def secret(self) -> bytes:
        """32 bytes, stable over restarts and different per account: key for tokens."""
        ...

    @property
    def public_url(self) -> str:
        """Base URL under which the outside reaches this hub, without trailing slash."""
        ...

    def now_ms(self) -> int: ...

    async def store(self, raw: Raw) -> bool:
        """Make raw bytes (and the cursor) durable. False: already known."""
        ...

    async def pending(self) -> Sequence[PendingRaw]:
        """Stored but not yet admitted, oldest first; call at start."""
        ...

    async def quarantine(self, provider_id: str, reason: str) -> None:
        """Keep a stored Raw aside, visible to supervisors."""
        ...

    async def cursor(self) -> str | None:
        """The last committed cursor of this account."""
        ...

    async def admit(self, inbound: Inbound) -> Admission:
        """Deduplicate, recognise the customer, append to the story, route. Durable when it returns.

        Raises Refused for input the hub will not take.
        """
        ...

    async def report(self, report: DeliveryReport) -> None:
        """Durable when it returns; unknown references are kept for a while and matched later."""
        ...


@runtime_checkable
class Adapter(Protocol):
    """One running account of a channel."""

    async def run(self) -> None:
        """Serve until cancelled. A ChannelError or crash makes the supervisor restart it with backoff."""
        ...


@runtime_checkable
class Sender(Protocol):
    """Can send. Called by the outbox, one message at a time per account."""

    async def send(self, message: Outbound) -> Receipt:
        """Raises Transient, Rejected or Uncertain."""
        ...


@runtime_checkable
class HttpEndpoints(Protocol):
    """Wants routes on the hub's HTTP server, mounted under `/channels/<account>`. Authenticates by itself."""

    def routes(self) -> Sequence[web.RouteDef]: ...


# ---------------------------------------------------------------------------------------- web chat


@dataclass(frozen=True, slots=True)
class ChatItem:
    """One line of a chat as the visitor may see it. `author` is "visitor", "agent" or "system"."""

    seq: int
    author: str
    name: str
    text: str
    at_ms: int
    client_id: str = ""


@dataclass(frozen=True, slots=True)
class ChatView:
    """A visitor's conversation: `state` is open, waiting, active or ended; items after the asked seq."""

    interaction_id: str
    state: str
    agent_name: str
    items: tuple[ChatItem, ...]
    last_seq: int


class ChatHost(Host, Protocol):
    """What the hub offers to the web chat on top: live conversations."""

    async def chat_view(self, visitor_id: str, after_seq: int) -> ChatView | None:
        """The visitor's current (else latest) conversation with at most 200 items after `after_seq`."""
        ...

    async def chat_typing(self, visitor_id: str) -> None:
        """The visitor is typing: tell the agent, keep nothing."""
        ...

    async def chat_ended(self, visitor_id: str) -> None:
        """The visitor closed the conversation: abandons a waiting contact, ends an active one."""
        ...


@runtime_checkable
class ChatEndpoint(Protocol):
    """The web chat's side of the sockets: the hub wakes it, the visitor then reads by sequence."""

    def namespace(self) -> Any:
        """A `socketio.AsyncNamespace`, registered on the hub's socket server."""
        ...

    async def changed(self, visitor_id: str) -> None:
        """Something new in this visitor's conversation (message, state, agent)."""
        ...

    async def typing(self, visitor_id: str, agent_name: str) -> None:
        """The agent is typing."""
        ...
