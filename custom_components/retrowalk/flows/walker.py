"""The dialog of a walker, and its fields, which the set-up of a treadmill uses too."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import voluptuous as vol
from homeassistant.auth.models import User
from homeassistant.components.http.const import KEY_HASS_USER
from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigSubentryData,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.const import CONF_NAME, WEEKDAYS, UnitOfTime
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.http import current_request
from homeassistant.helpers.selector import (
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)

from ..const import (
    CONF_DAILY_GOAL,
    CONF_DAYS,
    CONF_HEART_RATE_SENSOR,
    CONF_PERSON,
    CONF_RATINGS,
    CONF_STEP_SENSOR,
    CONF_WEIGHT,
    SUBENTRY_WALKER,
)
from ..data import RetrowalkConfigEntry
from ..training.history.energy import DEFAULT_WEIGHT
from ..training.units import Units
from ..util import house_units
from ..walkers.household import async_household
from ..walkers.kept import KnownWalker
from ..walkers.walker import (
    EVERY_DAY,
    GOAL_DEFAULT,
    GOAL_MAX,
    GOAL_MIN,
    GUEST_NAMES,
    WEIGHTS,
    WHOEVER,
    Ratings,
    Walker,
    async_person_of,
    walkers_of,
)
from .errors import WalkerError
from .reminder import async_reminder_errors, async_reminder_fields, async_test_errors, reminder_answers, reminder_data
from .shared_walker import CONF_WHO, async_known_walkers, async_who_fields, elsewhere_errors, shared_subentry

LONGEST_NAME: Final = 50
SENSORS: Final = (CONF_HEART_RATE_SENSOR, CONF_STEP_SENSOR)
RESERVED_NAMES: Final = GUEST_NAMES | {WHOEVER, "unknown", "unavailable"}
"""Names that a walker must not have: those of guests, and Home Assistant's states without a value."""


