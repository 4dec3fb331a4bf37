"""The settings of a treadmill (safety rules S1, S2 and S4)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import voluptuous as vol
from homeassistant.config_entries import ConfigEntry, ConfigFlowResult
from homeassistant.const import PERCENTAGE, UnitOfTime
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import (
    CONF_ANNOUNCE,
    CONF_BACKWARD_FACTOR,
    CONF_BACKWARD_INCLINE,
    CONF_BACKWARD_SPEED,
    CONF_CONNECTION,
    CONF_CONTROL,
    CONF_COUNTDOWN_BACKWARD,
    CONF_COUNTDOWN_FORWARD,
    CONF_ENERGY_MODEL,
    CONF_FORWARD_SPEED,
    CONF_IDLE_SECONDS,
    CONF_INSTALL_BLUEPRINTS,
    CONF_RAIL,
    CONF_SAFETY_KEY,
)
from ..machine.model import Capabilities, ValueRange
from ..messaging.texts import Texts
from ..training.history.energy import BACKWARD_FACTOR_MAX, BACKWARD_FACTOR_MIN, EnergyModel
from ..training.limits import BACKWARD_DEFAULT, BACKWARD_OPTION_MAX, BACKWARD_REDUCED, INCLINE_OPTION_MAX
from ..training.units import Units
from ..treadmill.check_result import capabilities_of, rules_of
from ..treadmill.options import AnnouncePolicy, ConnectionPolicy, ControlPolicy, Options
from ..util import house_units
from .announcer import announcer_answers, announcer_errors, announcer_fields
from .files import async_files_errors, files_answers, files_fields
from .first_run import FirstRunFlow, async_begin
from .guards import guards_answers, guards_errors, guards_fields
from .live import async_live_fields, live_answers
from .machine import MachineFlow
from .proxy import proxy_answers, proxy_fields

FREE_SPACE: Final = 2.0
"""Meters to keep free behind a treadmill."""
_COMFORTABLE: Final = (1.5, 3.0)
"""km/h at which people like to walk backward."""

type _Fields = dict[vol.Marker, Any]


class RetrowalkOptionsFlow(MachineFlow, FirstRunFlow):
    """Handle the settings, in groups that fit the machine, the check run, and what is to do after the set-up."""

    async def async_step_init(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer the check run if Retrowalk may control the belt, and what is left of a first run."""
        begin = async_begin(self.hass, self.config_entry.entry_id, user_input)
        if begin == "added":
            return await self.async_step_added()
        options = Options.read(self.config_entry.options)
        controllable = is_controllable(capabilities_of(self.config_entry.data, options))
        controls = controllable and options.control is ControlPolicy.CONTROL
        if begin == "check" and controls:
            return await self.async_step_check()
        offered = {"first_run": self._is_first_run, "settings": True, "machine": True, "check": controls}
        menu = [step for step, is_offered in offered.items() if is_offered]
        if begin == "settings":
            return await self.async_step_settings()
        if begin == "machine":
            return await self.async_step_machine()
        return self.async_show_menu(step_id="init", menu_options=menu)

    async def async_step_settings(self, user_input: dict[str, dict[str, Any]] | None = None) -> ConfigFlowResult:
        """Ask for the settings."""
        entry, units = self.config_entry, house_units(self.hass)
        capabilities = _as_measured(entry)
        answers, errors, error_group = dict(entry.options), dict[str, str](), ""
        if user_input is not None:
            # Settings that are not shown on this machine keep their values.
            answers |= {key: value for group in user_input.values() for key, value in group.items()}
            answers |= _metric_limits(answers, Options.read(entry.options), capabilities, units)
            answers |= (announcer := announcer_answers(user_input["announcer"]))
            errors, error_group = announcer_errors(announcer), "announcer"
            answers |= files_answers(user_input["files"]) | live_answers(user_input["live"])
            answers |= proxy_answers(user_input["connection"])
            if "guards" in user_input and not errors:
                answers |= guards_answers(user_input["guards"])
                errors, error_group = guards_errors(Options.read(answers)), "guards"
            if not errors:
                errors, error_group = await async_files_errors(self.hass, Options.read(answers)), "files"
            if not errors:
                return self.async_create_entry(data=answers)
        live = await async_live_fields(self.hass, Options.read(answers).live_targets)
        groups = _groups(self.hass, answers, capabilities, live)
        schema = {
            # The first group is open, so that the form does not show only headings, and so is one with an error.
            vol.Required(name): section(
                vol.Schema(fields), {"collapsed": number > 0 and not (errors and name == error_group)}
            )
            for number, (name, fields) in enumerate(groups.items())
        }
        return self.async_show_form(
            step_id="settings",
            data_schema=vol.Schema(schema),
            errors=errors,
            description_placeholders=await self._async_placeholders(),
        )

    async def _async_placeholders(self) -> dict[str, str]:
        units, texts = house_units(self.hass), await Texts.async_load(self.hass)
        return {
            "reduced": texts.number(units.speed_at_most(BACKWARD_REDUCED)),
            "comfortable_from": texts.number(units.shown_speed(_COMFORTABLE[0])),
            "comfortable_to": texts.number(units.shown_speed(_COMFORTABLE[1])),
            "speed_unit": units.speed_unit,
            "free_space": units.free_space(FREE_SPACE),
        }


def _as_measured(entry: ConfigEntry) -> Capabilities:
    """Return what the machine can do, with the speeds that its belt really goes."""
    rules = rules_of(entry.data, Options.read(entry.options))
    return replace(rules.capabilities, speed_range=rules.speeds or rules.capabilities.speed_range)


