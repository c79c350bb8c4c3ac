"""The people who answer: makes the rows of `agents`. Logging in is `hub.auth`."""

import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from hub.agent_work import read_work
from hub.auth import hash_password
from hub.store.tables import agents

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,31}")
PASSWORD_CHARS_MIN = 6
ROLES = frozenset({"agent", "supervisor", "admin"})

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
    skills: Mapping[str, Any] | None = None,
    capacity: Mapping[str, Any] | None = None,
    language: str = "en",
    phone_endpoint: str = "",
    phone_secret: str = "",
) -> str:
    """Store a new agent and return the agent_id, "agent-" and the username.

    `skills` and `capacity` are in the form of `hub.agent_work`; without a capacity it is one call or four
    written conversations. A phone endpoint without a secret gets a random one. Takes about
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


def change_work(
    conn: Connection,
    *,
    username: str,
    skills: Mapping[str, Any] | None = None,
    some_skills: Mapping[str, Any] | None = None,
    capacity: Mapping[str, Any] | None = None,
) -> str:
    """Give an agent other skills or another capacity, and return the agent_id; None: as they are.

    `some_skills` are added or changed, the others stay. Raises ValueError, with all that is wrong, and writes
    nothing.
    """
    row = conn.execute(select(agents).where(agents.c.username == username)).first()
    if row is None:
        raise ValueError(f"there is nobody called {username!r}")
    work = {
        "skills": {**(row.skills if skills is None else skills), **(some_skills or {})},
        "capacity": dict(row.capacity if capacity is None else capacity),
    }
    if mistakes := _mistakes_of_work(work["skills"], work["capacity"]):
        raise ValueError("; ".join(mistakes))
    conn.execute(update(agents).where(agents.c.agent_id == row.agent_id).values(work))
    agent_id: str = row.agent_id
    return agent_id


def _mistakes_of_work(skills: Mapping[str, Any], capacity: Mapping[str, Any]) -> list[str]:
    try:
        read_work(skills, capacity)
    except ValueError as error:
        return [str(error)]
    return []


def phone_secret(conn: Connection, agent_id: str) -> str:
    """The password of the agent's telephone, "" when there is none."""
    return conn.execute(select(agents.c.phone_secret).where(agents.c.agent_id == agent_id)).scalar() or ""
