"""The message after a session that asks how the knee is."""

from typing import Any

import pytest
from homeassistant.core import HomeAssistant

from custom_components.retrowalk.const import CONF_RATINGS
from custom_components.retrowalk.training.history.record import Knee, Outcome, SessionRecord
from custom_components.retrowalk.walkers.walker import Ratings
from tests.support.action_calls import Actions
from tests.support.house import walker_subentry
from tests.support.phones import Phone, Phones
from tests.support.reminded_home import Home

PRIVATE = {"person": "person.anna"}


async def set_up(home: Home, **anna: Any) -> None:
    await home.set_up(walker_subentry("Anna", **PRIVATE, **anna), walker_subentry("Bert"), connected=True)


async def walk(home: Home, walker: str = "anna", seconds: float = 70) -> SessionRecord:
    """Walk as somebody, stop, and return the record."""
    house = home.house
    house.coordinator.next_session.choose_walker(walker)
    await house.walk()
    await house.time(seconds)
    await house.press("stop")
    await house.time(15)
    await home.hass.async_block_till_done()
    record = house.coordinator.result.record
    assert record is not None
    return record


async def walk_briefly(home: Home) -> None:
    """Walk for a time that is too short to be kept."""
    await home.house.walk()
    await home.house.press("stop")
    await home.house.time(15)
    assert home.house.coordinator.result.record is None


def knee_of(home: Home, record: SessionRecord) -> Knee | None:
    found = home.house.coordinator.roster.history.get(record.id)
    assert found is not None
    return found.knee


async def test_one_tap_on_the_phone_rates_the_session(home: Home, anna: Phone) -> None:
    await set_up(home)
    record = await walk(home)
    [shown] = anna.shown.values()
    assert shown["title"] == "Anna, how is your knee?"
    assert anna.buttons == ["Better", "Same", "Worse"]
    assert shown["data"]["clickAction"].startswith("/")
    await anna.tap("Same")
    assert knee_of(home, record) is Knee.SAME
    assert anna.shown == {}


async def test_a_rating_on_the_card_takes_the_message_away(home: Home, anna: Phone) -> None:
    await set_up(home)
    record = await walk(home)
    await Actions(home.house).call("rate_session", session_id=record.id, knee="bit_worse")
    await home.hass.async_block_till_done()
    assert anna.shown == {}


async def test_repeated_and_late_taps_make_no_answer_better_and_rate_no_other_session(home: Home, anna: Phone) -> None:
    await set_up(home)
    first = await walk(home)
    [shown] = anna.shown.values()
    better, same, worse = (action["action"] for action in shown["data"]["actions"])
    second = await walk(home)
    assert len(anna.shown) == 1, "the newer message replaces the older one"
    await anna.repeat(worse)
    await anna.repeat(worse)
    for late in (better, same):
        await anna.repeat(late)
    assert (knee_of(home, first), knee_of(home, second)) == (Knee.WORSE, None)
    for action in ("RETROWALK_KNEE_", f"RETROWALK_KNEE_{second.id}_wonderful", "RETROWALK_KNEE_GONE_same", "OTHER"):
        await anna.repeat(action)
    assert knee_of(home, second) is None


async def test_a_tap_of_somebody_else_is_not_heard(
    home: Home, anna: Phone, phones: Phones, lisa: Any, hass: HomeAssistant
) -> None:
    await set_up(home)
    record = await walk(home)
    [shown] = anna.shown.values()
    hers = await phones.add("Lisas phone", lisa.id)
    await hers.repeat(shown["data"]["actions"][0]["action"])
    assert knee_of(home, record) is None


async def test_a_phone_that_is_out_of_reach_costs_the_question_only(
    home: Home, anna: Phone, phones: Phones, lisa: Any, caplog: pytest.LogCaptureFixture
) -> None:
    away = await phones.add("Lisas phone", lisa.id, only_at_home=True)
    await set_up(home, reminder_target=phones.device_of(away))
    record = await walk(home)
    assert knee_of(home, record) is None
    assert caplog.text.count("Could not ask how a knee is") == 1


async def test_the_right_walker_is_asked_once_the_session_is_theirs(home: Home, anna: Phone) -> None:
    await set_up(home)
    record = await walk(home, "bert")
    assert anna.shown == {}, "Bert has no phone"
    roster = home.house.coordinator.roster
    await roster.async_change(record.id, lambda found: _given(found, "anna"))
    await home.hass.async_block_till_done()
    assert anna.buttons == ["Better", "Same", "Worse"]
    await roster.async_change(record.id, lambda found: _given(found, None))
    await home.hass.async_block_till_done()
    assert anna.shown == {}


def _given(record: SessionRecord, walker: str | None) -> SessionRecord:
    return SessionRecord.from_dict({**record.as_dict(), "walker": walker})


@pytest.mark.parametrize("anna_is", [{CONF_RATINGS: Ratings.NONE}, {"reminder_target": "persistent_notification"}])
async def test_who_wants_no_question_or_has_no_phone_gets_none(
    home: Home, anna: Phone, anna_is: dict[str, Any]
) -> None:
    await set_up(home, **anna_is)
    await walk(home)
    assert anna.shown == {}


async def test_an_entry_by_hand_and_a_session_from_before_a_restart_ask_nothing(home: Home, anna: Phone) -> None:
    await set_up(home)
    await home.house.store_session("anna", 5)
    await home.hass.async_block_till_done()
    assert anna.shown == {}
    await walk_briefly(home)
    await home.house.store_session("anna", 5, outcome=Outcome.LOGGED)
    await home.hass.async_block_till_done()
    assert anna.shown == {}


async def test_who_watches_a_knee_is_asked_before_the_session_too_and_a_tap_is_stored_with_it(
    home: Home, anna: Phone
) -> None:
    await home.set_up(walker_subentry("Anna", **PRIVATE, reminder=True, **{CONF_RATINGS: Ratings.BOTH}), connected=True)
    await home.at(18)
    await anna.tap("Start")
    [shown] = anna.shown.values()
    assert "How is your knee before you walk?" in shown["message"]
    assert anna.buttons == ["Good · 0", "A little · 2", "Bad · 6"]
    await anna.tap("A little · 2")
    [shown] = anna.shown.values()
    assert (anna.buttons, "knee" in shown["message"]) == ([], False)
    assert home.house.state("session_state") == "ready", "an answer starts nothing"
    house = home.house
    await house.press("start")
    await house.time(45)
    await house.press("stop")
    await house.time(15)
    await home.hass.async_block_till_done()
    record = house.coordinator.result.record
    assert record is not None
    assert record.discomfort_before == 2


async def test_who_is_asked_after_sessions_only_gets_no_question_before(home: Home, anna: Phone) -> None:
    await home.set_up(walker_subentry("Anna", **PRIVATE, reminder=True), connected=True)
    await home.at(18)
    await anna.tap("Start")
    assert anna.buttons == []
