"""The reading process: deadlines, memory, death and cancellation, with real processes."""

import asyncio
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from channels.base import Malformed
from channels.email.reader import Reader
from tests.lab.adapter_run import until

ROOT = Path(__file__).resolve().parents[3]

MAIL = b"From: kim@customer.example\r\nSubject: hi\r\n\r\nhello\r\n"
SLOW_TO_FOLD = MAIL + b"On " * 6_000


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    reader = Reader("support@hub.example", (), deadline_s=5, memory_max_bytes=1 << 30)
    yield reader
    await reader.close()


async def test_mails_are_read_in_another_process(reader: Reader) -> None:
    """Several at once come back each with its own answer."""
    mails = await asyncio.gather(*(reader.read(MAIL + b"%d" % number) for number in range(20)))
    assert [mail.text for mail in mails] == [f"hello\n{number}" for number in range(20)]


async def test_a_text_made_to_stall_the_quote_folding_is_shown_whole(reader: Reader) -> None:
    """Minutes of regular expression end after half a second; the mail is read."""
    await reader.read(MAIL)
    began = time.monotonic()
    mail = await reader.read(SLOW_TO_FOLD)
    assert time.monotonic() - began < 15, "without the budget it is minutes"
    assert mail.text.startswith("hello")
    assert mail.new_text == ""


async def test_a_mail_over_its_deadline_is_malformed_and_the_next_is_read() -> None:
    """The process is killed; another one takes over."""
    reader = Reader("support@hub.example", (), deadline_s=0.1, memory_max_bytes=1 << 30)
    try:
        with pytest.raises(Malformed, match=r"within|more than"):
            await reader.read(SLOW_TO_FOLD)
        assert (await reader.read(MAIL)).text == "hello"
    finally:
        await reader.close()


async def test_a_mail_that_needs_too_much_memory_is_malformed_and_the_next_is_read() -> None:
    """The limit of the address space holds in the other process, not in ours."""
    reader = Reader("support@hub.example", (), deadline_s=20, memory_max_bytes=150 << 20)
    try:
        with pytest.raises(Malformed, match=r"memory|MemoryError"):
            await reader.read(MAIL + b"x" * 40_000_000)
        assert (await reader.read(MAIL)).text == "hello"
    finally:
        await reader.close()


async def test_a_cancelled_read_leaves_no_answer_for_the_next(reader: Reader) -> None:
    """The process goes with the mail it was reading."""
    await reader.read(MAIL)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await reader.read(SLOW_TO_FOLD)
    assert (await reader.read(MAIL)).text == "hello"


async def test_the_loop_runs_on_while_the_worst_mail_is_read(reader: Reader) -> None:
    """Nothing of the work is done on our side."""
    await reader.read(MAIL)
    worst = (
        b"From: kim@customer.example\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 390 + b"<p>x" * 60_000
    )
    reading = asyncio.ensure_future(reader.read(worst))
    lags = []
    while not reading.done():
        before = time.monotonic()
        await asyncio.sleep(0.01)
        lags.append(time.monotonic() - before - 0.01)
    await reading
    assert max(lags) < 0.5, "seconds; about 0.01 on an idle machine"


HUB = """
import asyncio
from channels.email.reader import Reader

async def main():
    reader = Reader("support@hub.example", (), deadline_s=5, memory_max_bytes=1 << 30)
    await reader.warm_up()
    print(reader._process.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


async def test_the_process_ends_with_a_killed_hub() -> None:
    """SIGKILL leaves no time to end anybody; the closed pipe does it."""
    hub = subprocess.Popen([sys.executable, "-c", HUB], cwd=ROOT, stdout=subprocess.PIPE)
    assert hub.stdout is not None
    with hub.stdout:
        pid = int(await asyncio.to_thread(hub.stdout.readline))
    hub.send_signal(signal.SIGKILL)
    await asyncio.to_thread(hub.wait)
    await until(lambda: not _lives(pid), what="the reading process ended")


def _lives(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
