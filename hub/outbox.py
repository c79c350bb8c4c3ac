"""The outbox: every message to a customer goes out once, or says that nobody knows.

A row is `queued` with its message, `sending` before the first byte leaves, then `sent`, `failed`, or
`unknown` when the answer was lost. Unknown is shown to the agent and never sent again silently; a row
found `sending` at start is unknown too, because the hub died in between.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from channels.base import (
    DeliveryReport,
    DeliveryState,
    Outbound,
    Receipt,
    Rejected,
    Sender,
    Transient,
    Uncertain,
)
from hub.clock import Clock
from hub.executor import Executor
from hub.store.database import Store
from hub.store.tables import interactions, messages, opt_outs, outbox, reports
from hub.supervise import jittered_ms, keep_running, spawn, stop

log = logging.getLogger(__name__)

ATTEMPTS_MAX = 40
RETRY_FIRST_MS = 2_000
RETRY_MAX_MS = 3_600_000
SEND_DEADLINE_S = 120
IDLE_LOOK_S = 5.0

_RANK = {
    DeliveryState.QUEUED: 0,
    DeliveryState.SENDING: 1,
    DeliveryState.UNKNOWN: 2,
    DeliveryState.SENT: 3,
    DeliveryState.UNDELIVERED: 4,
    DeliveryState.FAILED: 4,
    DeliveryState.DELIVERED: 5,
}
"""A report of a lower rank came late and is ignored."""


def enqueue(connection: Connection, now_ms: int, account: str, message_id: str, outbound: Outbound) -> None:
    """Put a message (whose row exists) into the outbox, in the caller's transaction."""
    row = {
        "outbox_id": outbound.key,
        "message_id": message_id,
        "account": account,
        "state": "queued",
        "payload": msgspec.to_builtins(outbound),
        "next_at_ms": now_ms,
        "created_at_ms": now_ms,
    }
    connection.execute(insert(outbox), row)


class Outbox:
    """Sends what is queued, one message at a time per account."""

    def __init__(self, store: Store, clock: Clock, executor: Executor, senders: Mapping[str, Sender]) -> None:
        self._store = store
        self._clock = clock
        self._executor = executor
        self._senders = senders
        self._wakes = {account: asyncio.Event() for account in senders}
        self._tasks: list[asyncio.Task[Any]] = []

    async def start(self) -> None:
        """Settle what a dead hub left behind, then begin to send."""
        await self._settle_interrupted("the hub was stopped while sending")
        for account in self._senders:
            task = keep_running(lambda account=account: self._serve(account), f"outbox {account}")  # type: ignore[misc]
            self._tasks.append(spawn(task, f"outbox {account}"))

    async def close(self) -> None:
        await stop(*self._tasks)

    def wake(self, account: str) -> None:
        """Something was enqueued for this account."""
        if account in self._wakes:
            self._wakes[account].set()

    async def _settle_interrupted(self, why: str, account: str | None = None) -> None:
        """What was being sent (on this account; None: on any) when the sender stopped is unknown."""
        left = await self._store.write(lambda c: _mark_interrupted(c, why, account))
        for interaction_id, message_id in left:
            self._executor.message_changed(interaction_id, message_id)

    async def _serve(self, account: str) -> None:
        # Also after a defect in the adapter: whether its message left is not known either.
        await self._settle_interrupted("sending broke off in the middle", account)
        wake = self._wakes[account]
        while True:
            wake.clear()  # before the look: what is enqueued during it wakes us again
            row = await self._store.write(lambda c: _claim(c, account, self._clock.now_ms()))
            if row is not None:
                await self._send(account, row)
                continue
            try:
                async with asyncio.timeout(IDLE_LOOK_S):
                    await wake.wait()
            except TimeoutError:
                continue

    async def _send(self, account: str, row: Row[Any]) -> None:
        self._executor.message_changed(*await self._where(row.message_id))
        outbound = msgspec.convert(row.payload, Outbound)
        state, detail, receipt, retry_ms = DeliveryState.SENT, "", None, None
        try:
            if await self._store.read(lambda c: _opted_out(c, account, outbound.recipient)):
                raise Rejected("The customer has opted out of messages (STOP).", "opted_out")
            async with asyncio.timeout(SEND_DEADLINE_S):
                receipt = await self._senders[account].send(outbound)
            # The provider may call it queued: for us it has left, and must never leave again.
            state = max(receipt.state, DeliveryState.SENT, key=_RANK.__getitem__)
            if receipt.refused:
                detail = "refused for: " + ", ".join(receipt.refused)
        except Transient as error:
            retry_ms = error.retry_after_ms or 0
            state, detail = DeliveryState.QUEUED, str(error)
        except Rejected as error:
            state, detail = DeliveryState.FAILED, str(error)
        except (Uncertain, TimeoutError) as error:
            state, detail = DeliveryState.UNKNOWN, str(error) or "no answer in time"
        if retry_ms is not None and row.attempts + 1 >= ATTEMPTS_MAX:
            state, detail, retry_ms = DeliveryState.FAILED, f"given up: {detail}", None
        await self._settle(row, state, detail, receipt, retry_ms)

    async def _settle(
        self, row: Row[Any], state: DeliveryState, detail: str, receipt: Receipt | None, retry_ms: int | None
    ) -> None:
        wait_ms = 0
        if retry_ms is not None:
            wait_ms = max(retry_ms, jittered_ms(row.attempts, RETRY_FIRST_MS, RETRY_MAX_MS))
        next_at_ms = self._clock.now_ms() + wait_ms

        def settle(connection: Connection) -> None:
            done = "sent" if receipt is not None else str(state)
            values = {"state": done, "error": detail, "next_at_ms": next_at_ms}
            connection.execute(update(outbox).where(outbox.c.outbox_id == row.outbox_id).values(values))
            changed: dict[str, Any] = {"delivery": str(state), "delivery_detail": detail[:500]}
            if receipt is not None and receipt.provider_ref:
                changed["provider_ref"] = receipt.provider_ref
            connection.execute(
                update(messages).where(messages.c.message_id == row.message_id).values(changed)
            )
            if receipt is not None:
                _apply_early_report(connection, row.account, receipt.provider_ref, row.message_id)

        await self._store.write(settle)
        log.info("outbox settled", extra={"message_id": row.message_id, "state": str(state)})
        self._executor.message_changed(*await self._where(row.message_id))

    async def _where(self, message_id: str) -> tuple[str, str]:
        interaction_id = await self._store.read(
            lambda c: c.execute(
                select(messages.c.interaction_id).where(messages.c.message_id == message_id)
            ).scalar_one()
        )
        return interaction_id, message_id

    async def report(self, account: str, report: DeliveryReport) -> None:
        """News from the provider; kept when the message is not known yet."""
        message_id = await self._store.write(lambda c: _report(c, account, report))
        if message_id is not None:
            self._executor.message_changed(*await self._where(message_id))


