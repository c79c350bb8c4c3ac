"""The demo page's server: everything a newcomer needs to play the company's customers.

Mounted by the hub only when the demo is enabled. Owns the page's API; texts and mails go into the hub through
its real webhook and its real SMTP listener (`gateway.py`, `mailbox.py`), and what the hub sends comes back
here. Nothing is kept on disk. Start at `Carrier.mount`.

Limits: 64 kB a request, 30 sends in 10 s, sizes as in the two modules; 200 items kept per address.
"""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, TypeVar

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from channels.email import Settings as EmailSettings
from channels.sms import Settings as SmsSettings
from channels.webchat import Settings as ChatSettings
from channels.webchat.limits import Window
from hub.accounts import AccountHost, Ports
from hub.clock import Clock
from hub.config import Config
from hub.console.server import is_same_origin
from hub.demo.gateway import BODY_MAX_BYTES, Gateway, Line, NotTakenError
from hub.demo.mailbox import Mailboxes, Route
from hub.demo.seed_agents import DEMO_LOGINS
from hub.demo.seed_showcase import SHOWCASE
from hub.demo.threads import Threads
from hub.demo.visitors import sign_in
from hub.store.database import Store

GATEWAY_PATH = "/demo/carrier"
SENDS_MAX, SENDS_SPAN_MS = 30, 10_000
_LOOPBACK = ("127.0.0.1", "::1", "localhost")

_Short = Annotated[str, Meta(max_length=320)]


class SmsForm(Struct):
    """POST /demo/api/sms"""

    sender: _Short = msgspec.field(name="from")
    text: str


class MailForm(Struct):
    """POST /demo/api/mail; `answers` is the seq of the mail that is answered, 0 for a new one."""

    sender: _Short = msgspec.field(name="from")
    text: str
    subject: str = ""
    name: _Short = ""
    answers: Annotated[int, Meta(ge=0, le=2**53)] = 0


class SignInForm(Struct):
    """POST /demo/api/sign-in"""

    person: _Short


Form = TypeVar("Form", SmsForm, MailForm, SignInForm)


