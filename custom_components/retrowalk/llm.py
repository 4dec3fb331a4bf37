"""Tools for language models: read the state, slow down, pause and stop, and nothing else (S16).

A treadmill is available to an assistant if its session state is exposed to it, and a walker's value if its own sensor
is. A tool needs the same permission as an action, and goes the same way down to the belt.
"""

import asyncio
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, override

import voluptuous as vol
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.homeassistant.exposed_entities import async_should_expose
from homeassistant.components.llm import LLMTools
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.llm import LLM_API_ASSIST, LLMContext, Tool, ToolAnnotations, ToolInput, ToolResult
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonObjectType, JsonValueType

from .const import DOMAIN
from .coordinator import RetrowalkCoordinator
from .data import RetrowalkConfigEntry
from .entity import walker_unique_id
from .services import async_check_user
from .training.units import Units
from .util import house_units
from .walkers.walker import Walker, async_person_of

_ATTR_TREADMILL: Final = "treadmill"
_ATTR_BY: Final = "by"
_SLOWER: Final = {False: 0.3, True: 0.2}
"""Default of a slow-down (km/h), and in a house in miles (mph)."""
_SLOWER_MIN, _SLOWER_MAX = 0.1, 3.0

_PROMPT: Final = (
    "Somebody may be walking backward on a treadmill and cannot see it. If they ask to stop, or sound hurt, scared or "
    f"out of balance, call {DOMAIN}__stop at once, without asking back. You cannot start, resume, confirm or speed up "
    "a treadmill, nor raise it: the person who walks does that on the treadmill's card. If a call fails, tell them "
    "to pull the safety key or to step off."
)

type _Treadmills = Mapping[str, RetrowalkCoordinator]


@callback
def async_get_tools(hass: HomeAssistant, llm_context: LLMContext, api_id: str) -> LLMTools | None:
    """Return the tools, if anything is exposed to this assistant."""
    if api_id != LLM_API_ASSIST or not llm_context.assistant:
        return None
    treadmills = _exposed_treadmills(hass, llm_context)
    controlled = {name: treadmill for name, treadmill in treadmills.items() if treadmill.data.rules.control}
    tools: list[Tool] = []
    if treadmills or any(_walkers(hass, llm_context, treadmill) for treadmill in _loaded(hass)):
        tools.append(_StatusTool())
    if stoppable := _exposed_treadmills(hass, llm_context, leaving=True):
        tools.append(_StopTool(stoppable))
    if controlled:
        tools += [_PauseTool(controlled), _SlowDownTool(controlled, house_units(hass))]
    return LLMTools(tools=tools, prompt=_PROMPT if stoppable else None) if tools else None


class _StatusTool(Tool):
    """Tool that returns the state of everything that is exposed at the time of the call."""

    name = f"{DOMAIN}__get_status"
    title = "Get treadmill and walking status"
    description = (
        "Tells what each treadmill does now (state, direction, speed, minutes walked, when the session ends) and, for "
        "each walker, the minutes walked backward today, the daily goal, the streak in days and the next planned "
        "session. Use it for questions like 'How long do I still have to walk?', 'Did I walk today?', 'What is my "
        "streak?' or 'When is my next session?'. The walker with is_speaking is the person who asks."
    )
    annotations = ToolAnnotations(read_only=True, destructive=False, idempotent=True, open_world=False)
    integration = DOMAIN

    @override
    async def async_call(self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext) -> ToolResult:
        """Return the state of all exposed treadmills and walkers that the user who asks may read."""
        reads = await _async_reads(hass, llm_context)
        walkers: list[JsonValueType] = [
            walker for treadmill in _loaded(hass) for walker in _walkers(hass, llm_context, treadmill, reads)
        ]
        states: list[JsonValueType] = [
            _state(name, treadmill)
            for name, treadmill in _exposed_treadmills(hass, llm_context).items()
            if reads(treadmill.entity_id(Platform.SENSOR, "session_state"))
        ]
        return ToolResult(data={"treadmills": states, "walkers": walkers})


