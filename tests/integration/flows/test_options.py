"""The settings: only those that apply to the machine are shown, and the next session follows what was saved."""

from pathlib import Path
from typing import Any

import pytest
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData

from custom_components.retrowalk.const import CONF_CAPABILITIES, CONF_CHECK
from custom_components.retrowalk.machine.model import Capabilities, ValueRange
from custom_components.retrowalk.training.check.result import CheckResult
from custom_components.retrowalk.training.history.energy import EnergyModel
from custom_components.retrowalk.treadmill.options import ConnectionPolicy, ControlPolicy, Options
from custom_components.retrowalk.walkers.session_file import SessionFormat
from tests.support.house import CAPABILITIES, PASSED, House, make_entry, open_settings, walker_subentry

DEFAULTS: dict[str, dict[str, Any]] = {
    "safety": {"control": "monitor", "safety_key": False, "rail": False},
    "limits": {"backward_speed": 3.0, "backward_incline": 3.0, "forward_speed": 6.0},
    "countdown": {"countdown_backward": 15, "countdown_forward": 5},
    "guards": {"guard_stops": False, "automations_confirm": False},
    "announcer": {"announce": "none"},
    "live": {},
    "connection": {"connection": "on_wake", "idle_seconds": 120},
    "calories": {"energy_model": "lcda", "backward_factor": 1.45},
    "files": {"keep_files": False, "files_format": "fit"},
    "automations": {"install_blueprints": False},
}


async def show(hass: HomeAssistant, capabilities: Capabilities, options: dict[str, Any]) -> ConfigFlowResult:
    entry = make_entry(options, **{CONF_CAPABILITIES: capabilities.as_dict()})
    entry.add_to_hass(hass)
    return await open_settings(hass, entry.entry_id)


def shown(result: ConfigFlowResult) -> dict[str, dict[str, Any]]:
    """Return the form's default values."""
    schema = result["data_schema"]
    assert schema is not None
    values: dict[str, dict[str, Any]] = {group: fields.schema({}) for group, fields in schema.schema.items()}
    return values


def field(result: ConfigFlowResult, group: str, key: str) -> dict[str, Any]:
    schema = result["data_schema"]
    assert schema is not None
    config: dict[str, Any] = schema.schema[group].schema.schema[key].config
    return config


async def save(hass: HomeAssistant, result: ConfigFlowResult, user_input: dict[str, Any]) -> ConfigFlowResult:
    return await hass.config_entries.options.async_configure(result["flow_id"], user_input)


async def test_untouched_settings_are_the_defaults(hass: HomeAssistant) -> None:
    result = await show(hass, CAPABILITIES, {})
    assert shown(result) == DEFAULTS
    schema = result["data_schema"]
    assert schema is not None
    assert [group.options["collapsed"] for group in schema.schema.values()] == [False] + [True] * 9
    result = await save(hass, result, DEFAULTS)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert Options.read(result["data"]) == Options()


async def test_changed_settings_are_saved_and_shown_again(hass: HomeAssistant, media: Path) -> None:
    changed = {
        "safety": {"control": "control", "safety_key": True, "rail": True},
        "limits": {"backward_speed": 4.5, "backward_incline": 10.0, "forward_speed": 20.0},
        "countdown": {"countdown_backward": 60.0, "countdown_forward": 3.0},
        "guards": {
            "guards": ["binary_sensor.door", "person.emma"],
            "guard_stops": True,
            "occupancy": "binary_sensor.mat",
            "confirm_button": "event.button",
            "automations_confirm": True,
        },
        "announcer": {"announce": "entity", "announcer": "media_player.hall", "tts": "tts.piper"},
        "live": {"live_targets": ["walker", "persistent_notification"]},
        "connection": {"connection": "always", "idle_seconds": 0.0},
        "calories": {"energy_model": "article", "backward_factor": 1.2},
        "files": {"keep_files": True, "files_folder": f"{media}/walks", "files_format": "tcx"},
        "automations": {"install_blueprints": True},
    }
    result = await show(hass, CAPABILITIES, {"something_newer": 1})
    result = await save(hass, result, changed)
    [entry] = hass.config_entries.async_entries("retrowalk")
    assert entry.options["something_newer"] == 1
    assert Options.read(entry.options) == Options(
        control=ControlPolicy.CONTROL,
        safety_key=True,
        rail=True,
        connection=ConnectionPolicy.ALWAYS,
        idle_seconds=0,
        backward_speed=4.5,
        backward_incline=10.0,
        forward_speed=20.0,
        countdown_backward=60,
        countdown_forward=3,
        announcer="media_player.hall",
        tts="tts.piper",
        guards=("binary_sensor.door", "person.emma"),
        guard_stops=True,
        occupancy="binary_sensor.mat",
        confirm_button="event.button",
        automations_confirm=True,
        energy_model=EnergyModel.ARTICLE,
        backward_factor=1.2,
        install_blueprints=True,
        live_targets=("walker", "persistent_notification"),
        keep_files=True,
        files_folder=f"{media}/walks",
        files_format=SessionFormat.TCX,
    )
    result = await open_settings(hass, entry.entry_id)
    speakers, guards, files = changed.pop("announcer"), changed.pop("guards"), changed["files"]
    folder = {"files_folder": files.pop("files_folder")}
    live = changed.pop("live")
    flags = {"guard_stops": True, "automations_confirm": True}
    assert shown(result) == {**changed, "announcer": {"announce": "entity"}, "guards": flags, "live": {}}
    assert suggested(result, "live") == live
    assert suggested(result) == speakers | {"announce": None}
    assert suggested(result, "guards") == guards | dict.fromkeys(flags)
    assert suggested(result, "files") == folder | dict.fromkeys(files)
    result = await save(hass, result, {**DEFAULTS, "announcer": speakers})
    # Fields that were cleared stay empty.
    assert Options.read(result["data"]) == Options(announcer="media_player.hall", tts="tts.piper")


