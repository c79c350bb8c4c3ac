"""The clock: never back, forward with the wall."""

import time

import pytest

from hub.clock import Clock

HOUR_NS = 3_600_000_000_000


def test_a_wall_clock_that_is_set_back_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    before = clock.now_ms()
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() - HOUR_NS)
    after = clock.now_ms()
    assert 0 <= after - before < 60_000


def test_a_wall_clock_that_is_set_forward_is_followed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    before = clock.now_ms()
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + HOUR_NS)
    first, second = clock.now_ms(), clock.now_ms()
    assert 3_600_000 <= first - before < 3_660_000
    assert 0 <= second - first < 60_000
