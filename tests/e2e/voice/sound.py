"""What a page plays, as a test can hear it. `REMEMBER_AUDIO` is an init script for the page."""

import asyncio

from playwright.async_api import Page

from tests.e2e.console.desk import WAIT_MS

NEAR_HZ = 15
REMEMBER_AUDIO = """(() => {
  const Plain = window.Audio;
  window.Audio = function (...given) { return (window.heardAudio = new Plain(...given)); };
})()"""
LOUDEST_HZ = """() => new Promise((resolve) => {
  const audio = window.heardAudio;
  if (!audio?.srcObject) return resolve(0);
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 8192;
  context.createMediaStreamSource(audio.srcObject).connect(analyser);
  setTimeout(() => {
    const bins = new Float32Array(analyser.frequencyBinCount);
    analyser.getFloatFrequencyData(bins);
    const top = bins.reduce((best, value, index) => (value > bins[best] ? index : best), 1);
    resolve(bins[top] > -90 ? top * context.sampleRate / analyser.fftSize : 0);
    void context.close();
  }, 600);
})"""


async def hears(page: Page, frequency_hz: float) -> None:
    """Wait until this tone is the loudest of what the page plays; TimeoutError when it never is."""
    async with asyncio.timeout(WAIT_MS / 1000):
        while abs(await page.evaluate(LOUDEST_HZ) - frequency_hz) > NEAR_HZ:
            pass
