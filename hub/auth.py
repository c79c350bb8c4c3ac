"""Who is there: passwords, sessions, and the limits on guessing.

A session is an opaque random token; only its SHA-256 is stored. Hashing runs on two threads of its own, so a
whole shift logging in at once delays logins and nothing else. Roles are checked in `hub.api.layer`.
"""

import asyncio
import hashlib
import logging
import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import Connection, Executable, delete, func, insert, select

from hub.clock import Clock
from hub.store.database import Store
from hub.store.tables import agents, sessions

log = logging.getLogger(__name__)

HASHES_AT_ONCE = 2
LOGINS_WAITING_MAX = 200
TRIES_PER_USERNAME = parse("10/5 minutes")
"""Every try counts; a right password clears the count."""
FAILURES_PER_ADDRESS = parse("50/5 minutes")
"""Only failures count: a whole office may come from one address."""
TOKEN_CHARS_MAX = 100

_hasher = PasswordHasher()
_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$3b5mOjzCbJKHUuTCPYDsxw$KdTFwoin5ZUCemUfTBwCwl4OfqcyIk5XzZ1jDr8wz2o"
"""Verified for usernames that do not exist: they cost the same as wrong passwords."""


class WrongCredentials(Exception):
    """No such user, a wrong password or a user who has left; which one is not said."""


class TooManyTries(Exception):
    """Guessing is slowed down; try again after `retry_after_s`."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"retry after {retry_after_s} s")
        self.retry_after_s = retry_after_s


class LoginsBusy(Exception):
    """Too many people log in at this moment."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A logged-in person. `session` names the session (hash of its token)."""

    agent_id: str
    username: str
    name: str
    roles: frozenset[str]
    language: str
    phone_endpoint: str
    session: str
    expires_at_ms: int

    def has(self, role: str) -> bool:
        """Whether the person may act in `role`; an admin may act in every role."""
        return role in self.roles or "admin" in self.roles


def hash_password(password: str) -> str:
    """Argon2id hash for `agents.password_hash`. Takes about 0.1 s: not on the event loop."""
    return _hasher.hash(password)


class Sessions:
    """Logs in and out, and finds who a token belongs to."""

    def __init__(self, store: Store, clock: Clock, *, session_ms: int) -> None:
        self._store = store
        self._clock = clock
        self._session_ms = session_ms
        self._threads = ThreadPoolExecutor(HASHES_AT_ONCE, thread_name_prefix="argon2")
        self._waiting = 0
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def login(self, username: str, password: str, address: str) -> tuple[str, Identity]:
        """Return a new token and whom it stands for.

        Raises WrongCredentials, TooManyTries (too many failures of this user or address) or LoginsBusy.
        """
        username = username.strip().casefold()
        self._take_try(username, address)
        row = await self._store.read(lambda c: _by_username(c, username))
        stored = row.password_hash if row is not None else _NOBODY
        right = await self._verify(stored, password)
        if row is None or not right:
            self._limiter.hit(FAILURES_PER_ADDRESS, "address", address)
            raise WrongCredentials
        self._limiter.clear(TRIES_PER_USERNAME, "username", username)
        token = secrets.token_urlsafe(32)
        now_ms = self._clock.now_ms()
        expires_at_ms = now_ms + self._session_ms
        values = {
            "token_hash": _digest(token),
            "agent_id": row.agent_id,
            "created_at_ms": now_ms,
            "expires_at_ms": expires_at_ms,
        }
        await self._store.write(lambda c: _run(c, insert(sessions).values(values)))
        return token, _identity(row, values["token_hash"], expires_at_ms)

    async def find(self, token: str) -> Identity | None:
        """Whom the token stands for; None when it is unknown, expired, or its person has left."""
        if not token or len(token) > TOKEN_CHARS_MAX:
            return None
        session, now_ms = _digest(token), self._clock.now_ms()
        row = await self._store.read(lambda c: _by_session(c, session, now_ms))
        return None if row is None else _identity(row, session, row.expires_at_ms)

    async def logout(self, session: str) -> None:
        """End the session named so; nothing happens when there is none."""
        await self._store.write(lambda c: _run(c, delete(sessions).where(sessions.c.token_hash == session)))

    async def prune(self) -> None:
        """Forget expired sessions."""
        now_ms = self._clock.now_ms()
        await self._store.write(lambda c: _run(c, delete(sessions).where(sessions.c.expires_at_ms <= now_ms)))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _take_try(self, username: str, address: str) -> None:
        if not self._limiter.test(FAILURES_PER_ADDRESS, "address", address):
            raise TooManyTries(self._retry_after_s(FAILURES_PER_ADDRESS, "address", address))
        if not self._limiter.hit(TRIES_PER_USERNAME, "username", username):
            raise TooManyTries(self._retry_after_s(TRIES_PER_USERNAME, "username", username))

    def _retry_after_s(self, item: RateLimitItem, *identifiers: str) -> int:
        # The library keeps its own time, so the wait is measured against the real clock.
        reset_s = self._limiter.get_window_stats(item, *identifiers).reset_time
        return max(1, int(reset_s - Clock().now_ms() / 1000) + 1)

    async def _verify(self, stored: str, password: str) -> bool:
        if self._waiting >= LOGINS_WAITING_MAX:
            raise LoginsBusy
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, _matches, stored, password)
        finally:
            self._waiting -= 1


def _matches(stored: str, password: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except VerificationError:
        return False
    except InvalidHashError:
        log.warning("a stored password hash cannot be read")
        return False


def _run(connection: Connection, statement: Executable) -> None:
    connection.execute(statement)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _by_username(connection: Connection, username: str) -> Any:
    return connection.execute(
        select(agents).where(func.lower(agents.c.username) == username, agents.c.active)
    ).first()


def _by_session(connection: Connection, session: str, now_ms: int) -> Any:
    return connection.execute(
        select(agents, sessions.c.expires_at_ms)
        .join(sessions, sessions.c.agent_id == agents.c.agent_id)
        .where(sessions.c.token_hash == session, sessions.c.expires_at_ms > now_ms, agents.c.active)
    ).first()


def _identity(row: Any, session: str, expires_at_ms: int) -> Identity:
    return Identity(
        agent_id=row.agent_id,
        username=row.username,
        name=row.name,
        roles=frozenset(row.roles),
        language=row.language,
        phone_endpoint=row.phone_endpoint,
        session=session,
        expires_at_ms=expires_at_ms,
    )