@pytest.fixture
def media(hass: HomeAssistant, tmp_path: Path) -> Path:
    """Return the media folder, the one that Home Assistant may use besides www."""
    hass.config.config_dir = str(tmp_path / "config")
    for folder in ("media", "config/www"):
        (tmp_path / folder).mkdir(parents=True)
    hass.config.allowlist_external_dirs = {str(tmp_path / "media"), str(tmp_path / "config" / "www")}
    return tmp_path / "media"


async def test_files_are_kept_only_where_home_assistant_may_write_and_not_in_public(
    hass: HomeAssistant, media: Path
) -> None:
    (media / "file").write_text("a file")
    (media / "public").symlink_to(media.parent / "config" / "www")
    result = await show(hass, CAPABILITIES, {})
    for folder, error in (
        (None, "folder_not_given"),
        ("  ", "folder_not_given"),
        ("/etc", "folder_not_allowed"),
        ("walks", "folder_not_allowed"),
        (f"{media}/.hidden", "folder_not_allowed"),
        (f"{media}/../config", "folder_not_allowed"),
        (f"{media}/\0", "folder_not_allowed"),
        (f"{media}/file", "folder_not_writable"),
        (f"{media}/file/walks", "folder_not_writable"),
        (f"{media}/{'x' * 256}", "folder_not_writable"),
        ("www", "folder_public"),
        (f"{media}/public/walks", "folder_public"),
    ):
        files = {"keep_files": True, "files_format": "tcx"} | ({} if folder is None else {"files_folder": folder})
        result = await save(hass, result, {**DEFAULTS, "files": files})
        assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"base": error}), folder
        # The answers are kept, and the group with the error is open.
        assert shown(result)["files"]["files_format"] == "tcx"
        assert suggested(result, "files")["files_folder"] == ((folder or "").strip() or None)
        schema = result["data_schema"]
        assert schema is not None
        assert not schema.schema["files"].options["collapsed"]
    assert sorted(path.name for path in media.rglob("*")) == ["file", "public"]
    files = {"keep_files": True, "files_folder": f" {media}/walks/2026 ", "files_format": "fit"}
    result = await save(hass, result, {**DEFAULTS, "files": files})
    assert Options.read(result["data"]).files_folder == f"{media}/walks/2026"
    assert [*(media / "walks" / "2026").iterdir()] == []  # the folder is there, and the trial left nothing


async def test_a_folder_is_looked_at_only_if_files_are_kept(hass: HomeAssistant, media: Path) -> None:
    result = await show(hass, CAPABILITIES, {})
    files = {"keep_files": False, "files_folder": "/nowhere", "files_format": "fit"}
    result = await save(hass, result, {**DEFAULTS, "files": files})
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert Options.read(result["data"]).kept_files is None


