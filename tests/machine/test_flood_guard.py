"""A flood of reports is joined, and nothing that matters is lost."""

import pytest

from custom_components.retrowalk.machine import flood_guard
from custom_components.retrowalk.machine.flood_guard import FloodGuard
from custom_components.retrowalk.machine.model import BeltState, MachineEvent, MachineEventKind, Telemetry
from tests.support.driver_bench import RecordingListener, turns

MOVING, RESTS = Telemetry(belt=BeltState.MOVING, speed=1.0), Telemetry(belt=BeltState.AT_REST, speed=0.0)
STARTED, STOPPED = MachineEvent(MachineEventKind.STARTED), MachineEvent(MachineEventKind.STOPPED)


class Bench:
    def __init__(self) -> None:
        self.now = 0.0
        self.listener = RecordingListener()
        self.guard = FloodGuard(self.listener, lambda: self.now)

    def flood(self) -> None:
        """Use up what is passed on at once."""
        for _ in range(500):
            self.guard.on_telemetry(MOVING)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flood_guard, "_JOINED_FOR", 0.0)


async def test_reports_of_a_polite_machine_pass_at_once() -> None:
    bench = Bench()
    for number in range(2000):
        bench.now += 0.1
        bench.guard.on_telemetry(MOVING)
        assert len(bench.listener.telemetry) == number + 1
    bench.guard.on_machine_event(STOPPED)
    assert bench.listener.events == [STOPPED]


async def test_of_a_flood_some_pass_and_the_newest_follows() -> None:
    bench = Bench()
    bench.flood()
    assert len(bench.listener.telemetry) == 100
    bench.guard.on_telemetry(RESTS)
    assert bench.listener.telemetry[-1] is MOVING
    await turns(5)
    assert len(bench.listener.telemetry) == 101
    assert bench.listener.telemetry[-1] is RESTS


async def test_s3_a_stop_event_in_a_flood_of_others_is_not_lost() -> None:
    bench = Bench()
    bench.flood()
    bench.guard.on_machine_event(STOPPED)
    for _ in range(1000):
        bench.guard.on_machine_event(STARTED)
    bench.guard.on_machine_event(MachineEvent(MachineEventKind.SPEED_CHANGED, 1.0))
    bench.guard.on_machine_event(MachineEvent(MachineEventKind.SPEED_CHANGED, 2.0))
    await turns(5)
    assert bench.listener.events == [STOPPED, STARTED, MachineEvent(MachineEventKind.SPEED_CHANGED, 2.0)]


async def test_the_last_of_events_is_told_last() -> None:
    bench = Bench()
    bench.flood()
    for event in (STOPPED, STARTED, STOPPED):
        bench.guard.on_machine_event(event)
    await turns(5)
    assert bench.listener.events == [STOPPED, STARTED, STOPPED]


@pytest.mark.parametrize("kind", [MachineEventKind.STOPPED, MachineEventKind.PAUSED, MachineEventKind.SAFETY_KEY])
async def test_a_halt_is_not_late_in_a_flood_nor_lost_with_the_link(kind: MachineEventKind) -> None:
    bench, halt = Bench(), MachineEvent(kind)
    bench.flood()
    bench.guard.on_machine_event(STARTED)
    bench.guard.on_machine_event(halt)
    assert bench.listener.telemetry[-1] is MOVING
    assert bench.listener.events == [STARTED, halt]
    bench.guard.on_machine_event(STARTED)
    bench.guard.on_machine_event(halt)
    bench.guard.close()
    assert bench.listener.events == [STARTED, halt, halt]


async def test_a_flood_of_halts_is_joined_too() -> None:
    bench = Bench()
    bench.flood()
    for _ in range(1000):
        bench.guard.on_machine_event(STOPPED)
        bench.guard.on_machine_event(MachineEvent(MachineEventKind.SAFETY_KEY))
    assert len(bench.listener.events) == 2
    await turns(5)
    assert len(bench.listener.events) == 4


async def test_after_a_flood_reports_pass_at_once_again() -> None:
    bench = Bench()
    bench.flood()
    await turns(5)
    bench.now += 1.0
    told = len(bench.listener.telemetry)
    bench.guard.on_telemetry(RESTS)
    assert len(bench.listener.telemetry) == told + 1


async def test_what_waits_is_not_told_once_the_link_is_gone() -> None:
    bench = Bench()
    bench.flood()
    bench.guard.on_machine_event(STARTED)
    bench.guard.close()
    await turns(5)
    assert (len(bench.listener.telemetry), bench.listener.events) == (100, [])


async def test_a_link_that_ends_after_a_calm_walk_leaves_nothing_to_be_passed_on() -> None:
    bench = Bench()
    bench.guard.on_telemetry(MOVING)
    bench.guard.close()
    assert bench.listener.telemetry == [MOVING]
    assert bench.listener.events == []
