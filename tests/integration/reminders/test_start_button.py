"""The button that starts a session from a reminder."""

import json
from typing import Any

import pytest
from homeassistant.components.lovelace.const import LOVELACE_DATA
from homeassistant.components.lovelace.dashboard import LovelaceStorage

from tests.support.action_calls import Actions
from tests.support.house import make_entry, walker_subentry
from tests.support.phones import Phone
from tests.support.reminded_home import Home

ANNA = {"person": "person.anna", "reminder": True}


async def test_s2_a_tap_on_start_makes_ready_and_moves_nothing(home: Home, anna: Phone) -> None:
    await home.set_up(connected=True)
    await home.at(18)
    [shown] = anna.shown.values()
    actions = shown["data"]["actions"]
    page = "/lovelace?more-info-entity-id=button.treadmill_start"
    assert (actions[0]["uri"], shown["data"]["clickAction"], shown["data"]["url"]) == (page, page, page)
    assert len({action["action"] for action in actions}) == 3
    anna.texts.clear()
    home.house.commands()
    await anna.tap("Start")
    session = home.house.coordinator.session
    assert home.house.state("session_state") == "ready"
    assert session.request is not None
    assert (session.request.walker, session.request.program_name, session.request.length) == (
        "anna",
        "first_steps",
        300,
    )
    assert anna.texts[-1].startswith("Ready.")
    assert anna.buttons == []
    for _ in range(3):  # repeated taps on any phone change nothing
        await anna.repeat(actions[0]["action"])
        await home.house.time(10)
    assert home.house.state("session_state") == "ready"
    assert [text[:6] for text in anna.texts] == ["Ready."] * 3
    assert home.house.commands() == []
    assert home.house.treadmill.at_rest
    await home.house.time(120)  # a tap is not a press: ready for two minutes, not for ten
    assert home.house.state("session_state") == "idle"
    assert [what for _, what in home.new_events()] == ["due"]


@pytest.mark.parametrize(
    ("dashboard", "page"),
    [
        ({"strategy": {"type": "custom:retrowalk"}}, "/walk-here/{device}"),
        ({"strategy": {"type": "custom:retrowalk", "device_id": "{device}"}}, "/walk-here/{device}"),
        ({"strategy": {"type": "custom:retrowalk", "device_id": "another"}}, None),
        ({"strategy": {"type": "original-states"}}, None),
        ({"views": [{}, {"cards": [{"type": "custom:retrowalk-card"}]}]}, "/walk-here/1"),
        (
            {
                "views": [
                    {"path": "gym", "cards": [{"cards": [{"type": "custom:retrowalk-card", "device_id": "{device}"}]}]}
                ]
            },
            "/walk-here/gym",
        ),
        ({"views": [{"cards": [{"type": "custom:retrowalk-card", "device_id": "another"}]}]}, None),
        ({"views": [{"cards": [{"type": "tile", "entity": "sun.sun"}]}]}, None),
        ({"views": None}, None),
        ({"views": [[{"type": "custom:retrowalk-card"}], "gym", {"path": 7, "cards": "none"}]}, None),
        ({"views": 5}, None),
        (None, None),
    ],
)
async def test_a_tap_on_start_opens_the_card_where_there_is_one(
    home: Home, anna: Phone, dashboard: dict[str, Any] | None, page: str | None
) -> None:
    await home.set_up(connected=True)
    device = Actions(home.house).device()
    for url, admins in (("only-admins", True), ("walk-here", False)):
        made = LovelaceStorage(home.hass, {"id": url, "url_path": url, "title": "Walk", "require_admin": admins})
        home.hass.data[LOVELACE_DATA].dashboards[url] = made
        if dashboard is not None:
            await made.async_save(json.loads(json.dumps(dashboard).replace("{device}", device)))
    await home.at(18)
    [shown] = anna.shown.values()
    opens = (page or "/lovelace?more-info-entity-id=button.treadmill_start").format(device=device)
    assert shown["data"]["actions"][0]["uri"] == shown["data"]["url"] == opens


