"""Tests for cutting a connection attempt short, on a clock that the test advances (S3)."""

import asyncio

import pytest

from custom_components.retrowalk.machine.bluetooth.haste import ConnectDeadline


class Radio:
    """A client that connects only when the test lets it."""

    def __init__(self) -> None:
        self.is_connected = False
        self.tries: list[asyncio.Future[None]] = []

    async def connect(self, **kwargs: object) -> None:
        self.tries.append(asyncio.get_running_loop().create_future())
        await self.tries[-1]


class Bench:
    """Consecutive connection attempts, with the times at which they were cut short."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        began = loop.time()
        self.now = 0.0
        monkeypatch.setattr(loop, "time", lambda: began + self.now, raising=False)
        monkeypatch.setattr(loop, "slow_callback_duration", float("inf"))
        self.stop_waits = True
        self.cuts: list[float] = []
        self.haste = ConnectDeadline(wanted=lambda: self.stop_waits, cut=lambda: self.cuts.append(round(self.now, 1)))
        self.radio = Radio()
        self._trying: asyncio.Task[None] | None = None

    async def attempt(self, *, talked_to: bool = False) -> None:
        await self.end()
        self.haste.begins(talked_to=talked_to)
        self.radio = Radio()
        self.haste.track(self.radio)
        self._trying = asyncio.create_task(self.radio.connect())
        await self.passes(0)

    async def fail(self) -> None:
        """Fail the current attempt; the stack waits before the next one."""
        self.radio.tries[-1].set_exception(OSError())
        await self.passes(0)
        assert self._trying is not None
        assert isinstance(self._trying.exception(), OSError)
        self._trying = None

    async def end(self) -> None:
        self.haste.ends()
        if self._trying is not None:
            self._trying.cancel()
            await asyncio.gather(self._trying, return_exceptions=True)
            self._trying = None

    async def passes(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            for _ in range(3):
                await asyncio.sleep(0)
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def test_s3_a_try_that_hangs_is_cut_soon_after_the_treadmill_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch)
    await bench.attempt()
    await bench.passes(10)
    assert bench.cuts == []  # out of range: the radio may keep listening for it
    bench.haste.on_advertisement()
    await bench.passes(0.5)
    bench.haste.on_advertisement()  # a second advertisement does not postpone the cut
    await bench.passes(0.3)
    assert bench.cuts == [10.7]
    await bench.end()


async def test_nothing_is_cut_where_no_stop_waits_and_at_once_when_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch)
    bench.stop_waits = False
    await bench.attempt()
    bench.haste.on_advertisement()
    await bench.passes(15)
    assert bench.cuts == []
    bench.stop_waits = True
    bench.haste.evaluate()
    await bench.passes(0.1)
    assert bench.cuts == [15.1]
    await bench.end()


async def test_a_stop_that_is_given_up_meanwhile_cuts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch)
    await bench.attempt()
    bench.haste.on_advertisement()
    bench.stop_waits = False
    await bench.passes(5)
    assert bench.cuts == []
    await bench.end()


async def test_s3_the_wait_between_two_tries_is_cut_but_attempts_keep_their_distance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench(monkeypatch)
    await bench.attempt()
    await bench.fail()
    bench.haste.on_advertisement()
    await bench.passes(0.6)
    assert bench.cuts == []
    await bench.passes(0.2)
    assert bench.cuts == [0.7]
    for _ in range(5):  # no further advertisements, but in range: none are needed
        await bench.attempt()
        await bench.fail()
        await bench.passes(1.0)
    assert len(bench.cuts) == 6
    await bench.end()


async def test_each_try_that_hangs_has_twice_the_time_of_the_one_before_until_the_treadmill_was_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench(monkeypatch)
    took = []
    for _ in range(6):
        await bench.attempt()
        begun = bench.now
        cuts = len(bench.cuts)
        while len(bench.cuts) == cuts:
            bench.haste.on_advertisement()
            await bench.passes(0.1)
        took.append(round(bench.now - begun, 1))
    assert took == pytest.approx([0.7, 1.4, 2.8, 5.6, 11.2, 12.0], abs=0.15)
    await bench.attempt()
    await bench.passes(4)
    bench.haste.on_advertisement()
    await bench.passes(0.8)
    assert len(bench.cuts) == 7
    await bench.end()


async def test_s3_a_treadmill_that_was_just_talked_to_need_not_be_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch)
    await bench.attempt(talked_to=True)
    await bench.passes(1.8)
    assert bench.cuts == []  # connecting takes a second
    await bench.passes(0.3)
    assert bench.cuts == [2.0]
    await bench.end()


async def test_a_try_whose_link_stands_is_given_time_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch)
    await bench.attempt()
    bench.haste.on_advertisement()
    bench.radio.is_connected = True
    await bench.passes(4.6)
    assert bench.cuts == []
    await bench.passes(0.2)
    assert bench.cuts == [4.7]
    await bench.end()


async def test_nothing_is_cut_once_the_link_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(monkeypatch)
    await bench.attempt()
    bench.haste.on_advertisement()
    bench.haste.succeeded()
    bench.haste.on_advertisement()
    await bench.passes(20)
    assert bench.cuts == []
    await bench.end()
