"""Which consoles are connected, and what each agent is shown after every commit.

`publish` is told what changed, reads the truth once, and pushes to the agents whom it concerns: an offer only
to the agent asked, a contact only to its agent. Publishing is serial, so a console never sees an older state
after a newer one. Here is no command and no authentication: see `namespace.py` for what a socket may say.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from msgspec.structs import replace

from hub import wire
from hub.auth import Identity
from hub.changes import Changes
from hub.clock import Clock
from hub.console import views
from hub.console.board import BoardFeed
from hub.console.news import News, read_news, read_state
from hub.console.server import SocketServer
from hub.console.stream import SHOWN_STATES, AgentStream
from hub.console.views import ContactOf, Facts
from hub.dispatcher import Dispatcher
from hub.supervise import spawn
from routing.types import AgentId, OfferId, OfferState

log = logging.getLogger(__name__)

NAMESPACE = "/console"
GRACE_MS = 15_000
STREAM_KEPT_MS = 600_000
"""How long an agent's stream outlives the last console, so that a returning one needs only what it missed."""
LOAD_DEADLINE_S = 5.0


class Reachability(Protocol):
    """The part of the desk that is told whether an agent has a console."""

    async def reachable(self, agent_id: AgentId, console: bool) -> None: ...


@dataclass(slots=True)
class Tab:
    """A connected socket. `live` from its first hello on; `expiry` ends it with its session."""

    sid: str
    who: Identity
    expiry: asyncio.TimerHandle
    live: bool = False


