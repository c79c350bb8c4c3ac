"""The visitors' socket: each event of a page in, its acknowledgement and wake-ups out.

Events from the page (each with an acknowledgement that always comes):

* `msg {client_id, text, answers?}` -> `{ok, seq, conversation}`; safe to repeat with the same client_id
* `sync {after, conversation?}` -> `{ok, items, last_seq, conversation, state, agent_name}`
* `typing {}` and `end {}` -> `{ok}`

Events to the page may be missed without harm: `wake {last_seq, conversation, state, agent_name}` says that
`sync` may bring something; `typing {agent_name}`. Events of one socket are served in the order they came,
whether or not the socket server runs its handlers concurrently.
"""

import asyncio
import logging
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import socketio

from channels.base import ChatHost, Inbound, Kind, Raw, Refused
from channels.webchat import origin, protocol, tokens
from channels.webchat.limits import Window
from channels.webchat.protocol import ChatError
from channels.webchat.settings import Settings

_LOG = logging.getLogger(__name__)

HOST_DEADLINE_S = 10.0
SOCKETS_MAX = 5000
SOCKETS_PER_VISITOR_MAX = 10
PENDING_MAX = 32
TYPING_EVERY_MS = 3000

Result = TypeVar("Result")


@dataclass(slots=True)
class _Socket:
    """A connected page. `turn` keeps its events in order."""

    visitor: tokens.Visitor
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    pending: int = 0