class Carrier:
    """Build it with what a hub is made of, then `mount` it before the application starts."""

    def __init__(self, config: Config, store: Store, clock: Clock, ports: Ports) -> None:
        self._config = config
        self._store = store
        self._clock = clock
        self._ports = ports
        self._threads = Threads()
        self._public_url = ports.public_url.rstrip("/")
        self._sms_account, self._sms = self._sms_line()
        self._mail_address, self._mail = self._mail_route()
        self._chat_account = _first(config, ChatSettings)[0]
        self._sends = Window(SENDS_MAX, SENDS_SPAN_MS)

    def mount(self, app: web.Application) -> None:
        """Add the routes, and serve as long as the application does."""
        app.add_routes(self.routes())
        app.cleanup_ctx.append(self._serving)

    async def _serving(self, _app: web.Application) -> AsyncIterator[None]:
        if self._sms is not None:
            self._sms.start()
        if self._mail is not None:
            await self._mail.start()
        yield
        if self._sms is not None:
            await self._sms.stop()
        if self._mail is not None:
            await self._mail.stop()

    def routes(self) -> Sequence[web.RouteDef]:
        routes = [
            web.get("/demo/api/people", self._people),
            web.get("/demo/api/inbox", self._inbox),
            web.get("/demo/api/phone", self._phone),
            web.post("/demo/api/sign-in", self._sign_in),
            web.post("/demo/api/sms", self._send_sms),
            web.post("/demo/api/mail", self._send_mail),
            web.route("*", "/demo/api/{rest:.*}", self._unknown),
        ]
        if self._sms is not None:
            path = GATEWAY_PATH + "/2010-04-01/Accounts/{sid}/Messages.json"
            routes.append(web.post(path, self._sms.messages))
        return routes

    # ------------------------------------------------------------------------------------------ reading

    async def _people(self, _request: web.Request) -> web.Response:
        """Who can be played, who can log in, and which ways lead to the company."""
        sms, mail = self._sms_account, self._mail_address
        body = {
            "company": self._config.company.name,
            "people": [
                {
                    "key": person.key,
                    "name": person.name,
                    "language": person.language,
                    "phone": person.phone,
                    "email": person.email,
                    "tier": person.tier,
                    "about": person.about,
                    "number": person.number,
                    "order_no": person.order_no,
                    "known": person.known,
                }
                for person in SHOWCASE
            ],
            "logins": [
                {
                    "username": login.username,
                    "name": login.name,
                    "password": login.password,
                    "roles": login.roles,
                    "about": login.about,
                }
                for login in DEMO_LOGINS
            ],
            "chat": {"account": self._chat_account} if self._chat_account else None,
            "sms": {"number": sms.number, "replies": self._own_gateway()} if sms else None,
            "phone": self._config.demo.phone is not None and self._config.voice is not None,
            "mail": {"address": mail, "replies": self._mail.receives} if mail and self._mail else None,
        }
        return _json(body)

    async def _inbox(self, request: web.Request) -> web.Response:
        """Texts of `sms` and mails of `mail` with a seq above `after`."""
        after = request.query.get("after", "0")
        if not after.isascii() or not after.isdigit() or len(after) > 16:
            return _problem(422, "after must be a number.")
        items = [
            *self._threads.after("sms", request.query.get("sms", "")[:20], int(after)),
            *self._threads.after("mail", request.query.get("mail", "")[:320].lower(), int(after)),
        ]
        items.sort(key=lambda item: item.seq)
        return _json({"epoch": self._threads.epoch, "items": items})

    async def _phone(self, _request: web.Request) -> web.Response:
        """What the browser's telephone registers with; 404 where there is no Asterisk for it."""
        phone = self._config.demo.phone
        if phone is None or self._config.voice is None:
            return _problem(404, "There is no telephone here; `make lab` brings one.")
        return _json(
            {
                "ws_uri": phone.ws_uri,
                "sip_uri": f"sip:{phone.endpoint}@{phone.domain}",
                "password": phone.password,
                "dial": f"sip:{phone.dial}@{phone.domain}",
            }
        )

    async def _unknown(self, _request: web.Request) -> web.Response:
        return _problem(404, "There is no such address.")

    # ------------------------------------------------------------------------------------------ sending

    async def _sign_in(self, request: web.Request) -> web.Response:
        """A chat token for a customer who is known; 404 for who is not: chat without one then."""
        try:
            form = await self._form(request, SignInForm)
        except NotTakenError as error:
            return _problem(error.status, str(error))
        person = next((person for person in SHOWCASE if person.key == form.person and person.known), None)
        if person is None or not self._chat_account:
            return _problem(404, "Nobody known by that name.")
        secret = AccountHost(self._chat_account, self._ports).secret
        customer_id = person.person(0).customer_id
        token = await sign_in(self._store, self._clock, self._chat_account, secret, customer_id)
        return _json({"token": token}) if token else _problem(404, "The customer is not in the database.")

    async def _send_sms(self, request: web.Request) -> web.Response:
        try:
            form = await self._form(request, SmsForm)
            if self._sms is None:
                raise NotTakenError(404, "There is no SMS account.")
            return _json(await self._sms.receive(form.sender.strip(), form.text))
        except NotTakenError as error:
            return _problem(error.status, str(error))

    async def _send_mail(self, request: web.Request) -> web.Response:
        try:
            form = await self._form(request, MailForm)
            if self._mail is None:
                raise NotTakenError(404, "There is no mail account.")
            letter = (form.sender.strip(), form.name, form.subject, form.text, form.answers)
            return _json(await self._mail.write(*letter))
        except NotTakenError as error:
            return _problem(error.status, str(error))

    async def _form(self, request: web.Request, kind: type[Form]) -> Form:
        origin = request.headers.get("Origin")
        if origin is not None and not is_same_origin(origin, request.host, ()):
            raise NotTakenError(403, "This request comes from another site.")
        if self._sends.take("", self._clock.now_ms()):
            raise NotTakenError(429, "That is too fast. Please wait a moment.")
        if request.content_type != "application/json":
            raise NotTakenError(415, "Send JSON.")
        body = await request.content.read(BODY_MAX_BYTES + 1)
        while len(body) <= BODY_MAX_BYTES and (more := await request.content.read(BODY_MAX_BYTES)):
            body += more
        if len(body) > BODY_MAX_BYTES:
            raise NotTakenError(413, f"A request has at most {BODY_MAX_BYTES} bytes.")
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise NotTakenError(422, f"The request cannot be read: {str(error)[:200]}") from error

    # ------------------------------------------------------------------------------------------- set-up

    def _sms_line(self) -> tuple[SmsSettings | None, Gateway | None]:
        name, settings = _first(self._config, SmsSettings)
        if settings is None:
            return None, None
        public_url = (settings.public_url or self._public_url).rstrip("/")
        line = Line(
            name,
            settings.number,
            settings.account_sid,
            settings.auth_token,
            public_url,
            self._local_url(),
        )
        return settings, Gateway(line, self._threads, self._clock)

    def _own_gateway(self) -> bool:
        """Whether the hub's texts come to us, and not to another provider."""
        return self._sms_account is not None and self._sms_account.api_url.rstrip("/").endswith(GATEWAY_PATH)

    def _mail_route(self) -> tuple[str, Mailboxes | None]:
        _, settings = _first(self._config, EmailSettings)
        if settings is None or settings.listen is None:
            return "", None
        smtp = settings.smtp
        ours = smtp is not None and smtp.host in _LOOPBACK and smtp.tls == "none" and not smtp.user
        route = Route(
            settings.address,
            settings.listen.host,
            settings.listen.port,
            smtp.host if ours and smtp else "127.0.0.1",
            smtp.port if ours and smtp else 0,
        )
        return settings.address, Mailboxes(route, self._threads, self._clock)

    def _local_url(self) -> str:
        host = self._config.http.host
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}.get(host, host)  # noqa: S104
        return f"http://{host}:{self._config.http.port}"


AnySettings = TypeVar("AnySettings")


def _first(config: Config, kind: type[AnySettings]) -> tuple[str, AnySettings | None]:
    """The first account with settings of this kind."""
    for account in config.accounts.values():
        if isinstance(account.settings, kind):
            return account.name, account.settings
    return "", None


def _json(body: Any) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(body),
        content_type="application/json",
        headers={"Cache-Control": "no-store"},
    )


def _problem(status: int, detail: str) -> web.Response:
    body = {"type": "about:blank", "title": "error", "status": status, "detail": detail}
    return web.Response(
        status=status, body=msgspec.json.encode(body), content_type="application/problem+json"
    )
