"""Tests for the helpers: a listener that raises does not block others, and the system clock is the default."""

import time

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.retrowalk.util import CLOCK, Clock, Listeners, clock_of


def test_every_listener_is_told_in_the_order_in_which_they_came() -> None:
    listeners, calls = Listeners[str, int](), list[tuple[str, str, int]]()
    listeners.add(lambda what, number: calls.append(("first", what, number)))
    listeners.add(lambda what, number: calls.append(("second", what, number)))
    listeners.notify("speed", 3)
    assert calls == [("first", "speed", 3), ("second", "speed", 3)]


def test_a_listener_that_raises_is_logged_and_silences_nobody(caplog: pytest.LogCaptureFixture) -> None:
    listeners, calls = Listeners[str](lambda what: f"the {what}"), list[str]()

    def fail(_: str) -> None:
        raise RuntimeError("broken")

    listeners.add(fail)
    listeners.add(calls.append)
    listeners.notify("stop")
    assert calls == ["stop"]
    assert "Unexpected error in a listener of the stop" in caplog.text
    assert "broken" in caplog.text
    unnamed_listeners = Listeners[str]()
    unnamed_listeners.add(fail)
    unnamed_listeners.notify("stop")
    assert "Unexpected error in a listener of a change" in caplog.text


def test_a_listener_hears_once_until_it_is_removed() -> None:
    listeners, calls = Listeners[str](), list[str]()
    listener = calls.append
    remove = listeners.add(listener)
    listeners.add(listener)
    listeners.notify("once")
    assert calls == ["once"]
    remove()
    remove()
    listeners.notify("never")
    assert calls == ["once"]
    assert len(listeners) == 0


def test_a_listener_may_remove_itself_and_others_while_it_is_told() -> None:
    listeners, calls = Listeners[()](), list[str]()

    def leave() -> None:
        remove()
        calls.append("left")

    remove = listeners.add(leave)
    listeners.add(lambda: calls.append("stayed"))
    listeners.notify()
    listeners.notify()
    assert calls == ["left", "stayed", "stayed"]


async def test_the_clock_is_that_of_the_system_unless_there_is_another(hass: HomeAssistant) -> None:
    clock = clock_of(hass)
    assert abs(clock.monotonic() - time.monotonic()) < 60
    assert abs(clock.wall() - time.time()) < 60
    assert abs((clock.utcnow() - dt_util.utcnow()).total_seconds()) < 60
    hass.data[CLOCK] = other = Clock()
    assert clock_of(hass) is other
