"""Voice's settings, and what only a lying Asterisk can show. Calls are in tests/integration/voice."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from telephony.ami import Message
from telephony.port import CallStage, Ring, VoiceError
from telephony.voice import Settings, build
from tests.integration.voice.desk import Desk
from tests.unit.telephony.peer import Peer


def settings(**more: object) -> Settings:
    given = {"ami_secret": "hush-hush", "key": "hush-key", "agi_port": 0, **more}
    return msgspec.convert(given, Settings)


async def test_defaults_are_enough() -> None:
    build(settings(), Desk())


def test_secrets_are_not_shown() -> None:
    assert "hush" not in repr(settings())


async def test_own_flow_and_own_script(tmp_path: Path) -> None:
    path = tmp_path / "night.json"
    path.write_text('{"name": "night", "start": "q", "language": "en", "nodes": {"q": {"kind": "queue"}}}')
    more = {"flow_files": [str(path)], "flows": {"1000": "night"}, "scripts": {"x": "textwrap:dedent"}}
    build(settings(**more), Desk())


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"default_flow": "nothing"}, "no IVR flow named nothing"),
        ({"flows": {"1000": "nothing"}}, "no IVR flow named nothing"),
        ({"flow_files": ["/nowhere.json"]}, "/nowhere.json"),
        ({"flow_files": ["/dev/null"]}, "IVR flow /dev/null"),
        ({"scripts": {"x": "no_such_module:f"}}, "no_such_module"),
        ({"scripts": {"x": "textwrap:nothing"}}, "nothing"),
    ],
)
async def test_mistake_is_refused_with_a_reason(more: dict[str, object], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        build(settings(**more), Desk())


CALLER = {"HUB_CALL": "1.0", "HUB_STATE": "waiting", "HUB_ANI": "+49", "HUB_WAIT_START": "1700000000"}


def one_waiting_caller(action: Message) -> str:
    """A Status list with one caller."""
    key = f"ActionID: {action.get('ActionID')}\r\n"
    variables = "".join(f"Variable: {name}={value}\r\n" for name, value in CALLER.items())
    return (
        f"Response: Success\r\n{key}EventList: start\r\n\r\n"
        f"Event: Status\r\n{key}Channel: PJSIP/trunk-1\r\nUniqueid: 1.0\r\n{variables}\r\n"
        f"Event: StatusComplete\r\n{key}EventList: Complete\r\n\r\n"
    )


def refused(reason: str) -> Callable[[Message], str]:
    return lambda action: (
        f"Response: Error\r\nActionID: {action.get('ActionID')}\r\nMessage: {reason}\r\n\r\n"
    )


def done(action: Message) -> str:
    return f"Response: Success\r\nActionID: {action.get('ActionID')}\r\n\r\n"


@asynccontextmanager
async def lying_asterisk(desk: Desk) -> AsyncIterator[Peer]:
    """Voice connected to a peer that has one waiting caller."""
    peer = Peer()
    peer.answers = {
        "Status": one_waiting_caller,
        "PJSIPShowEndpoints": refused("No endpoints found"),
        "PJSIPShowContacts": refused("No Contacts found"),
        "Getvar": done,
    }
    server = await asyncio.start_server(peer.serve, "127.0.0.1", 0)
    desk.voice = build(settings(ami_port=server.sockets[0].getsockname()[1]), desk)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(desk.voice.run())
        try:
            await desk.until("resynced")
            yield peer
        finally:
            running.cancel()
            server.close()


HANGUP = "Event: Hangup\nChannel: PJSIP/trunk-1\nUniqueid: 1.0\nCause: 16\n\n"


async def test_forged_hangup_is_not_believed(caplog: pytest.LogCaptureFixture) -> None:
    desk = Desk()
    async with lying_asterisk(desk) as peer:
        peer.say(HANGUP)
        async with asyncio.timeout(5):
            while "alive" not in caplog.text:
                await asyncio.sleep(0.02)
        assert not desk.all("call_gone")
        peer.answers["Getvar"] = refused("No such channel")
        peer.say(HANGUP)
        await desk.until("call_gone", "1.0", CallStage.WAITING)


async def test_refusal_to_ring_is_said_and_can_be_tried_again() -> None:
    desk = Desk()
    async with lying_asterisk(desk) as peer:
        assert desk.voice is not None
        peer.answers["Originate"] = refused("Extension does not exist")
        for _ in range(2):
            with pytest.raises(VoiceError, match="Extension does not exist"):
                await desk.voice.ring(Ring("o1", "1.0", "id", "agent1", 5000))


@pytest.mark.parametrize("name", ["agent1,x", "agent1/../x", "a\r\nAction: Command", "", "x" * 100])
async def test_name_that_could_say_more_is_refused(name: str) -> None:
    desk = Desk()
    async with lying_asterisk(desk) as peer:
        assert desk.voice is not None
        with pytest.raises(VoiceError, match="cannot be the name"):
            await desk.voice.ring(Ring("o1", "1.0", "id", name, 5000))
        assert "Originate" not in [action.get("Action") for action in peer.actions]


async def test_label_on_the_phone_is_letters_digits_and_spaces() -> None:
    desk = Desk()
    async with lying_asterisk(desk) as peer:
        assert desk.voice is not None
        peer.answers["Originate"] = done
        await desk.voice.ring(Ring("o1", "1.0", "id", "agent1", 5000, 'Bob" <666>, 王\r\n'))
        order = peer.actions[-1]
        assert order.get("CallerID") == '"Bob 666 王" <+49>'
        assert order.get("ChannelId") == "leg-o1"