def _claim(connection: Connection, account: str, now_ms: int) -> Row[Any] | None:
    row = connection.execute(
        select(outbox)
        .where(outbox.c.account == account, outbox.c.state == "queued", outbox.c.next_at_ms <= now_ms)
        .order_by(outbox.c.next_at_ms, outbox.c.created_at_ms)
        .limit(1)
    ).first()
    if row is not None:
        values = {"state": "sending", "attempts": row.attempts + 1}
        connection.execute(update(outbox).where(outbox.c.outbox_id == row.outbox_id).values(values))
        connection.execute(
            update(messages).where(messages.c.message_id == row.message_id).values(delivery="sending")
        )
    return row


def _mark_interrupted(connection: Connection, why: str, account: str | None) -> list[tuple[str, str]]:
    where = [outbox.c.state == "sending"]
    if account is not None:
        where.append(outbox.c.account == account)
    rows = connection.execute(
        select(messages.c.interaction_id, messages.c.message_id)
        .join(outbox, outbox.c.message_id == messages.c.message_id)
        .where(*where)
    ).all()
    connection.execute(update(outbox).where(*where).values(state="unknown", error=why))
    for row in rows:
        connection.execute(
            update(messages)
            .where(messages.c.message_id == row.message_id)
            .values(delivery="unknown", delivery_detail=why)
        )
    return [(row.interaction_id, row.message_id) for row in rows]


def _opted_out(connection: Connection, account: str, address: str) -> bool:
    return (
        connection.execute(
            select(opt_outs.c.address).where(opt_outs.c.account == account, opt_outs.c.address == address)
        ).first()
        is not None
    )


def _report(connection: Connection, account: str, report: DeliveryReport) -> str | None:
    where = (reports.c.account == account, reports.c.provider_ref == report.provider_ref)
    known = connection.execute(select(reports).where(*where)).first()
    if known is not None and _RANK[DeliveryState(known.state)] >= _RANK[report.state]:
        return None
    values = {"state": str(report.state), "detail": report.detail[:500], "at_ms": report.at_ms}
    if known is None:
        row = {"account": account, "provider_ref": report.provider_ref, **values}
        connection.execute(insert(reports), row)
    else:
        connection.execute(update(reports).where(*where).values(values))
    # Providers number as they like: a reference means something on its own account only.
    message = connection.execute(
        select(messages)
        .join(interactions, interactions.c.interaction_id == messages.c.interaction_id)
        .where(messages.c.provider_ref == report.provider_ref, interactions.c.account == account)
    ).first()
    if message is None or _RANK[DeliveryState(message.delivery)] >= _RANK[report.state]:
        return None
    changed = {"delivery": str(report.state), "delivery_detail": report.detail[:500]}
    connection.execute(update(messages).where(messages.c.message_id == message.message_id).values(changed))
    message_id: str = message.message_id
    return message_id


def _apply_early_report(connection: Connection, account: str, provider_ref: str, message_id: str) -> None:
    """The provider may report before it has answered our request."""
    early = connection.execute(
        select(reports).where(reports.c.account == account, reports.c.provider_ref == provider_ref)
    ).first()
    if early is not None and _RANK[DeliveryState(early.state)] > _RANK[DeliveryState.SENT]:
        connection.execute(
            update(messages)
            .where(messages.c.message_id == message_id)
            .values(delivery=early.state, delivery_detail=early.detail)
        )
