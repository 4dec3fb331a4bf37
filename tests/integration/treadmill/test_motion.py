"""A speed alone proves no movement: machines that repeat it at rest, over the virtual Bluetooth."""

from typing import Any

import pytest
from bleak.exc import BleakError
from homeassistant.helpers import issue_registry as ir

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.machine.ftms import const as ftms
from custom_components.retrowalk.simulator.client import VirtualClient
from custom_components.retrowalk.training.check.phase import CheckPhase
from custom_components.retrowalk.training.history.record import SessionRecord
from tests.support.house import House, make_entry

KINDS = pytest.mark.parametrize(
    "kind",
    [
        {"repeats_last_speed_at_rest": True},
        {"snaps_to_speed_at_rest": 1.0},
        {"repeats_last_speed_at_rest": True, "training_status_idle_while_moving": True},
        {"repeats_last_speed_at_rest": True, "no_status": True},
    ],
)
STOP = b"\x08\x01"
PAUSE = b"\x08\x02"


def stop_failed(house: House) -> bool:
    assert house.entry is not None
    return ir.async_get(house.hass).async_get_issue(DOMAIN, f"stop_failed_{house.entry.entry_id}") is not None


def last_session(house: House) -> SessionRecord:
    return list(house.coordinator.roster.history)[-1]


@KINDS
async def test_s3_a_steered_walk_ends_with_its_stop_and_another_begins(house: House, kind: dict[str, object]) -> None:
    house.faults.update(kind)
    await house.set_up()
    await house.time(15)
    assert house.state("belt_moving") == "off"
    assert house.state("speed") == "0.0"
    await house.walk()
    await house.time(60)
    moving_time = house.coordinator.session.moving_time
    house.commands()
    await house.press("stop")
    await house.time(15)
    assert house.state("session_state") == "finished"
    assert (house.state("speed"), house.state("belt_moving")) == ("0.0", "off")
    assert not stop_failed(house)
    assert house.coordinator.session.moving_time == pytest.approx(moving_time, abs=4)
    assert set(house.commands()) == {STOP}
    await house.time(20)
    assert house.commands() == []
    assert last_session(house).moving_time == pytest.approx(moving_time, abs=4)
    await house.walk()
    assert house.treadmill.speed > 0


@KINDS
async def test_s12_pause_and_resume(house: House, kind: dict[str, object]) -> None:
    house.faults.update(kind)
    await house.set_up()
    await house.time(15)
    await house.walk()
    await house.time(60)
    house.commands()
    await house.press("pause")
    await house.time(20)
    assert house.state("session_state") == "paused"
    assert set(house.commands()) == {PAUSE}  # sent again until the belt is seen to obey (S3)
    await house.press("resume")
    await house.press("resume")
    await house.time(16)
    assert b"\x07" in house.commands()
    await house.time(8)
    assert house.state("session_state") in {"warm_up", "active"}
    assert house.treadmill.speed > 0


@pytest.mark.parametrize("control", [True, False])
@KINDS
async def test_a_walk_from_the_console_ends_there(house: House, kind: dict[str, object], control: bool) -> None:
    house.faults.update(kind)
    await house.set_up(None if control else make_entry(options={}))
    await house.time(15)
    house.treadmill.press_start()
    await house.time(10)
    house.treadmill.press_speed(3.0)
    await house.time(60)
    assert house.state("session_state") == "manual"
    house.treadmill.press_stop()
    await house.time(20)
    if house.faults.no_status:
        # Nothing reports an end, but the belt is empty, so it is stopped (S17), or the session ends after minutes.
        await house.time(330)
    assert house.state("session_state") in {"finished", "idle"}
    assert last_session(house).moving_time == pytest.approx(74, abs=6)
    last_event = house.full_state("session").attributes["event_type"]
    await house.time(60)
    assert house.full_state("session").attributes["event_type"] == last_event
    assert not stop_failed(house)


