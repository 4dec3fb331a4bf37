"""Every frame of the vectors says what its file says: reports, and what is written to a machine."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from custom_components.retrowalk.machine.bluetooth.catalogue import PROTOCOLS
from custom_components.retrowalk.machine.evidence import Evidence
from custom_components.retrowalk.machine.model import BeltState, Capabilities, Command, CommandKind, ValueRange
from custom_components.retrowalk.machine.protocols.wilink import WiLinkDriver
from custom_components.retrowalk.simulator.pitpat import PitPatPeripheral
from custom_components.retrowalk.simulator.profile import Profile
from tests.support.driver_bench import turns
from tests.support.framed_bench import FramedBench
from tests.support.frames import recorded_frames

FRAMES = [frame for frame in recorded_frames() if "proto" in frame]
REPORTS = [frame for frame in FRAMES if "hex" in frame]
WRITES = [frame for frame in FRAMES if "write" in frame]

# Where the file has the number of a state.
BELT_OF = {
    "wilink": {0: "at_rest", 1: "moving"},
    "fitshow": {0: "at_rest", 2: "countdown", 3: "moving", 4: "moving"},
}
FIELD_OF = {"elapsed": "elapsed_time"}
NAME_OF = {
    "wilink": "WalkingPad",
    "fitshow": "FS-1A2B3C",
    "pitpat": "PitPat-T01",
    "efc": "CITYSPORTS-LINKER",
    "sperax": "SPERAX_P3MAX",
    "lifespan": "LifeSpan-TM",
    "urevo": "URTM030",
}
# What is written on the way to something else.
WITHIN = {"ask": "open", "manual mode": "start"}
DECKS = {"fitshow", "sperax"}


def name_of(frame: dict[str, Any]) -> str:
    return f"{frame['proto']}-{frame.get('hex') or frame['write']}-{frame.get('meaning', '')}"


@pytest.fixture
async def bench(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FramedBench]:
    frame = request.getfixturevalue("frame")
    protocol = frame["proto"]
    profile = Profile(
        name=frame.get("name", NAME_OF[protocol]),
        speed=ValueRange(0.5, 6.0, 0.1),
        incline=ValueRange(0.0, 10.0, 1.0) if protocol in DECKS else None,
        steps=True,
    )
    bench = FramedBench(protocol, profile, monkeypatch)
    bench.driver.capabilities = Capabilities(reports_incline=protocol in DECKS)
    yield bench
    bench.driver.close()
    await turns()


def test_every_frame_of_the_file_is_tested() -> None:
    others = [frame for frame in recorded_frames() if frame not in REPORTS + WRITES]
    assert {frame.get("char") for frame in others} == {"2acc", "2acd", "2ad3", "2ad9", "2ada"}  # in ftms/test_codec.py
    captured = {protocol.key for protocol in PROTOCOLS if protocol.evidence is Evidence.CAPTURED}
    assert {frame["proto"] for frame in FRAMES} == captured - {"ftms"}
    assert all("expect" in frame for frame in REPORTS)
    assert all("meaning" in frame or "hex" in frame for frame in WRITES)


@pytest.mark.parametrize("frame", REPORTS, ids=name_of)
async def test_a_report_says_what_its_file_says(bench: FramedBench, frame: dict[str, Any]) -> None:
    expected = {FIELD_OF.get(name, name): value for name, value in frame["expect"].items()}
    if bench.driver.answers_in_turn:
        if "speed" in expected:  # there is one while it runs
            bench.driver.question = bytes.fromhex("a191000000")
            assert bench.hears("a1aa03000000")
        bench.driver.question = bytes.fromhex(frame["write"])
    bench.hears(frame["hex"])
    if "state" in expected:
        expected["belt"] = BELT_OF[frame["proto"]][expected.pop("state")]
    if "countdown" in expected:  # its seconds are not used
        assert expected.pop("countdown") > 0
        assert bench.driver.telemetry.belt is BeltState.COUNTDOWN
    if "mode" in expected:
        assert isinstance(bench.driver, WiLinkDriver)
        assert bench.driver._mode == expected.pop("mode")
    assert {name: getattr(bench.driver.telemetry, name) for name in expected} == expected


@pytest.mark.parametrize("frame", WRITES, ids=name_of)
async def test_what_is_written_is_what_was_seen_on_such_a_machine(bench: FramedBench, frame: dict[str, Any]) -> None:
    meaning = frame.get("meaning", "ask")
    step, _, value = WITHIN.get(meaning, meaning).partition(" ")
    if isinstance(bench.peripheral, PitPatPeripheral):
        bench.peripheral.shows_miles = frame.get("shows_miles", False)
    await bench.open()
    await bench.time.passes(10)
    written = bench.all_written()
    if step != "open":
        await bench.does(Command(CommandKind.START))
        await bench.time.passes(12)
        assert bench.driver.telemetry.belt is BeltState.MOVING
        bench.treadmill.set_incline(frame.get("incline", 0.0))
        await bench.time.passes(6)
        written = bench.all_written()
    if step not in {"open", "start"}:
        await bench.does(
            Command(CommandKind.SET_SPEED, float(value)) if step == "speed" else Command(CommandKind(step))
        )
        written = bench.all_written()
    assert frame["write"] in written
