"""Tests for the helpers: a listener that raises does not block others, and the system clock is the default."""

import time

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.retrowalk.util import CLOCK, Clock, Listeners, clock_of, plain


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


@pytest.mark.parametrize(
    "name",
    [
        *("FS-5E08A2", "R1_PRO", "KS-AP-RQ3", "Tread (2)", "Anna & Ben", "Müller's", "Äpfel #1", "10:30", "1.5 km/h"),
        *("\N{WOMAN}\N{ZERO WIDTH JOINER}\N{PERSONAL COMPUTER}", "走步机", "Anna!", "50 %", "A/B", "$5", "{name}"),
    ],
)
def test_what_means_nothing_in_markdown_stays_as_it_is(name: str) -> None:
    assert plain(name) == name


@pytest.mark.parametrize(
    ("name", "meant", "line"),
    [
        ("[x](https://e.example)", "[]:", "[x](https://e.example)"),
        ("![x](//e.example/a.png)", "[]", "![x](//e.example/a.png)"),
        ("<img src=x onerror=alert(1)>", "<>", "<img src=x onerror=alert(1)>"),
        ("www.example", ".", "www.example"),
        ("WWW.example", ".", "WWW.example"),
        ("a@e.example", "@", "a@e.example"),
        ("**a** _b_ ~~c~~ `d`|", "*_~`|", "**a** _b_ ~~c~~ `d`|"),
        ("## a\n# b", "#", "## a # b"),
        ("- a", "-", "- a"),
        ("a\n\n<b>", "<>", "a <b>"),
        ("a\N{RIGHT-TO-LEFT OVERRIDE}b\x00", "", "ab"),
    ],
)
def test_what_would_be_a_link_an_image_or_an_element_is_shown_as_it_was_written(
    name: str, meant: str, line: str
) -> None:
    shown = "".join(chr(ord(each) + 0xFEE0) if each in meant else each for each in line)
    assert plain(name) == shown
    assert plain(shown) == shown
