"""Saved settings apply at once to a session that is ready and has not begun, with a message (S1)."""

from typing import Any

import pytest
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from custom_components.retrowalk.machine.ftms.const import OpCode
from tests.support.house import CONTROL, Clock, House, make_entry, open_settings, walker_subentry
from tests.support.speakers import MessageLog, Satellite, Speech, add_speakers

SAVED: dict[str, tuple[dict[str, dict[str, Any]], str]] = {
    "monitor only": ({"safety": {"control": "monitor"}}, "monitor_only"),
    "reduced mode": ({"safety": {"rail": False}}, "limits_lowered"),
    "lower limits": ({"limits": {"backward_speed": 1.5}}, "limits_lowered"),
    "a level deck": ({"limits": {"backward_incline": 0}}, "limits_lowered"),
    "a longer countdown": ({"countdown": {"countdown_backward": 60}}, "settings_changed"),
    "higher limits": ({"limits": {"backward_speed": 4.0}}, "settings_changed"),
}
SPOKEN = {**CONTROL, "announce": "entity", "announcer": "assist_satellite.hall"}


@pytest.fixture
async def message_log(house: House, clock: Clock) -> MessageLog:
    message_log = MessageLog(clock)
    await add_speakers(house.hass, tts=Speech())
    await add_speakers(house.hass, integration="satellites", assist_satellite=Satellite(message_log))
    await house.set_up(make_entry(SPOKEN, walkers=[walker_subentry()]))
    await house.store_session("anna")
    house.coordinator.next_session.choose_walker("anna")
    await house.settle()
    return message_log


async def save(house: House, **changes: dict[str, Any]) -> None:
    """Save settings in the options form, as the owner does."""
    form = await open_settings(house.hass, house.entry.entry_id)
    schema = form["data_schema"].schema
    answers = {str(group): fields.schema({}) for group, fields in schema.items()}
    # The frontend also sends suggested values that the user did not change.
    answers["announcer"] = {key: value for key, value in SPOKEN.items() if key not in CONTROL}
    for group, fields in changes.items():
        answers[group] |= fields
    saved = await house.hass.config_entries.options.async_configure(form["flow_id"], answers)
    assert saved["type"] == "create_entry", saved
    await house.settle()


async def make(house: House, state: str) -> None:
    await house.press("start")
    if state == "ready":
        return
    await house.press("start")
    assert house.state("session_state") == "countdown"
    await house.time(5)
    if state == "starting":
        house.faults.start_delay = 8.0
        await house.time(10)
        assert house.state("session_state") == "starting"


async def ended(house: House, message_log: MessageLog, reason: str, why: str) -> None:
    events = [event for event in EVENTS if event.kind.value == "start_failed"]
    assert events[-1].data["reason"] == reason
    await house.until(lambda: any(why in text for text in message_log.texts))
    await house.time(2)
    await house.until(lambda: house.entry.state is ConfigEntryState.LOADED)
    await house.time(40, dt=1)
    assert house.treadmill.at_rest


EVENTS: list[Any] = []


@pytest.fixture(autouse=True)
def events() -> None:
    EVENTS.clear()


@pytest.mark.parametrize("state", ["ready", "countdown"])
@pytest.mark.parametrize("what", SAVED)
async def test_s1_what_is_saved_ends_ready_and_countdown_with_words(
    house: House, message_log: MessageLog, state: str, what: str
) -> None:
    changes, reason = SAVED[what]
    house.coordinator.events.add(EVENTS.append)
    await make(house, state)
    house.commands()
    await save(house, **changes)
    assert house.coordinator.session.state.value == "idle"
    await ended(house, message_log, reason, "The settings were changed")
    assert OpCode.START_OR_RESUME not in {command[0] for command in house.commands()}
    # And the saved settings apply.
    options = house.coordinator.options
    if what == "monitor only":
        assert options.control == "monitor"
    assert house.coordinator.session.rules.owner.reduced is (what == "reduced mode")


async def test_s1_s17_the_child_lock_ends_what_was_made_ready(house: House, message_log: MessageLog) -> None:
    house.coordinator.events.add(EVENTS.append)
    await make(house, "ready")
    await house.call("switch", "turn_on", "control_lock")
    assert house.state("session_state") == "idle"
    await ended(house, message_log, "locked", "The child lock is on")


async def test_s1_a_walker_who_is_removed_is_not_walked_for(
    hass: HomeAssistant, house: House, message_log: MessageLog
) -> None:
    house.coordinator.events.add(EVENTS.append)
    await make(house, "countdown")
    assert hass.config_entries.async_remove_subentry(house.entry, "anna")
    await house.settle()
    await ended(house, message_log, "settings_changed", "The settings were changed")


async def test_s1_a_name_and_what_moves_nothing_end_nothing(
    hass: HomeAssistant, house: House, message_log: MessageLog
) -> None:
    await make(house, "countdown")
    hass.config_entries.async_update_entry(house.entry, title="Cellar")
    await save(house, connection={"idle_seconds": 300}, calories={"backward_factor": 1.3})
    await house.time(1)
    assert house.state("session_state") == "countdown"
    await house.press("stop")


async def test_s1_s12_what_was_saved_during_a_walk_holds_for_a_resume(house: House, message_log: MessageLog) -> None:
    await house.walk()
    house.coordinator.events.add(EVENTS.append)
    await save(house, safety={"control": "monitor"})
    await house.time(5)
    assert house.state("session_state") == "warm_up"  # nothing changes under a walker (S14)
    await house.press("pause")
    await house.time(15)
    house.commands()
    await house.press("resume")
    await ended(house, message_log, "monitor_only", "The settings were changed")
    assert OpCode.START_OR_RESUME not in {command[0] for command in house.commands()}
