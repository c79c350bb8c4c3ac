"""Follows one mailbox: each new mail is stored with its position before anything else happens to it.

Nothing is parsed here. The position is `uidvalidity:uid`; a mail's identity is the hash of its bytes, so a
mailbox that was renumbered (UIDVALIDITY) is read again without doubling anything. One process per mailbox:
the hub sees to that. Start at `ImapSource.run`.
"""

import asyncio
import hashlib
import logging
import random
from collections.abc import Callable
from typing import NoReturn

from channels.base import Host, Raw
from channels.email.imap_client import ImapConnection, ImapError
from channels.email.settings import Imap, Limits, tls_context

BACKOFF_FIRST_S = 0.5
BACKOFF_MAX_S = 60.0
SIZES_BLOCK = 200
OVERSIZE = "oversize:"
"""Provider ids of mails whose headers only were fetched begin with this."""

log = logging.getLogger(__name__)
_jitter = random.SystemRandom()


def provider_id(content: bytes) -> str:
    """A mail's identity in its account, whichever way and however often it comes."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


class ImapSource:
    """One mailbox. `stored` is called after each mail that became durable."""

    def __init__(self, settings: Imap, limits: Limits, host: Host, stored: Callable[[], None]) -> None:
        self._settings = settings
        self._limits = limits
        self._host = host
        self._stored = stored
        self._uidvalidity = 0
        self._last_uid = 0
        self._failures = 0

    async def run(self) -> NoReturn:
        """Serve until cancelled; reconnects for ever, ever slower, and says so in the log."""
        self._uidvalidity, self._last_uid = parsed_cursor(await self._host.cursor())
        while True:
            try:
                await self._follow()
            except (ImapError, OSError, TimeoutError, ValueError) as error:
                self._failures += 1
                pause_s = min(BACKOFF_MAX_S, BACKOFF_FIRST_S * 2 ** min(self._failures - 1, 10))
                pause_s *= _jitter.uniform(0.5, 1.0)
                log.warning(
                    "mailbox lost, trying again",
                    extra={
                        "account": self._host.account,
                        "error": f"{type(error).__name__}: {error}",
                        "failures": self._failures,
                        "pause_s": round(pause_s, 1),
                    },
                )
                await asyncio.sleep(pause_s)

    async def _follow(self) -> NoReturn:
        """One connection's life."""
        settings = self._settings
        context = tls_context(settings.ca_file) if settings.tls != "none" else None
        async with asyncio.timeout(60):
            connection = await ImapConnection.open(
                settings.host, settings.port, settings.tls, context, settings.answer_timeout_s
            )
        try:
            if settings.user:
                await connection.login(settings.user, settings.password)
            uidvalidity = await connection.select(settings.mailbox)
            if uidvalidity != self._uidvalidity:
                log.info("mailbox is numbered anew", extra={"account": self._host.account})
                self._uidvalidity, self._last_uid = uidvalidity, 0
            while True:
                await self._take_new(connection)
                self._failures = 0
                if connection.can_idle():
                    await connection.idle(settings.idle_renew_s)
                else:
                    await asyncio.sleep(min(settings.idle_renew_s, 10.0))
        finally:
            await connection.close()

    async def _take_new(self, connection: ImapConnection) -> None:
        """Store everything above the watermark, oldest first, also what arrived meanwhile."""
        while uids := await connection.uids_after(self._last_uid):
            for start in range(0, len(uids), SIZES_BLOCK):
                block = uids[start : start + SIZES_BLOCK]
                sizes = await connection.sizes(block)
                for uid in block:
                    await self._take(connection, uid, sizes.get(uid))
                    self._last_uid = uid

    async def _take(self, connection: ImapConnection, uid: int, size_bytes: int | None) -> None:
        if size_bytes is None:  # deleted by somebody between SEARCH and FETCH
            return
        oversize = size_bytes > self._limits.mail_max_bytes
        content = await connection.mail(uid, headers_only=oversize)
        if content is None:
            return
        identity = provider_id(content)
        if oversize:
            identity = f"{OVERSIZE}{size_bytes}:{identity}"
        cursor = f"{self._uidvalidity}:{uid}"
        if await self._host.store(Raw(identity, content, self._host.now_ms(), cursor)):
            self._stored()


def parsed_cursor(cursor: str | None) -> tuple[int, int]:
    """(uidvalidity, last uid); zeros when there is none or it is not ours."""
    uidvalidity, _, uid = (cursor or "").partition(":")
    return (int(uidvalidity), int(uid)) if uidvalidity.isdecimal() and uid.isdecimal() else (0, 0)
