"""Buttons of a treadmill; Stop always exists and always works."""

from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.const import EntityCategory
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .data import RetrowalkConfigEntry
from .entity import RetrowalkEntity
from .treadmill.control import TreadmillControl
from .treadmill.options import ControlPolicy
from .treadmill.snapshot import Snapshot

# With 1, a press of Stop would wait for an earlier press (S3).
PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class RetrowalkButtonDescription(ButtonEntityDescription):
    """Description of a button with its action; `press_fn` gets the context of the press and the entity ID."""

    press_fn: Callable[[TreadmillControl, Context | None, str], Awaitable[None]]
    needs_control: bool = True
    needs_incline: bool = False


async def _connect(control: TreadmillControl, context: Context | None, entity_id: str) -> None:
    control.connect()


async def _disconnect(control: TreadmillControl, context: Context | None, entity_id: str) -> None:
    control.disconnect()


BUTTONS: tuple[RetrowalkButtonDescription, ...] = (
    RetrowalkButtonDescription(
        key="stop",
        press_fn=lambda control, context, entity_id: control.stop(),
        needs_control=False,
    ),
    RetrowalkButtonDescription(
        key="start",
        press_fn=lambda control, context, entity_id: control.start(context, entity_id),
    ),
    RetrowalkButtonDescription(key="pause", press_fn=lambda control, context, entity_id: control.pause()),
    RetrowalkButtonDescription(
        key="resume",
        press_fn=lambda control, context, entity_id: control.resume(context, entity_id),
    ),
    RetrowalkButtonDescription(
        key="finish",
        press_fn=lambda control, context, entity_id: control.finish(),
    ),
    RetrowalkButtonDescription(
        key="lower_deck",
        press_fn=lambda control, context, entity_id: control.lower_deck(context, entity_id),
        needs_incline=True,
    ),
    RetrowalkButtonDescription(
        key="connect", press_fn=_connect, needs_control=False, entity_category=EntityCategory.CONFIG
    ),
    RetrowalkButtonDescription(
        key="disconnect", press_fn=_disconnect, needs_control=False, entity_category=EntityCategory.CONFIG
    ),
)


async def async_setup_entry(
    hass: HomeAssistant, entry: RetrowalkConfigEntry, async_add_entities: AddConfigEntryEntitiesCallback
) -> None:
    """Add the buttons; with the monitor policy only those that move nothing."""
    coordinator = entry.runtime_data.coordinator
    control = coordinator.options.control is ControlPolicy.CONTROL
    inclines = coordinator.fields.capabilities.incline_range is not None
    async_add_entities(
        RetrowalkButton(coordinator, description)
        for description in BUTTONS
        if (control or not description.needs_control) and (inclines or not description.needs_incline)
    )


class RetrowalkButton(RetrowalkEntity, ButtonEntity):
    """A button of a treadmill, available in every state of the link."""

    entity_description: RetrowalkButtonDescription

    @override
    def _update_attrs(self, snapshot: Snapshot) -> Hashable:
        return None

    @override
    async def async_press(self) -> None:
        await self.entity_description.press_fn(self.coordinator.control, self._context, self.entity_id)