def is_controllable(capabilities: Capabilities) -> bool:
    """Return whether Retrowalk is able to control this machine's belt."""
    return capabilities.can_start_and_stop and capabilities.speed_range is not None


def radio_buttons(translation_key: str, options: Sequence[str] | Sequence[SelectOptionDict]) -> SelectSelector:
    """Return a selector of radio buttons with translated labels."""
    return SelectSelector(
        SelectSelectorConfig(options=options, mode=SelectSelectorMode.LIST, translation_key=translation_key)
    )


def _groups(
    hass: HomeAssistant, answers: Mapping[str, Any], capabilities: Capabilities, live: _Fields
) -> dict[str, _Fields]:
    options = Options.read(answers)
    groups: dict[str, _Fields] = {}
    if is_controllable(capabilities) and (speed := capabilities.speed_range):
        groups["safety"] = {
            vol.Required(CONF_CONTROL, default=options.control.value): radio_buttons("control", list(ControlPolicy)),
            vol.Required(CONF_SAFETY_KEY, default=options.safety_key): BooleanSelector(),
            vol.Required(CONF_RAIL, default=options.rail): BooleanSelector(),
        }
        groups["limits"] = _limits(options, speed, capabilities.incline_range, house_units(hass))
        groups["countdown"] = {
            **_number(CONF_COUNTDOWN_BACKWARD, options.countdown_backward, 10, 60, unit=UnitOfTime.SECONDS),
            **_number(CONF_COUNTDOWN_FORWARD, options.countdown_forward, 3, 60, unit=UnitOfTime.SECONDS),
        }
        groups["guards"] = guards_fields(options)
    # Without a choice at set-up nothing is announced.
    groups["announcer"] = announcer_fields(hass, {CONF_ANNOUNCE: AnnouncePolicy.NONE.value, **answers})
    groups["live"] = live
    groups["connection"] = {
        vol.Required(CONF_CONNECTION, default=options.connection.value): radio_buttons(
            "connection", list(ConnectionPolicy)
        ),
        **_number(CONF_IDLE_SECONDS, options.idle_seconds, 0, 3600, unit=UnitOfTime.SECONDS, box=True),
        **proxy_fields(hass, options),
    }
    factor, lowest, highest = options.backward_factor, BACKWARD_FACTOR_MIN, BACKWARD_FACTOR_MAX
    groups["calories"] = {
        vol.Required(CONF_ENERGY_MODEL, default=options.energy_model.value): radio_buttons(
            "energy_model", list(EnergyModel)
        ),
        **_number(CONF_BACKWARD_FACTOR, factor, lowest, highest, step=0.05, unit=""),
    }
    groups["files"] = files_fields(options)
    groups["automations"] = {
        vol.Required(CONF_INSTALL_BLUEPRINTS, default=options.install_blueprints): BooleanSelector()
    }
    return groups


def _limits(options: Options, speed: ValueRange, incline: ValueRange | None, units: Units) -> _Fields:
    fields: _Fields = {}
    for key, allowed in _speed_limits(speed).items():
        slider, shown = units.limit_range(allowed), units.shown_limit(allowed, _speed_limit(options, key))
        fields |= _number(key, shown, slider.minimum, slider.maximum, step=slider.step, unit=units.speed_unit)
    if incline and incline.maximum > 0:
        highest = min(incline.maximum, INCLINE_OPTION_MAX)
        fields |= _number(CONF_BACKWARD_INCLINE, options.backward_incline, 0, highest, step=0.5, unit=PERCENTAGE)
    return fields


def _speed_limits(speed: ValueRange) -> dict[str, ValueRange]:
    """Return what the owner may set the limits of speed to (km/h), in the steps of the form."""
    forward = {CONF_FORWARD_SPEED: ValueRange(speed.minimum, speed.maximum, 0.1)}
    if speed.minimum > BACKWARD_OPTION_MAX:
        return forward
    # The slider goes down to the default even if the machine is never that slow. Otherwise it could not show
    # that backward control is off, and submitting the form would turn it on.
    lowest = min(speed.minimum, BACKWARD_DEFAULT)
    return {CONF_BACKWARD_SPEED: ValueRange(lowest, BACKWARD_OPTION_MAX, 0.1), **forward}


def _speed_limit(options: Options, key: str) -> float:
    return options.backward_speed if key == CONF_BACKWARD_SPEED else options.forward_speed


def _metric_limits(
    answers: Mapping[str, Any], before: Options, capabilities: Capabilities, units: Units
) -> dict[str, float]:
    """Return the limits of speed in km/h, from a form that was filled with those before."""
    limits = _speed_limits(capabilities.speed_range) if capabilities.speed_range is not None else {}
    return {
        key: units.limit_kmh(allowed, answers[key], before=_speed_limit(before, key))
        for key, allowed in limits.items()
        if key in answers
    }


def _number(
    key: str, value: float, lowest: float, highest: float, *, step: float = 1, unit: str, box: bool = False
) -> _Fields:
    """Return a number field; a value out of range is shown as the nearest bound."""
    mode = NumberSelectorMode.BOX if box else NumberSelectorMode.SLIDER
    selector = NumberSelector(
        NumberSelectorConfig(min=lowest, max=highest, step=step, unit_of_measurement=unit, mode=mode)
    )
    return {vol.Required(key, default=min(max(value, lowest), highest)): selector}
