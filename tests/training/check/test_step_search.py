from custom_components.retrowalk.machine.model import ValueRange
from custom_components.retrowalk.training.check.step_search import StepSearch


def search() -> StepSearch:
    return StepSearch(ValueRange(0.5, 5.5, 0.5), lambda kmh: kmh)


def test_s9_a_belt_that_rises_further_than_belts_step_is_not_sent_that_far() -> None:
    its = search()
    its.begin(1.5, 1.5)
    assert its.next_target() == 2.0
    assert its.measure(3.0)
    assert its.confirm() == 2.5


def test_s9_a_belt_with_coarse_steps_is_sent_one_of_them_up() -> None:
    its = search()
    its.begin(1.0, 1.0)
    assert its.next_target() == 1.5
    assert its.measure(2.0)
    assert its.confirm() == 2.0
