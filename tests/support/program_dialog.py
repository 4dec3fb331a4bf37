"""A treadmill's programs, and the dialog that adds and changes them."""

from typing import Any

from homeassistant.data_entry_flow import FlowResultType

from custom_components.retrowalk.const import CONF_DIRECTION, CONF_STEPS, SUBENTRY_PROGRAM
from custom_components.retrowalk.flows.program import CONF_BEGIN_WITH, EMPTY
from tests.support.house import House, make_entry


def a_program(name: str, steps: Any, direction: str = "backward", **data: Any) -> dict[str, Any]:
    """Return the subentry of a program; its id is the name in lower case."""
    return {
        "subentry_type": SUBENTRY_PROGRAM,
        "subentry_id": name.lower(),
        "title": name,
        "unique_id": None,
        "data": {CONF_DIRECTION: direction, CONF_STEPS: steps, **data},
    }


def suggested(result: Any) -> dict[str, Any]:
    """Return the values that a form opens with."""
    return {
        str(key): key.description["suggested_value"]
        for key in result["data_schema"].schema
        if key.description is not None
    }


class Library:
    """The user's own programs of a treadmill, and the dialog that changes them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.hass = house.hass
        self.changes = 0

    async def set_up(
        self, *programs: dict[str, Any], options: dict[str, Any] | None = None, connected: bool = False, **data: Any
    ) -> None:
        await self.house.set_up(make_entry(options, walkers=programs, **data), connected=connected)
        self.house.coordinator.programs.async_add_listener(self._on_change)

    async def set_up_unloaded(
        self, *programs: dict[str, Any], options: dict[str, Any] | None = None, **data: Any
    ) -> None:
        """Add the entry without loading it; a loaded one would read the machine's capabilities."""
        self.house.entry = make_entry(options, walkers=programs, **data)
        self.house.entry.add_to_hass(self.hass)

    def _on_change(self) -> None:
        self.changes += 1

    @property
    def stored(self) -> dict[str, tuple[str, Any]]:
        """Return the direction and steps of each program by name."""
        assert self.house.entry is not None
        programs = self.house.entry.get_subentries_of_type(SUBENTRY_PROGRAM)
        return {each.title: (each.data[CONF_DIRECTION], each.data[CONF_STEPS]) for each in programs}

    @property
    def own(self) -> list[str]:
        """Return the names of the programs that the coordinator knows."""
        return [program.name for program in self.house.coordinator.programs.own.values()]

    async def open_new(self) -> Any:
        assert self.house.entry is not None
        handler = (self.house.entry.entry_id, SUBENTRY_PROGRAM)
        result = await self.hass.config_entries.subentries.async_init(handler, context={"source": "user"})
        assert (result["type"], result["step_id"]) == (FlowResultType.FORM, "user")
        return result

    def copies(self, result: Any) -> list[str]:
        [(key, selector)] = result["data_schema"].schema.items()
        assert (key, key.default()) == (CONF_BEGIN_WITH, EMPTY)
        return [option["value"] for option in selector.config["options"]]

    async def begin(self, begin_with: str = EMPTY, step: str = "rows") -> Any:
        result = await self.answer(await self.open_new(), {CONF_BEGIN_WITH: begin_with})
        assert (result["type"], result["step_id"], result["errors"]) == (FlowResultType.FORM, step, {})
        return result

    async def open_existing(self, program_id: str, step: str = "rows") -> Any:
        assert self.house.entry is not None
        result = await self.house.entry.start_subentry_reconfigure_flow(self.hass, program_id)
        assert (result["type"], result["step_id"]) == (FlowResultType.FORM, step)
        return result

    async def answer(self, result: Any, user_input: dict[str, Any] | None) -> Any:
        result = await self.hass.config_entries.subentries.async_configure(result["flow_id"], user_input)
        await self.house.settle()
        return result
