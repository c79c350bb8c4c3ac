"""A small SIP phone on asyncio for tests: registers, calls, answers, refuses, hears, presses digits.

UDP on loopback only, one call leg per `Dialog`, PCMU media in `rtp.py`. It keeps the time (loop clock,
seconds) of everything that a test may want to compare. Not a product: no retransmission of requests, no
TCP, no TLS.
"""

import asyncio
import contextlib
import re
import secrets
import socket
from types import TracebackType

from tests.lab.rtp import Rtp
from tests.lab.sip import Headers, SipMessage, digest

HOST = "127.0.0.1"
WAIT_S = 20.0
"""A passing test never waits so long, also not on a machine that does three other things."""


class Dialog:
    """One call leg of a phone. States go forward: new, ringing, up, ended."""

    def __init__(
        self, phone: "UserAgent", call_id: str, media: Rtp, invite: SipMessage | None = None
    ) -> None:
        self.phone = phone
        self.call_id = call_id
        self.media = media
        self.invite = invite
        self.times: dict[str, float] = {}
        """When it became ringing, up, acknowledged, ended, cancelled."""
        self.status = 0
        """Last status of our own INVITE."""
        self.reason = ""
        self.local = self.remote = self.target = self.branch = ""
        self.sequence = 1
        self._changed = asyncio.Event()

    @property
    def state(self) -> str:
        return next((state for state in ("ended", "up", "ringing") if state in self.times), "new")

    def header(self, name: str) -> str:
        """A header of the INVITE that came in."""
        return self.invite.get(name) if self.invite else ""

    def mark(self, state: str) -> None:
        self.times.setdefault(state, asyncio.get_running_loop().time())
        self._changed.set()

    async def wait(self, state: str, timeout_s: float = WAIT_S) -> float:
        """Wait until it is (or was) in this state; gives the time. TimeoutError names both."""
        try:
            async with asyncio.timeout(timeout_s):
                while state not in self.times:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise TimeoutError(f"{self.phone.name}: {self.state} ({self.status}), not {state}") from None
        return self.times[state]

    async def hears(self, frequency_hz: float, timeout_s: float = WAIT_S) -> None:
        """Wait until this tone is heard."""
        try:
            async with asyncio.timeout(timeout_s):
                while not self.media.hears(frequency_hz):
                    await asyncio.sleep(0.02)
        except TimeoutError:
            level = self.media.level(frequency_hz)
            raise TimeoutError(f"{self.phone.name} does not hear {frequency_hz} Hz ({level:.0f})") from None

    async def silent(self, frequency_hz: float, timeout_s: float = 2 * WAIT_S) -> None:
        """Wait until this tone is not heard."""
        async with asyncio.timeout(timeout_s):
            while self.media.hears(frequency_hz):
                await asyncio.sleep(0.02)

    def press(self, digits: str) -> None:
        self.media.press(digits)

    async def pressed(self) -> None:
        """Wait until all digits are sent."""
        async with asyncio.timeout(WAIT_S):
            while self.media.pressing:
                await asyncio.sleep(0.02)

    def answer(self) -> None:
        self.phone.accept(self)

    def refuse(self, status: int = 486) -> None:
        self.phone.refuse(self, status)

    def hang_up(self) -> None:
        """BYE, CANCEL or 486, whatever fits the state."""
        self.phone.hang_up(self)