class _BeltTool(Tool):
    """Base of the tools that can only make belts slower."""

    # A client may ask for confirmation before a tool that it considers destructive, which would delay a stop.
    annotations = ToolAnnotations(destructive=False, idempotent=True, open_world=False)
    integration = DOMAIN
    for_everybody = False

    def __init__(self, treadmills: _Treadmills) -> None:
        self.parameters = vol.Schema(
            {
                vol.Optional(
                    _ATTR_TREADMILL, description="Which treadmill; leave out to mean the one that moves"
                ): vol.In(list(treadmills)),
                **self._fields(),
            }
        )

    def _fields(self) -> dict[vol.Marker, Any]:
        return {}

    @override
    async def async_call(self, hass: HomeAssistant, tool_input: ToolInput, llm_context: LLMContext) -> ToolResult:
        """Run the tool on the named treadmill or on all that are meant, and raise an error only after the last one."""
        data = self._read(tool_input)
        exposed = _exposed_treadmills(hass, llm_context, leaving=self.for_everybody)
        meant = self._meant(exposed, data.get(_ATTR_TREADMILL))
        if not meant:
            return ToolResult(data={"error": "This treadmill is not exposed to this assistant any more"}, error=True)

        async def ask(treadmill: RetrowalkCoordinator) -> None:
            if llm_context.context is not None and not self.for_everybody:
                await async_check_user(hass, llm_context.context, treadmill)
            await self._ask(treadmill, data)

        for error in await asyncio.gather(*map(ask, meant.values()), return_exceptions=True):
            if error is not None:
                raise error
        return ToolResult(data={"treadmills": [_state(name, treadmill) for name, treadmill in meant.items()]})

    def _read(self, tool_input: ToolInput) -> Mapping[str, Any]:
        """Return the validated arguments; raises vol.Invalid."""
        data: dict[str, Any] = self.parameters(tool_input.tool_args)
        return data

    def _meant(self, treadmills: _Treadmills, named: str | None) -> _Treadmills:
        """Return the named treadmill, or those that move; without any, all of them, whose refusals give the reason."""
        if named is not None:
            return {named: treadmills[named]} if named in treadmills else {}
        moving = {name: treadmill for name, treadmill in treadmills.items() if treadmill.data.belt_may_move}
        return moving or treadmills

    @abstractmethod
    def _ask(self, treadmill: RetrowalkCoordinator, data: Mapping[str, Any]) -> Awaitable[None]:
        """Run the tool on one treadmill."""


class _StopTool(_BeltTool):
    name = f"{DOMAIN}__stop"
    title = "Stop the treadmill"
    description = (
        "Stops the treadmill at once and ends the walk, or its countdown. Use it whenever somebody wants to stop or "
        "might be in danger; stopping once too often does no harm."
    )
    for_everybody = True  # like the action (S3)

    @override
    def _read(self, tool_input: ToolInput) -> Mapping[str, Any]:
        return tool_input.tool_args  # a stop is never refused, whatever its arguments (S3)

    @override
    def _meant(self, treadmills: _Treadmills, named: object) -> _Treadmills:
        # A needless stop is harmless, a missing one is not, so an unknown name means all treadmills (S3).
        return {name: treadmill for name, treadmill in treadmills.items() if name == named} or treadmills

    @override
    def _ask(self, treadmill: RetrowalkCoordinator, data: Mapping[str, Any]) -> Awaitable[None]:
        return treadmill.control.stop()


class _PauseTool(_BeltTool):
    name = f"{DOMAIN}__pause"
    title = "Pause the walk"
    description = (
        "Brings the treadmill to rest so that the walk can go on later. Only the person can make it go on, on the "
        "treadmill's card."
    )

    @override
    def _ask(self, treadmill: RetrowalkCoordinator, data: Mapping[str, Any]) -> Awaitable[None]:
        return treadmill.control.pause()


class _SlowDownTool(_BeltTool):
    name = f"{DOMAIN}__slow_down"
    title = "Slow the treadmill down"
    description = (
        "Makes the treadmill slower than it is now, down to its slowest speed at most. It cannot make it faster. Use "
        "it for 'slower', 'too fast' or 'not so quick'."
    )
    annotations = ToolAnnotations(destructive=False, idempotent=False, open_world=False)

    def __init__(self, treadmills: _Treadmills, units: Units) -> None:
        self._units = units
        super().__init__(treadmills)

    @override
    def _fields(self) -> dict[vol.Marker, Any]:
        # There is no upper limit: a large value is harmless, and a retry after a refusal would cost time.
        by = vol.All(vol.Coerce(float), vol.Range(min=_SLOWER_MIN), vol.Clamp(max=_SLOWER_MAX))
        units = self._units
        description = f"How much slower, in {units.speed_unit}"
        return {vol.Optional(_ATTR_BY, default=_SLOWER[units.miles], description=description): by}

    @override
    def _ask(self, treadmill: RetrowalkCoordinator, data: Mapping[str, Any]) -> Awaitable[None]:
        return treadmill.control.slow_down(self._units.kmh(data[_ATTR_BY]))


def _loaded(hass: HomeAssistant, *, leaving: bool = False) -> list[RetrowalkCoordinator]:
    """Return the loaded treadmills; with `leaving` also those whose belt is still brought to rest (S14)."""
    states = {ConfigEntryState.LOADED, *([ConfigEntryState.UNLOAD_IN_PROGRESS] if leaving else [])}
    entries: list[RetrowalkConfigEntry] = hass.config_entries.async_entries(DOMAIN)
    return [entry.runtime_data.coordinator for entry in entries if entry.state in states]


