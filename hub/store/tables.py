"""Every table, as SQLAlchemy Core. Instants are BIGINT `*_at_ms`; JSON is stored as text by `Json`.

The journal holds what the engine is told; everything else is ordinary data. Migrations in `migrations/` are
compared with this file by a test.
"""

from typing import Any

import orjson
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Json(TypeDecorator[Any]):
    """JSON in a text column, through orjson."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        return None if value is None else orjson.dumps(value).decode()

    def process_result_value(self, value: Any, dialect: Any) -> Any:
        return None if value is None else orjson.loads(value)


def _at(name: str, **options: Any) -> Column[int]:
    return Column(name, BigInteger, **options)


# SQLite gives row ids (and so AUTOINCREMENT) only to INTEGER.
_BIG_ID = BigInteger().with_variant(Integer, "sqlite")

journal = Table(
    "journal",
    metadata,
    Column("seq", _BIG_ID, primary_key=True, autoincrement=True),
    _at("at_ms", nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    sqlite_autoincrement=True,
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("seq", BigInteger, primary_key=True),
    _at("at_ms", nullable=False),
    Column("engine_version", Integer, nullable=False),
    Column("body", Text, nullable=False),
)

positions = Table(
    "positions",
    metadata,
    Column("name", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)
"""How far a follower of the journal has come, e.g. "projection"."""

customers = Table(
    "customers",
    metadata,
    Column("customer_id", Text, primary_key=True),
    Column("name", Text, nullable=False, server_default=""),
    Column("language", Text, nullable=False, server_default=""),
    Column("known", Boolean, nullable=False),
    _at("since_at_ms"),
    _at("created_at_ms", nullable=False),
    Column("preferred_agent_id", Text, nullable=False, server_default=""),
    Column("number", Text, unique=True),
)
"""`number` is the customer number (with check digit) that callers type in the IVR."""

addresses = Table(
    "addresses",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("customer_id", ForeignKey("customers.customer_id"), nullable=False, index=True),
)

purchases = Table(
    "purchases",
    metadata,
    Column("purchase_id", Text, primary_key=True),
    Column("customer_id", ForeignKey("customers.customer_id"), nullable=False),
    _at("at_ms", nullable=False),
    Column("product", Text, nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("margin_cents", BigInteger, nullable=False),
    Index(None, "customer_id", "at_ms"),
)

orders = Table(
    "orders",
    metadata,
    Column("order_no", Text, primary_key=True),
    Column("customer_id", ForeignKey("customers.customer_id"), nullable=False, index=True),
    _at("placed_at_ms", nullable=False),
    Column("status", Text, nullable=False),
    _at("promised_at_ms"),
    Column("product", Text, nullable=False, server_default=""),
)
"""`status`: placed, packed, shipped, delivered, returned. `order_no` is digits with a Luhn check digit."""

cases = Table(
    "cases",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("customer_id", ForeignKey("customers.customer_id"), nullable=False, index=True),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("state", Text, nullable=False),
    _at("opened_at_ms", nullable=False),
    _at("closed_at_ms"),
    Column("csat", Integer),
)
"""`kind`: request or complaint; `state`: open or closed; `csat` 1-5 when the customer rated it."""

scores = Table(
    "scores",
    metadata,
    Column("customer_id", ForeignKey("customers.customer_id"), primary_key=True),
    Column("decayed_margin", Float, nullable=False),
    _at("margin_at_ms", nullable=False),
    Column("rank_key", Float, nullable=False, index=True),
    Column("value", Integer, nullable=False),
    Column("loyalty", Integer, nullable=False),
    Column("tier", Text, nullable=False),
    Column("parts", Json, nullable=False),
    Column("model_version", Integer, nullable=False),
    _at("computed_at_ms", nullable=False),
)

interactions = Table(
    "interactions",
    metadata,
    Column("interaction_id", Text, primary_key=True),
    Column("customer_id", ForeignKey("customers.customer_id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("our_address", Text, nullable=False, server_default=""),
    Column("subject", Text, nullable=False, server_default=""),
    Column("language", Text, nullable=False, server_default=""),
    Column("state", Text, nullable=False),
    _at("opened_at_ms", nullable=False),
    _at("changed_at_ms", nullable=False),
    _at("closed_at_ms"),
    Column("last_seq", Integer, nullable=False, server_default="0"),
    Column("last_agent_id", Text, nullable=False, server_default=""),
    Column("disposition", Text, nullable=False, server_default=""),
    Column("answers", Json, nullable=False, server_default="{}"),
    Index(None, "customer_id", "opened_at_ms"),
    Index(None, "account", "address", "state"),
)

contacts = Table(
    "contacts",
    metadata,
    Column("contact_id", Text, primary_key=True),
    Column("interaction_id", ForeignKey("interactions.interaction_id"), nullable=False, index=True),
    Column("customer_id", ForeignKey("customers.customer_id"), nullable=False, index=True),
    Column("channel", Text, nullable=False),
    Column("queue_id", Text, nullable=False),
    Column("state", Text, nullable=False, index=True),
    Column("agent_id", Text, nullable=False, server_default=""),
    _at("arrived_at_ms", nullable=False, index=True),
    _at("enqueued_at_ms", nullable=False),
    _at("state_since_at_ms", nullable=False),
    _at("connected_at_ms"),
    _at("ended_at_ms"),
    _at("closed_at_ms"),
    _at("until_at_ms"),
    Column("end_reason", Text, nullable=False, server_default=""),
    Column("disposition", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    Column("value", Integer, nullable=False),
    Column("loyalty", Integer, nullable=False),
    Column("head_start_ms", BigInteger, nullable=False),
    Column("rule_id", Text, nullable=False),
    Column("rule_set", Text, nullable=False),
    Column("read_seq", Integer, nullable=False, server_default="0"),
    Column("held", Boolean, nullable=False, server_default="0"),
    Column("calendar_state", Text, nullable=False, server_default=""),
    Column("calendar_reason", Text, nullable=False, server_default=""),
)
"""The engine's contacts for people and reports: a projection of the journal, plus what people entered.

