"""A diagnostics file is read with suspicion: whatever is wrong with it is said in a line, and nothing of it is run."""

import copy
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from custom_components.retrowalk.simulator.address import virtual_address
from scripts.lib import replay as script
from scripts.lib.recording import LARGEST, RecordingError, read_recording, recording_of
from scripts.lib.replaying import protocol_of, replay

GATT = [
    {"service": "1826", "characteristic": "2ACC", "handle": 18, "properties": ["read"]},
    {"service": "1826", "characteristic": "2ACD", "handle": 20, "properties": ["notify"]},
    {"service": "1826", "characteristic": "2AD4", "handle": 26, "properties": ["read"]},
    {"service": "1826", "characteristic": "2AD9", "handle": 30, "properties": ["write", "indicate"]},
]
FILE: dict[str, Any] = {
    "data": {
        "recorded": {"at": "2026-11-01T12:00:00+00:00", "seconds": 900.0},
        "machine": {
            "info": {"manufacturer": "FITSHOW", "model": "FS-BT-T4", "serial": "**REDACTED**", "firmware": "1.2"},
            "capabilities": {"speed_range": {"minimum": 1.0, "maximum": 12.0, "step": 0.1}, "can_start_and_stop": True},
            "gatt": GATT,
            "values": {"2ACC": "8c14000000000000", "2AD4": "6400b0040a00"},
            "name_begins": "FS-",
        },
        "check": {
            "blocked_by": None,
            "last": {"failure": None, "findings": {"start_speed": 1.0, "stop_rung": "pause"}},
        },
        "link": {"advertisement": {"service_data": {}}, "history": []},
        "exchanges": [{"seconds": 10.0, "what": "write", "characteristic": "2AD9", "hex": "0801"}],
        "reports": [
            {"seconds": 11.0, "what": "report", "characteristic": "2ACD", "hex": "840490010100000000ffffff0400"},
            {"seconds": 12.0, "what": "report", "characteristic": "2ACD", "hex": "8404580216000001**REDACTED**"},
            {"seconds": 13.0, "what": "report", "characteristic": "2ACD", "hex": "840458021600000100ffffff1700"},
        ],
    }
}


def changed(*path: str | int, to: Any) -> dict[str, Any]:
    """Return the file with one value changed."""
    content = copy.deepcopy(FILE)
    at: Any = content["data"]
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = to
    return content


def test_a_file_says_what_the_treadmill_said() -> None:
    recording = recording_of(copy.deepcopy(FILE))
    result = replay(recording)
    assert result.protocol == "ftms"
    assert [decoded.telemetry and decoded.telemetry.speed for decoded in result.decoded] == [4.0, 6.0]
    assert [decoded.telemetry and decoded.telemetry.distance for decoded in result.decoded] == [1, 22]
    assert result.capabilities.speed_range is not None
    assert result.capabilities.speed_range.minimum == 1.0
    assert recording.warnings == ("1 of reports are left out, because a part of each was redacted.",)
    again = replay(recording_of(FILE["data"]))  # without what Home Assistant puts around it
    assert again.decoded == result.decoded


