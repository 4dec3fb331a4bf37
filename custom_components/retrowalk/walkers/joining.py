"""One person who is two walkers in the house, as up to 0.6.1: found, and joined if somebody wants that.

The sessions are joined first, then who walks where. What is cut short by a power cut is found and offered again.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations
from operator import itemgetter
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import issue_registry as ir

from ..const import (
    CONF_FIRST_ADDRESS,
    CONF_HEART_RATE_SENSOR,
    CONF_PERSON,
    CONF_PLAN_PAUSED,
    CONF_STEP_SENSOR,
    CONF_WALKER_ID,
    DOMAIN,
)
from ..issues import plain_placeholders
from ..storage.journal import Journal
from .household import async_household, device_identifier
from .kept import KnownWalker, walkers_on
from .walker import Walker, walkers_of

WALKER_TWICE: Final = "walker_twice"
"""The key of the issue."""
_FILLED: Final = (CONF_PERSON, CONF_HEART_RATE_SENSOR, CONF_STEP_SENSOR)
"""Settings that are taken from the other walker where the one who stays has none."""


@callback
def async_show_twins(hass: HomeAssistant) -> None:
    """Update the issues of walkers who seem to be one person, on different treadmills."""
    registry, shown = ir.async_get(hass), set()
    for one, other in _twins(hass):
        key = f"{WALKER_TWICE}_{min(one.id, other.id)}_{max(one.id, other.id)}"
        shown.add(key)
        ir.async_create_issue(
            hass,
            DOMAIN,
            key,
            data={"opens": "join", "one": one.id, "other": other.id},
            is_fixable=True,
            is_persistent=True,  # so that it stays ignored
            severity=ir.IssueSeverity.WARNING,
            translation_key=WALKER_TWICE,
            translation_placeholders=plain_placeholders(
                {"name": one.name, "one": one.treadmill, "other": other.treadmill}
            ),
        )
    for domain, key in [*registry.issues]:
        if domain == DOMAIN and key.startswith(f"{WALKER_TWICE}_") and key not in shown:
            ir.async_delete_issue(hass, DOMAIN, key)


def _twins(hass: HomeAssistant) -> Iterable[tuple[KnownWalker, KnownWalker]]:
    """Yield pairs of walkers who are linked to one person, or have one name and no other person."""
    known = {known.id: known for entry in _entries(hass) for known in reversed(walkers_on(entry))}
    for one, other in combinations(known.values(), 2):
        persons = {person for walker in (one, other) if (person := walker.data.get(CONF_PERSON))}
        same_name = one.name.casefold() == other.name.casefold() and len(persons) < 2
        same_person = len(persons) == 1 and one.data.get(CONF_PERSON) == other.data.get(CONF_PERSON)
        if (same_name or same_person) and not _on_one_treadmill(hass, one.id, other.id):
            yield one, other


def _on_one_treadmill(hass: HomeAssistant, one: str, other: str) -> bool:
    """Return whether both walk on one treadmill, where they were told apart."""
    household = async_household(hass)
    return bool({*household.treadmills_of(one)} & {*household.treadmills_of(other)})


def _entries(hass: HomeAssistant) -> list[ConfigEntry]:
    return hass.config_entries.async_entries(DOMAIN, include_ignore=False)


async def async_join(hass: HomeAssistant, stays: str, goes: str) -> bool:
    """Join two walkers: sessions, ratings and treadmills of the one who goes are then of the one who stays.

    Their device, entities, plan and reminder stay. Returns False if one of them is gone. As after any correction, no
    session makes somebody experienced on a treadmill who was not (S4).
    """
    household = async_household(hass)
    await household.async_ready()
    kept, other = (_walker(hass, walker_id) for walker_id in (stays, goes))
    if kept is None or other is None or _on_one_treadmill(hass, stays, goes):
        return False
    async with household.change_lock:
        for entry_id in household.loaded:
            await household.store(entry_id).async_reassign(goes, stays)
    for entry_id in household.treadmills_of(goes):
        await _async_reassign_unsaved(hass, entry_id, goes, stays)
    merged = _merged_data(kept[1], other[1])
    household.write(stays, **merged)
    known = next(known for known in walkers_on(kept[0]) if known.id == stays)
    _remove_device(hass, *other)
    await household.removed.async_replace_walker(goes, known)
    for entry in _entries(hass):
        if (walker := walkers_of(entry).get(goes)) is not None:
            shared = {**known.data, CONF_WALKER_ID: known.id, CONF_FIRST_ADDRESS: known.first_address}
            subentry = entry.subentries[walker.subentry_id]
            hass.config_entries.async_update_subentry(entry, subentry, data=shared, title=known.name)
    household.notify()
    async_show_twins(hass)
    return True


def _walker(hass: HomeAssistant, walker_id: str) -> tuple[ConfigEntry, Walker] | None:
    found = ((entry, walkers_of(entry).get(walker_id)) for entry in _entries(hass))
    return next(((entry, walker) for entry, walker in found if walker is not None), None)


async def _async_reassign_unsaved(hass: HomeAssistant, entry_id: str, before: str, after: str) -> None:
    """Make sessions of one walker those of another that wait in the journal of a treadmill that is not set up."""
    entry = hass.config_entries.async_get_entry(entry_id)
    if entry is None or entry.state is ConfigEntryState.LOADED:  # it is not in use, so that nothing waits
        return
    journal = Journal(hass, entry_id)
    if (state := await journal.async_load()) is None:
        return
    waiting = state.get("unkept")
    for row in [*(waiting if isinstance(waiting, list) else ()), state.get("record")]:
        if isinstance(row, dict) and row.get("walker") == before:
            row["walker"] = after
    await journal.async_save_at_unload(lambda: state)


def _merged_data(kept: Walker, other: Walker) -> dict[str, Any]:
    """Return what the one who stays has of the other: a person and sensors, and the days when the plan was paused."""
    fields = dict(zip(_FILLED, ("person", "heart_rate_sensor", "step_sensor"), strict=True))
    changes = {key: getattr(kept, name) or getattr(other, name) for key, name in fields.items()}
    opened = [first for first, last in kept.paused if last is None]
    over = [(first, last) for first, last in other.paused if last is not None]
    # A pause that is not over has to remain the last one.
    extra = [pause for pause in over if pause not in kept.paused and (not opened or pause[0] < opened[0])]
    if extra:
        paused = replace(kept, paused=tuple(sorted([*kept.paused, *extra], key=itemgetter(0)))).paused
        rows = [[first.isoformat(), last and last.isoformat()] for first, last in paused]
        changes[CONF_PLAN_PAUSED] = [*rows, *kept.unreadable_pauses]
    return changes


def _remove_device(hass: HomeAssistant, entry: ConfigEntry, walker: Walker) -> None:
    """Remove the device of the walker who goes, with its entities."""
    registry = dr.async_get(hass)
    first = next((known.first_address for known in walkers_on(entry) if known.id == walker.id), walker.first_address)
    for device in registry.async_get_devices(identifiers={device_identifier(first or "", walker.id)}):
        registry.async_remove_device(device.id)
