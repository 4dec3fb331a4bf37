"""Frames in notifications cut and joined by machines: nothing that was sent whole is lost, and nothing is made up."""

import random
from functools import reduce
from operator import xor

import pytest

from custom_components.retrowalk.machine.framed.stream import FrameStream


def frame(*payload: int) -> bytes:
    return bytes((0x02, *payload, reduce(xor, payload), 0x03))


def is_whole(data: bytes) -> bool:
    return (
        len(data) >= 4
        and data[0] == 2
        and data[-1] == 3
        and data[1] in range(0x50, 0x60)
        and reduce(xor, data[1:-2]) == data[-2]
    )


def stream() -> FrameStream:
    return FrameStream(0x02, 0x03, is_whole)


IDLE, COUNTDOWN, KEY_OUT = frame(0x51, 0), frame(0x51, 2, 3), frame(0x51, 6)


def status(speed: int, incline: int, seconds: int) -> bytes:
    return frame(0x51, 3, speed, incline, seconds & 0xFF, seconds >> 8, 10, 0, 5, 0, 0, 0, 0, 0)


@pytest.mark.parametrize("count", range(1, 8))
def test_frames_in_one_notification_are_each_a_frame(count: int) -> None:
    # Of an odd number of frames the sum is right, too.
    sent = [IDLE, COUNTDOWN, KEY_OUT, IDLE, COUNTDOWN, IDLE, KEY_OUT][-count:]
    assert stream().feed(b"".join(sent), 1.0) == sent


def test_the_newest_of_many_frames_in_one_notification_is_not_cut_off() -> None:
    sent = [status(25, 0, seconds) for seconds in range(100, 105)] + [KEY_OUT]
    assert stream().feed(b"".join(sent), 1.0) == sent


@pytest.mark.parametrize("incline", [0, 2, 3])
@pytest.mark.parametrize("at", range(1, 17))
def test_a_frame_in_two_notifications_is_whole_also_where_its_numbers_look_like_an_edge(incline: int, at: int) -> None:
    sent, frames = status(2, incline, 0x0302), stream()
    assert frames.feed(sent[:at], 1.0) + frames.feed(sent[at:], 1.1) == [sent]


def test_what_never_went_on_costs_no_later_frame() -> None:
    frames = stream()
    frames.feed(b"\x02\x51\x02\x02", 1.0)
    assert frames.feed(status(25, 2, 7), 1.1) == [status(25, 2, 7)]
    frames.feed(b"\x02\x51\x02\x02", 5.0)
    assert frames.feed(status(25, 2, 8)[:9], 9.0) + frames.feed(status(25, 2, 8)[9:], 9.1) == [status(25, 2, 8)]


def test_random_cuts_lose_nothing() -> None:
    chance = random.Random(16)
    for _ in range(300):
        sent = [status(chance.randrange(60), chance.randrange(12), chance.randrange(6000)) for _ in range(6)]
        sent = [one if chance.random() < 0.7 else chance.choice([IDLE, COUNTDOWN, KEY_OUT]) for one in sent]
        data, frames, heard, now = b"".join(sent), stream(), [], 1.0
        while data:
            size = chance.randrange(1, 21)
            heard += frames.feed(data[:size], now)
            data, now = data[size:], now + 0.02
        # By chance one in some hundred frames begins with bytes that are a frame, too.
        assert sum(one in heard for one in sent) >= len(sent) - 1


def test_noise_is_bounded_in_time_and_memory() -> None:
    calls = []

    def counted(data: bytes) -> bool:
        calls.append(len(data))
        return is_whole(data)

    frames = FrameStream(0x02, 0x03, counted)
    for _ in range(20):
        assert frames.feed(b"\x02\x03" * 256, 1.0) == []
    assert len(calls) < 20 * 5_000
    assert max(calls) <= 512
    assert frames.feed(KEY_OUT, 1.0) == [KEY_OUT]