def test_it_becomes_a_virtual_treadmill() -> None:
    personality = recording_of(FILE).personality()
    assert personality.profile.speed.minimum == 1.0
    assert personality.faults["stop_only_at_rest"] is True
    assert {"2ad3", "2ad5", "2ada"} <= set(personality.faults["lacks"])  # type: ignore[call-overload]
    peripheral = personality.make_peripheral(virtual_address(1))
    assert peripheral.name == "FS-"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ([], "no part 'machine'"),
        ({}, "no part 'machine'"),
        ({"data": []}, "no part 'machine'"),
        (changed("machine", to=7), "machine should have names and values, but is 7"),
        (changed("machine", "gatt", to={}), "machine.gatt should be a list"),
        (changed("machine", "gatt", to=[3]), r"machine.gatt\[0\] should have names"),
        (changed("machine", "gatt", 0, "characteristic", to="../../etc"), "should be a UUID, but is ../../etc"),
        (changed("machine", "gatt", 0, "properties", to="read"), "should be a list"),
        (changed("machine", "gatt", to=GATT * 100), "400 rows"),
        (changed("machine", "values", "2ACC", to=12), "should be bytes as hex, but is 12"),
        (changed("machine", "values", "2ACC", to="8"), "should be bytes as hex"),
        (changed("machine", "values", "2ACC", to="00" * 5000), "longer than"),
        (changed("machine", "info", "model", to=["x"]), "machine.info.model should be text, but is list"),
        (changed("machine", "capabilities", to="all"), "machine.capabilities should have"),
        (changed("machine", "capabilities", "speed_range", to={"minimum": "fast"}), "should be a number"),
        (changed("reports", 0, "seconds", to="soon"), r"reports\[0\].seconds should be a number, but is soon"),
        (changed("reports", 0, "seconds", to=float("nan")), "should be a number"),
        (changed("reports", 0, "seconds", to=True), "should be a number"),
        (changed("reports", 0, "hex", to=None), "should be bytes as hex"),
        (changed("reports", to=FILE["data"]["reports"] * 1000), "3,000 rows"),
        (changed("exchanges", 0, "what", to=3), "should be text"),
        (changed("check", to=3), "check should have"),
        (changed("link", to="up"), "link should have"),
        ({"machine": {}}, "was not connected"),
    ],
)
def test_what_is_wrong_is_said(content: Any, says: str) -> None:
    with pytest.raises(RecordingError, match=says) as raised:
        recording_of(content)
    assert len(str(raised.value)) < 250
    assert str(raised.value).isprintable()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe\x00", "not text"),
        (b"{" * 100_000, "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b" " * (LARGEST + 1), "at most"),
        (b'{"data": {"machine": 1e999}}', "machine should have"),
    ],
)
def test_a_file_that_is_none_is_said(
    tmp_path: Path, data: bytes, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file.json"
    file.write_bytes(data)
    with pytest.raises(RecordingError, match=says):
        read_recording(file)
    assert script.main([str(file)]) == 1
    assert says in capsys.readouterr().err


def test_a_file_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert script.main([str(tmp_path / "nowhere.json")]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_an_address_in_it_is_told_and_control_characters_are_not_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file.json"
    file.write_text(json.dumps(changed("machine", "info", "model", to="\x1b[31mC2:52:57:4B:00:01")))
    assert script.main([str(file)]) == 0
    printed = capsys.readouterr().out
    assert "take it out before you pass it on" in printed
    assert "\x1b" not in printed


def test_what_the_product_makes_of_each_frame_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "file.json"
    file.write_text(json.dumps(FILE))
    assert script.main([str(file)]) == 0
    printed = capsys.readouterr().out
    assert "Fitness" not in printed
    assert "840458021600000100ffffff1700" in printed
    assert "speed 6.0 km/h, distance 22 m" in printed
    assert "2 frames, 2 of them say something." in printed


def test_a_machine_that_speaks_no_known_protocol_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = [{"service": "ffe0", "characteristic": "FFE1", "properties": ["notify"]}]
    other[0]["service"] = "FFE0"
    file = tmp_path / "file.json"
    file.write_text(json.dumps(changed("machine", "gatt", to=other)))
    assert script.main([str(file)]) == 1
    assert "no protocol that Retrowalk speaks" in capsys.readouterr().out


def in_turn(*, asked: bool) -> dict[str, Any]:
    """Return a file of a console whose answers do not say to which question: the second of three has none."""
    rows = [
        {"service": "FFF0", "characteristic": "FFF1", "properties": ["notify"]},
        {"service": "FFF0", "characteristic": "FFF2", "properties": ["write-without-response"]},
    ]
    content = changed("machine", "gatt", to=rows)
    content["data"]["machine"]["name_begins"] = "LIFESPAN"
    content["data"]["reports"] = [
        {"seconds": seconds, "what": "report", "characteristic": "FFF1", "hex": answer}
        for seconds, answer in ((11.1, "a1aa03000000"), (20.0, "a1aa00280000"), (31.4, "a1aa00230000"))
    ]
    content["data"]["exchanges"] = [
        {"seconds": seconds, "what": "write", "characteristic": "FFF2", "hex": question}
        for seconds, question in ((11.0, "a191000000"), (30.0, "a188000000"))
    ]
    if not asked:
        content["data"]["exchanges"].clear()
    return content


def test_an_answer_that_does_not_name_its_question_is_that_to_what_was_asked_last() -> None:
    result = replay(recording_of(in_turn(asked=True)))
    assert result.protocol == "lifespan"
    state, unasked, steps = [decoded.telemetry for decoded in result.decoded]
    assert state is not None
    assert state.belt == "moving"
    assert unasked is None
    assert steps is not None
    assert steps.steps == 35
    assert result.problem is not None
    assert result.problem.startswith("1 of its 3 answers do not say to which question they are")


def test_without_any_question_it_is_said_that_nothing_can_be_told() -> None:
    result = replay(recording_of(in_turn(asked=False)))
    assert [decoded.telemetry for decoded in result.decoded] == [None, None, None]
    assert result.problem is not None
    assert result.problem.startswith("3 of its 3 answers")


def test_what_was_asked_is_kept_with_a_test_case_that_needs_it() -> None:
    recording = recording_of(in_turn(asked=True))
    result = replay(recording)
    again = replay(recording_of(script.test_case(recording, result)))
    assert [decoded.as_dict() for decoded in again.decoded] == [decoded.as_dict() for decoded in result.decoded]


def test_a_recording_is_kept_as_a_test_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "tests" / "vectors" / "recordings"
    monkeypatch.setattr(script, "RECORDINGS", folder)
    file = tmp_path / "file.json"
    file.write_text(json.dumps(FILE))
    assert script.main([str(file), "--save", "../other"]) == 1
    assert not folder.exists()
    assert script.main([str(file), "--save", "fitshow_t4"]) == 0
    kept = json.loads((folder / "fitshow_t4.json").read_text())
    assert "serial" not in json.dumps(kept) or kept["machine"]["info"]["serial"] is None
    result = replay(recording_of(kept))
    assert [decoded.as_dict() for decoded in result.decoded] == kept["expected"]["decoded"]


@pytest.mark.parametrize("path", sorted(script.RECORDINGS.glob("*.json")), ids=lambda path: path.stem)
def test_a_kept_recording_decodes_as_it_did(path: Path) -> None:
    kept = json.loads(path.read_text())
    recording = recording_of(kept)
    result = replay(recording)
    assert protocol_of(recording) == kept["expected"]["protocol"]
    for decoded, expected in zip(result.decoded, kept["expected"]["decoded"], strict=True):
        now = decoded.as_dict()
        assert now["event"] == expected["event"]
        assert (now["telemetry"] is None) == (expected["telemetry"] is None)
        # A value that is decoded since then is none that has changed.
        assert (expected["telemetry"] or {}).items() <= (now["telemetry"] or {}).items()


def test_no_broken_file_raises_anything_else() -> None:
    random = Random(16)
    strange: tuple[Any, ...] = (None, True, -1, 1e308, "", "zz", "\x00", [], {}, [[]], {"a": 1}, "0" * 3000)
    for _ in range(1500):
        content = copy.deepcopy(FILE)
        at: Any = content["data"]
        for _ in range(random.randint(0, 3)):
            below = [value for value in (at.values() if isinstance(at, dict) else at) if isinstance(value, dict | list)]
            if not below:
                break
            at = random.choice(below)
        keys = list(at) if isinstance(at, dict) else list(range(len(at)))
        if not keys:
            continue
        at[random.choice(keys)] = random.choice(strange)
        try:
            recording = recording_of(content)
            replay(recording)
            recording.personality().make_peripheral(virtual_address(1))
        except RecordingError:
            pass
