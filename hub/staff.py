"""The people who answer: makes the rows of `agents`. Logging in is `hub.auth`."""

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select

from hub.auth import hash_password
from hub.store.tables import agents
from routing.types import Channel

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
PASSWORD_CHARS_MIN = 6
ROLES = frozenset({"agent", "supervisor", "admin"})
LEVEL_MAX = 100

DEFAULT_CAPACITY: dict[str, Any] = {
    "units": 4,
    "caps": {"voice": 1, "chat": 3, "sms": 3, "email": 2},
    "weights": {"voice": 4, "chat": 1, "sms": 1, "email": 1},
}
"""A call takes the whole person; up to four written conversations at once."""


def create_agent(
    conn: Connection,
    *,
    username: str,
    name: str,
    password: str,
    roles: Sequence[str] = ("agent",),
    skills: Mapping[str, int] | None = None,
    capacity: Mapping[str, Any] | None = None,
    language: str = "en",
    phone_endpoint: str = "",
    phone_secret: str = "",
) -> str:
    """Store a new agent and return the agent_id, "agent-" and the username.

    `skills`: level 1-100 by skill. `capacity`: {units, caps: {channel: n}, weights: {channel: units}}; None:
    one call or four written conversations. A phone endpoint without a secret gets a random one. Takes about
    0.1 s for the password. Raises ValueError, with all that is wrong, and writes nothing.
    """
    skills = dict(skills or {})
    capacity = dict(DEFAULT_CAPACITY if capacity is None else capacity)
    mistakes = [
        *_mistakes_of_login(conn, username, name, password, roles),
        *_mistakes_of_work(skills, capacity),
    ]
    if mistakes:
        raise ValueError("; ".join(mistakes))
    agent_id = f"agent-{username}"
    conn.execute(
        insert(agents),
        {
            "agent_id": agent_id,
            "username": username,
            "name": name.strip(),
            "password_hash": hash_password(password),
            "roles": list(roles),
            "language": language,
            "skills": skills,
            "capacity": capacity,
            "phone_endpoint": phone_endpoint,
            "phone_secret": phone_secret or (secrets.token_urlsafe(18) if phone_endpoint else ""),
            "active": True,
        },
    )
    return agent_id


def _mistakes_of_login(
    conn: Connection, username: str, name: str, password: str, roles: Sequence[str]
) -> list[str]:
    mistakes = []
    if not USERNAME.fullmatch(username):
        mistakes.append(f"username {username!r} must be 1-32 of a-z, 0-9, dot, dash and underscore")
    elif conn.execute(select(agents.c.agent_id).where(agents.c.username == username)).first():
        mistakes.append(f"username {username!r} is taken")
    if not name.strip():
        mistakes.append("the name is empty")
    if len(password) < PASSWORD_CHARS_MIN:
        mistakes.append(f"the password has fewer than {PASSWORD_CHARS_MIN} characters")
    if not roles or not ROLES.issuperset(roles):
        mistakes.append(f"roles must be some of {', '.join(sorted(ROLES))}")
    return mistakes


def _mistakes_of_work(skills: Mapping[str, int], capacity: Mapping[str, Any]) -> list[str]:
    mistakes = [
        f"skill {skill!r} must have a level from 1 to {LEVEL_MAX}"
        for skill, level in skills.items()
        if not 1 <= level <= LEVEL_MAX
    ]
    known = {str(channel) for channel in Channel}
    if set(capacity) != {"units", "caps", "weights"} or capacity["units"] < 1:
        return [*mistakes, "capacity needs units (at least 1), caps and weights"]
    for kind in ("caps", "weights"):
        if not known.issuperset(capacity[kind]) or any(number < 0 for number in capacity[kind].values()):
            mistakes.append(f"capacity/{kind} must give a number for some of {', '.join(sorted(known))}")
    return mistakes


def phone_secret(conn: Connection, agent_id: str) -> str:
    """The password of the agent's telephone, "" when there is none."""
    return conn.execute(select(agents.c.phone_secret).where(agents.c.agent_id == agent_id)).scalar() or ""
