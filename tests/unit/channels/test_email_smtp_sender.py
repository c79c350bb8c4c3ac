"""What each answer of a relay, and each silence, means for the outbox."""

import asyncio

import pytest

from channels.base import ChannelError, Rejected, Transient, Uncertain
from channels.email.settings import Smtp
from channels.email.smtp_sender import SmtpSender
from tests.lab.loopback import free_port
from tests.lab.smtp_peer import smtp_peer

MAIL = b"Subject: hi\r\n\r\nhello\r\n"
KIM, JO = "kim@customer.example", "jo@customer.example"


def sender(port: int) -> SmtpSender:
    return SmtpSender(Smtp("127.0.0.1", port, tls="none", timeout_s=0.3), "hub.example")


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"EHLO": ""}, Transient),
        ({"EHLO": None}, Transient),
        ({"MAIL": "451 4.3.0 busy"}, Transient),
        ({"MAIL": "552 5.3.4 too large"}, Rejected),
        ({"MAIL": ""}, Transient),
        ({"RCPT": "450 4.2.0 greylisted"}, Transient),
        ({"RCPT": "550 5.1.1 nobody"}, Rejected),
        ({"RCPT": None}, Transient),
        ({f"RCPT {KIM}": "450 later", f"RCPT {JO}": "550 nobody"}, Transient),
        ({"DATA": "451 4.3.0 not now"}, Transient),
        ({"DATA": "554 5.7.1 no"}, Rejected),
        ({".": "451 4.3.0 disk full"}, Transient),
        ({".": "554 5.7.1 spam"}, Rejected),
        ({".": ""}, Uncertain),
        ({".": None}, Uncertain),
    ],
)
async def test_each_step_can_fail_in_each_way(
    answers: dict[str, str | None], error: type[ChannelError]
) -> None:
    """Before the text: never uncertain. After it: uncertain unless the relay said something."""
    async with smtp_peer(answers) as peer:
        with pytest.raises(error):
            await sender(peer.port).send(MAIL, "support@hub.example", [KIM, JO])
        assert peer.mails == []


async def test_nobody_listening_is_transient() -> None:
    """The relay is down."""
    with pytest.raises(Transient, match="cannot be reached"):
        await sender(free_port()).send(MAIL, "support@hub.example", [KIM])


async def test_refused_recipients_are_returned_and_the_others_served() -> None:
    """The mail goes out once."""
    async with smtp_peer({f"RCPT {JO}": "550 5.1.1 nobody"}) as peer:
        assert await sender(peer.port).send(MAIL, "support@hub.example", [KIM, JO]) == (JO,)
        assert len(peer.mails) == 1


async def test_a_relay_that_takes_the_mail_and_then_dies_has_taken_it() -> None:
    """After its 250 nothing can make the outcome uncertain."""
    async with smtp_peer({"QUIT": ""}) as peer:
        assert await sender(peer.port).send(MAIL, "support@hub.example", [KIM]) == ()


async def test_cancelled_in_the_middle_closes_the_line() -> None:
    """Its answers would be off by one: the next mail has a connection of its own."""
    async with smtp_peer() as peer:
        relay = sender(peer.port)
        peer.once({".": None})
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await relay.send(MAIL, "support@hub.example", [KIM])
        assert await relay.send(b"Subject: next\r\n\r\nnext\r\n", "support@hub.example", [KIM]) == ()
        assert peer.connections == 2
        assert [b"next" in mail for mail in peer.mails] == [True]


async def test_lines_of_one_dot_and_bare_line_ends_cannot_end_the_mail() -> None:
    """What looks like the end of the text is part of it."""
    async with smtp_peer() as peer:
        await sender(peer.port).send(
            b"Subject: hi\r\n\r\na\n.\nb\r\n.\r\nc\r.\r\r\n", "support@hub.example", [KIM]
        )
        assert len(peer.mails) == 1
        assert peer.mails[0].count(b"\r\n.\r\n") == 1, "only the real end"
