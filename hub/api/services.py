"""What the endpoints work with; one object per application."""

from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from hub.auth import Sessions
from hub.clock import Clock
from hub.config import Config
from hub.console.consoles import Consoles
from hub.desk import Desk
from hub.dispatcher import Dispatcher
from hub.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Services:
    """`ready` tells whether the hub can take contacts now; the text says what is missing, "" when nothing."""

    config: Config
    clock: Clock
    dispatcher: Dispatcher
    desk: Desk
    rulebook: Rulebook
    consoles: Consoles
    sessions: Sessions
    ready: Callable[[], str]


SERVICES = web.AppKey("services", Services)
