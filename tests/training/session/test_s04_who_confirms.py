"""The person who confirms may be the one who walks, whoever was named: the lower limits of the two apply (S4)."""

import pytest

from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.training.limits import Direction, OwnerLimits
from custom_components.retrowalk.training.rules import Rules
from custom_components.retrowalk.training.session.recovery import request_as_dict, request_from_dict
from custom_components.retrowalk.training.session.request import SessionTerms
from custom_components.retrowalk.training.steering.session_plan import SessionRequest

CAPABILITIES = Capabilities(speed_range=ValueRange(0.5, 12.0, 0.1), can_start_and_stop=True)
RULES = Rules(control=True, owner=OwnerLimits(), capabilities=CAPABILITIES)
ANNA = SessionRequest(walker="anna", speed=2.8)
BEGINNER = SessionRequest(walker="anna", by_novice=True)


def test_s4_a_beginner_who_confirms_for_somebody_experienced_has_the_limits_of_a_beginner() -> None:
    intent = SessionTerms()
    intent.accept(ANNA, RULES)
    assert intent.limits(RULES).speed.maximum == 3.0
    assert intent.limits(RULES, by=BEGINNER).speed.maximum == 2.0
    intent.confirm(BEGINNER, RULES)
    intent.begin(RULES)
    assert intent.limits(RULES).speed.maximum == 2.0
    assert intent.plan.main.speed == 2.0
    assert intent.request.walker == "anna"  # the walker was shown and spoken


def test_s4_somebody_experienced_who_confirms_takes_no_limits_from_a_beginner() -> None:
    intent = SessionTerms()
    intent.accept(SessionRequest(walker="bert", first=True), RULES)
    intent.confirm(SessionRequest(walker="anna"), RULES)
    assert intent.limits(RULES).speed.maximum == 2.0


def test_s4_who_confirms_for_nobody_else_has_their_own_limits() -> None:
    intent = SessionTerms()
    intent.accept(SessionRequest(open=True, first=True), RULES)
    intent.confirm(SessionRequest(walker="anna"), RULES)
    assert (intent.request.walker, intent.limits(RULES).speed.maximum) == ("anna", 3.0)


@pytest.mark.parametrize(("kept", "now"), [(True, False), (False, True)])
def test_s4_s19_the_limits_of_who_confirmed_hold_over_a_restart(kept: bool, now: bool) -> None:
    written = request_as_dict(SessionRequest(walker="anna", first=kept))
    assert request_from_dict(written, direction=Direction.BACKWARD, walker="anna", first=now).first
    del written["first"]  # as earlier versions stored it
    assert request_from_dict(written, direction=Direction.BACKWARD, walker="anna", first=now).first is now
