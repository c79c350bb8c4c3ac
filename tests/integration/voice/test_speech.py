"""The menus speak English and Chinese with generated speech; needs an Asterisk of its own and espeak-ng."""

import asyncio

from tests.integration.voice.conftest import running_voice
from tests.integration.voice.desk import WAIT_S, Desk
from tests.lab.asterisk import Asterisk
from tests.lab.miniua import Dialog, UserAgent

SPEECH_RMS_MIN = 400.0


async def hears_speech(customer: Dialog) -> None:
    customer.media.forget()
    async with asyncio.timeout(WAIT_S):
        while customer.media.loudness() < SPEECH_RMS_MIN:
            await asyncio.sleep(0.02)


async def test_menu_is_spoken_in_the_chosen_language() -> None:
    desk = Desk()
    async with (
        Asterisk(speech=True) as server,
        running_voice(server, desk),
        UserAgent("caller", server.sip_port) as caller,
    ):
        customer = await caller.call("1000")
        for digits in ("2", "1", "20260014#"):
            await hears_speech(customer)
            customer.press(digits)
            await customer.pressed()
        await desk.until("ivr_lookup")
        await hears_speech(customer)
        customer.hang_up()
        await desk.until("call_gone")
        assert "does not exist" not in server.log.read_text()