class WalkerFlow(ConfigSubentryFlow):
    """Handle a walker's subentry. Nothing is reloaded, so it may be changed during a session (S14)."""

    _is_new = False  # whether somebody is added who is on no treadmill yet

    async def async_step_share(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Ask whether somebody from another treadmill walks here, too."""
        entry = self._get_entry()
        known = await async_known_walkers(self.hass, entry)
        errors: dict[str, str] = {}
        if user_input is not None:
            shared = next((walker for walker in known if walker.id == user_input[CONF_WHO]), None)
            if shared is None:
                self._is_new = True
                return await self.async_step_user()
            taken = async_taken(shared.name, shared.data.get(CONF_PERSON), walkers_of(entry).values())
            if not taken:
                subentry = shared_subentry(shared)
                return self.async_create_entry(title=subentry["title"], data=subentry["data"])
            errors = {CONF_WHO: next(iter(taken.values()))}
        fields = async_who_fields(self.hass, known, async_user())
        return self.async_show_form(step_id="share", data_schema=vol.Schema(fields), errors=errors)

    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add a walker."""
        others = walkers_of(self._get_entry()).values()
        known = await async_known_walkers(self.hass, self._get_entry())
        if known and user_input is None and not self._is_new:
            return await self.async_step_share()
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = elsewhere_errors(user_input.get(CONF_PERSON), known)
            errors = errors or await self._async_errors(user_input, others)
            if not errors:
                walker = walker_subentry(user_input, house_units(self.hass))
                data = {**walker["data"], **_sensor_data(user_input), **reminder_data(user_input)}
                return self.async_create_entry(title=walker["title"], data=data)
        return await self._async_form(
            "user", async_suggestions(self.hass, others, known) if user_input is None else user_input, errors
        )

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Change a walker."""
        entry, subentry = self._get_entry(), self._get_reconfigure_subentry()
        before = Walker.from_subentry(subentry)
        others = [walker for walker in walkers_of(entry).values() if walker.id != before.id]
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = await self._async_errors(user_input, others, before.reminder_target)
            if not errors:
                walker = walker_subentry(user_input, house_units(self.hass))
                changes = {**walker["data"], **_sensor_data(user_input), **reminder_data(user_input)}
                async_household(self.hass).write(before.id, title=walker["title"], **changes)
                # The entry's update listener refreshes the entities.
                return self.async_update_and_abort(
                    entry, subentry, title=walker["title"], data={**subentry.data, **changes}
                )
        suggested = _answers(before, house_units(self.hass)) if user_input is None else user_input
        return await self._async_form("reconfigure", suggested, errors, before.reminder_target)

    async def _async_errors(
        self, user_input: Mapping[str, Any], others: Iterable[Walker], target: str | None = None
    ) -> dict[str, str]:
        """Return the errors by field; if there are none, send the test message."""
        errors = async_walker_errors(self.hass, user_input, others)
        errors |= async_reminder_errors(self.hass, user_input, target)
        return errors or await async_test_errors(self.hass, _name(user_input), user_input, await self._async_path())

    async def _async_path(self) -> str | None:
        """Return the path of the treadmill's dashboard."""
        entry: RetrowalkConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return None
        return await entry.runtime_data.reminders.async_dashboard_path()

    async def _async_form(
        self, step_id: str, suggested: Mapping[str, Any], errors: dict[str, str], target: str | None = None
    ) -> SubentryFlowResult:
        schema = vol.Schema(
            {
                **walker_fields(house_units(self.hass), days=True),
                **_sensor_fields(),
                **await async_reminder_fields(self.hass, target),
            }
        )
        return self.async_show_form(
            step_id=step_id,
            data_schema=self.add_suggested_values_to_schema(schema, suggested),
            errors=errors,
        )


def walker_fields(units: Units, *, days: bool) -> dict[vol.Marker, Any]:
    """Return the fields of a walker; `days` includes the days of the plan."""
    weights = units.weight_range(WEIGHTS)
    usual = units.weight(DEFAULT_WEIGHT)
    weight = NumberSelectorConfig(
        min=weights.minimum,
        max=weights.maximum,
        step=weights.step,
        unit_of_measurement=units.weight_unit,
        mode=NumberSelectorMode.BOX,
    )
    goal = NumberSelectorConfig(min=GOAL_MIN, max=GOAL_MAX, step=1, unit_of_measurement=UnitOfTime.MINUTES)
    fields: dict[vol.Marker, Any] = {
        vol.Required(CONF_NAME): TextSelector(),
        vol.Optional(CONF_PERSON): EntitySelector(EntitySelectorConfig(domain="person")),
        # Without a suggestion the form shows the minimum, and a hasty user would submit it.
        vol.Required(CONF_WEIGHT, description={"suggested_value": usual}): NumberSelector(weight),
        vol.Required(CONF_DAILY_GOAL, default=GOAL_DEFAULT): NumberSelector(goal),
    }
    choice = SelectSelectorConfig(options=[*Ratings], translation_key=CONF_RATINGS, mode=SelectSelectorMode.LIST)
    fields[vol.Required(CONF_RATINGS, default=Ratings.AFTER)] = SelectSelector(choice)
    if days:
        choice = SelectSelectorConfig(options=WEEKDAYS, multiple=True, translation_key=CONF_DAYS)
        fields[vol.Required(CONF_DAYS, default=list(WEEKDAYS))] = SelectSelector(choice)
    return fields


@callback
def async_user() -> User | None:
    """Return the user who is logged in to a dialog."""
    request = current_request.get()
    user: User | None = None if request is None else request.get(KEY_HASS_USER)
    return user


@callback
def async_suggestions(
    hass: HomeAssistant, others: Iterable[Walker], known: Sequence[KnownWalker] = ()
) -> dict[str, Any]:
    """Return suggested answers: the person of the logged-in user, if not yet a walker."""
    user = async_user()
    if user is None:
        return {}
    person = async_person_of(hass, user.id)
    if person is None:
        suggested = {CONF_NAME: user.name or ""}
    else:
        suggested = {CONF_NAME: person.name, CONF_PERSON: person.entity_id}
    taken = async_walker_errors(hass, suggested, others) or elsewhere_errors(suggested.get(CONF_PERSON), known)
    return {} if taken else suggested


@callback
def async_walker_errors(hass: HomeAssistant, user_input: Mapping[str, Any], others: Iterable[Walker]) -> dict[str, str]:
    """Return the errors of the answers by field."""
    name, person = _name(user_input), user_input.get(CONF_PERSON)
    errors = async_taken(name, person, others)
    if not 1 <= len(name) <= LONGEST_NAME:
        errors[CONF_NAME] = WalkerError.NAME_LENGTH
    elif name.casefold() in RESERVED_NAMES:
        errors[CONF_NAME] = WalkerError.NAME_RESERVED
    if person and hass.states.get(person) is None:
        errors[CONF_PERSON] = WalkerError.PERSON_MISSING
    for field in SENSORS:
        if (sensor := user_input.get(field)) and not _is_known(hass, sensor):
            errors[field] = WalkerError.SENSOR_MISSING
    if not user_input.get(CONF_DAYS, EVERY_DAY):
        errors[CONF_DAYS] = WalkerError.NO_DAYS
    return errors


@callback
def async_taken(name: str, person: str | None, others: Iterable[Walker]) -> dict[str, str]:
    """Return the errors of what another walker of the treadmill has already."""
    errors: dict[str, str] = {}
    for other in others:
        if name.casefold() == other.name.casefold():
            errors[CONF_NAME] = WalkerError.NAME_TAKEN
        if person and person == other.person:
            errors[CONF_PERSON] = WalkerError.PERSON_TAKEN
    return errors


def walker_subentry(user_input: Mapping[str, Any], units: Units) -> ConfigSubentryData:
    """Return the subentry from the answers, whose weight is in a unit of the house."""
    days = EVERY_DAY
    if CONF_DAYS in user_input:
        days = tuple(day for day, name in enumerate(WEEKDAYS) if name in user_input[CONF_DAYS])
    return ConfigSubentryData(
        subentry_type=SUBENTRY_WALKER,
        title=_name(user_input),
        unique_id=None,
        data={
            CONF_PERSON: user_input.get(CONF_PERSON),
            CONF_WEIGHT: units.kg(user_input[CONF_WEIGHT], WEIGHTS),
            CONF_DAILY_GOAL: user_input[CONF_DAILY_GOAL],
            CONF_DAYS: list(days),
            CONF_RATINGS: user_input[CONF_RATINGS],
        },
    )


def _sensor_fields() -> dict[vol.Marker, Any]:
    """Return the fields for what measures the walker: a watch, a chest strap or a phone."""
    return {vol.Optional(field): EntitySelector(EntitySelectorConfig(domain="sensor")) for field in SENSORS}


def _sensor_data(user_input: Mapping[str, Any]) -> dict[str, str | None]:
    return {field: user_input.get(field) for field in SENSORS}


def _is_known(hass: HomeAssistant, entity_id: str) -> bool:
    """Return whether an entity exists; one of a phone that is switched off has no state yet after a restart."""
    return hass.states.get(entity_id) is not None or er.async_get(hass).async_get(entity_id) is not None


def _answers(walker: Walker, units: Units) -> dict[str, Any]:
    return {
        CONF_NAME: walker.name,
        CONF_PERSON: walker.person or None,
        CONF_WEIGHT: units.weight(walker.weight),
        CONF_DAILY_GOAL: walker.daily_goal,
        CONF_DAYS: [WEEKDAYS[day] for day in sorted(walker.days)],
        CONF_RATINGS: walker.ratings,
        CONF_HEART_RATE_SENSOR: walker.heart_rate_sensor,
        CONF_STEP_SENSOR: walker.step_sensor,
        **reminder_answers(walker),
    }


def _name(user_input: Mapping[str, Any]) -> str:
    return " ".join(user_input[CONF_NAME].split())
