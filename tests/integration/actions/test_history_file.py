"""The action that writes the sessions as a table: which sessions, in which words, where, and for whom."""

import csv
import re
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import yaml
from homeassistant.core import Context
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.util import dt as dt_util
from homeassistant.util.file import WriteError
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.retrowalk.storage import file_access
from custom_components.retrowalk.training.history.record import Outcome
from custom_components.retrowalk.training.limits import Direction
from tests.support.action_calls import Actions

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "export.md"
ENDED = datetime(2026, 11, 18, 12, 5, tzinfo=UTC)  # 04:05 in California
DAY = timedelta(days=1)


@pytest.fixture
async def media(actions: Actions, tmp_path: Path) -> Path:
    """Return the media folder; Anna walked twice, Bert and a guest once."""
    folder = tmp_path / "media"
    folder.mkdir()
    actions.hass.config.allowlist_external_dirs = {str(folder)}
    await actions.set_up(connected=False)
    await actions.store_session(
        "anna", ended=ENDED, program="first_steps", discomfort_before=3, discomfort_after=2, effort=4, note="=1+1; fine"
    )
    await actions.store_session("anna", 6, ended=ENDED + DAY, direction=Direction.FORWARD, program="Mine")
    await actions.store_session("bert", 7, ended=ENDED + 2 * DAY, outcome=Outcome.CONSOLE)
    await actions.store_session(None, 8, ended=ENDED + 3 * DAY)
    return folder


