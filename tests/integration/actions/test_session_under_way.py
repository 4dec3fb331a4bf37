"""The actions of the session under way: pause, resume, finish, adjust, stop."""

import pytest
from homeassistant.exceptions import HomeAssistantError

from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from tests.support.action_calls import REQUIRED, Actions
from tests.support.house import make_entry, walker_subentry


async def test_a_walk_is_paused_resumed_and_finished_by_actions(actions: Actions) -> None:
    await actions.set_up()
    await actions.call("start_session", of="anna", by=actions.person())
    await actions.call("confirm_session", of="anna", by=actions.person())
    await actions.house.time(23)
    assert actions.state == "warm_up"
    await actions.call("pause_session", of="anna")
    await actions.house.time(10)
    assert actions.state == "paused"
    assert await actions.refused("resume_session") == "needs_person"
    await actions.call("resume_session", by=actions.person())
    assert actions.state == "ready"
    assert await actions.refused("start_session", walker="Bert") == "already_ready"
    await actions.call("confirm_session", by=actions.person())
    await actions.house.time(23)
    assert actions.state in {"warm_up", "active"}
    await actions.call("finish_session", of="anna")
    assert actions.state == "cool_down"
    await actions.house.time(40)
    assert actions.state == "finished"
    for action, refusal in (
        ("pause_session", "nothing_to_pause"),
        ("resume_session", "nothing_to_resume"),
        ("finish_session", "nothing_to_finish"),
        ("adjust", "not_steering"),
    ):
        assert await actions.refused(action, by=actions.person(), **REQUIRED.get(action, {})) == refusal


async def test_somebody_elses_walk_is_not_touched_except_by_stop(actions: Actions) -> None:
    await actions.set_up()
    await actions.call("start_session", of="anna")
    for action in ("confirm_session", "pause_session", "resume_session", "finish_session", "adjust"):
        refusal = await actions.refused(action, by=actions.person(), of="bert", **REQUIRED.get(action, {}))
        assert refusal == "somebody_else_walks"
    assert actions.state == "ready"
    actions.house.commands()
    await actions.call("stop", of="bert")
    assert actions.state == "idle"
    assert actions.house.commands()


async def test_who_is_shown_as_walking_is_meant_by_the_device(actions: Actions) -> None:
    await actions.house.set_up(make_entry(walkers=[walker_subentry("Anna")]))
    await actions.call("start_session")
    actions.house.treadmill.press_start()
    await actions.house.time(20)
    # No walker was chosen, so it is the only one there is.
    assert (actions.house.state("walker"), actions.state, actions.request.walker) == ("Anna", "warm_up", "anna")
    await actions.call("adjust", of="anna", by=actions.person(), speed_delta=0.1)
    await actions.call("pause_session", of="anna")
    assert actions.state == "paused"


async def test_while_nobody_is_named_every_walkers_device_is_meant(actions: Actions) -> None:
    await actions.set_up()
    await actions.call("start_session")
    await actions.call("confirm_session", of="bert", by=actions.person())  # chooses Bert as the walker
    assert (actions.state, actions.house.state("walker")) == ("countdown", "Bert")
    assert await actions.refused("finish_session", of="anna") == "somebody_else_walks"


async def test_a_belt_that_runs_by_its_console_is_whose_walk_is_shown(actions: Actions) -> None:
    await actions.set_up()
    await actions.house.call("select", "select_option", "walker", option="Bert")
    actions.house.treadmill.press_start()
    await actions.house.time(8)
    assert (actions.house.state("walker"), actions.request) == ("Bert", None)
    assert await actions.refused("pause_session", of="anna") == "somebody_else_walks"
    await actions.call("pause_session", of="bert")
    assert actions.state == "paused"


async def test_s3_a_stop_that_does_not_arrive_is_reported(actions: Actions) -> None:
    await actions.set_up()
    await actions.house.walk()
    actions.house.faults.att_error = 0x80
    with pytest.raises(HomeAssistantError) as error:
        await actions.call("stop")
    assert error.value.translation_key == "stop_undelivered"


async def test_a_belt_that_runs_by_its_console_is_nobodys(actions: Actions) -> None:
    await actions.set_up()
    actions.house.treadmill.press_start()
    await actions.house.time(8)
    assert (actions.state, actions.request) == ("manual", None)
    await actions.call("pause_session", of="anna")
    assert actions.state == "paused"


async def test_targets_are_adjusted(actions: Actions) -> None:
    await actions.set_up()
    await actions.store_session("anna")
    await actions.call("start_session", of="anna", by=actions.person())
    await actions.call("confirm_session", by=actions.person())
    await actions.house.time(23)
    session = actions.house.coordinator.session
    assert (session.target_speed, session.target_incline) == (0.5, 0.0)
    await actions.call("adjust", by=actions.person(), speed_delta=1.5, incline_delta=1)
    assert (session.target_speed, session.target_incline) == (2.0, 1.0)
    for data, refusal in (
        ({}, "nothing_to_change"),
        ({"speed_delta": 1.1}, "speed_out_of_range"),
        ({"speed_delta": "nan"}, "speed_out_of_range"),
        ({"speed_delta": -0.5, "incline_delta": 2.5}, "incline_out_of_range"),
    ):
        assert await actions.refused("adjust", by=actions.person(), **data) == refusal
    # Without a person nothing rises, and a decrease in the same call is refused too.
    assert await actions.refused("adjust", speed_delta=-0.5, incline_delta=0.5) == "needs_person"
    assert await actions.refused("adjust", speed_delta=0.1, incline_delta=-0.5) == "needs_person"
    assert (session.target_speed, session.target_incline) == (2.0, 1.0)
    await actions.call("adjust", speed_delta=-0.5, incline_delta=-0.5)
    assert (session.target_speed, session.target_incline) == (1.5, 0.5)
    await actions.call("adjust", incline_delta=-0.5)
    assert (session.target_speed, session.target_incline) == (1.5, 0.0)
    await actions.call("adjust", speed_delta=-9, incline_delta=-9)
    assert (session.target_speed, session.target_incline) == (0.5, 0.0)


async def test_an_incline_that_the_machine_lacks_refuses_the_whole_call(actions: Actions) -> None:
    flat = Capabilities(speed_range=ValueRange(0.5, 20.0, 0.1), can_start_and_stop=True)
    await actions.set_up()
    session = actions.house.coordinator.session
    session.apply_rules(actions.house.coordinator.options.rules(flat))
    await actions.house.walk()
    await actions.call("adjust", by=actions.person(), speed_delta=0.5)
    assert await actions.refused("adjust", by=actions.person(), speed_delta=-0.1, incline_delta=0.5) == "not_steering"
    assert session.target_speed == 1.0
