"""How much a random test tries: a little in the run of every day, much by night (`scripts/test --nightly`)."""

import os
from collections.abc import Collection, Mapping
from typing import Any

import pytest

NIGHTLY = bool(os.environ.get("RETROWALK_NIGHTLY"))
"""Whether this is a nightly run; `scripts/test --nightly` sets it."""

EXPLORING = bool(os.environ.get("RETROWALK_EXPLORE"))
"""Whether to draw other examples than in the run before; `scripts/test --explore` sets it."""

FIGURES = bool(os.environ.get("RETROWALK_FIGURES"))
"""Whether the figures of benchmarks are wanted (scripts/benchmark): by day a part of each shows that it works."""

FOR_FIGURES = () if FIGURES else (pytest.mark.nightly,)
"""Marks of a benchmark's case that differs from its others in nothing but its size: it is for the figures alone."""


def runs(name: str, normal: int, nightly: int) -> int:
    """Return how many random stories a test tells; the environment variable `name` goes first."""
    return int(os.environ.get(name, nightly if NIGHTLY else normal))


def rows(table: Mapping[str, Any], *, every: int, kept: Collection[str] = ()) -> list[Any]:
    """Return the rows of a table as parameters: all by night; by day each `every`-th, and those whose key is kept."""
    return [
        pytest.param(row, id=key, marks=() if number % every == 0 or key in kept else pytest.mark.nightly)
        for number, (key, row) in enumerate(table.items())
    ]


def seeds(name: str, normal: tuple[int, ...], nightly: int) -> list[int]:
    """Return the seeds of random stories: the named ones, by night the first `nightly` more; `name` goes first."""
    if name in os.environ:
        return [int(seed) for seed in os.environ[name].split()]
    return [*dict.fromkeys([*normal, *range(nightly)])] if NIGHTLY else [*normal]