def rows(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    content = StringIO(path.read_bytes().decode("utf-8-sig"), newline="")
    return [*csv.DictReader(content, delimiter=delimiter, strict=True)]


async def test_every_session_is_a_row_oldest_first(actions: Actions, media: Path) -> None:
    response = await actions.call("export_history", path=f"{media}/all.csv")
    assert response == {"path": f"{media}/all.csv", "rows": 4}
    table = rows(media / "all.csv")
    assert [(row["Date"], row["Walker"], row["Minutes"]) for row in table] == [
        ("2026-11-18", "Anna", "5.0"),
        ("2026-11-19", "Anna", "6.0"),
        ("2026-11-20", "Bert", "7.0"),
        ("2026-11-21", "Guest", "8.0"),
    ]
    first = table[0]
    assert (first["Start"], first["Direction"], first["Program"], first["End"]) == (
        *("04:00", "Backward", "First steps", "Completed"),
    )
    ratings = ("Knee before (0-10)", "Knee after (0-10)", "Effort (0-10)")
    assert [first[column] for column in ratings] == ["3", "2", "4"]
    assert first["Note"] == "'=1+1; fine"
    assert (table[1]["Direction"], table[1]["Program"], table[2]["End"]) == ("Forward", "Mine", "At the console")
    assert [row["Retrowalk ID"] for row in table] == [record.id for record in actions.records()]


async def test_the_example_of_the_documentation_works(actions: Actions, media: Path) -> None:
    [block] = re.findall(r"```yaml\n(action: retrowalk.export_history\n.*?)```", DOCUMENTATION.read_text(), re.DOTALL)
    data = yaml.safe_load(block)["data"]
    del data["device_id"]
    path = media / Path(data["path"]).name
    response = await actions.call("export_history", of="anna", **{**data, "path": str(path)})
    assert response == {"path": str(path), "rows": 2}
    assert [row["Minutes"] for row in rows(path, ";")] == ["5,0", "6,0"]


async def test_in_german_with_semicolons(actions: Actions, media: Path) -> None:
    actions.hass.config.language = "de"
    await actions.call("export_history", path=f"{media}/alle.csv", separator="semicolon")
    table = rows(media / "alle.csv", ";")
    assert [row["Person"] for row in table] == ["Anna", "Anna", "Bert", "Gast"]
    assert (table[0]["Minuten"], table[0]["Programm"], table[0]["Richtung"]) == ("5,0", "Erste Schritte", "Rückwärts")


@pytest.mark.parametrize(
    ("of", "data", "found"),
    [
        ("anna", {}, ["5.0", "6.0"]),
        (None, {"walker": "Bert"}, ["7.0"]),
        (None, {"walker": "guest"}, ["8.0"]),
        (None, {"from": "2026-11-19 00:00:00"}, ["6.0", "7.0", "8.0"]),
        (None, {"to": "2026-11-19 00:00:00"}, ["5.0"]),
        ("anna", {"from": "2026-11-19 00:00:00", "to": "2026-11-20 00:00:00"}, ["6.0"]),
        (None, {"from": "2027-01-01 00:00:00"}, []),
    ],
)
async def test_only_the_sessions_that_were_asked_for(
    actions: Actions, media: Path, of: str | None, data: dict[str, str], found: list[str]
) -> None:
    response = await actions.call("export_history", of=of, path=f"{media}/some.csv", **data)
    assert response["rows"] == len(found)
    assert [row["Minutes"] for row in rows(media / "some.csv")] == found


async def test_a_folder_gets_a_file_named_after_the_walker_and_the_day(actions: Actions, media: Path) -> None:
    today = dt_util.now().date()
    await actions.call("export_history", path=f"{media}/tables/")
    await actions.call("export_history", path=f"{media}/tables/", of="anna")
    await actions.call("export_history", path=f"{media}/tables/", walker="guest")
    names = {path.name for path in (media / "tables").iterdir()}
    assert names == {f"retrowalk_{whose}_{today}.csv" for whose in ("sessions", "anna", "guest")}


async def test_another_table_is_replaced_only_if_it_is_ours_and_wanted(actions: Actions, media: Path) -> None:
    (media / "budget.csv").write_text("rent,food\r\n")
    assert await actions.refused("export_history", path=f"{media}/budget.csv", replace=True) == "file_something_else"
    assert (media / "budget.csv").read_text() == "rent,food\n"
    await actions.call("export_history", path=f"{media}/all.csv", of="anna")
    assert await actions.refused("export_history", path=f"{media}/all.csv") == "file_exists"
    assert len(rows(media / "all.csv")) == 2
    actions.hass.config.language = "de"  # it is ours in any language
    await actions.call("export_history", path=f"{media}/all.csv", replace=True)
    assert len(rows(media / "all.csv")) == 4


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        ({"path": "/etc/all.csv"}, "file_not_allowed"),
        ({"path": "all.fit"}, "file_wrong_ending"),
        ({"walker": "Carl"}, "walker_unknown"),
        ({"from": "2026-11-20 00:00:00", "to": "2026-11-20 00:00:00"}, "from_after_to"),
    ],
)
async def test_what_cannot_be_is_refused_and_leaves_nothing(
    actions: Actions, media: Path, data: dict[str, str], refusal: str
) -> None:
    path = data.pop("path", "all.csv")
    path = path if path.startswith("/") else f"{media}/{path}"
    assert await actions.refused("export_history", path=path, **data) == refusal
    assert [*media.iterdir()] == []


async def test_a_full_disk_is_told_in_one_line_and_leaves_nothing(
    actions: Actions, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **kwargs: object) -> None:
        raise WriteError("no space left on device")

    monkeypatch.setattr(file_access, "write_utf8_file_atomic", full)
    with pytest.raises(HomeAssistantError) as error:
        await actions.call("export_history", path=f"{media}/all.csv")
    assert error.value.translation_key == "file_not_written"
    assert [*media.iterdir()] == []


async def test_only_administrators_and_automations_write_it(actions: Actions, media: Path, lisa: MockUser) -> None:
    with pytest.raises(Unauthorized):
        await actions.call("export_history", by=Context(user_id=lisa.id), path=f"{media}/all.csv")
    assert [*media.iterdir()] == []
    await actions.call("export_history", by=actions.person(), path=f"{media}/all.csv")
    assert len(rows(media / "all.csv")) == 4
