"""The connection policies: always, when the treadmill wakes up, or on demand."""

import pytest
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from tests.support.house import CONTROL, House, make_entry


def with_policy(policy: str, **options: object) -> dict[str, object]:
    return {**CONTROL, "connection": policy, **options}


async def away(house: House, seconds: float) -> None:
    """Switch the treadmill off for a while, then let it advertise again."""
    house.faults.off = True
    await house.time(seconds, dt=5)
    house.faults.off = False
    house.peripheral.step(0.1)
    await house.settle()


async def test_always_connects_at_once_and_stays_connected(house: House) -> None:
    await house.set_up(make_entry(options=with_policy("always")))
    await house.time(600, dt=5)
    assert house.state("connection") == "connected"


async def test_always_comes_back_after_disconnect_when_the_treadmill_was_away(house: House) -> None:
    await house.set_up(make_entry(options=with_policy("always")))
    await house.press("disconnect")
    await away(house, 20)
    assert house.state("connection") == "released"
    await away(house, 200)
    await house.until(lambda: house.state("connection") == "connected")


async def test_on_demand_is_connected_by_a_press_only_and_released_when_idle(house: House) -> None:
    await house.set_up(make_entry(options=with_policy("on_demand")), connected=False)
    await away(house, 200)
    assert house.state("connection") == "released"
    await house.press("connect")
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(115, dt=1)
    assert house.state("connection") == "connected"
    await house.time(10, dt=1)
    assert house.state("connection") == "released"


async def test_a_treadmill_that_says_pre_workout_all_day_is_released_when_idle_too(house: House) -> None:
    house.faults.pre_workout_at_rest = True
    await house.set_up(make_entry(options=with_policy("on_wake")))
    await house.time(115, dt=1)
    assert house.state("connection") == "connected"
    await house.time(10, dt=1)
    assert house.state("connection") == "released"


async def test_who_starts_at_the_console_of_an_idle_treadmill_keeps_the_link(house: House) -> None:
    await house.set_up(make_entry(options=with_policy("on_wake")))
    await house.time(117, dt=1)
    house.treadmill.press_start()
    await house.time(30, dt=1)
    assert house.state("connection") == "connected"
    assert house.state("session_state") == "manual"


async def test_a_slow_connection_is_waited_for_however_short_idle_is(house: House) -> None:
    house.faults.connect_delay = 3600.0
    await house.set_up(make_entry(options=with_policy("on_demand", idle_seconds=0)), connected=False)
    await house.press("connect")
    await house.until(lambda: house.state("connection") == "connecting")
    await house.time(80, dt=5)
    assert house.state("connection") == "connecting"
    await house.time(15, dt=5)
    await house.until(lambda: house.state("connection") == "released")


async def test_on_wake_does_not_take_the_treadmill_again_after_a_long_link(house: House) -> None:
    """Check that the first advertisement after a link is no sign of waking up: a connected treadmill sends none."""
    await house.set_up()
    house.treadmill.press_start()
    await house.time(300, dt=1)
    house.treadmill.press_stop()
    await house.time(200, dt=1)
    await house.until(lambda: house.state("connection") == "released")
    await away(house, 5)
    assert house.state("connection") == "released"


async def test_on_wake_connects_again_when_the_treadmill_was_away(house: House) -> None:
    await house.set_up()
    await house.press("disconnect")
    await away(house, 20)
    assert house.state("connection") == "released"
    await away(house, 200)
    await house.until(lambda: house.state("connection") == "connected")


async def test_on_wake_gives_up_on_a_treadmill_that_is_out_of_reach(house: House) -> None:
    await house.set_up(make_entry(address="F2:52:57:00:00:99"), connected=False)
    await house.press("connect")
    assert house.state("connection") == "disconnected"
    await house.time(115, dt=1)
    assert house.state("connection") == "disconnected"
    await house.time(10, dt=1)
    assert house.state("connection") == "released"


async def test_on_wake_goes_on_trying_a_treadmill_that_is_heard(house: House) -> None:
    house.faults.connect_delay = 36000.0
    await house.set_up(connected=False)
    await house.until(lambda: house.state("connection") == "connecting")
    await house.time(400, dt=5)
    assert house.state("connection") == "connecting"


async def test_s3_a_stop_that_waits_for_a_link_is_not_given_up_as_idle(house: House) -> None:
    house.faults.connect_delay = 3600.0
    await house.set_up(make_entry(options=with_policy("on_demand", idle_seconds=0)), connected=False)
    await house.press("start", by=Context())
    await house.until(lambda: house.state("connection") == "connecting")
    await house.time(40, dt=5)
    with pytest.raises(HomeAssistantError):
        await house.press("stop")
    await house.time(55, dt=5)
    assert house.state("connection") == "connecting"
    await house.time(200, dt=5)
    await house.until(lambda: house.state("connection") == "released")


async def test_start_pressed_after_disconnect_connects_again(house: House) -> None:
    await house.set_up()
    await house.press("start")
    await house.press("disconnect")
    assert house.state("session_state") == "ready"
    with pytest.raises(ServiceValidationError) as error:
        await house.press("start")
    assert error.value.translation_key == "not_connected"
    await house.until(lambda: house.state("connection") == "connected")
    await house.time(3)
    await house.press("start")
    assert house.state("session_state") == "countdown"


async def test_resume_pressed_after_disconnect_connects_again(house: House) -> None:
    await house.set_up()
    await house.walk()
    await house.press("pause")
    await house.time(6)
    await house.press("disconnect")
    assert house.state("connection") == "released"
    await house.press("resume")
    await house.until(lambda: house.state("connection") == "connected")
    assert house.state("session_state") == "ready"
