"""The recorded and reported frames in tests/vectors."""

import json
from pathlib import Path
from typing import Any

_VECTORS = Path(__file__).parents[1] / "vectors"


def recorded_frames() -> list[dict[str, Any]]:
    """Return the frames that were recorded from real machines."""
    frames: list[dict[str, Any]] = json.loads((_VECTORS / "treadmill_frames.json").read_text())
    return frames


def vectors_of(protocol: str) -> list[dict[str, Any]]:
    """Return the recorded frames of another protocol than the Fitness Machine Service."""
    return [frame for frame in recorded_frames() if frame.get("proto") == protocol]


def reported_frames() -> list[dict[str, Any]]:
    """Return the frames that owners reported; `composed` ones were made to fit what a report tells."""
    frames: list[dict[str, Any]] = json.loads((_VECTORS / "field_reports.json").read_text())
    return frames


def every_message() -> list[bytes]:
    """Return the bytes of all frames, of other protocols too, each once."""
    texts = [
        frame[key] for frame in recorded_frames() + reported_frames() for key in ("hex", "indicate") if key in frame
    ]
    return [bytes.fromhex(text) for text in dict.fromkeys(texts)]
