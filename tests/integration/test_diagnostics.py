"""Tests for the diagnostics: what a stranger learns of a treadmill that does not work, and what nobody may learn."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.retrowalk.const import DOMAIN
from custom_components.retrowalk.machine.bluetooth.link_log import Way
from custom_components.retrowalk.machine.ftms import const as ftms
from custom_components.retrowalk.treadmill.diagnosis import async_gather
from custom_components.retrowalk.treadmill.link_logs import async_find_link_log, async_link_log
from custom_components.retrowalk.treadmill.redaction import GENERIC, Redactor
from tests.support.house import ADDRESS, CONTROL, INFO, House, make_entry, walker_subentry

REDACTED = "**REDACTED**"
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZäöüÄÖÜ0123456789-."
SECRETS = st.lists(st.text(LETTERS, min_size=6, max_size=20), min_size=16, max_size=16, unique_by=str.lower)
WEIGHTS = st.integers(200_000, 2_999_999).map(lambda weight: (weight * 10 + 7) / 100_000)
ADDRESSES = st.binary(min_size=6, max_size=6).filter(lambda data: len(set(data)) > 4)


@pytest.fixture
async def download(hass: HomeAssistant, hass_client: ClientSessionGenerator) -> Any:
    """Return what downloads the diagnostics as a browser does, of the entry or of a device."""
    assert await async_setup_component(hass, "diagnostics", {})

    async def get(entry: MockConfigEntry, device: str | None = None) -> dict[str, Any]:
        path = f"/api/diagnostics/config_entry/{entry.entry_id}" + (f"/device/{device}" if device else "")
        response = await (await hass_client()).get(path)
        assert response.status == 200
        data: dict[str, Any] = json.loads(await response.text())["data"]
        return data

    return get


async def test_the_download_tells_what_a_treadmill_is_and_said(house: House, download: Any) -> None:
    await house.set_up()
    await house.walk()
    data = await download(house.entry)
    machine, link = data["machine"], data["link"]
    assert {"service": "1826", "characteristic": "2ACD"}.items() <= next(
        row for row in machine["gatt"] if row["characteristic"] == "2ACD"
    ).items()
    assert next(row for row in machine["gatt"] if row["characteristic"] == "2AD9")["properties"]
    assert {"2ACC", "2AD4", "2AD5"} <= set(machine["values"])
    assert machine["quirks"] == []
    assert machine["info"] == {**INFO.as_dict(), "serial": REDACTED}
    assert machine["capabilities"]["speed_range"] == {"minimum": 0.5, "maximum": 20.0, "step": 0.1}
    assert data["check"] == {"blocked_by": None, "last": data["check"]["last"]}
    assert data["check"]["last"]["failure"] is None
    written = [row["hex"] for row in data["exchanges"] if row["what"] == "write"]
    assert "00" in written  # request control
    assert any(row["hex"].startswith("8000") for row in data["exchanges"] if row["what"] == "answer")
    assert {row["characteristic"] for row in data["reports"]} >= {"2ACD"}
    assert all(row["seconds"] <= data["recorded"]["seconds"] for row in data["reports"])
    assert [event["state"] for event in link["history"]][-2:] == ["connecting", "connected"]
    assert data["session"]["state"] == "warm_up"
    assert set(data["versions"]) >= {"retrowalk", "home_assistant", "bleak"}
    assert data["options"]["control"] == "control"


async def test_a_lost_link_is_in_the_history_with_its_reason(house: House, download: Any) -> None:
    await house.set_up()
    house.peripheral.drop_link()
    await house.settle()
    data = await download(house.entry)
    history = [(event["state"], event["reason"]) for event in data["link"]["history"]]
    assert ("disconnected", "the connection ended") in history
    assert data["machine"]["gatt"]
    assert data["reports"]


async def test_it_can_be_downloaded_of_a_treadmill_that_was_never_connected(house: House, download: Any) -> None:
    house.faults.off = True
    await house.set_up(connected=False)
    data = await download(house.entry)
    assert (data["machine"]["gatt"], data["reports"]) == ([], [])
    assert data["machine"]["info"]["model"] == INFO.model


async def test_it_can_be_downloaded_of_an_entry_that_is_not_loaded_with_what_was_heard_before(
    house: House, hass: HomeAssistant, download: Any
) -> None:
    await house.set_up()
    assert house.entry is not None
    await hass.config_entries.async_unload(house.entry.entry_id)
    data = await download(house.entry)
    assert data["entry"]["state"] == "not_loaded"
    assert (data["session"], data["link"]["state"]) == (None, None)
    assert data["reports"]
    assert [event["state"] for event in data["link"]["history"]][-1] == "released"


async def test_the_frames_outlive_a_reload_and_not_the_entry(house: House, hass: HomeAssistant) -> None:
    await house.set_up()
    assert house.entry is not None
    log = async_find_link_log(hass, ADDRESS)
    await hass.config_entries.async_reload(house.entry.entry_id)
    assert async_find_link_log(hass, ADDRESS) is log
    await hass.config_entries.async_remove(house.entry.entry_id)
    assert async_find_link_log(hass, ADDRESS) is None


async def test_a_device_has_them_too_and_a_walkers_tells_nothing_of_the_walker(
    house: House, hass: HomeAssistant, download: Any
) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry("Rosalind", weight=61.73)]))
    assert house.entry is not None
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), house.entry.entry_id)
    kinds = set()
    for device in devices:
        data = await download(house.entry, device.id)
        kinds.add(data["device"])
        text = json.dumps(data).lower()
        assert [secret for secret in ("rosalind", "61.73", ADDRESS.lower(), "v0001") if secret in text] == []
        assert data["entry"]["walkers"] == 1
    assert kinds == {"treadmill", "walker"}


async def test_damaged_data_and_options_do_not_hinder_it(house: House, download: Any) -> None:
    await house.set_up(
        make_entry(options={"control": 7, "guards": "x"}, info=["?"], capabilities=3, check={"at": "never"}),
        connected=False,
    )
    data = await download(house.entry)
    assert data["entry"]["damaged_options"]
    assert data["check"]["last"] is None


def forms(address: bytes) -> set[str]:
    """Return an address as people, registries, makers and packets write it."""
    pairs = [f"{byte:02x}" for byte in address]
    return {separator.join(order) for separator in (":", "-", "_", "") for order in (pairs, pairs[::-1])}


async def test_no_secret_appears_wherever_it_was_put(house: House, hass: HomeAssistant) -> None:
    await house.set_up()
    snapshot = house.coordinator.data
    assert house.entry is not None
    common = json.dumps(async_gather(hass, house.entry, snapshot)(), default=str).lower() + "failed is gone no way over"

    @settings(max_examples=25, deadline=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck])
    @given(SECRETS, ADDRESSES, WEIGHTS)
    def holds(secrets: list[str], raw: bytes, weight: float) -> None:
        title, name, serial, walker, person, target, pulse, steps, program, note, *chosen = secrets
        assume(all(secret.lower() not in serial.lower() for secret in secrets if secret != serial))
        # Hypothesis takes words out of the code: those of every report, and those that name nothing.
        assume(not any(secret.casefold() in GENERIC or secret.lower() in common for secret in secrets))
        address = raw.hex(":").upper()
        hass.states.async_set("person.somebody", "home", {"friendly_name": person})
        entry = MockConfigEntry(
            domain=DOMAIN,
            title=title,
            unique_id=address.lower(),
            data={
                "address": address,
                "name": name,
                "info": {
                    "serial": serial,
                    "model": f"TM {serial} {address.replace(':', '')}",
                    "firmware": f"1 {walker}",
                },
                "note": note,
            },
            options={
                **CONTROL,
                "announce": "entity",
                "announcer": f"media_player.{chosen[0]}",
                "tts": chosen[1],
                "guards": [f"binary_sensor.{chosen[2]}"],
                "occupancy": chosen[3],
                "live_targets": [f"notify.{chosen[4]}"],
                "files_folder": f"/media/{chosen[5]}",
                "keep_files": note,
                "note": note,
            },
            subentries_data=[
                walker_subentry(
                    walker,
                    person="person.somebody",
                    weight=weight,
                    reminder_target=f"notify.{target}",
                    heart_rate_sensor=f"sensor.{pulse}",
                    step_sensor=f"sensor.{steps}",
                    notes=note,
                ),
                {
                    "subentry_type": "program",
                    "subentry_id": "p",
                    "title": program,
                    "unique_id": None,
                    "data": {"note": note},
                },
            ],
        )
        log = async_link_log(hass, address, house.clock.monotonic)
        log.name = f"{name} {address[-5:]}"
        for secret in (*secrets, *forms(raw)):
            for text in (secret, secret.upper(), secret.lower()):
                log.frame(Way.REPORT, ftms.TREADMILL_DATA, b"\x00" + text.encode() + b"\x00")
                log.failed(ftms.FEATURE, f"{text} is gone")
                if secret != note and secret not in {name, title}:
                    log.reason = f"no way over {text} to {walker}"
                    log.changed("disconnected")
        log.frame(Way.READ, ftms.FEATURE, raw + raw[::-1])
        log.frame(Way.READ, ftms.SERIAL_NUMBER, serial.encode())
        written = json.dumps(async_gather(hass, entry, snapshot)(), ensure_ascii=False, default=str).lower()
        log.reports.clear()
        known = {*secrets, *forms(raw), str(weight)} - {note}
        in_bytes = {secret.encode().hex() for secret in known}
        assert [secret for secret in (*known, *in_bytes) if secret.lower() in written] == []

    holds()


async def test_a_note_is_of_no_interest(house: House, hass: HomeAssistant, download: Any) -> None:
    await house.set_up(make_entry(walkers=[walker_subentry("Rosalind")]))
    await house.store_session("rosalind", note="left knee clicks", ended=datetime(2026, 11, 1, tzinfo=UTC))
    assert "clicks" not in json.dumps(await download(house.entry))


def test_an_address_that_is_no_radio_address_is_replaced_as_it_is() -> None:
    """Check the address by which macOS knows a device."""
    address = "5E2A1C8B-0C4E-4C11-9E0A-3D0F5C6B7A89"
    assert address.lower() not in Redactor([], [address]).text(f"Connected to {address.lower()}")
