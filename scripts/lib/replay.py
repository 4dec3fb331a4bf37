"""Prints what Retrowalk makes of a diagnostics file, keeps it as a test case, or walks on it; see scripts/replay."""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from custom_components.retrowalk.machine.model import Telemetry
from scripts.lib.recording import Frame, Recording, RecordingError, read_recording
from scripts.lib.replaying import Decoded, Replay, replay

RECORDINGS: Final = Path(__file__).resolve().parents[2] / "tests" / "vectors" / "recordings"
_UNITS = {"speed": "km/h", "distance": "m", "incline": "%", "energy": "kcal", "elapsed_time": "s", "heart_rate": "bpm"}


def main(arguments: list[str] | None = None) -> int:
    """Run it and return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts/replay")
    parser.add_argument("file", type=Path)
    parser.add_argument("--save", metavar="NAME")
    parser.add_argument("--demo", action="store_true")
    options, more = parser.parse_known_args(arguments)
    if more and not options.demo:
        parser.error(f"there is no option {more[0]}; the options of scripts/demo need --demo")
    try:
        recording = read_recording(options.file)
    except RecordingError as error:
        print(f"{options.file} is no diagnostics of a treadmill: {error}.", file=sys.stderr)
        return 1
    result = replay(recording)
    if not options.demo:
        for line in told(recording, result):
            print(line)
    if options.save is not None and (code := save(options.save, recording, result)):
        return code
    if options.demo:
        from scripts.lib import demo

        return asyncio.run(demo.run(demo.read_options([*more, "--personality", str(options.file)])))
    return 0 if result.problem is None or options.save is not None else 1


def told(recording: Recording, result: Replay) -> Iterator[str]:
    """Yield the lines that tell what came of a recording."""
    info = recording.info
    yield f"Treadmill     {' '.join(filter(None, (info.manufacturer, info.model))) or 'says nothing of itself'}"
    yield f"Firmware      {info.firmware or info.software or 'unknown'}"
    yield f"Protocol      {result.protocol or 'none that Retrowalk speaks'}"
    for row in recording.gatt:
        yield f"  {row.service:>4}  {row.characteristic}  {', '.join(sorted(row.properties)) or 'nothing'}"
    if result.protocol is not None:
        yield f"Can           {_capabilities(result)}"
        stored, now = recording.capabilities.as_dict(), result.capabilities.as_dict()
        for key in sorted(now):
            if now[key] != stored.get(key):
                yield f"  other than recorded: {key} is {now[key]}, and was {stored.get(key)}"
    for quirk in recording.quirks:
        yield f"Quirk         {quirk}"
    for warning in recording.warnings:
        yield f"Note          {warning}"
    if result.problem is not None:
        yield f"Problem       {result.problem}"
    yield ""
    before: Telemetry | None = None
    for decoded in result.decoded:
        yield _line(decoded, before)
        before = decoded.telemetry or before
    understood = sum(decoded.telemetry is not None or decoded.event is not None for decoded in result.decoded)
    yield ""
    yield f"{len(result.decoded)} frames, {understood} of them say something."


def _capabilities(result: Replay) -> str:
    can = result.capabilities
    parts = [f"start and stop: {'yes' if can.can_start_and_stop else 'no'}"]
    for name, values, unit in (("speed", can.speed_range, "km/h"), ("incline", can.incline_range, "%")):
        text = (
            "no" if values is None else f"{values.minimum:g} to {values.maximum:g} {unit} in steps of {values.step:g}"
        )
        parts.append(f"{name}: {text}")
    return "; ".join(parts)


def _line(decoded: Decoded, before: Telemetry | None) -> str:
    frame = decoded.frame
    data = frame.data.hex() if frame.data is not None else ""
    if decoded.telemetry is not None:
        news = decoded.telemetry._asdict()
        known = {} if before is None else before._asdict()
        changed = {
            name: value
            for name, value in news.items()
            if value is not None and value != known.get(name) and name not in {"received", "uncounted_since"}
        }
        text = ", ".join(
            f"{name} {value}{' ' + _UNITS[name] if name in _UNITS else ''}" for name, value in changed.items()
        )
        text = text or "the same"
    else:
        text = "nothing"
    if (event := decoded.event) is not None:
        text = f"event {event.kind.value} {'' if event.value is None else event.value}".rstrip()
    return f"{frame.at:10.3f}  {frame.characteristic:<4}  {data:<44}  {text}"


def save(name: str, recording: Recording, result: Replay) -> int:
    """Keep a recording as a test case; return the exit code."""
    if not name.replace("_", "").isalnum() or not name.isascii() or name != name.lower():
        print("The name of a test case has lowercase letters, digits and _ only.", file=sys.stderr)
        return 1
    path = RECORDINGS / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(test_case(recording, result), indent=1) + "\n")
    print(f"Kept as {path.relative_to(RECORDINGS.parents[2])}; tests/scripts/test_recording.py decodes it from now on.")
    return 0


def test_case(recording: Recording, result: Replay) -> dict[str, Any]:
    """Return a recording without anything that its decoding does not need, and what has to come of it."""
    rows = [
        {"service": row.service, "characteristic": row.characteristic, "properties": sorted(row.properties)}
        for row in recording.gatt
    ]
    return {
        "machine": {
            "info": recording.info.as_dict(),
            "capabilities": result.capabilities.as_dict(),
            "gatt": rows,
            "values": {key: data.hex() for key, data in recording.values.items()},
            "name_begins": recording.name,
        },
        "reports": [_kept(decoded.frame) for decoded in result.decoded],
        "exchanges": [_kept(frame) for frame in result.questions],
        "expected": {"protocol": result.protocol, "decoded": [decoded.as_dict() for decoded in result.decoded]},
    }


def _kept(frame: Frame) -> dict[str, Any]:
    return {
        "seconds": frame.at,
        "what": frame.what,
        "characteristic": frame.characteristic,
        "hex": (frame.data or b"").hex(),
    }


if __name__ == "__main__":
    sys.exit(main())
