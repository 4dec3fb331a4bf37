"""The steps of the set-up after a treadmill was read: control, announcer, and the first walker (S1)."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, override

import voluptuous as vol
from homeassistant.config_entries import ConfigFlow, ConfigFlowResult, ConfigSubentryData, FlowType
from homeassistant.const import CONF_ADDRESS, CONF_NAME
from homeassistant.helpers.selector import BooleanSelector

from ..const import (
    CONF_ANNOUNCE,
    CONF_ANNOUNCER,
    CONF_CAPABILITIES,
    CONF_CONTROL,
    CONF_FIRST_RUN,
    CONF_INFO,
    CONF_PERSON,
    CONF_PERSONALITY,
    CONF_QUIRKS,
    CONF_RAIL,
    CONF_SAFETY_KEY,
    CONF_TTS,
    CONF_VIRTUAL,
    DOMAIN,
)
from ..machine.bluetooth.probe import Reading
from ..messaging.speaker import Speaker
from ..messaging.texts import Texts
from ..training.limits import BACKWARD_DEFAULT, BACKWARD_OPTION_MAX, BACKWARD_REDUCED
from ..training.speech.phrases import Line
from ..training.speech.spoken import Spoken
from ..treadmill.options import AnnouncePolicy, ControlPolicy
from ..treadmill.paths import async_heard_by
from ..treadmill.quirks import stored_quirks
from ..util import figure, house_units, plain, time_of_day
from ..walkers.walker import QUIET_FROM_DEFAULT
from .announcer import announcer_answers, announcer_errors, announcer_fields
from .errors import SetUpProgress
from .first_run import async_follow
from .options import FREE_SPACE, radio_buttons
from .reminder import async_reminder_errors, first_reminder_fields, reminder_data
from .shared_walker import CONF_WHO, async_known_walkers, async_who_fields, elsewhere_errors, shared_subentry
from .walker import async_suggestions, async_user, async_walker_errors, walker_fields, walker_subentry

_TEST_TIMEOUT: Final = 20.0
"""Seconds after which a test of the speaker fails."""


class OnboardingSteps(ConfigFlow):
    """The steps from the safety questions to the entry, and what all steps of the set-up share."""

    def __init__(self) -> None:
        self._address = ""
        self._name = ""
        self._virtual = False
        self._personality: str | None = None  # of a virtual treadmill
        self._asked_by = ""  # the step to show again if the reading fails
        self._error: str | None = None  # why the last reading failed
        self._reading: Reading | None = None
        self._task: asyncio.Task[None] | None = None
        self._answers: dict[str, Any] = {}
        self._announcer: dict[str, Any] = {}
        self._announcer_error = ""  # why the last test failed
        self._is_new = False  # whether the walker is on no treadmill yet

    # Control

    async def async_step_monitor_only(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Explain that this machine cannot be controlled."""
        if user_input is not None:
            self._answers = {CONF_CONTROL: ControlPolicy.MONITOR.value}
            return await self.async_step_walker()
        return self._form("monitor_only")

    async def async_step_monitor_unproven(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Explain that it is not certain how a machine of this kind is moved."""
        if user_input is not None:
            return await self.async_step_monitor_only(user_input)
        return self._form("monitor_unproven")

    async def async_step_too_fast(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Explain that even the machine's lowest speed is too fast to walk backward."""
        if user_input is not None:
            return await self.async_step_safety()
        return self._form("too_fast")

    async def async_step_safety(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the warnings, and ask whether Retrowalk may move the belt (S1)."""
        if user_input is not None:
            self._answers = user_input
            control = user_input[CONF_CONTROL] == ControlPolicy.CONTROL
            if not control:
                return await self.async_step_walker()
            if not (user_input[CONF_SAFETY_KEY] and user_input[CONF_RAIL]):
                return await self.async_step_reduced()
            return await self.async_step_announcer()
        # Nobody can fall off a virtual treadmill; for a real one nothing is preselected.
        policy = ControlPolicy.CONTROL if self._virtual else ControlPolicy.MONITOR
        before = {CONF_CONTROL: policy.value, CONF_SAFETY_KEY: self._virtual, CONF_RAIL: self._virtual, **self._answers}
        return self._form(
            "safety",
            {
                vol.Required(CONF_CONTROL, default=before[CONF_CONTROL]): radio_buttons("control", list(ControlPolicy)),
                vol.Required(CONF_SAFETY_KEY, default=before[CONF_SAFETY_KEY]): BooleanSelector(),
                vol.Required(CONF_RAIL, default=before[CONF_RAIL]): BooleanSelector(),
            },
        )

    async def async_step_reduced(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Explain the limits without a safety key and a rail."""
        return self.async_show_menu(
            step_id="reduced", menu_options=["announcer", "safety"], description_placeholders=self._placeholders()
        )

    # Announcer

    async def async_step_announcer(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the announcer: a walker who faces backward cannot see the console."""
        self._error = None
        if user_input is not None:
            self._announcer = announcer_answers(user_input)
            self._error = announcer_errors(self._announcer).get("base")
            if self._error is None and self._announcer[CONF_ANNOUNCE] != AnnouncePolicy.ENTITY:
                return await self.async_step_walker()
            if self._error is None:
                return await self.async_step_announcer_test()
        return self._form("announcer", announcer_fields(self.hass, self._announcer))

    async def async_step_announcer_test(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer a test of the announcer."""
        return self._announcer_menu("announcer_test")

    async def async_step_say_test(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Run the test of the announcer."""
        if progress := self._progress(SetUpProgress.SAY_TEST, self._async_say_test):
            return progress
        next_step = "announcer_silent" if self._announcer_error else "announcer_heard"
        return self.async_show_progress_done(next_step_id=next_step)

    async def async_step_announcer_heard(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask whether the test was heard."""
        return self._announcer_menu("announcer_heard")

    async def async_step_announcer_silent(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show why the test failed."""
        return self._announcer_menu("announcer_silent")

    def _announcer_menu(self, step_id: str) -> ConfigFlowResult:
        return self.async_show_menu(
            step_id=step_id,
            menu_options=["say_test", "announcer", "walker"],
            description_placeholders=self._placeholders(),
        )

    async def _async_say_test(self) -> None:
        self._announcer_error = ""
        texts = await Texts.async_load(self.hass)
        speaker = Speaker(self.hass, self._announcer[CONF_ANNOUNCER], self._announcer[CONF_TTS], self._name)
        try:
            async with asyncio.timeout(_TEST_TIMEOUT):
                await speaker.async_say(texts.render((Line(Spoken.TEST),)), texts.language)
        except Exception as err:  # noqa: BLE001 - speakers are other integrations; the error is shown
            self._announcer_error = str(err) or type(err).__name__

    # Walker

    async def async_step_share(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask whether somebody from another treadmill walks here, and create the entry."""
        known = await async_known_walkers(self.hass)
        if user_input is None:
            fields = async_who_fields(self.hass, known, async_user())
            return self.async_show_form(step_id="share", data_schema=vol.Schema(fields))
        shared = next((walker for walker in known if walker.id == user_input[CONF_WHO]), None)
        if shared is not None:
            return self._create_entry(shared_subentry(shared))
        self._is_new = True
        return await self.async_step_walker()

    async def async_step_walker(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask for the first walker and when to remind them, and create the entry."""
        known = await async_known_walkers(self.hass)
        if known and user_input is None and not self._is_new:
            return await self.async_step_share()
        errors: dict[str, str] = {}
        if user_input is not None:
            errors = async_walker_errors(self.hass, user_input, others=())
            errors |= elsewhere_errors(user_input.get(CONF_PERSON), known)
            errors |= async_reminder_errors(self.hass, user_input)
            if not errors:
                walker = walker_subentry(user_input, house_units(self.hass))
                return self._create_entry({**walker, "data": {**walker["data"], **reminder_data(user_input)}})
        suggested = async_suggestions(self.hass, (), known) if user_input is None else user_input
        fields = {**walker_fields(house_units(self.hass), days=False), **first_reminder_fields()}
        schema = self.add_suggested_values_to_schema(vol.Schema(fields), suggested)
        return self.async_show_form(
            step_id="walker", data_schema=schema, errors=errors, description_placeholders=self._placeholders()
        )

    def _create_entry(self, walker: ConfigSubentryData) -> ConfigFlowResult:
        return self.async_create_entry(
            title=self._name,
            data={**self._entry_data(), CONF_FIRST_RUN: True},
            options={**self._answers, **self._announcer},
            subentries=[walker],
        )

    @override
    async def async_on_create_entry(self, result: ConfigFlowResult) -> ConfigFlowResult:
        """Go on with what is to do after the set-up."""
        following = await async_follow(self.hass, result["result"].entry_id, "added")
        result["next_flow"] = (FlowType.OPTIONS_FLOW, following)
        return result

    # Shared by all steps

    def _progress(
        self, step_id: SetUpProgress, work: Callable[[], Coroutine[Any, Any, None]]
    ) -> ConfigFlowResult | None:
        """Show the progress of a task; return None once it is done."""
        if self._task is None:
            # Not eager: a task that is done within this request would pass the user input on to the next step.
            self._task = self.hass.async_create_task(work(), f"{DOMAIN} {step_id}", eager_start=False)
        if not self._task.done():
            return self.async_show_progress(
                step_id=step_id,
                progress_action=step_id,
                description_placeholders=self._placeholders(),
                progress_task=self._task,
            )
        self._task = None
        return None

    def _form(self, step_id: str, fields: dict[vol.Marker, Any] | None = None) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=vol.Schema(fields or {}),
            errors={"base": self._error} if self._error else {},
            description_placeholders=self._placeholders(),
        )

    def _placeholders(self) -> dict[str, str]:
        """Return the placeholders of all texts of the flow."""
        units = house_units(self.hass)
        speeds = self._reading.capabilities.speed_range if self._reading is not None else None
        return {
            "name": plain(self._name),
            "heard": plain(async_heard_by(self.hass, self._address)) if self._error else "",
            "minimum": figure(self.hass, units.shown_speed(speeds.minimum)) if speeds else "",
            "ceiling": figure(self.hass, units.speed_at_most(BACKWARD_DEFAULT)),
            "highest": figure(self.hass, units.speed_at_most(BACKWARD_OPTION_MAX)),
            "reduced": figure(self.hass, units.speed_at_most(BACKWARD_REDUCED)),
            "speed_unit": units.speed_unit,
            "free_space": units.free_space(FREE_SPACE),
            "error": plain(self._announcer_error),
            "quiet_from": time_of_day(self.hass, QUIET_FROM_DEFAULT),
            "announcer": self._announcer.get(CONF_ANNOUNCER) or "",
        }

    @property
    def _read(self) -> Reading:
        assert self._reading is not None, "only steps after `connect` need the reading"  # noqa: S101
        return self._reading

    def _entry_data(self) -> dict[str, Any]:
        return {
            CONF_ADDRESS: self._address,
            CONF_NAME: self._name,
            CONF_VIRTUAL: self._virtual,
            **({CONF_PERSONALITY: self._personality} if self._personality else {}),
            CONF_CAPABILITIES: self._read.capabilities.as_dict(),
            CONF_INFO: self._read.info.as_dict(),
            **({CONF_QUIRKS: quirks} if (quirks := stored_quirks(self._read.quirks)) else {}),
        }