class UserAgent:
    """A phone named `name` at the registrar on `sip_port`.

    `answers`: "ring" (wait for `Dialog.answer`), "auto" (answer at once), or a status such as "486".
    `talk`: NOTIFY with Event: talk answers a ringing call.
    """

    def __init__(
        self, name: str, sip_port: int, password: str = "", tone_hz: float = 0, answers: str = "ring"
    ) -> None:
        self.name = name
        self.password = password
        self.tone_hz = tone_hz
        self.answers = answers
        self.dialogs: dict[str, Dialog] = {}
        self.incoming: asyncio.Queue[Dialog] = asyncio.Queue()
        self._server = (HOST, sip_port)
        self._waiting: dict[str, asyncio.Future[SipMessage]] = {}

    async def __aenter__(self) -> "UserAgent":
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((HOST, 0))
        self.port: int = self._socket.getsockname()[1]
        asyncio.get_running_loop().add_reader(self._socket, self._readable)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for dialog in self.dialogs.values():
            self.hang_up(dialog)
            dialog.media.close()
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()

    # ------------------------------------------------------------------------------- what it can do

    async def register(self, expires_s: int = 300) -> None:
        """Register with digest; `expires_s` 0 takes it back. Raises AssertionError for a refusal."""
        call_id, tag, uri = secrets.token_hex(8), secrets.token_hex(4), f"sip:{HOST}:{self._server[1]}"
        own = f"<sip:{self.name}@{HOST}>"
        authorization: Headers = []
        for sequence in (1, 2):
            headers = [
                ("From", f"{own};tag={tag}"),
                ("To", own),
                ("Call-ID", call_id),
                ("CSeq", f"{sequence} REGISTER"),
                ("Contact", f"<sip:{self.name}@{HOST}:{self.port}>"),
                ("Expires", str(expires_s)),
                *authorization,
            ]
            reply = await self._request("REGISTER", uri, headers)
            if reply.status != 401:
                break
            challenge = reply.get("www-authenticate")
            authorization = [("Authorization", digest(challenge, self.name, self.password, uri))]
        assert reply.status == 200, f"{self.name} cannot register: {reply.start}"

    async def call(self, number: str, from_user: str = "0701234567", display: str = "Alice") -> Dialog:
        """Call and wait until it is answered. `from_user` goes into From as it is."""
        dialog = await self.dial(number, from_user, display)
        await dialog.wait("up")
        return dialog

    async def dial(self, number: str, from_user: str = "0701234567", display: str = "Alice") -> Dialog:
        """Send an INVITE and come back at once."""
        dialog = Dialog(self, secrets.token_hex(8), Rtp(self.tone_hz))
        dialog.local = f'"{display}" <sip:{from_user}@{HOST}>;tag={secrets.token_hex(4)}'
        dialog.remote = f"<sip:{number}@{HOST}>"
        dialog.target = f"sip:{number}@{HOST}:{self._server[1]}"
        self.dialogs[dialog.call_id] = dialog
        dialog.branch = self._branch()
        dialog.mark("new")
        self._send(self._message(dialog, "INVITE", dialog.branch, self._sdp(dialog)))
        return dialog

    async def rung(self, timeout_s: float = WAIT_S) -> Dialog:
        """The next call that comes in."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self.incoming.get()
        except TimeoutError:
            raise TimeoutError(f"{self.name} was not rung within {timeout_s} s") from None

    def accept(self, dialog: Dialog) -> None:
        assert dialog.invite is not None
        if dialog.state in ("up", "ended"):
            return
        dialog.mark("up")
        self._start_media(dialog, dialog.invite.body)
        self._reply(dialog.invite, 200, dialog, self._sdp(dialog))

    def refuse(self, dialog: Dialog, status: int) -> None:
        assert dialog.invite is not None
        dialog.mark("ended")
        self._reply(dialog.invite, status, dialog)

    def hang_up(self, dialog: Dialog) -> None:
        state = dialog.state
        if state == "ended":
            return
        if state == "up":
            dialog.sequence += 1
            self._send(self._message(dialog, "BYE", self._branch()))
        elif dialog.invite is not None:
            self._reply(dialog.invite, 486, dialog)
        else:
            self._send(self._message(dialog, "CANCEL", dialog.branch))
        dialog.mark("ended")

    # ------------------------------------------------------------------------------ what it receives

    def _readable(self) -> None:
        try:
            message = SipMessage.parse(self._socket.recv(65_535))
        except OSError:
            return
        if message.status:
            self._on_response(message)
        elif message.method:
            self._on_request(message)

    def _on_request(self, request: SipMessage) -> None:
        dialog = self.dialogs.get(request.get("call-id"))
        match request.method:
            case "ACK":
                if dialog is not None:
                    dialog.mark("acknowledged")
            case "INVITE" if dialog is None:
                self._on_invite(request)
            case "INVITE" if dialog is not None and dialog.state in ("up", "ended"):
                self._reply(request, 200, dialog, self._sdp(dialog))
            case "INVITE":
                return  # repeated before we answered
            case "BYE":
                self._reply(request, 200, dialog)
                if dialog is not None:
                    dialog.reason = request.get("reason")
                    dialog.mark("ended")
            case "CANCEL":
                self._reply(request, 200, dialog)
                if dialog is not None and dialog.invite is not None and dialog.state != "up":
                    dialog.mark("cancelled")
                    dialog.mark("ended")
                    self._reply(dialog.invite, 487, dialog)
            case "NOTIFY":
                self._reply(request, 200, dialog)
                if dialog is not None and request.get("event") == "talk" and dialog.state == "ringing":
                    self.accept(dialog)
            case _:
                self._reply(request, 200, dialog)

    def _on_invite(self, invite: SipMessage) -> None:
        dialog = Dialog(self, invite.get("call-id"), Rtp(self.tone_hz), invite)
        dialog.local = f"{invite.get('to')};tag={secrets.token_hex(4)}"
        dialog.remote = invite.get("from")
        contact = re.search(r"<([^>]+)>", invite.get("contact"))
        dialog.target = contact[1] if contact else f"sip:{HOST}"
        self.dialogs[dialog.call_id] = dialog
        self.incoming.put_nowait(dialog)
        if self.answers.isdecimal():
            self.refuse(dialog, int(self.answers))
            return
        dialog.mark("ringing")
        self._reply(invite, 180, dialog)
        if self.answers == "auto":
            self.accept(dialog)

    def _on_response(self, response: SipMessage) -> None:
        waiting = self._waiting.get(response.get("call-id"))
        if waiting is not None and not waiting.done() and response.status >= 200:
            waiting.set_result(response)
            return
        dialog = self.dialogs.get(response.get("call-id"))
        if dialog is None or not response.get("cseq").endswith(" INVITE") or dialog.invite is not None:
            return
        dialog.status = response.status
        if response.status >= 200:
            self._answered(dialog, response)
        elif response.status >= 180:
            dialog.mark("ringing")

    def _answered(self, dialog: Dialog, response: SipMessage) -> None:
        dialog.remote = response.get("to")
        if contact := re.search(r"<([^>]+)>", response.get("contact")):
            dialog.target = contact[1]
        accepted = response.status < 300
        branch = self._branch() if accepted else dialog.branch
        self._send(self._message(dialog, "ACK", branch))
        if accepted and dialog.state == "ended":
            dialog.sequence += 1
            self._send(self._message(dialog, "BYE", self._branch()))
        elif accepted and dialog.state != "up":
            self._start_media(dialog, response.body)
            dialog.mark("up")
        elif not accepted:
            dialog.mark("ended")

    # ----------------------------------------------------------------------------------- the wire

    async def _request(self, method: str, uri: str, headers: Headers) -> SipMessage:
        via = ("Via", f"SIP/2.0/UDP {HOST}:{self.port};branch={self._branch()};rport")
        message = SipMessage(f"{method} {uri} SIP/2.0", [via, ("Max-Forwards", "70"), *headers])
        call_id = message.get("Call-ID") or dict(headers)["Call-ID"]
        self._waiting[call_id] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(WAIT_S):
                self._send(message)
                return await self._waiting[call_id]
        finally:
            del self._waiting[call_id]

    def _message(self, dialog: Dialog, method: str, branch: str, body: str = "") -> SipMessage:
        headers = [
            ("Via", f"SIP/2.0/UDP {HOST}:{self.port};branch={branch};rport"),
            ("Max-Forwards", "70"),
            ("From", dialog.local),
            ("To", dialog.remote),
            ("Call-ID", dialog.call_id),
            ("CSeq", f"{dialog.sequence} {method}"),
            ("Contact", f"<sip:{self.name}@{HOST}:{self.port}>"),
        ]
        if body:
            headers.append(("Content-Type", "application/sdp"))
        return SipMessage(f"{method} {dialog.target} SIP/2.0", headers, body)

    def _reply(self, request: SipMessage, status: int, dialog: Dialog | None, body: str = "") -> None:
        copied = ("via", "from", "call-id", "cseq", "record-route")
        headers = [(name, value) for name, value in request.headers if name in copied]
        to = request.get("to")
        if ";tag=" not in to and dialog is not None and dialog.invite is not None:
            to = dialog.local
        headers += [
            ("To", to),
            ("Contact", f"<sip:{self.name}@{HOST}:{self.port}>"),
            ("Allow-Events", "talk"),
        ]
        if body:
            headers.append(("Content-Type", "application/sdp"))
        self._send(SipMessage(f"SIP/2.0 {status} {_REASONS.get(status, 'Whatever')}", headers, body))

    def _send(self, message: SipMessage) -> None:
        with contextlib.suppress(OSError):
            self._socket.sendto(message.encode(), self._server)

    def _sdp(self, dialog: Dialog) -> str:
        lines = [
            "v=0",
            f"o=- {dialog.media.port} {dialog.sequence} IN IP4 {HOST}",
            "s=-",
            f"c=IN IP4 {HOST}",
            "t=0 0",
            f"m=audio {dialog.media.port} RTP/AVP 0 101",
            "a=rtpmap:0 PCMU/8000",
            "a=rtpmap:101 telephone-event/8000",
            "a=fmtp:101 0-16",
            "a=ptime:20",
            "a=sendrecv",
        ]
        return "\r\n".join(lines) + "\r\n"

    def _start_media(self, dialog: Dialog, sdp: str) -> None:
        port = re.search(r"^m=audio (\d+)", sdp, re.MULTILINE)
        if port:
            dialog.media.send_to(HOST, int(port[1]))

    def _branch(self) -> str:
        return "z9hG4bK" + secrets.token_hex(8)


_REASONS = {
    180: "Ringing",
    200: "OK",
    480: "Unavailable",
    486: "Busy Here",
    487: "Terminated",
    603: "Decline",
}