async def test_a_comeback_begins_with_three_minutes(home: Home, anna: Phone) -> None:
    await home.set_up(connected=True)
    for day in range(3):
        await home.at(9, day=day)
        await home.at(18, day=day)
    assert anna.texts[-1] == "Back on the belt? 3 slow minutes count as a whole day."
    await anna.tap("Start")
    session = home.house.coordinator.session
    assert session.request is not None
    assert (session.request.program_name, session.request.length) == ("comeback", 180)


async def test_a_refused_start_is_explained_on_the_phone_and_may_be_tried_again(home: Home, anna: Phone) -> None:
    await home.set_up(connected=True)
    await home.at(18)
    await home.house.call("switch", "turn_on", "control_lock")
    anna.inbox.clear()
    await anna.tap("Start")
    assert anna.texts == ["The child lock is on, so only Stop works. Turn off the treadmill's child lock first."]
    assert anna.buttons == ["Start", "Snooze 15 min", "Skip today"]
    await home.house.call("switch", "turn_off", "control_lock", by=home.house.person())
    await anna.tap("Start")
    assert home.house.state("session_state") == "ready"


async def test_a_walker_who_did_not_come_is_reminded_again_and_one_who_walked_a_little_is_not(
    home: Home, anna: Phone
) -> None:
    await home.set_up(connected=True)
    await home.at(18)
    await anna.tap("Start")
    assert anna.texts[-1].startswith("Ready.")
    await home.house.time(125)  # without a confirmation
    await home.hass.async_block_till_done()
    assert home.house.state("session_state") == "idle"
    assert anna.texts == ["5 minutes backward, and today is done. Planned: 1.5 km/h."]
    assert anna.buttons == ["Start", "Snooze 15 min", "Skip today"]
    assert [what for _, what in home.new_events()] == ["due"]  # still the same reminder
    await anna.tap("Start")
    assert anna.texts[-1].startswith("Ready.")
    await home.house.press("start")
    await home.house.time(40)
    await home.house.press("stop")
    await home.house.time(8)
    await home.house.until(lambda: not home.house.coordinator.in_use)
    await home.hass.async_block_till_done()
    assert (anna.texts, anna.shown) == ([], {})


async def test_a_comeback_asks_no_more_than_the_goal(home: Home, anna: Phone) -> None:
    await home.set_up(walker_subentry("Anna", **ANNA, daily_goal=1.0), connected=True)
    for day in range(3):
        await home.at(9, day=day)
        await home.at(18, day=day)
    assert anna.texts[-1] == "Just one minute today, as slowly as you like."
    await anna.tap("Start")
    session = home.house.coordinator.session
    assert session.request is not None
    assert (session.request.program_name, session.request.length) == ("comeback", 60)


async def test_a_treadmill_that_is_only_watched_offers_no_start(home: Home, anna: Phone) -> None:
    await home.at(9)
    await home.house.set_up(make_entry({}, [walker_subentry("Anna", **ANNA)]), connected=False)
    await home.at(18)
    assert anna.buttons == ["Snooze 15 min", "Skip today"]
    [shown] = anna.shown.values()
    assert shown["data"]["url"].endswith("sensor.treadmill_session")


async def test_a_button_of_an_old_message_does_nothing(home: Home, anna: Phone) -> None:
    await home.set_up(connected=True)
    await home.at(18)
    [shown] = anna.shown.values()
    old = [action["action"] for action in shown["data"]["actions"]]
    await anna.tap("Snooze 15 min")
    await home.at(18, 15)
    home.new_events()
    for action in [*old, "RETROWALK_START_anna", ""]:
        await anna.repeat(action)
    await home.at(9, day=1)
    [*today] = [action.replace("_1", "_2") for action in old]
    for action in today:
        await anna.repeat(action)
    assert home.house.state("session_state") == "idle"
    assert home.new_events() == [("03 09:00", "missed")]


async def test_a_snooze_that_comes_too_late_is_refused(home: Home, anna: Phone) -> None:
    await home.set_up(walker_subentry("Anna", **{**ANNA, "reminder_time": "20:30:00"}))
    await home.at(20, 30)
    assert "Snooze 15 min" in anna.buttons
    await home.at(20, 50)
    anna.inbox.clear()
    await anna.tap("Snooze 15 min")
    assert anna.texts == ["It would fall into the quiet time. Choose fewer minutes, walk now, or skip today."]
    assert anna.buttons == ["Start", "Skip today"]
