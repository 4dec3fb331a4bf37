"""Benchmark of decoding Treadmill Data, compared to pyftms on the same frames in the same run."""

from collections.abc import Callable
from time import process_time
from typing import Any

import pytest

from custom_components.retrowalk.machine.ftms.codec import TreadmillData, decode_treadmill_data
from tests.support.frames import recorded_frames
from tests.support.pyftms_decoder import PYFTMS_NAME, decode_with_pyftms

MESSAGES = [bytes.fromhex(frame["hex"]) for frame in recorded_frames() if frame.get("char") == "2acd"]

NO_LOSS_TO_PYFTMS = 3276  # 0x7FFF, which pyftms reads as a descent of 3276.7 m

ROUNDS, REPETITIONS = 7, 100


def without_imaginary_loss(theirs: dict[str, Any]) -> dict[str, Any]:
    """Drop the elevation loss that pyftms reads from "not available"."""
    return {
        name: value
        for name, value in theirs.items()
        if (name, value) != (PYFTMS_NAME["elevation_loss"], NO_LOSS_TO_PYFTMS)
    }


def in_pyftms_terms(record: TreadmillData) -> dict[str, Any]:
    """Return a record with the names of pyftms, without None; pyftms also truncates elevations to whole meters."""
    named = {theirs: getattr(record, ours) for ours, theirs in PYFTMS_NAME.items()}
    return {
        name: int(value) if name.startswith("elevation") else value
        for name, value in named.items()
        if value is not None
    }


def pyftms_failure(message: bytes) -> str | None:
    """Return the name of the exception that pyftms raises for this frame."""
    try:
        decode_with_pyftms(message)
    except (AssertionError, EOFError, TypeError) as error:
        return type(error).__name__
    return None


def frames_per_second(decode: Callable[[bytes], object], messages: list[bytes]) -> float:
    """Measure one round."""
    start = process_time()
    for _ in range(REPETITIONS):
        for message in messages:
            decode(message)
    return REPETITIONS * len(messages) / (process_time() - start)


@pytest.mark.benchmark
def test_decode_speed(capsys: pytest.CaptureFixture[str], figure: Callable[[str, float], None]) -> None:
    """Test that both decode the frames that pyftms can read equally; the figures are only printed."""
    failures = {message: failure for message in MESSAGES if (failure := pyftms_failure(message))}
    comparable = [message for message in MESSAGES if message not in failures]
    assert comparable

    assert set(PYFTMS_NAME) == set(TreadmillData._fields) - {"more_data", "truncated"}
    for message in comparable:
        theirs = without_imaginary_loss(decode_with_pyftms(message))
        assert in_pyftms_terms(decode_treadmill_data(message)) == pytest.approx(theirs)

    # Alternate, so that other load on the computer affects both; the best round is the least disturbed one.
    rounds = [
        (frames_per_second(decode_treadmill_data, comparable), frames_per_second(decode_with_pyftms, comparable))
        for _ in range(ROUNDS)
    ]
    ours_best, theirs_best = (max(figures) for figures in zip(*rounds, strict=True))
    all_best = max(frames_per_second(decode_treadmill_data, MESSAGES) for _ in range(ROUNDS))

    figure("decode", 1e6 / ours_best)
    figure("decode_ratio", ours_best / theirs_best)
    with capsys.disabled():
        print(  # noqa: T201
            f"\n{len(comparable)} real frames that both can read; of the {len(MESSAGES) - len(comparable)} others"
            f" pyftms fails with {', '.join(sorted(failures.values())) or '-'}; all {all_best:,.0f} frames/s"
        )
