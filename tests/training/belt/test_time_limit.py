"""A machine that ends walks by itself is found out by two of them, and by nothing that happens once."""

import pytest

from custom_components.retrowalk.training.belt.time_limit import limit_by, with_end, without_ends


@pytest.mark.parametrize(
    ("ends", "limit"),
    [
        ([], None),
        ([1800], None),
        ([1798, 1800], 1800),
        ([1785, 1795], 1800),  # it counts from the command, and its belt moved some seconds later
        ([1770, 1772], 1740),
        ([1860, 1865], 1860),
        ([1780, 1800], None),  # by somebody at the console, who is less exact
    ],
)
def test_two_walks_that_ended_alike_tell_the_limit_and_never_a_later_one(ends: list[float], limit: float) -> None:
    found: tuple[float, ...] = ()
    for end in ends:
        found = with_end(found, end)
    assert limit_by(found) == limit
    assert limit is None or limit <= min(ends) + 20


def test_only_the_last_two_count() -> None:
    assert limit_by(with_end(with_end(with_end((), 1750), 1800), 1801)) == 1800
    assert limit_by(with_end(with_end(with_end((), 1800), 1801), 1850)) is None


@pytest.mark.parametrize("seconds", [60, 1500, 1700, 1900, 3600])
def test_an_end_at_any_other_time_is_somebodys(seconds: float) -> None:
    assert with_end((1800.0,), seconds) == (1800.0,)


def test_a_belt_that_runs_on_has_no_such_clock() -> None:
    assert without_ends((1800.0, 1801.0), 1200) == (1800.0, 1801.0)
    assert without_ends((1800.0, 1801.0), 2400) == ()