class Consoles:
    """Composed by `bootstrap`, which also registers `namespace.ConsoleNamespace` on the socket server."""

    def __init__(
        self,
        sockets: SocketServer,
        dispatcher: Dispatcher,
        desk: Reachability,
        clock: Clock,
        *,
        time_zone: str = "UTC",
        grace_ms: int = GRACE_MS,
    ) -> None:
        self._sockets = sockets
        self._dispatcher = dispatcher
        self._desk = desk
        self._clock = clock
        self._grace_ms = grace_ms
        self._streams: dict[str, AgentStream] = {}
        self._tabs: dict[str, Tab] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._wanted: dict[str, bool] = {}
        self._told: dict[str, bool] = {}
        self._telling: set[str] = set()
        self._publishing = asyncio.Lock()
        self._loading = asyncio.Semaphore(1)
        self.board = BoardFeed(self, sockets, dispatcher, clock, time_zone=time_zone)

    # ---------------------------------------------------------------------------------------- life

    def start(self) -> None:
        """After a restart: agents whose consoles do not come back within the grace time are unreachable."""
        for agent in self._dispatcher.engine.agents():
            if agent.reachable and not self.is_connected(agent.agent):
                self._after(agent.agent, self._grace_ms, self._gone)

    def close(self) -> None:
        """Stop timers and the board. Sockets are closed by the HTTP server."""
        for timer in self._timers.values():
            timer.cancel()
        for tab in self._tabs.values():
            tab.expiry.cancel()
        self.board.close()

    # ----------------------------------------------------------------------------- coming and going

    def connected(self, sid: str, who: Identity) -> None:
        """A socket of `who` was let in; it becomes a console with its first hello."""
        left_s = max(0.0, (who.expires_at_ms - self._clock.now_ms()) / 1000)
        expiry = asyncio.get_running_loop().call_later(left_s, self._expire, sid)
        self._tabs[sid] = Tab(sid, who, expiry)

    def who(self, sid: str) -> Identity | None:
        tab = self._tabs.get(sid)
        return None if tab is None else tab.who

    async def hello(self, sid: str, hello: wire.Hello) -> wire.HelloReplay | wire.HelloSnapshot:
        """Join the agent's stream and return what this console has missed.

        Raises TimeoutError if the state cannot be read in time, LookupError if the socket has gone meanwhile.
        """
        agent_id = self._tabs[sid].who.agent_id
        stream = self._streams.get(agent_id)
        if stream is None:
            async with asyncio.timeout(LOAD_DEADLINE_S), self._loading, self._publishing:
                stream = self._streams.get(agent_id) or await self._load(agent_id)
        tab = self._tabs[sid]
        # From here to the return nothing is awaited that yields: no event falls between cut and join.
        await self._sockets.enter_room(sid, _room(agent_id), namespace=NAMESPACE)
        tab.live = True
        if timer := self._timers.pop(agent_id, None):
            timer.cancel()
        self._tell(agent_id, True)
        return stream.answer(hello, self._clock.now_ms())

    def disconnected(self, sid: str) -> None:
        """The socket has gone. The agent's last one starts the grace time."""
        tab = self._tabs.pop(sid, None)
        self.board.unwatch(sid)
        if tab is None:
            return
        tab.expiry.cancel()
        if tab.live and not self.is_connected(tab.who.agent_id):
            self._after(tab.who.agent_id, self._grace_ms, self._gone)

    def is_connected(self, agent_id: str) -> bool:
        """Whether a console of the agent is there right now."""
        return any(tab.live and tab.who.agent_id == agent_id for tab in self._tabs.values())

    def connected_agents(self) -> frozenset[str]:
        """Agents with a console right now."""
        return frozenset(tab.who.agent_id for tab in self._tabs.values() if tab.live)

    async def end_session(self, session: str) -> None:
        """Disconnect every console of a session that has ended."""
        for tab in [tab for tab in self._tabs.values() if tab.who.session == session]:
            await self._disconnect(tab.sid)

    def _expire(self, sid: str) -> None:
        spawn(self._disconnect(sid), "session-expired")

    async def _disconnect(self, sid: str) -> None:
        """Close the whole connection, not only the namespace, which would leave an idle websocket open."""
        eio_sid = self._sockets.manager.eio_sid_from_sid(sid, NAMESPACE)
        if eio_sid is not None:
            await self._sockets.disconnect(sid, namespace=NAMESPACE)
            await self._sockets.eio.disconnect(eio_sid)

    def _after(self, agent_id: str, delay_ms: int, action: Callable[[str], None]) -> None:
        if timer := self._timers.pop(agent_id, None):
            timer.cancel()
        loop = asyncio.get_running_loop()
        self._timers[agent_id] = loop.call_later(delay_ms / 1000, action, agent_id)

    def _gone(self, agent_id: str) -> None:
        self._tell(agent_id, False)
        self._after(agent_id, STREAM_KEPT_MS, self._forget)

    def _forget(self, agent_id: str) -> None:
        self._timers.pop(agent_id, None)
        self._streams.pop(agent_id, None)

    def _tell(self, agent_id: str, reachable: bool) -> None:
        self._wanted[agent_id] = reachable
        self.board.touch()
        if agent_id not in self._telling and self._told.get(agent_id) is not reachable:
            self._telling.add(agent_id)
            spawn(self._tell_desk(agent_id), f"reachable {agent_id}")

    async def _tell_desk(self, agent_id: str) -> None:
        """Tell the desk until it knows the latest; one at a time for each agent, so order is kept."""
        try:
            while self._told.get(agent_id) is not (wanted := self._wanted[agent_id]):
                await self._desk.reachable(AgentId(agent_id), wanted)
                self._told[agent_id] = wanted
        finally:
            self._telling.discard(agent_id)

    # ------------------------------------------------------------------------------------- pushing

    async def push(self, agent_id: str, event: wire.ConsoleEvent) -> None:
        """Number one event for an agent and send it to all consoles of that agent."""
        stream = self._streams.get(agent_id)
        if stream is None:
            return
        frame = stream.append(event, self._clock.now_ms())
        await self._sockets.emit("event", frame, room=_room(agent_id), namespace=NAMESPACE)

    def typing(self, agent_id: str, contact_id: str) -> None:
        """The customer of this contact is typing."""
        if agent_id in self._streams:
            spawn(self.push(agent_id, wire.Typing(contact_id)), "customer-typing")

    async def customer_typing(self, interaction_id: str) -> None:
        """The customer of this interaction is typing; whoever has it on the console is told."""
        for agent_id, stream in self._streams.items():
            for contact in stream.contacts.values():
                if contact.interaction_id == interaction_id:
                    self.typing(agent_id, contact.contact_id)

    async def publish(self, changes: Changes) -> None:
        """Push what changed to whom it concerns. The rows must be committed."""
        self.board.touch()
        async with self._publishing:
            # Asked under the lock: the first stream may be loading, from rows older than these changes.
            if not self._streams:
                return
            for ended in changes.ended:
                await self._end_offer(ended.agent, ended.offer, str(ended.state))
            news = await self._read(changes)
            for contact in news.contacts.values():
                await self._show(contact)
            for offer_id, offer in news.offers.items():
                await self._offer(offer_id, offer)
            for contact, message in news.messages:
                if contact.view.state in SHOWN_STATES:
                    event = wire.MessageAdded(contact.view.contact_id, message)
                    await self.push(contact.agent_id, event)
            for agent_id in changes.agents:
                await self._show_presence(agent_id)

    async def _end_offer(self, agent_id: str, offer_id: str, reason: str) -> None:
        stream = self._streams.get(agent_id)
        if stream is not None and offer_id in stream.offers:
            await self.push(agent_id, wire.OfferEnded(offer_id, reason))

    async def _offer(self, offer_id: str, view: wire.OfferView) -> None:
        offer = self._dispatcher.engine.offer(OfferId(offer_id))
        if offer is None or offer.state is not OfferState.ALERTING:
            return  # over already; its end is told by a later publication
        stream = self._streams.get(offer.agent)
        if stream is not None and not stream.shows(view):
            await self.push(offer.agent, wire.OfferCreated(view))

    async def _show(self, contact: ContactOf) -> None:
        """Bring every console up to date that shows this contact or should."""
        view = contact.view
        shown = view.state in SHOWN_STATES
        for agent_id, stream in self._holders(view.contact_id, contact.agent_id):
            mine = shown and agent_id == contact.agent_id
            if mine:
                for offer_id in _offers_of(stream, view.contact_id):
                    await self.push(agent_id, wire.OfferEnded(offer_id, "accepted"))
            before = stream.contacts.get(view.contact_id)
            if mine and before != view:
                await self.push(agent_id, wire.ContactChanged(view))
            elif not mine and before is not None:
                await self.push(agent_id, wire.ContactChanged(_left(view)))

    def _holders(self, contact_id: str, agent_id: str) -> Iterator[tuple[str, AgentStream]]:
        for holder, stream in list(self._streams.items()):
            if holder == agent_id or contact_id in stream.contacts:
                yield holder, stream

    async def _show_presence(self, agent_id: str) -> None:
        stream = self._streams.get(agent_id)
        if stream is not None:
            view = views.presence_view(self._dispatcher.engine, agent_id)
            if view != stream.presence:
                await self.push(agent_id, wire.PresenceChanged(view))

    # ------------------------------------------------------------------------------------- reading

    async def _read(self, changes: Changes) -> News:
        watched = frozenset(self._streams)
        created = [offer.offer for offer in changes.offers if offer.agent in watched]
        if not (created or changes.contacts or changes.messages):
            return News()
        shown = [OfferId(offer_id) for stream in self._streams.values() for offer_id in stream.offers]
        held = {contact for stream in self._streams.values() for contact in stream.contacts}
        facts = Facts.of(self._dispatcher.engine, self._clock.now_ms(), created + shown)
        return await self._dispatcher.store.read(lambda c: read_news(c, changes, facts, watched, held))

    async def _load(self, agent_id: str) -> AgentStream:
        """Begin an agent's stream with what is true now. The caller holds `_publishing`."""
        engine = self._dispatcher.engine
        now_ms = self._clock.now_ms()
        mine = [offer.offer for offer in engine.live_offers() if offer.agent == agent_id]
        facts = Facts.of(engine, now_ms, mine)
        known, offers = await self._dispatcher.store.read(lambda c: read_state(c, agent_id, facts))
        stream = AgentStream(secrets.token_urlsafe(8), views.presence_view(engine, agent_id))
        for contact in known.values():
            if contact.agent_id == agent_id and contact.view.state in SHOWN_STATES:
                stream.contacts[contact.view.contact_id] = contact.view
        for offer_id, offer in offers.items():
            if offer.contact.contact_id not in stream.contacts:
                stream.offers[offer_id] = (offer, now_ms)
        self._streams[agent_id] = stream
        return stream


def _room(agent_id: str) -> str:
    return f"agent:{agent_id}"


def _offers_of(stream: AgentStream, contact_id: str) -> list[str]:
    return [
        offer_id for offer_id, (offer, _) in stream.offers.items() if offer.contact.contact_id == contact_id
    ]


def _left(view: wire.ContactView) -> wire.ContactView:
    """The contact as told to an agent who no longer has it: if another one does, it is just not here."""
    return replace(view, state="queued") if view.state in SHOWN_STATES else view