async def test_s2_automations_confirm_only_with_a_guard_and_a_voice(hass: HomeAssistant) -> None:
    result = await show(hass, CAPABILITIES, {})
    allowed = {**DEFAULTS["guards"], "automations_confirm": True}
    guarded = {**allowed, "guards": ["binary_sensor.door"]}
    silent, aloud = DEFAULTS["announcer"], {"announce": "entity", "announcer": "assist_satellite.hall"}
    notify = {"announce": "entity", "announcer": "notify.anna"}
    for guards, announcer, error in (
        (allowed, aloud, "guard_missing"),
        (guarded, silent, "voice_missing"),
        (guarded, notify, "voice_missing"),
    ):
        result = await save(hass, result, {**DEFAULTS, "guards": guards, "announcer": announcer})
        assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"base": error})
        assert shown(result)["guards"]["automations_confirm"] is True
        schema = result["data_schema"]
        assert schema is not None
        assert not schema.schema["guards"].options["collapsed"]
        assert schema.schema["announcer"].options["collapsed"]
    result = await save(hass, result, {**DEFAULTS, "guards": guarded, "announcer": aloud})
    options = Options.read(result["data"])
    assert (options.automations_confirm, options.guards, options.spoken) == (True, ("binary_sensor.door",), True)


async def test_a_speaker_that_is_not_complete_is_not_saved(hass: HomeAssistant) -> None:
    result = await show(hass, CAPABILITIES, {})
    for speakers, error in (
        ({"announce": "entity"}, "announcer_missing"),
        ({"announce": "entity", "announcer": "media_player.hall"}, "tts_missing"),
    ):
        limits = {**DEFAULTS["limits"], "backward_speed": 2.0}
        result = await save(hass, result, {**DEFAULTS, "limits": limits, "announcer": speakers})
        assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"base": error})
        # The other answers are kept, and the group with the error is open.
        assert shown(result)["limits"]["backward_speed"] == 2.0
        assert suggested(result)["announcer"] == speakers.get("announcer")
        schema = result["data_schema"]
        assert schema is not None
        assert not schema.schema["announcer"].options["collapsed"]
    for announcer in ("assist_satellite.hall", "notify.anna"):
        result = await show_again(hass)
        result = await save(
            hass, result, {**DEFAULTS, "announcer": {"announce": "entity", "announcer": announcer, "tts": "tts.piper"}}
        )
        assert Options.read(result["data"]).announcer == announcer
    result = await show_again(hass)
    result = await save(hass, result, {**DEFAULTS, "announcer": {"announce": "none", "announcer": announcer}})
    assert Options.read(result["data"]).announcer is None
    assert result["data"]["tts"] is None
    with pytest.raises(InvalidData):
        await save(
            hass, await show_again(hass), {**DEFAULTS, "announcer": {"announce": "entity", "announcer": "light.a"}}
        )


async def show_again(hass: HomeAssistant) -> ConfigFlowResult:
    [entry] = hass.config_entries.async_entries("retrowalk")
    return await open_settings(hass, entry.entry_id)


def suggested(result: ConfigFlowResult, group: str = "announcer") -> dict[str, Any]:
    schema = result["data_schema"]
    assert schema is not None
    fields = schema.schema[group].schema.schema
    return {str(key): (key.description or {}).get("suggested_value") for key in fields}


@pytest.mark.parametrize(
    ("group", "key", "value"),
    [
        ("limits", "backward_speed", 5.1),
        ("limits", "backward_incline", 10.5),
        ("limits", "forward_speed", 20.1),
        ("countdown", "countdown_backward", 9),
        ("countdown", "countdown_backward", 61),
        ("countdown", "countdown_forward", 2),
        ("connection", "idle_seconds", 3601),
        ("connection", "connection", "never"),
        ("safety", "control", "yes"),
        ("guards", "guards", ["light.door"]),
        ("guards", "occupancy", "sensor.mat"),
        ("guards", "confirm_button", "button.start"),
        ("calories", "energy_model", "guess"),
        ("calories", "backward_factor", 0.9),
        ("calories", "backward_factor", 2.1),
    ],
)
async def test_s2_s4_what_no_option_may_allow_is_refused(
    hass: HomeAssistant, group: str, key: str, value: object
) -> None:
    result = await show(hass, CAPABILITIES, {})
    with pytest.raises(InvalidData):
        await save(hass, result, {**DEFAULTS, group: {**DEFAULTS[group], key: value}})
    result = await save(hass, result, DEFAULTS)
    assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    "capabilities", [Capabilities(can_start_and_stop=True), Capabilities(speed_range=ValueRange(1.0, 6.0, 0.1))]
)
async def test_a_machine_that_cannot_be_controlled_has_no_settings_of_control(
    hass: HomeAssistant, capabilities: Capabilities
) -> None:
    result = await show(hass, capabilities, {"control": "monitor"})
    expected = {
        group: DEFAULTS[group] for group in ("announcer", "live", "connection", "calories", "files", "automations")
    }
    assert shown(result) == expected
    result = await save(hass, result, expected)
    assert result["data"]["control"] == "monitor"