async def at_rest_before_we_connect(house: House) -> None:
    """Let a person walk without Retrowalk; then the belt rests and repeats its speed."""
    house.faults.repeats_last_speed_at_rest = True
    house.peripheral.step(0.1)
    house.treadmill.press_start()
    house.peripheral.step(100)
    house.treadmill.press_stop()
    house.peripheral.step(60)
    await house.set_up()


async def test_a_belt_that_rests_when_we_connect_may_be_started(house: House) -> None:
    await at_rest_before_we_connect(house)
    assert house.state("belt_moving") == "unknown"
    await house.time(15)
    assert house.state("session_state") == "idle"
    assert house.state("session") == "unknown"  # no event was fired
    assert (house.state("speed"), house.state("belt_moving")) == ("0.0", "off")
    await house.walk()
    assert house.treadmill.speed > 0


async def test_a_training_status_that_cannot_be_read_leaves_the_doubt_to_a_stop(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = VirtualClient.read_gatt_char

    async def wants_to_be_paired(client: VirtualClient, characteristic: Any, **kwargs: Any) -> bytearray:
        if characteristic.uuid == ftms.TRAINING_STATUS:
            raise BleakError("insufficient authentication")
        return await read(client, characteristic, **kwargs)

    monkeypatch.setattr(VirtualClient, "read_gatt_char", wants_to_be_paired)
    await at_rest_before_we_connect(house)
    await house.time(15)
    assert house.state("connection") == "connected"
    assert house.state("session_state") == "manual"  # it reports a speed, and nothing else
    await house.press("stop")
    assert house.commands()[0] == STOP
    await house.time(20)
    assert house.state("session_state") in {"finished", "idle"}
    house.commands()
    await house.time(60)
    assert house.commands() == []


@KINDS
async def test_s9_the_check_run_sees_the_stop(house: House, kind: dict[str, object]) -> None:
    house.faults.update(kind)
    await house.set_up()
    await house.time(15)
    house.treadmill.occupied = False
    check = await house.coordinator.control.start_check(house.person())
    for _ in range(240):
        await house.time(1)
        if check.phase is CheckPhase.OVER:
            break
    assert (check.phase, check.failure) == (CheckPhase.OVER, None)
    assert house.treadmill.at_rest


@pytest.mark.parametrize("steered", [True, False])
async def test_s3_a_belt_that_moves_is_not_taken_to_rest_by_its_status(house: House, steered: bool) -> None:
    """Combine Sperax (reports idle), KingSmith (repeats an old stop) and CITYSPORTS (counts only with a walker)."""
    house.faults.update(
        {
            "training_status_idle_while_moving": True,
            "stale_status_on_subscribe": True,
            "counters_frozen_without_walker": True,
        }
    )
    await house.set_up()
    if steered:
        await house.walk()
    else:
        house.treadmill.press_start()
    await house.time(60)
    for occupied in (True, False):
        house.treadmill.occupied = occupied
        house.faults.stop_ignored = True
        for _ in range(90):
            await house.time(1, dt=1)
            assert house.state("belt_moving") == "on"
            assert house.state("session_state") not in {"idle", "finished", "paused"}
    assert house.commands()[-1] in {STOP, PAUSE}  # nobody is on the belt (S17), and it still moves


async def test_s3_without_a_walker_and_without_a_word_a_stop_is_said_until_the_belt_obeys(house: House) -> None:
    house.faults.update({"no_counters": True, "training_status_idle_while_moving": True})
    await house.set_up()
    await house.walk()
    house.faults.stop_ignored = True
    house.commands()
    await house.press("stop")
    await house.time(120, dt=1)
    assert house.state("belt_moving") == "on"
    sent = house.commands()
    assert sent.count(STOP) + sent.count(PAUSE) >= 115
    assert set(sent) == {STOP, PAUSE}  # no target speed for a belt that shows no sign of movement (S8)
    assert stop_failed(house)
    house.faults.stop_ignored = False
    await house.time(6)
    assert not stop_failed(house)
