"""What a staff page may say on its socket. Every event is acknowledged, also a wrong one.

The session cookie is checked when the namespace is joined; the socket is closed when the session ends.

Events:

* `hello` (wire.Hello) -> HelloReplay or HelloSnapshot; needed first, and again after every gap
* `offer_delivered` (wire.OfferDeliveredAck), `typing` (wire.TypingSent) -> Ok
* `board_watch` (wire.WatchBoard), supervisors only -> Ok; the board follows as a `board` event
* anything else, or anything malformed -> SocketError
"""

import asyncio
import logging
from http.cookies import CookieError, SimpleCookie
from typing import Any, TypeVar

import msgspec
import socketio
from socketio.exceptions import ConnectionRefusedError as Refused

from hub import wire
from hub.auth import Identity, Sessions
from hub.console.consoles import NAMESPACE, Consoles
from hub.console.server import SocketServer
from hub.desk import Conflict, Desk, NotFound
from hub.store.database import StoreClosed
from routing.types import AgentId, ContactId, OfferId

log = logging.getLogger(__name__)

EVENT_DEADLINE_S = 5.0

Payload = TypeVar("Payload")


class ConsoleNamespace(socketio.AsyncNamespace):  # type: ignore[misc]  # socketio carries no types
    """`/console` on the hub's socket server."""

    def __init__(
        self, sockets: SocketServer, consoles: Consoles, desk: Desk, sessions: Sessions, cookie: str
    ) -> None:
        """`cookie` is the name of the session cookie."""
        super().__init__(NAMESPACE)
        self._sockets = sockets
        self._consoles = consoles
        self._desk = desk
        self._sessions = sessions
        self._cookie = cookie

    async def trigger_event(self, event: object, sid: str, *args: Any) -> Any:
        """Called by the socket server for everything; raises only to refuse a connect."""
        if event == "connect":
            await self._connect(sid, args[0])
            return None
        if event == "disconnect":
            self._consoles.disconnected(sid)
            return None
        try:
            async with asyncio.timeout(EVENT_DEADLINE_S):
                return await self._answer(event, sid, args)
        except (msgspec.ValidationError, TypeError) as error:
            return wire.SocketError("bad_request", str(error))
        except Conflict as error:
            return wire.SocketError(error.code, error.detail)
        except NotFound as error:
            return wire.SocketError("not_found", str(error))
        except (TimeoutError, StoreClosed):
            return wire.SocketError("busy", "This takes too long right now. Please try again.")
        except LookupError:
            return wire.SocketError("unauthorised", "This connection is no longer logged in.")
        except Exception:  # a console must get its answer, whatever failed
            log.exception("a console's event failed", extra={"event": str(event)[:50]})
            return wire.SocketError("internal", "Something failed on the hub's side.")

    async def _connect(self, sid: str, environ: dict[str, Any]) -> None:
        if not self._sockets.is_staff_page(environ):
            raise Refused("This page may not connect.", {"code": "foreign_origin"})
        try:
            async with asyncio.timeout(EVENT_DEADLINE_S):
                who = await self._sessions.find(_cookie(environ, self._cookie))
        except (TimeoutError, StoreClosed):
            raise Refused("The hub is busy.", {"code": "busy"}) from None
        if who is None:
            raise Refused("Please log in.", {"code": "unauthorised"})
        self._consoles.connected(sid, who)

    async def _answer(self, event: object, sid: str, args: tuple[Any, ...]) -> Any:
        who = self._consoles.who(sid)
        if who is None:
            raise LookupError(sid)
        payload = args[0] if args else {}
        match event:
            case "hello":
                return await self._consoles.hello(sid, _read(payload, wire.Hello))
            case "offer_delivered":
                offer = _read(payload, wire.OfferDeliveredAck)
                await self._desk.delivered(AgentId(who.agent_id), OfferId(offer.offer_id))
                return wire.Ok()
            case "typing":
                typed = _read(payload, wire.TypingSent)
                await self._desk.typing(AgentId(who.agent_id), ContactId(typed.contact_id))
                return wire.Ok()
            case "board_watch":
                return await self._watch_board(sid, who, _read(payload, wire.WatchBoard))
            case _:
                known = "hello, offer_delivered, typing and board_watch"
                return wire.SocketError("unknown_command", f"Known commands are {known}.")

    async def _watch_board(self, sid: str, who: Identity, watch: wire.WatchBoard) -> Any:
        if not who.has("supervisor"):
            return wire.SocketError("unauthorised", "The board is for supervisors.")
        if watch.on:
            await self._consoles.board.watch(sid)
        else:
            await self._consoles.board.leave(sid)
        return wire.Ok()


def _read(payload: Any, kind: type[Payload]) -> Payload:
    return msgspec.convert(payload, kind)


def _cookie(environ: dict[str, Any], name: str) -> str:
    try:
        jar = SimpleCookie(environ.get("HTTP_COOKIE", ""))
    except CookieError:
        return ""
    return jar[name].value if name in jar else ""
