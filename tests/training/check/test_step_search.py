import pytest

from custom_components.retrowalk.machine.model import ValueRange
from custom_components.retrowalk.training.check.step_search import StepSearch


@pytest.mark.parametrize(("least", "rises_to", "sent_to"), [(1.0, 2.0, 2.0), (1.5, 3.0, 2.5)])
def test_s9_a_belt_that_rises_further_than_belts_step_is_not_sent_that_far(
    least: float, rises_to: float, sent_to: float
) -> None:
    its = StepSearch(ValueRange(0.5, 5.5, 0.5), lambda kmh: kmh)
    its.begin(least, least)
    assert its.next_target() == least + 0.5
    assert its.measure(rises_to)
    assert its.confirm() == sent_to
