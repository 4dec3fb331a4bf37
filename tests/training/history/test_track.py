"""The track of a session, and the form in which it is stored."""

import json
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.training.history.track import Mark, MarkKind, Sample, Track
from custom_components.retrowalk.training.history.track_file import HEAD, LARGEST, decode, encode, interval_of

HALF_AN_HOUR, TWO_HOURS = 1800, 7200
MOST = 40_000
"""Bytes on disk that half an hour may take."""
PAUSE = (
    Mark(second=3, kind=MarkKind.PAUSED),
    Mark(second=9, kind=MarkKind.RESUMED),
    Mark(second=9, kind=MarkKind.STEP, step=2, label="Faster, Öhrchen"),
)


def a_track(**changes: Any) -> Track:
    columns: dict[str, Any] = {
        "seconds": (0, 1, 3, 9),
        "speed": (0.0, 1.23, 0.0, None),
        "incline": (None, -1.5, 2.0, 2.0),
        "distance": (0.0, 0.3, 0.9, 1.6),
        "heart_rate": (None, 91, None, 120),
        "steps": (None, None, 2, 4),
        "marks": PAUSE,
    }
    return Track(**{**columns, **changes})


@st.composite
def tracks(draw: st.DrawFn) -> Track:
    """Draw any track, with its values as exact as they are stored."""
    seconds = sorted(draw(st.sets(st.integers(0, 90_000), max_size=30)))
    size = {"min_size": len(seconds), "max_size": len(seconds)}

    def column(low: int, high: int, parts: int) -> tuple[float | None, ...]:
        values = draw(st.lists(st.none() | st.integers(low, high), **size))
        return tuple(None if value is None else value / parts for value in values)

    def counts(high: int) -> tuple[int | None, ...]:
        return tuple(draw(st.lists(st.none() | st.integers(0, high), **size)))

    meters = sorted(draw(st.lists(st.integers(0, 10**6), **size)))
    marks = draw(
        st.lists(
            st.builds(
                Mark,
                second=st.integers(0, 90_000),
                kind=st.sampled_from(MarkKind),
                step=st.none() | st.integers(1, 500),
                label=st.none() | st.text(min_size=1, max_size=200),
            ),
            max_size=8,
        )
    )
    return Track(
        seconds=tuple(seconds),
        speed=column(0, 3000, 100),
        incline=column(-100, 400, 10),
        distance=tuple(meter / 10 for meter in meters),
        heart_rate=counts(300),
        steps=counts(100_000),
        marks=tuple(sorted(marks, key=lambda mark: mark.second)),
        interval=draw(st.sampled_from([1, 2, 5])),
    )


@given(tracks())
def test_a_stored_track_is_the_same_when_it_is_read(track: Track) -> None:
    assert decode(encode(track)) == track
    assert Track.of(track.samples, track.marks, track.interval) == track
    assert len(track) == len([*track.samples])


@settings(deadline=None, max_examples=20)  # each is two hours and a half long
@given(st.integers(0, 2**32), st.sampled_from(["trembling", "wild"]))
def test_half_an_hour_and_two_hours_stay_small_however_much_the_values_tremble(seed: int, how: str) -> None:
    for seconds in (HALF_AN_HOUR, TWO_HOURS):
        track = noisy(seconds, seed, wild=how == "wild")
        stored = encode(track)
        assert len(stored) <= MOST * max(seconds / HALF_AN_HOUR, 1)
        assert len(zlib.decompress(stored[HEAD:])) < LARGEST / 10
        assert decode(stored) == track


def noisy(seconds: int, seed: int, *, wild: bool) -> Track:
    """Return a track whose values tremble around those of a walk, or are no walk at all."""
    state = seed

    def upto(most: int) -> int:
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 33) % (most + 1)

    meters, steps, samples = 0, 0, []
    for second in range(seconds):
        meters += upto(60 if wild else 16)
        steps += upto(10 if wild else 3)
        speed, incline, rate = (upto(2500), upto(250), 30 + upto(210)) if wild else (380 + upto(40), 20, 110 + upto(9))
        samples.append(Sample(second, speed / 100, incline / 10, meters / 10, rate, steps))
    marks = [Mark(second=step * 60, kind=MarkKind.STEP, step=step + 1) for step in range(seconds // 60)]
    return Track.of(samples, marks)


def test_a_track_without_samples_is_a_track_too() -> None:
    assert Track.of([]) == Track() == decode(encode(Track()))
    assert Track().thinned(5) == Track(interval=5)
    assert Track().as_dict() == {"interval": 1, "marks": []}


def test_a_track_as_plain_values_leaves_out_what_is_not_known() -> None:
    assert a_track(heart_rate=(None,) * 4).as_dict() == {
        "interval": 1,
        "seconds": [0, 1, 3, 9],
        "speed": [0.0, 1.23, 0.0, None],
        "incline": [None, -1.5, 2.0, 2.0],
        "distance": [0.0, 0.3, 0.9, 1.6],
        "steps": [None, None, 2, 4],
        "marks": [
            {"second": 3, "kind": "paused"},
            {"second": 9, "kind": "resumed"},
            {"second": 9, "kind": "step", "step": 2, "label": "Faster, Öhrchen"},
        ],
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"speed": (1.0,)},
        {"seconds": (-1, 1, 3, 9)},
        {"seconds": (0, 1, 1, 9)},
        {"distance": (-0.1, 0.3, 0.9, 1.6)},
        {"distance": (0.0, 0.3, 0.2, 1.6)},
        {"speed": (0.0, float("nan"), 0.0, None)},
        {"marks": (Mark(second=-1, kind=MarkKind.PAUSED),)},
        {"marks": PAUSE[::-1]},
        {"interval": 0},
    ],
)
def test_what_no_session_measured_is_no_track(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"track|columns|distance|seconds"):
        a_track(**changes)


