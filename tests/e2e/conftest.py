"""What holds for every test in a browser: how long it may take until a page shows what it must."""

from playwright.async_api import expect

from tests.e2e.console.desk import WAIT_MS

# The library's own five seconds are short where two cores serve a browser, a hub and an Asterisk.
expect.set_options(timeout=WAIT_MS)