class VisitorNamespace(socketio.AsyncNamespace):  # type: ignore[misc]  # socketio carries no types
    """`/chat/<account>` on the hub's socket server."""

    def __init__(self, settings: Settings, host: ChatHost) -> None:
        super().__init__(f"/chat/{host.account}")
        self._settings = settings
        self._host = host
        self._sockets: dict[str, _Socket] = {}
        self._by_visitor: dict[str, set[str]] = {}
        self._connects = Window(20, 10_000)
        self._messages = Window(20, 10_000)
        self._others = Window(60, 10_000)
        self._typing = Window(1, TYPING_EVERY_MS)

    async def trigger_event(self, event: object, sid: str, *args: Any) -> dict[str, Any] | None:
        """Called by the socket server for all that a page sends; raises only to refuse a connect."""
        socket = self._sockets.get(sid)
        if socket is None:
            if event == "connect":
                self._connect(sid, *args)
                await self.enter_room(sid, self._sockets[sid].visitor.visitor_id)
                return None
            return None if event == "disconnect" else ChatError("not_connected", "Connect first.").answer()
        if event == "disconnect":
            self._disconnected(sid, socket)
            return None
        if socket.pending >= PENDING_MAX:
            return ChatError("busy", "Too many requests at once: wait for the answers.", 1000).answer()
        socket.pending += 1
        try:
            async with socket.turn:
                return await self._answer(event, socket.visitor, args)
        finally:
            socket.pending -= 1

    async def wake(self, visitor_id: str) -> None:
        """Tell all pages of the visitor how far the conversation is, if any is here."""
        if visitor_id in self._by_visitor:
            view = await self._ask(self._host.chat_view(visitor_id, protocol.SEQ_MAX))
            await self.emit("wake", protocol.standing(view), room=visitor_id)

    async def agent_typing(self, visitor_id: str, agent_name: str) -> None:
        if visitor_id in self._by_visitor:
            await self.emit("typing", {"agent_name": agent_name}, room=visitor_id)

    # -------------------------------------------------------------------------------- coming and going

    def _connect(self, sid: str, environ: dict[str, Any], auth: object = None) -> None:
        """Let a page in, or raise the refusal that its `connect_error` shows as {message, data: {code}}."""
        request, now_ms = environ["aiohttp.request"], self._host.now_ms()
        if not origin.allowed(self._settings, self._host.public_url, request):
            raise _refusal("origin_refused", "This site is not allowed to use the chat.")
        wait_ms = self._connects.take(origin.address(self._settings, request), now_ms)
        if wait_ms:
            raise _refusal("rate_limited", "Too many connects from this address.", wait_ms)
        token = auth.get("token") if isinstance(auth, dict) else None
        try:
            visitor = tokens.verify(self._host.secret, self._host.account, token, now_ms)
        except tokens.TokenError as error:
            raise _refusal(error.code, error.detail) from None
        tabs = self._by_visitor.get(visitor.visitor_id, set())
        if len(tabs) >= SOCKETS_PER_VISITOR_MAX:
            raise _refusal("too_many_tabs", "The chat is open in too many tabs: close one.")
        if len(self._sockets) >= SOCKETS_MAX:
            raise _refusal("busy", "Too many visitors right now. Please try again.", 10_000)
        self._sockets[sid] = _Socket(visitor)
        self._by_visitor[visitor.visitor_id] = tabs | {sid}

    def _disconnected(self, sid: str, socket: _Socket) -> None:
        del self._sockets[sid]
        tabs = self._by_visitor[socket.visitor.visitor_id]
        tabs.discard(sid)
        if not tabs:
            del self._by_visitor[socket.visitor.visitor_id]

    # ------------------------------------------------------------------------------------------ events

    async def _answer(
        self, event: object, visitor: tokens.Visitor, args: tuple[object, ...]
    ) -> dict[str, Any]:
        try:
            if visitor.expires_at_ms <= self._host.now_ms():
                raise ChatError("token_expired", "The visitor token has expired: ask for a new one.")
            return await self._serve(event, visitor.visitor_id, args)
        except ChatError as error:
            return error.answer()
        except Refused as error:
            return ChatError(error.code, error.reason).answer()
        except TimeoutError:
            return ChatError("busy", "This takes too long right now. Please try again.", 2000).answer()
        except Exception:  # noqa: BLE001  # a page must get its answer, whatever failed behind the port
            _LOG.exception("chat event failed")
            return ChatError("internal", "Something failed on our side. Please try again.", 2000).answer()

    async def _serve(self, event: object, visitor_id: str, args: tuple[object, ...]) -> dict[str, Any]:
        match event:
            case "msg":
                self._limit(self._messages, visitor_id)
                return await self._said(visitor_id, protocol.parse(protocol.Msg, args))
            case "sync":
                self._limit(self._others, visitor_id)
                return await self._synced(visitor_id, protocol.parse(protocol.Sync, args))
            case "typing":
                self._limit(self._others, visitor_id)
                if not self._typing.take(visitor_id, self._host.now_ms()):
                    await self._ask(self._host.chat_typing(visitor_id))
                return {"ok": True}
            case "end":
                self._limit(self._others, visitor_id)
                await self._ask(self._host.chat_ended(visitor_id))
                await self.wake(visitor_id)
                return {"ok": True}
            case _:
                raise ChatError("unknown_event", "Known events are msg, sync, typing and end.")

    async def _said(self, visitor_id: str, msg: protocol.Msg) -> dict[str, Any]:
        text = protocol.checked_text(msg.text, self._settings.text_chars_max)
        answers = protocol.checked_answers(msg.answers)
        received_at_ms = self._host.now_ms()
        provider_id = f"{visitor_id}:{msg.client_id}"
        language = answers.get("language", "")
        admission = await self._ask(
            self._host.admit(
                Inbound(
                    kind=Kind.CHAT,
                    provider_id=provider_id,
                    sender=visitor_id,
                    recipient=self._settings.site_name or self._host.account,
                    received_at_ms=received_at_ms,
                    text=text,
                    sender_name=answers.get("name", ""),
                    language=language if language in self._settings.languages else "",
                    answers=answers,
                    client_id=msg.client_id,
                    raw=Raw(provider_id, protocol.raw_bytes(msg), received_at_ms),
                )
            )
        )
        if not admission.duplicate and len(self._by_visitor.get(visitor_id, ())) > 1:
            await self._wake_tabs(visitor_id)
        return {"ok": True, "seq": admission.seq, "conversation": admission.interaction_id}

    async def _wake_tabs(self, visitor_id: str) -> None:
        """The message is safe already: failing to tell the visitor's other tabs must not fail it."""
        try:
            await self.wake(visitor_id)
        except Exception:  # noqa: BLE001  # the other tabs sync on their own within seconds
            _LOG.warning("wake-up of a visitor's tabs failed", exc_info=True)

    async def _synced(self, visitor_id: str, sync: protocol.Sync) -> dict[str, Any]:
        view = await self._ask(self._host.chat_view(visitor_id, sync.after))
        if view and sync.after and view.interaction_id != sync.conversation:
            view = await self._ask(self._host.chat_view(visitor_id, 0))
        return protocol.synced(view)

    def _limit(self, window: Window, visitor_id: str) -> None:
        wait_ms = window.take(visitor_id, self._host.now_ms())
        if wait_ms:
            raise ChatError("rate_limited", "That is too fast. Please wait a moment.", wait_ms)

    async def _ask(self, call: Awaitable[Result]) -> Result:
        async with asyncio.timeout(HOST_DEADLINE_S):
            return await call


def _refusal(code: str, detail: str, retry_after_ms: int = 0) -> Exception:
    error = ChatError(code, detail, retry_after_ms)
    return socketio.exceptions.ConnectionRefusedError(detail, error.answer())  # type: ignore[no-any-return]
