"""The action that makes a walker's report: its period, its language and units, and its files."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_system import US_CUSTOMARY_SYSTEM
from pytest_homeassistant_custom_component.common import MockUser, async_mock_service

from custom_components.retrowalk.training.history.report import MOST_WEEKS
from tests.support.action_calls import Actions

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "report.md"


@pytest.fixture
async def walked(actions: Actions, noon: FrozenDateTimeFactory) -> Actions:
    """Return a treadmill on which Anna and Bert have walked, today and a week ago."""
    await actions.set_up(connected=False)
    now = dt_util.utcnow()
    for days in (7, 0):
        ended = now - timedelta(days=days)
        await actions.store_session("anna", 6, ended=ended, max_speed=2.0, discomfort_before=3, note=f"{days} days ago")
        await actions.store_session("bert", 30, ended=ended, note="of Bert")
    return actions


@pytest.fixture
def media(actions: Actions, tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    actions.hass.config.allowlist_external_dirs = {str(folder)}
    return folder


async def test_the_answer_is_a_walkers_report_as_text_and_as_a_page(walked: Actions) -> None:
    answer = await walked.call("create_report", of="anna")
    assert answer["path"] is None
    assert answer["name"] == "retrowalk_anna_2026-11-18"
    for part in ("Backward walking: Anna", "Aug 31, 2026 to Nov 18, 2026"):
        assert part in answer["text"]
        assert part in answer["html"]
    assert "Minutes: 12\nSessions: 2\n" in answer["text"]
    assert "Days kept: 2 of 8\n" in answer["text"]
    assert "- Nov 18, 2026 (3 / \N{EN DASH}): 0 days ago\n- Nov 11, 2026" in answer["text"]
    assert "Top speed: 2 km/h" in answer["text"]
    assert "of Bert" not in answer["text"] + answer["html"]
    assert answer["html"].startswith("<!DOCTYPE html>")


async def test_the_report_is_in_the_language_and_the_units_of_the_house(walked: Actions) -> None:
    walked.hass.config.language = "de"
    walked.hass.config.units = US_CUSTOMARY_SYSTEM
    answer = await walked.call("create_report", of="anna")
    assert "Rückwärtsgehen: Anna\n31. Aug. 2026 bis 18. Nov. 2026" in answer["text"]
    assert "Höchste Geschwindigkeit: 1,2 mph" in answer["text"]
    assert '<html lang="de"' in answer["html"]


@pytest.mark.parametrize(
    ("data", "first", "last", "minutes"),
    [
        ({"weeks": 1}, "Nov 16", "Nov 18", 6),
        ({"weeks": 2.0}, "Nov 9", "Nov 18", 12),
        ({"weeks": 6, "to": "2026-11-15"}, "Oct 5", "Nov 15", 6),
        ({"from": "2026-11-12"}, "Nov 12", "Nov 18", 6),
        ({"from": "2026-11-11", "to": "2026-11-11"}, "Nov 11", "Nov 11", 6),
        ({"from": "2026-11-01", "to": "9999-12-31"}, "Nov 1", "Nov 18", 12),
        ({"to": "2026-11-10"}, "Aug 24", "Nov 10", 0),
    ],
)
async def test_the_period_is_that_of_the_request(
    walked: Actions, data: dict[str, Any], first: str, last: str, minutes: int
) -> None:
    answer = await walked.call("create_report", of="anna", **data)
    assert f"\n{first}, 2026 to {last}, 2026\n" in answer["text"]
    assert f"\nMinutes: {minutes}\n" in answer["text"]


@pytest.mark.parametrize(
    ("data", "error"),
    [
        *(({"weeks": weeks}, "report_weeks_out_of_range") for weeks in (0, -1, 1.5, MOST_WEEKS + 1, 1e300, "nan")),
        ({"weeks": 6, "from": "2026-11-01"}, "report_weeks_or_from"),
        ({"from": "2026-11-02", "to": "2026-11-01"}, "from_after_to"),
        ({"from": "2026-11-19"}, "from_after_to"),
        ({"from": "2026-05-17"}, "report_weeks_out_of_range"),
        ({"from": "0001-01-01"}, "report_weeks_out_of_range"),
        ({"walker": "guest"}, "guest_has_no_plan"),
        ({"walker": "Nobody"}, "walker_unknown"),
        ({}, "walker_missing"),
    ],
)
async def test_a_request_that_cannot_be_is_refused_in_words(walked: Actions, data: dict[str, Any], error: str) -> None:
    assert await walked.refused("create_report", **{"walker": "Bert", **data} if data else {}) == error


async def test_the_longest_report_and_the_earliest_one_can_be(walked: Actions) -> None:
    assert "May 25, 2026" in (await walked.call("create_report", of="bert", weeks=MOST_WEEKS))["text"]
    assert "May 25, 2026" in (await walked.call("create_report", of="bert", **{"from": "2026-05-25"}))["text"]
    assert "Jan 1, 1 to Jan 3, 1\n" in (await walked.call("create_report", of="bert", to="0001-01-03"))["text"]


async def test_a_walker_who_never_walked_has_an_empty_report(walked: Actions) -> None:
    answer = await walked.call("create_report", walker="Cleo")
    assert "There are no backward sessions in these weeks." in answer["text"]


async def test_the_caller_who_is_a_walker_gets_their_own(walked: Actions, hass_admin_user: MockUser) -> None:
    walked.hass.states.async_set("person.anna", "home", {"user_id": hass_admin_user.id})
    answer = await walked.call("create_report", by=Context(user_id=hass_admin_user.id))
    assert answer["name"] == "retrowalk_anna_2026-11-18"


async def test_the_example_of_the_documentation_sends_the_text(walked: Actions) -> None:
    [block] = re.findall(r"```yaml\n(alias: .*?)```", DOCUMENTATION.read_text(), re.DOTALL)
    automation = yaml.safe_load(re.sub(r"device_id: \w+", f"device_id: {walked.device('anna')}", block))
    sent = async_mock_service(walked.hass, "notify", "send_message")
    assert await async_setup_component(walked.hass, "automation", {"automation": [automation]})
    await walked.hass.services.async_call(
        "automation", "trigger", {"entity_id": "automation.my_walks_once_a_month"}, blocking=True
    )
    await walked.hass.async_block_till_done()
    [call] = sent
    assert call.data["message"].startswith("Retrowalk \N{MIDDLE DOT} Backward walking: Anna\nOct 12, 2026")
    await walked.hass.services.async_call("automation", "turn_off", {"entity_id": "all"}, blocking=True)


# Files


async def test_a_page_and_a_text_are_written_by_the_ending_of_the_path_or_by_the_format(
    walked: Actions, media: Path
) -> None:
    for data, name in (
        ({"path": f"{media}/anna.html"}, "anna.html"),
        ({"path": f"{media}/anna.TXT"}, "anna.TXT"),
        ({"path": f"{media}/reports/"}, "reports/retrowalk_anna_2026-11-18.html"),
        ({"path": str(media), "format": "text"}, "retrowalk_anna_2026-11-18.txt"),
    ):
        answer = await walked.call("create_report", of="anna", **data)
        assert answer["path"] == str(media / name)
        kind = "html" if name.endswith(".html") else "text"
        assert (media / name).read_text() == answer[kind]


async def test_what_is_there_stays_unless_it_is_a_report_that_may_be_replaced(walked: Actions, media: Path) -> None:
    (media / "home.html").write_text("<html>my own page</html>")
    (media / "list.txt").write_text("Retrowalk: milk, bread")
    await walked.call("create_report", of="anna", path=f"{media}/anna.html")
    await walked.call("create_report", of="anna", path=f"{media}/anna.txt")
    before = {path: path.read_bytes() for path in media.iterdir()}
    for path, data, refusal in (
        ("home.html", {"replace": True}, "file_something_else"),
        ("list.txt", {"replace": True}, "file_something_else"),
        ("anna.html", {}, "file_exists"),
        ("anna.txt", {}, "file_exists"),
        ("anna.html", {"format": "text"}, "file_wrong_ending"),
        ("anna.pdf", {}, "file_wrong_ending"),
        ("../outside.html", {}, "file_not_allowed"),
    ):
        assert await walked.refused("create_report", of="bert", path=f"{media}/{path}", **data) == refusal
    assert {path: path.read_bytes() for path in media.iterdir()} == before
    for name in ("anna.html", "anna.txt"):
        await walked.call("create_report", of="bert", path=f"{media}/{name}", replace=True)
        assert "Backward walking: Bert" in (media / name).read_text()


async def test_a_disk_that_cannot_be_written_is_said_in_words(walked: Actions, media: Path) -> None:
    (media / "folder").write_text("a file")
    with pytest.raises(HomeAssistantError) as error:
        await walked.call("create_report", of="anna", path=f"{media}/folder/anna.html")
    assert error.value.translation_key == "file_not_written"
    assert [path.name for path in media.iterdir()] == ["folder"]


async def test_only_administrators_write_files_but_everybody_reads_what_they_may(
    walked: Actions, media: Path, lisa: MockUser
) -> None:
    lisas = Context(user_id=lisa.id)
    with pytest.raises(Unauthorized):
        await walked.call("create_report", by=lisas, of="bert", path=f"{media}/bert.html")
    assert not [*media.iterdir()]
    assert "of Bert" in (await walked.call("create_report", by=lisas, of="bert"))["text"]
    # Anna is a person, and Lisa another one.
    assert await walked.refused("create_report", by=lisas, of="anna") == "walker_is_private"
    assert await walked.refused("create_report", by=lisas, of="anna", path=f"{media}/a.html") == "walker_is_private"


async def test_a_hostile_name_stays_within_the_folder(walked: Actions, media: Path) -> None:
    house = walked.house
    assert house.entry is not None
    subentry = house.entry.subentries["bert"]
    walked.hass.config_entries.async_update_subentry(house.entry, subentry, title="../../<b>\u202e\r\nX-Set: 1")
    await house.settle()
    answer = await walked.call("create_report", of="bert", path=f"{media}/")
    assert Path(answer["path"]).parent == media
    assert "&lt;b&gt;X-Set: 1" in answer["html"].replace("\n", "").replace("&gt; ", "&gt;")
