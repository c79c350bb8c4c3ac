"""The contract of every message adapter: what came in is there once, what failed says how.

Adapters join by `cases_<type>.py` (see rig.py); a folder in `channels/` without one fails the first test.
"""

import asyncio
import dataclasses
import importlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from channels.base import Rejected, Sender, Transient, Uncertain
from tests.contract.rig import Failure, Rig, SendingRig
from tests.lab.adapter_run import running, until

HERE = Path(__file__).parent
TYPES = sorted(path.stem.removeprefix("cases_") for path in HERE.glob("cases_*.py"))
UNICODE = "你好 Kim — 😀 e\u0301 \u202eאבג\u202c ﷽ =?utf-8?q?x?= &<b>"

Open = Callable[[Path], AbstractAsyncContextManager[Any]]


def cases(kind: str) -> ModuleType:
    return importlib.import_module(f"tests.contract.cases_{kind}")


SENDERS = [kind for kind in TYPES if cases(kind).SENDS]


@pytest.fixture(params=TYPES)
def opened(request: pytest.FixtureRequest) -> Open:
    """The `rig` of each adapter in turn."""
    opened: Open = cases(request.param).rig
    return opened


@pytest.fixture
async def rig(opened: Open, tmp_path: Path) -> AsyncIterator[Rig]:
    async with opened(tmp_path) as rig:
        yield rig


@pytest.fixture(params=SENDERS)
async def sending(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SendingRig]:
    async with cases(request.param).rig(tmp_path) as rig:
        yield rig


def texts(rig: Rig) -> list[str]:
    return [inbound.text for inbound in rig.host.admitted()]


def test_every_adapter_is_in_this_suite() -> None:
    """A new channel brings its cases with it."""
    folder = HERE.parents[1] / "channels"
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__", "base"}
    packages = {path.parent.name for path in folder.glob("*/__init__.py")}
    assert modules | packages == set(TYPES)


@pytest.mark.parametrize("kind", TYPES)
def test_settings_are_a_frozen_documented_dataclass(kind: str) -> None:
    """The hub validates them from config.yaml by their types."""
    settings = importlib.import_module(f"channels.{kind}").Settings
    assert dataclasses.is_dataclass(settings)
    assert settings.__dataclass_params__.frozen
    assert settings.__doc__


async def test_a_message_is_admitted_once_however_often_it_comes(rig: Rig) -> None:
    """Repeats, also at the same moment, are acknowledged and change nothing."""
    async with running(rig.adapter):
        assert await rig.deliver("hello", "r1")
        await until(lambda: texts(rig) == ["hello"])
        repeats = await asyncio.gather(*(rig.deliver("hello", "r1") for _ in range(5)))
        assert all(repeats)
        assert await rig.deliver("after", "r2")
        await until(lambda: "after" in texts(rig))
    assert texts(rig) == ["hello", "after"]


async def test_what_customers_write_arrives_as_written(rig: Rig) -> None:
    """Scripts of both directions, emoji, combining marks, and what looks like markup or an encoding."""
    async with running(rig.adapter):
        assert await rig.deliver(UNICODE, "r1")
        await until(lambda: texts(rig) == [UNICODE])


async def test_too_large_a_message_is_not_taken_and_holds_up_nobody(rig: Rig) -> None:
    """Refused to its sender; the next one passes."""
    async with running(rig.adapter):
        assert not await rig.deliver_oversize()
        assert await rig.deliver("short", "r2")
        await until(lambda: texts(rig) == ["short"])


async def test_what_was_not_stored_is_not_acknowledged(rig: Rig) -> None:
    """The sender keeps it and comes again; then it is there once."""
    async with running(rig.adapter):
        rig.host.fault = RuntimeError("disk full")
        assert not await rig.deliver("hello", "r1")
        rig.host.fault = None
        assert await rig.deliver("hello", "r1")
        await until(lambda: texts(rig) == ["hello"])


async def test_cancelled_in_the_middle_and_started_again(opened: Open, tmp_path: Path) -> None:
    """Acknowledged messages survive a stop at any moment, once each; no task is left."""
    before = asyncio.all_tasks()
    acknowledged = set()
    for life in range(3):
        async with opened(tmp_path) as rig, running(rig.adapter):
            for number in range(3):
                reference = f"r{life}-{number}"
                if await rig.deliver(reference, reference):
                    acknowledged.add(reference)
            await rig.deliver("r0-0", "r0-0")
            # Left without waiting: what was only stored is for the next life.
    async with opened(tmp_path) as rig, running(rig.adapter):
        await until(lambda: set(texts(rig)) == acknowledged)
        assert len(texts(rig)) == len(acknowledged) == 9
    await until(lambda: asyncio.all_tasks() == before, what="every task of the adapter ended")


# ------------------------------------------------------------------------------------------ sending


async def test_a_sent_text_arrives_as_written(sending: SendingRig) -> None:
    """Once, and the receipt names it."""
    assert isinstance(sending.adapter, Sender)
    receipt = await sending.adapter.send(sending.message(UNICODE, "k1"))
    assert receipt.provider_ref
    assert sending.taken() == [UNICODE]


@pytest.mark.parametrize(
    ("failure", "error"),
    [("later", Transient), ("never", Rejected), ("cut", Uncertain), ("silence", Uncertain)],
)
async def test_each_failure_says_what_the_outbox_may_do(
    sending: SendingRig, failure: Failure, error: type[Exception]
) -> None:
    """And none of them spoils the next message."""
    assert isinstance(sending.adapter, Sender)
    sending.fail_next(failure)
    with pytest.raises(error):
        await sending.adapter.send(sending.message("first", "k1"))
    await sending.adapter.send(sending.message("second", "k2"))
    assert sending.taken()[-1] == "second"


async def test_a_refused_message_was_not_taken(sending: SendingRig) -> None:
    """After Transient the same message is sent again: the peer then has it once."""
    assert isinstance(sending.adapter, Sender)
    sending.fail_next("later")
    with pytest.raises(Transient):
        await sending.adapter.send(sending.message("again", "k1"))
    await sending.adapter.send(sending.message("again", "k1"))
    assert sending.taken() == ["again"]


async def test_a_cancelled_send_spoils_no_later_one(sending: SendingRig) -> None:
    """The hub stops while the peer is silent; the line is not used again."""
    assert isinstance(sending.adapter, Sender)
    sending.fail_next("silence")
    first = asyncio.ensure_future(sending.adapter.send(sending.message("first", "k1")))
    await until(sending.seen, what="the peer has the first")
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    receipt = await sending.adapter.send(sending.message("second", "k2"))
    assert receipt.provider_ref
    assert sending.taken()[-1] == "second"
