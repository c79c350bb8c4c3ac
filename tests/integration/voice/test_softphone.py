"""The endpoint for softphones in browsers: SIP over websocket, WebRTC media offered. No browser is needed."""

import asyncio
import re
import secrets

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from telephony.port import LegFailure
from tests.integration.voice.conftest import running_voice
from tests.integration.voice.desk import WAIT_S, Desk
from tests.lab.asterisk import Asterisk
from tests.lab.miniua import UserAgent
from tests.lab.sip import Headers, SipMessage, digest


async def receive(socket: ClientConnection, method: str = "") -> SipMessage:
    """The next response, or request of this method."""
    async with asyncio.timeout(WAIT_S):
        while True:
            data = await socket.recv()
            message = SipMessage.parse(data.encode() if isinstance(data, str) else data)
            if message.method == method:
                return message


async def register(socket: ClientConnection, name: str, password: str) -> SipMessage:
    uri, authorization, reply = "sip:rapport.invalid", "", SipMessage("", [])
    call_id, own = secrets.token_hex(8), f"<sip:{name}@rapport.invalid>"
    for sequence in (1, 2):
        headers = [
            ("Via", f"SIP/2.0/WS x.invalid;branch=z9hG4bK{secrets.token_hex(8)}"),
            ("Max-Forwards", "70"),
            ("From", f"{own};tag=t"),
            ("To", own),
            ("Call-ID", call_id),
            ("CSeq", f"{sequence} REGISTER"),
            ("Contact", f"<sip:{name}@x.invalid;transport=ws>"),
            ("Expires", "60"),
        ]
        headers += [("Authorization", authorization)] if authorization else []
        await socket.send(SipMessage(f"REGISTER {uri} SIP/2.0", headers).encode().decode())
        reply = await receive(socket)
        if reply.status != 401:
            break
        authorization = digest(reply.get("www-authenticate"), name, password, uri)
    return reply


async def test_softphone_registers_and_is_offered_webrtc(asterisk: Asterisk, caller: UserAgent) -> None:
    desk = Desk(["agent1-web"])
    async with running_voice(asterisk, desk) as voice:
        async with connect(asterisk.ws_url, subprotocols=[Subprotocol("sip")]) as socket:
            assert (await register(socket, "agent1-web", asterisk.password)).status == 200
            await desk.until("endpoint_reachable", "agent1-web", True)
            await caller.call("2000")
            invite = await receive(socket, "INVITE")
            assert invite.get("x-hub-offer") in desk.offers
            assert "UDP/TLS/RTP/SAVPF" in invite.body
            assert re.search(r"^a=fingerprint:SHA-256 ", invite.body, re.MULTILINE)
            assert re.search(r"^a=candidate:", invite.body, re.MULTILINE)
            offer_id = invite.get("x-hub-offer")
            assert not await voice.answer(offer_id), "the console answers it itself"
            copied = [
                (name, value) for name, value in invite.headers if name in ("via", "from", "call-id", "cseq")
            ]
            busy = SipMessage("SIP/2.0 486 Busy Here", [*copied, ("To", invite.get("to") + ";tag=x")])
            await socket.send(busy.encode().decode())
            busy_at = (await desk.until("leg_failed", offer_id, LegFailure.BUSY)).at
        await desk.until("endpoint_reachable", "agent1-web", False, where=lambda heard: heard.at > busy_at)


async def test_wrong_password_is_refused(asterisk: Asterisk) -> None:
    async with connect(asterisk.ws_url, subprotocols=[Subprotocol("sip")]) as socket:
        assert (await register(socket, "agent1-web", "not-the-password")).status == 401


def webrtc_sdp() -> str:
    fingerprint = ":".join(["AB"] * 32)
    lines = [
        "v=0",
        "o=- 1 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "m=audio 9 UDP/TLS/RTP/SAVPF 0",
        "c=IN IP4 0.0.0.0",
        "a=rtpmap:0 PCMU/8000",
        "a=mid:0",
        "a=setup:actpass",
        "a=ice-ufrag:abcd",
        "a=ice-pwd:abcdefghijklmnopqrstuvwx",
        f"a=fingerprint:sha-256 {fingerprint}",
        "a=rtcp-mux",
        "a=sendrecv",
    ]
    return "\r\n".join(lines) + "\r\n"


async def call(socket: ClientConnection, name: str, password: str, number: str, extra: Headers) -> SipMessage:
    """Call from a browser's softphone; gives the final answer."""
    uri, authorization, reply = f"sip:{number}@rapport.invalid", "", SipMessage("", [])
    call_id, own = secrets.token_hex(8), f"<sip:{name}@rapport.invalid>"
    for sequence in (1, 2):
        headers = [
            ("Via", f"SIP/2.0/WS x.invalid;branch=z9hG4bK{secrets.token_hex(8)}"),
            ("Max-Forwards", "70"),
            ("From", f"{own};tag=t"),
            ("To", f"<{uri}>"),
            ("Call-ID", call_id),
            ("CSeq", f"{sequence} INVITE"),
            ("Contact", f"<sip:{name}@x.invalid;transport=ws>"),
            ("Content-Type", "application/sdp"),
            *extra,
        ]
        headers += [("Authorization", authorization)] if authorization else []
        await socket.send(SipMessage(f"INVITE {uri} SIP/2.0", headers, webrtc_sdp()).encode().decode())
        reply = await receive(socket)
        while reply.status < 200:
            reply = await receive(socket)
        if reply.status != 401:
            break
        authorization = digest(reply.get("www-authenticate"), name, password, uri, "INVITE")
    return reply


async def test_demo_customer_calls_with_a_number_of_choice(asterisk: Asterisk) -> None:
    desk = Desk()
    async with running_voice(asterisk, desk):
        for claimed, ani in (("+4930123456", "+4930123456"), ("12%0d%0aEvent: Hangup", "1200")):
            desk.heard.clear()
            async with connect(asterisk.ws_url, subprotocols=[Subprotocol("sip")]) as socket:
                number = [("X-Rapport-Number", claimed)]
                answer = await call(socket, "demo", asterisk.password, "2000", number)
                assert answer.status == 200
                assert "UDP/TLS/RTP/SAVPF" in answer.body
                arrived = (await desk.until("call_arrived")).arguments[0]
                assert (arrived.ani, arrived.dialled) == (ani, "2000")
            assert desk.voice is not None
            await desk.voice.hang_up(arrived.call_id)
            await desk.until("call_gone", arrived.call_id)


async def test_agents_softphone_cannot_dial(asterisk: Asterisk) -> None:
    async with connect(asterisk.ws_url, subprotocols=[Subprotocol("sip")]) as socket:
        answer = await call(socket, "agent1-web", asterisk.password, "2000", [])
        assert answer.status == 404