def test_a_thinned_track_keeps_its_marks_and_its_end() -> None:
    samples = [Sample(second, 3.6, None, float(second)) for second in range(28) if second not in range(14, 18)]
    thin = Track.of(samples, PAUSE).thinned(5)
    assert thin.seconds == (0, 5, 10, 18, 20, 25, 27)
    assert (thin.marks, thin.interval, thin.distance[-1]) == (PAUSE, 5, 27.0)
    assert thin.thinned(5) is thin
    assert thin.thinned(1) is thin


@pytest.mark.parametrize(
    ("meters", "steps", "moving_time", "ends"),
    [
        (1.6, 4, 5.0, []),
        (1.62, None, 5.0, []),
        (1.9, 4, 5.0, [(10, None, None, 1.9, None, 4)]),
        (1.6, 6, 60.4, [(60, None, None, 1.6, None, 6)]),
    ],
)
def test_an_ended_track_has_what_the_record_counts(
    meters: float, steps: int | None, moving_time: float, ends: list[Any]
) -> None:
    track = a_track()
    ended = track.ended(meters, steps, moving_time)
    assert [*ended.samples] == [*track.samples, *ends]
    assert ended.ended(meters, steps, moving_time) == ended


def test_what_the_record_does_not_count_nobody_walked() -> None:
    ended = a_track().ended(0.5, 3, 5.0)
    assert (ended.distance, ended.steps) == ((0.0, 0.3, 0.5, 0.5), (None, None, 2, 3))
    assert Track().ended(5.0, 3, 5.0) == Track()


@given(tracks(), st.integers(2, 60))
def test_thinning_invents_nothing_and_thins_once(track: Track, interval: int) -> None:
    thin = track.thinned(interval)
    assert set(thin.samples) <= set(track.samples)
    assert thin.thinned(interval) == thin
    assert thin.seconds[-1:] == track.seconds[-1:]


def packed(content: bytes) -> bytes:
    return encode(Track())[:HEAD] + zlib.compress(content)


def stored(**changes: Any) -> bytes:
    plain = json.loads(zlib.decompress(encode(a_track())[HEAD:]))
    return packed(json.dumps({**plain, **changes}).encode())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"RWT\x02" + encode(a_track())[4:],
        encode(a_track())[:HEAD],
        encode(a_track())[:-1],
        packed(b"[]"),
        packed(b"\xff"),
        packed(b"{}"),
        packed(b"[" * 100_000),
        packed(b" " * (LARGEST + 1)),
        stored(seconds=[0, 1, 10**9, 1]),
        stored(seconds=[0, None, 1, 1]),
        stored(speed=[0, 0, 0, 0.5]),
        stored(steps=5),
        stored(marks=[[1, "paused", None, None]]),
        stored(marks=[[1, "danced", None, ""]]),
        stored(marks=[[1]]),
        stored(marks={"1": 1}),
    ],
)
def test_what_is_no_stored_track_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"track|number|MarkKind|decode|columns|Expecting"):
        decode(content)


@given(st.binary(max_size=200) | st.binary(max_size=200).map(packed))
def test_any_bytes_are_a_track_or_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".?"):
        decode(content)


def test_a_long_label_is_cut() -> None:
    track = a_track(marks=(Mark(second=1, kind=MarkKind.STEP, step=1, label="x" * 500),))
    assert decode(encode(track)).marks[0].label == "x" * 200


@pytest.mark.parametrize(("interval", "stored"), [(1, 1), (5, 5), (512, 255)])
def test_the_interval_is_told_by_the_first_bytes(interval: int, stored: int) -> None:
    assert interval_of(encode(a_track(interval=interval))[:HEAD]) == stored