@pytest.mark.parametrize("incline", [None, ValueRange(-3.0, 0.0, 0.5)])
async def test_s18_without_an_incline_there_is_no_limit_for_it(hass: HomeAssistant, incline: ValueRange | None) -> None:
    capabilities = Capabilities(speed_range=ValueRange(1.0, 6.0, 0.1), incline_range=incline, can_start_and_stop=True)
    result = await show(hass, capabilities, {})
    assert shown(result)["limits"] == {"backward_speed": 3.0, "forward_speed": 6.0}
    assert field(result, "limits", "forward_speed")["max"] == 6.0


async def test_limits_stay_within_the_machine(hass: HomeAssistant) -> None:
    capabilities = Capabilities(
        speed_range=ValueRange(0.8, 4.0, 0.1), incline_range=ValueRange(0.0, 2.0, 0.5), can_start_and_stop=True
    )
    result = await show(hass, capabilities, {})
    assert shown(result)["limits"] == {"backward_speed": 3.0, "forward_speed": 4.0, "backward_incline": 2.0}
    assert field(result, "limits", "backward_speed") | {"min": 0.8, "max": 5.0, "unit_of_measurement": "km/h"} == (
        field(result, "limits", "backward_speed")
    )


@pytest.mark.parametrize(("start_speed", "least"), [(None, 0.1), (0.6, 0.6)])
async def test_s9_a_minimum_of_zero_is_no_limit_to_choose(
    hass: HomeAssistant, start_speed: float | None, least: float
) -> None:
    capabilities = Capabilities(speed_range=ValueRange(0.0, 18.0, 0.1), can_start_and_stop=True)
    check = PASSED | {"findings": CheckResult(start_speed=start_speed).as_dict()}
    entry = make_entry({}, **{CONF_CAPABILITIES: capabilities.as_dict(), CONF_CHECK: check})
    entry.add_to_hass(hass)
    result = await open_settings(hass, entry.entry_id)
    for key in ("backward_speed", "forward_speed"):
        assert field(result, "limits", key)["min"] == least


async def test_s4_the_settings_do_not_switch_backward_control_on_by_showing_it(hass: HomeAssistant) -> None:
    capabilities = Capabilities(speed_range=ValueRange(3.5, 16.0, 0.1), can_start_and_stop=True)
    result = await show(hass, capabilities, {})
    assert shown(result)["limits"]["backward_speed"] == 3.0
    assert field(result, "limits", "backward_speed")["min"] == 3.0


async def test_s4_a_machine_too_fast_for_any_backward_limit_has_none(hass: HomeAssistant) -> None:
    capabilities = Capabilities(speed_range=ValueRange(5.5, 16.0, 0.1), can_start_and_stop=True)
    result = await show(hass, capabilities, {})
    assert shown(result)["limits"] == {"forward_speed": 6.0}


async def test_s14_saving_while_somebody_walks_does_not_reload(house: House) -> None:
    await house.set_up()
    await house.walk()
    assert house.entry is not None
    before = house.coordinator
    result = await open_settings(house.hass, house.entry.entry_id)
    await save(house.hass, result, {**shown(result), "limits": {**DEFAULTS["limits"], "backward_speed": 2.0}})
    await house.settle()
    assert house.coordinator is before
    assert house.state("session_state") == "warm_up"


@pytest.mark.parametrize("stored", [float("nan"), float("inf"), None])
async def test_s4_a_limit_that_is_no_number_is_the_default(stored: float | None) -> None:
    """Check "nan", which a form accepts and storage turns into nothing."""
    keys = ("backward_speed", "backward_incline", "forward_speed", "backward_factor", "countdown_backward")
    options = Options.read(dict.fromkeys((*keys, "countdown_forward", "idle_seconds"), stored))
    assert options == Options()


@pytest.mark.parametrize("stored", [float("nan"), None])
async def test_a_weight_that_is_no_number_is_the_usual_one(house: House, stored: float | None) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry(weight=stored)]), connected=False)
    assert float(house.state("weight")) == 70.0


async def test_a_live_notification_to_a_phone_that_is_gone_can_be_taken_off(hass: HomeAssistant) -> None:
    result = await show(hass, CAPABILITIES, {"live_targets": ["walker", "notify.gone"]})
    offered = {option["value"]: option["label"] for option in field(result, "live", "live_targets")["options"]}
    assert offered["notify.gone"] == "No longer available: notify.gone"
    assert suggested(result, "live") == {"live_targets": ["walker", "notify.gone"]}