`calendar_state` and `calendar_reason` are what the hours of the queue said when it came; "" in older rows.

`ended_at_ms` is set in the transaction that journals the end, so intake never appends to an ending contact.
For voice, contact_id equals the interaction's call id.
"""

messages = Table(
    "messages",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("interaction_id", ForeignKey("interactions.interaction_id"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("contact_id", Text, nullable=False, server_default=""),
    Column("author", Text, nullable=False),
    Column("author_name", Text, nullable=False, server_default=""),
    Column("channel", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("new_text", Text, nullable=False, server_default=""),
    Column("html", Text, nullable=False, server_default=""),
    Column("subject", Text, nullable=False, server_default=""),
    _at("at_ms", nullable=False),
    Column("client_id", Text),
    Column("provider_message_id", Text, index=True),
    Column("delivery", Text, nullable=False, server_default=""),
    Column("delivery_detail", Text, nullable=False, server_default=""),
    Column("provider_ref", Text, index=True),
    UniqueConstraint("interaction_id", "seq"),
    UniqueConstraint("interaction_id", "client_id"),
)
"""`author`: customer, agent, system, note. `new_text`: `text` without quoted history, "" when that is all.
`provider_message_id`: e-mail Message-ID for threading."""

attachments = Table(
    "attachments",
    metadata,
    Column("attachment_id", Text, primary_key=True),
    Column("message_id", ForeignKey("messages.message_id"), nullable=False, index=True),
    Column("filename", Text, nullable=False),
    Column("content_type", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("content_id", Text, nullable=False, server_default=""),
    Column("blocked", Text, nullable=False, server_default=""),
    Column("content", LargeBinary, nullable=False),
)

inbound = Table(
    "inbound",
    metadata,
    Column("account", Text, primary_key=True),
    Column("provider_id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    _at("received_at_ms", nullable=False),
    Column("raw", LargeBinary),
    Column("reason", Text, nullable=False, server_default=""),
    Column("interaction_id", Text, nullable=False, server_default=""),
    Column("message_id", Text, nullable=False, server_default=""),
    Column("seq", Integer, nullable=False, server_default="0"),
    Index(None, "account", "state"),
)
"""What came in, once each. `state`: stored, admitted, quarantined."""

cursors = Table(
    "cursors",
    metadata,
    Column("account", Text, primary_key=True),
    Column("cursor", Text, nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("outbox_id", Text, primary_key=True),
    Column("message_id", ForeignKey("messages.message_id"), nullable=False, unique=True),
    Column("account", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("payload", Json, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _at("next_at_ms", nullable=False),
    _at("created_at_ms", nullable=False),
    Column("error", Text, nullable=False, server_default=""),
    Index(None, "state", "next_at_ms"),
)
"""`state`: queued, sending, sent, unknown, failed. A `sending` row found at start is `unknown`."""

reports = Table(
    "delivery_reports",
    metadata,
    Column("account", Text, primary_key=True),
    Column("provider_ref", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    _at("at_ms", nullable=False),
)
"""The furthest delivery report per message; may come before our own send returned."""

decisions = Table(
    "decisions",
    metadata,
    Column("offer_id", Text, primary_key=True),
    Column("contact_id", Text, nullable=False, index=True),
    Column("agent_id", Text, nullable=False),
    _at("at_ms", nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("outcome", Text, nullable=False, server_default=""),
    Column("trace", Json, nullable=False),
)

agents = Table(
    "agents",
    metadata,
    Column("agent_id", Text, primary_key=True),
    Column("username", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("roles", Json, nullable=False),
    Column("language", Text, nullable=False, server_default="en"),
    Column("skills", Json, nullable=False),
    Column("capacity", Json, nullable=False),
    Column("phone_endpoint", Text, nullable=False, server_default=""),
    Column("phone_secret", Text, nullable=False, server_default=""),
    Column("active", Boolean, nullable=False, server_default="1"),
)
"""`skills` and `capacity` are in the form of `hub.agent_work`."""

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("agent_id", ForeignKey("agents.agent_id"), nullable=False, index=True),
    _at("created_at_ms", nullable=False),
    _at("expires_at_ms", nullable=False),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("agent_id", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    _at("at_ms", nullable=False),
)

rule_sets = Table(
    "rule_sets",
    metadata,
    Column("hash", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("body", Json, nullable=False),
    Column("author", Text, nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    _at("created_at_ms", nullable=False),
    _at("published_at_ms"),
    Column("trial", Json),
)
"""`state`: draft, simulated, approved, staged (at most one), published (exactly one) or retired.
`published_at_ms`: last time. `trial`: {percent, queues} while it is staged: who gets it.
"""

Index(
    "uq_rule_sets_in_force",
    rule_sets.c.state,
    unique=True,
    sqlite_where=rule_sets.c.state.in_(("published", "staged")),
    postgresql_where=rule_sets.c.state.in_(("published", "staged")),
)

rule_set_steps = Table(
    "rule_set_steps",
    metadata,
    Column("step_id", _BIG_ID, primary_key=True, autoincrement=True),
    Column("hash", ForeignKey("rule_sets.hash"), nullable=False, index=True),
    Column("state", Text, nullable=False),
    Column("by", Text, nullable=False),
    _at("at_ms", nullable=False),
    Column("note", Text, nullable=False, server_default=""),
    Column("detail", Json, nullable=False, server_default="{}"),
)
"""How a rule set came where it is: each state that it went into, who did it and when.

`detail`: the summary of a simulation, what was skipped before a publication, the share of a trial.
"""

opt_outs = Table(
    "opt_outs",
    metadata,
    Column("account", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    _at("at_ms", nullable=False),
)
"""Customers who sent STOP on an SMS account; the outbox refuses to send to them."""

settings = Table(
    "settings",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""Small facts of this installation: master secret, demo seed version."""
