"""FastAGI server and the bridge for customers' scripts, against a peer that speaks Asterisk's side."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

import pytest
from asterisk.agi import AGIAppError, AGIHangup

from telephony import agi as agi_module
from telephony.agi import AgiError, AgiHangup, Script, Server, Session, quote
from telephony.agi_scripts import BlockingScript, SafeAGI, script_runner
from tests.lab.asterisk import free_port

WAIT_S = 5.0


class Asking:
    """Asterisk's side of one AGI session."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def command(self) -> str:
        """The next command that came; "" at the end."""
        return (await asyncio.wait_for(self._reader.readline(), WAIT_S)).decode().rstrip("\n")

    def answer(self, line: str) -> None:
        self._writer.write(line.encode() + b"\n")

    async def expect(self, command: str, answer: str) -> None:
        assert await self.command() == command
        self.answer(answer)

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


@asynccontextmanager
async def serving(scripts: Mapping[str, Script]) -> AsyncIterator[int]:
    port = free_port()
    server = Server("127.0.0.1", port, "sesame", scripts)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(server.run())
        try:
            yield port
        finally:
            running.cancel()


@asynccontextmanager
async def asking(port: int, path: str, extra: bytes = b"") -> AsyncIterator[Asking]:
    async with asyncio.timeout(WAIT_S):
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                break
            except ConnectionRefusedError:
                await asyncio.sleep(0.01)
    writer.write(f"agi_network: yes\nagi_request: agi://127.0.0.1/{path}\n".encode() + extra + b"\n")
    peer = Asking(reader, writer)
    try:
        yield peer
    finally:
        await peer.close()


async def run_against(script: Script, *exchange: tuple[str, str]) -> None:
    """Run a script against these commands and answers; then it must have ended."""
    async with serving({"s": script}) as port, asking(port, "sesame/s") as peer:
        for command, answer in exchange:
            await peer.expect(command, answer)
        assert await peer.command() == ""


async def test_verbs_and_their_results() -> None:
    got: list[str] = []

    async def script(session: Session) -> None:
        await session.answer()
        got.append(await session.get_variable("HUB_CALL"))
        got.append(await session.get_variable("NONE"))
        await session.set_variable("X", 'a"b\\c')
        got.append(await session.stream_file("beep", "12"))
        got.append(await session.wait_for_digit(1500))
        got.append(await session.wait_for_digit(1500))

    await run_against(
        script,
        ("ANSWER", "200 result=0"),
        ('GET VARIABLE "HUB_CALL"', "200 result=1 (17.1 (x))"),
        ('GET VARIABLE "NONE"', "200 result=0"),
        ('SET VARIABLE "X" "a\\"b\\\\c"', "200 result=1"),
        ('STREAM FILE "beep" "12"', "200 result=49 endpos=800"),
        ("WAIT FOR DIGIT 1500", "200 result=42"),
        ("WAIT FOR DIGIT 1500", "200 result=0"),
    )
    assert got == ["17.1 (x)", "", "1", "*", ""]


@pytest.mark.parametrize("answer", ["HANGUP", "200 result=-1", "511 Command Not Permitted on a dead channel"])
async def test_caller_who_leaves_ends_the_session(answer: str) -> None:
    ended = asyncio.get_running_loop().create_future()

    async def script(session: Session) -> None:
        try:
            await session.answer()
        except AgiHangup:
            ended.set_result(True)
            raise

    await run_against(script, ("ANSWER", answer))
    assert await ended


async def test_missing_sound_is_no_hangup() -> None:
    failed: list[str] = []

    async def script(session: Session) -> None:
        try:
            await session.stream_file("nothing")
        except AgiError as missing:
            failed.append(type(missing).__name__)

    commands = ('STREAM FILE "nothing" "0123456789*#"', "200 result=-1 endpos=0")
    await run_against(script, commands, ("CHANNEL STATUS", "200 result=6"))
    await run_against(script, commands, ("CHANNEL STATUS", "200 result=-1"))
    assert failed == ["AgiError", "AgiHangup"]


@pytest.mark.parametrize("path", ["wrong/s", "s", "sesame/unknown", "sesame", ""])
async def test_request_without_the_secret_gets_nothing(path: str) -> None:
    async def script(session: Session) -> None:
        await session.answer()

    async with serving({"s": script}) as port, asking(port, path) as peer:
        assert await peer.command() == ""


