"""Asterisk's side of the manager interface on loopback, for tests that need what a real one will not say."""

import asyncio
from collections.abc import Callable

from telephony.ami import Message, Parser


class Peer:
    """Speaks AMI's server side on loopback; `answers` maps an action's name to what is sent back."""

    def __init__(self) -> None:
        self.actions: list[Message] = []
        self.answers: dict[str, Callable[[Message], str]] = {}
        self.sessions = 0
        self.writer: asyncio.StreamWriter | None = None
        self.changed = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sessions += 1
        self.writer = writer
        writer.write(b"Asterisk Call Manager/11.0.0\r\n")
        parser = Parser()
        while data := await reader.read(4096):
            for action in parser.feed(data):
                self.actions.append(action)
                writer.write(self._answer(action).encode())
            self.changed.set()
        writer.close()

    def _answer(self, action: Message) -> str:
        name, key = action.get("Action"), action.get("ActionID")
        if name == "Login":
            return f"Response: Success\r\nActionID: {key}\r\n\r\nEvent: FullyBooted\r\n\r\n"
        return self.answers[name](action) if name in self.answers else ""

    def say(self, text: str) -> None:
        assert self.writer is not None
        self.writer.write(text.replace("\n", "\r\n").encode())


def ok(action: Message) -> str:
    return f"Response: Success\r\nActionID: {action.get('ActionID')}\r\nMessage: {action.get('Text')}\r\n\r\n"