def _exposed_treadmills(hass: HomeAssistant, llm_context: LLMContext, *, leaving: bool = False) -> _Treadmills:
    """Return the treadmills that are exposed to this assistant, by unique name."""
    found: dict[str, RetrowalkCoordinator] = {}
    for treadmill in _loaded(hass, leaving=leaving):
        entity_id = treadmill.entity_id(Platform.SENSOR, "session_state")
        if entity_id is None or not async_should_expose(hass, llm_context.assistant, entity_id):
            continue
        name, number = treadmill.config_entry.title, 1
        while name in found:
            number += 1
            name = f"{treadmill.config_entry.title} ({number})"
        found[name] = treadmill
    return found


def _state(name: str, treadmill: RetrowalkCoordinator) -> JsonObjectType:
    """Return the state of a treadmill."""
    seen, units = treadmill.data, house_units(treadmill.hass)
    distance, unit = units.distance(seen.distance) if units.miles else (round(seen.distance), "m")
    known: JsonObjectType = {
        "treadmill": name,
        "connection": seen.link.value,
        "state": seen.state.value,
        "direction": seen.direction.value,
        "belt_moving": seen.belt_moving,
        _speed_key(units): _shown(units, seen.telemetry.speed if seen.telemetry else None),
        "incline_percent": seen.telemetry.incline if seen.telemetry else None,
        "minutes_walked": round(seen.moving_time / 60, 1),
        f"distance_{unit}": distance,
        "ends_at": dt_util.as_local(seen.ends).isoformat(timespec="seconds") if seen.ends else None,
    }
    return {key: value for key, value in known.items() if value is not None}


async def _async_reads(hass: HomeAssistant, llm_context: LLMContext) -> Callable[[str | None], bool]:
    """Return whether the user who asks may read an entity; a request without a user may."""
    user_id = llm_context.context.user_id if llm_context.context else None
    if user_id is None:
        return bool  # of what is exposed
    user = await hass.auth.async_get_user(user_id)
    return lambda entity_id: bool(user and entity_id and user.permissions.check_entity(entity_id, POLICY_READ))


def _walkers(
    hass: HomeAssistant,
    llm_context: LLMContext,
    treadmill: RetrowalkCoordinator,
    reads: Callable[[str | None], bool] = bool,
) -> list[JsonObjectType]:
    """Return the exposed values of a treadmill's walkers that may be read, without walkers that have none."""
    user_id = llm_context.context.user_id if llm_context.context else None
    speaking = async_person_of(hass, user_id) if user_id else None
    values: list[JsonObjectType] = []
    for walker in treadmill.roster.walkers.values():
        facts: JsonObjectType = {}
        for key, fact in _FACTS.items():
            if reads(_exposed_fact(hass, llm_context, treadmill, walker, key)):
                facts |= fact(treadmill, walker)
        if facts:
            values.append(
                {
                    "walker": walker.name,
                    "is_speaking": speaking is not None and speaking.entity_id == walker.person,
                    **facts,
                }
            )
    return values


def _exposed_fact(
    hass: HomeAssistant, llm_context: LLMContext, treadmill: RetrowalkCoordinator, walker: Walker, key: str
) -> str | None:
    """Return the sensor of a value if it is exposed to this assistant."""
    unique_id = walker_unique_id(treadmill.roster, walker, key)
    entity_id = er.async_get(hass).async_get_entity_id(Platform.SENSOR, DOMAIN, unique_id)
    return entity_id if entity_id and async_should_expose(hass, llm_context.assistant, entity_id) else None


def _today(treadmill: RetrowalkCoordinator, walker: Walker) -> JsonObjectType:
    roster = treadmill.roster
    minutes = roster.history.day(walker.id, roster.today, roster.tz).minutes
    return {
        "minutes_backward_today": round(minutes, 1),
        "daily_goal_minutes": walker.daily_goal,
        "goal_reached": walker.reaches_goal(minutes),
    }


def _streak(treadmill: RetrowalkCoordinator, walker: Walker) -> JsonObjectType:
    roster = treadmill.roster
    return {"streak_days": roster.history.streak(walker.id, roster.today, roster.tz, walker.plan)}


def _next_session(treadmill: RetrowalkCoordinator, walker: Walker) -> JsonObjectType:
    planned = treadmill.planner.next(walker)
    if planned is None:
        return {"next_session": None, "plan_paused": walker.is_paused(treadmill.roster.today)}
    proposal, units = planned.proposal, house_units(treadmill.hass)
    return {
        "next_session": {
            "starts_at": planned.start.isoformat(timespec="minutes"),
            "minutes": proposal.minutes,
            _speed_key(units): _shown(units, proposal.speed),
            "program": proposal.program,
        }
    }


def _speed_key(units: Units) -> str:
    return "speed_mph" if units.miles else "speed_km_h"


def _shown(units: Units, kmh: float | None) -> float | None:
    return None if kmh is None else units.shown_speed(kmh)


_FACTS: Final[Mapping[str, Callable[[RetrowalkCoordinator, Walker], JsonObjectType]]] = {
    "today": _today,
    "streak": _streak,
    "next_session": _next_session,
}
"""Values of a walker, by the sensor that has to be exposed."""