async def test_forged_environment_line_does_not_win() -> None:
    seen: list[str] = []

    async def script(session: Session) -> None:
        seen.append(session.environment["agi_request"])

    async with (
        serving({"s": script}) as port,
        asking(port, "sesame/s", b"agi_request: agi://127.0.0.1/sesame/other\n") as peer,
    ):
        assert await peer.command() == ""
    assert seen == ["agi://127.0.0.1/sesame/s"]


async def test_endless_line_and_endless_environment_are_cut_off() -> None:
    async def script(session: Session) -> None:
        raise AssertionError("must not run")

    async with serving({"s": script}) as port:
        for junk in (b"x" * 20_000 + b"\n", b"x: y\n" * 500):
            async with asking(port, "sesame/s", junk) as peer:
                try:
                    assert await peer.command() == ""
                except ConnectionResetError:
                    continue


async def test_peer_that_stays_silent_meets_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agi_module, "ENVIRONMENT_TIMEOUT_S", 0.05)

    async def script(session: Session) -> None:
        await session.command("NOOP", timeout_s=0.05)

    async with serving({"s": script}) as port:
        async with asking(port, "sesame/s") as peer:
            assert await peer.command() == "NOOP"
            assert await peer.command() == ""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        assert await asyncio.wait_for(reader.read(), WAIT_S) == b""
        writer.close()


async def test_broken_script_does_not_harm_the_next(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(session: Session) -> None:
        raise RuntimeError("boom")

    async def good(session: Session) -> None:
        await session.answer()

    async with serving({"broken": broken, "good": good}) as port:
        async with asking(port, "sesame/broken") as peer:
            assert await peer.command() == ""
        async with asking(port, "sesame/good") as peer:
            await peer.expect("ANSWER", "200 result=0")
    assert "boom" in caplog.text


@pytest.mark.parametrize("value", ["a\nb", "a\rb", "a\0b"])
def test_line_break_in_an_argument_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="CR, LF or NUL"):
        quote(value)


# ------------------------------------------------------------------------- customers' own scripts


async def run_script(script: BlockingScript, *exchange: tuple[str, str]) -> None:
    with ThreadPoolExecutor(2) as pool:
        run = script_runner({"mine": script}, pool)
        async with serving({"script": run}) as port, asking(port, "sesame/script/mine") as peer:
            for command, answer in exchange:
                await peer.expect(command, answer)
            assert await peer.command() == ""


async def test_pyst2_vocabulary_works() -> None:
    got: list[object] = []

    def script(agi: SafeAGI) -> None:
        agi.answer()
        got.append(agi.get_variable("NAME"))
        agi.set_variable("X", 'a"b')
        got.append(agi.wait_for_digit(1000))
        got.append(agi.env["agi_network"])

    await run_script(
        script,
        ("ANSWER", "200 result=0"),
        ('GET VARIABLE "NAME"', "200 result=1 (Zoë)"),
        ('SET VARIABLE "X" "a\\"b"', "200 result=1"),
        ("WAIT FOR DIGIT 1000", "200 result=49"),
    )
    assert got == ["Zoë", "1", "yes"]


async def test_script_learns_that_the_caller_left() -> None:
    got: list[object] = []

    def script(agi: SafeAGI) -> None:
        try:
            agi.answer()
        except AGIAppError:
            got.append(agi.hung_up)
        try:
            agi.answer()
        except AGIHangup:
            got.append("dead")

    await run_script(script, ("ANSWER", "HANGUP\n200 result=-1"), ("ANSWER", "511 dead"))
    assert got == [True, "dead"]


async def test_script_cannot_smuggle_a_second_command() -> None:
    got: list[str] = []

    def script(agi: SafeAGI) -> None:
        for attempt in ("x\nEXEC System rm", "x\r\n"):
            try:
                agi.set_variable("A", attempt)
            except ValueError as refused:
                got.append(str(refused))

    await run_script(script)
    assert len(got) == 2


async def test_unknown_script_and_broken_script_end_quietly(caplog: pytest.LogCaptureFixture) -> None:
    def broken(agi: SafeAGI) -> None:
        raise RuntimeError("boom")

    await run_script(broken)
    assert "boom" in caplog.text
    with ThreadPoolExecutor(1) as pool:
        scripts = {"script": script_runner({}, pool)}
        async with serving(scripts) as port, asking(port, "sesame/script/none") as peer:
            assert await peer.command() == ""
