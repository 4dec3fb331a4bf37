"""The dialog of the check run: warn, start, show the progress, and ask what the console showed."""

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Coroutine
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any, Final, override

import voluptuous as vol
from homeassistant.components.http.const import KEY_HASS_USER
from homeassistant.config_entries import ConfigEntryState, ConfigFlowResult, OptionsFlow
from homeassistant.const import CONF_ADDRESS
from homeassistant.core import Context, callback
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.http import current_request
from homeassistant.helpers.selector import (
    BooleanSelector,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from ..const import CONF_VIRTUAL, DOMAIN
from ..coordinator import RetrowalkCoordinator
from ..data import RetrowalkData
from ..machine.bluetooth.link_state import LinkState
from ..machine.model import MachineUnits, Unit
from ..training.check.check_run import STARTS_AFTER, CheckRun
from ..training.check.phase import CheckPhase
from ..training.check.result import Failure
from ..training.check.unit_finding import find_units, prove
from ..training.states import PREPARING, SessionState
from ..treadmill.firmware import firmware_of
from ..treadmill.first_run import is_first_run
from ..treadmill.virtual import async_read_console
from ..util import plain
from .check_result import async_result_texts
from .errors import CheckFormError, FirstRunAbort
from .watched import Watched

ACKNOWLEDGED: Final = ("nobody_on_belt", "key_in", "beside_it")
_LOOKS_EVERY: Final = 1.0
"""Seconds: a treadmill that reports nothing new says nothing of a page that is gone."""
CONNECT_TIMEOUT: Final = 90.0
"""Seconds to wait for the treadmill."""
RUN_TIMEOUT: Final = 600.0
"""Seconds to wait for the end of the run; it takes two minutes, or longer if a stop fails."""
CONSOLE_KMH: Final = "kmh"
CONSOLE_MPH: Final = "mph"
CONSOLE_NOTHING: Final = "nothing"
CONSOLES: Final = (CONSOLE_KMH, CONSOLE_MPH, CONSOLE_NOTHING)


class CheckFlow(OptionsFlow):
    """Handle the steps of a check run; closing the dialog during the run stops the belt."""

    _check: CheckRun | None = None
    _firmware: str | None = None  # the firmware that was checked; the last question may be answered days later
    _units = MachineUnits()  # which the run and the console showed
    _task: asyncio.Task[None] | None = None
    _refusal = ""  # why the run could not begin
    _shown = ""  # the step id of the open form, if any
    _timed_out = False  # the run has not ended in time
    _watched: Watched | None = None  # since the belt was started

    async def async_step_check(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the warnings; all must be acknowledged before connecting. Nothing moves yet."""
        if self._session_waits:
            return await self.async_step_check_busy()
        errors = {"base": self._refusal} if self._refusal else {}
        self._refusal = ""
        if user_input is not None and self._shown == "check":
            if not all(user_input[name] for name in ACKNOWLEDGED):
                errors = {"base": CheckFormError.NOT_ACKNOWLEDGED}
            elif not self._is_loaded:
                errors = {"base": CheckFormError.NOT_LOADED}
            else:
                self._coordinator.control.hold(RUN_TIMEOUT)
                return await self.async_step_check_connect()
        fields = {vol.Required(name, default=False): BooleanSelector() for name in ACKNOWLEDGED}
        return self._form("check", fields, errors)

    async def async_step_check_busy(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer to end a session that waits at rest; Stop is behind the dialog."""
        if user_input is not None and self._shown == "check_busy":
            if self._session_waits:
                await self._async_stop()
            self._shown = ""
            return await self.async_step_check()
        return self._form("check_busy", {}, {}, {"name": plain(self.config_entry.title)})

    async def async_step_check_connect(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Connect to the treadmill and show the progress, which may take a minute."""
        if not self._is_ready:
            if progress := self._progress("check_connect", "check_connect", self._async_until_ready):
                return progress
            connected = self._is_loaded and self._coordinator.data.link is LinkState.CONNECTED
            self._refusal = CheckFormError.NO_SPEED if connected else "not_connected"
        self._task = None
        return self.async_show_progress_done(next_step_id="check" if self._refusal else "check_start")

    async def async_step_check_start(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Start the run, which takes a person at the treadmill (S2)."""
        errors: dict[str, str] = {}
        if user_input is not None and self._shown == "check_start":
            try:
                self._require_loaded()
                self._check = await self._coordinator.control.start_check(self._user_context())
                self._timed_out, self._watched = False, Watched(self.hass)
                self._firmware = firmware_of(self.config_entry.data)
            except ServiceValidationError as err:
                if self._session_waits:  # made ready while this form was open
                    return await self.async_step_check_busy()
                errors["base"] = str(err.translation_key)
            else:
                return await self.async_step_check_run()
        return self._form("check_start", {}, errors)

    async def async_step_check_run(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show what the belt is doing until it rests."""
        check = self._check_run
        while (phase := check.phase) is not CheckPhase.OVER:
            if self._timed_out:
                check.fail(Failure.NO_DATA)
                break
            action = f"check_{phase}"
            if phase is CheckPhase.HOLD and self._is_virtual:
                action = "check_hold_virtual"
            phases = [each for each in CheckPhase if each is not CheckPhase.OVER]
            step, steps = f"{phases.index(phase) + 1}", f"{len(phases)}"
            placeholders = {"seconds": f"{STARTS_AFTER:g}", "step": step, "steps": steps}
            work = partial(self._async_until_after, phase)
            if progress := self._progress("check_run", action, work, placeholders):
                return progress
        self._task = None
        return self.async_show_progress_done(next_step_id="check_failed" if check.failure else "check_console")

    async def async_step_check_console(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask what the console showed: only this reveals a machine that uses miles. A virtual one's is read for us."""
        errors: dict[str, str] = {}
        if self._is_virtual:
            return await self._async_judge(*async_read_console(self.hass, self.config_entry.data[CONF_ADDRESS]))
        if user_input is not None and self._shown == "check_console":
            console, shown = user_input["console"], user_input.get("console_speed")
            if console != CONSOLE_NOTHING and shown is None:
                errors["console_speed"] = CheckFormError.CONSOLE_SPEED_MISSING
            elif not self._is_loaded:
                errors["base"] = CheckFormError.NOT_LOADED
            else:
                unit = Unit.MILES if console == CONSOLE_MPH else Unit.KILOMETERS
                return await self._async_judge(None if console == CONSOLE_NOTHING else shown, unit)
        options = SelectSelectorConfig(options=list(CONSOLES), mode=SelectSelectorMode.LIST, translation_key="console")
        number = NumberSelector(NumberSelectorConfig(min=0, max=30, step=0.1, mode=NumberSelectorMode.BOX))
        fields = {vol.Required("console"): SelectSelector(options), vol.Optional("console_speed"): number}
        return self._form("check_console", fields, errors)

    async def _async_judge(self, shown: float | None, unit: Unit = Unit.KILOMETERS) -> ConfigFlowResult:
        """Save the result with what the console showed, and show it."""
        if not await self._async_is_loaded():
            return self.async_abort(reason=FirstRunAbort.NOT_LOADED)
        check = self._check_run
        units = find_units(check.result, shown, unit, present=check.units, stated=check.stated)
        if isinstance(units, Failure):
            check.fail(units)
            self._coordinator.save_check(check, self._firmware, check.units)
            return await self.async_step_check_failed()
        check.unit_proof = prove(check.result, shown, units, check.units)
        self._coordinator.save_check(check, self._firmware, units)
        self._units = units
        return await self.async_step_check_passed()

    async def async_step_check_passed(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the results, the last thing if nothing else is to do after the set-up."""
        if not await self._async_is_loaded():
            return self.async_abort(reason=FirstRunAbort.NOT_LOADED)
        result = self._check_run.result.understood(self._check_run.units, self._units)
        texts = await async_result_texts(self.hass, self._coordinator.data.rules, result)
        if not self._is_first_run:
            return self.async_abort(reason="check_passed", description_placeholders=texts)
        if user_input is not None and self._shown == "check_passed":
            return await self.async_step_first_run()
        return self._form("check_passed", {}, {}, texts)

    async def async_step_check_failed(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show why the check run failed, and offer another one."""
        if user_input is not None and self._shown == "check_failed":
            return await self.async_step_check()
        return self._form("check_failed", {}, {"base": self._check_run.failure or Failure.NO_DATA})

    @callback
    @override
    def async_remove(self) -> None:
        """Stop the belt when the dialog is closed: nobody watches it anymore."""
        check = self._check
        if check is not None and check.phase is not CheckPhase.OVER:
            self.hass.async_create_task(self._async_stop(), f"{DOMAIN} stop an abandoned check run")
        if self._is_loaded:
            self._coordinator.control.hold(0)

    # Helpers

    @property
    def _coordinator(self) -> RetrowalkCoordinator:
        data: RetrowalkData = self.config_entry.runtime_data
        return data.coordinator

    @property
    def _check_run(self) -> CheckRun:
        assert self._check is not None, "only steps after `check_start` need the run"  # noqa: S101
        return self._check

    @property
    def _is_first_run(self) -> bool:
        return is_first_run(self.config_entry)

    @abstractmethod
    async def async_step_first_run(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer what is still to do after the set-up."""

    @property
    def _is_virtual(self) -> bool:
        return bool(self.config_entry.data.get(CONF_VIRTUAL))

    @property
    def _session_waits(self) -> bool:
        """Return whether a session is ready, counts down or is paused; the belt rests then."""
        return self._is_loaded and self._coordinator.data.state in PREPARING | {SessionState.PAUSED}

    @property
    def _is_left(self) -> bool:
        return self._watched is not None and self._watched.is_left()

    @property
    def _is_loaded(self) -> bool:
        return self.config_entry.state is ConfigEntryState.LOADED

    async def _async_is_loaded(self) -> bool:
        """Return whether it is loaded, after a reload under way: the run shows what the treadmill never reports."""
        reloads = self.config_entry.setup_lock.locked
        return await self._async_until(lambda: self._is_loaded or not reloads(), CONNECT_TIMEOUT) and self._is_loaded

    def _require_loaded(self) -> None:
        if not self._is_loaded:
            raise ServiceValidationError(translation_domain=DOMAIN, translation_key=CheckFormError.NOT_LOADED)

    @property
    def _is_ready(self) -> bool:
        its = self._coordinator.data if self._is_loaded else None
        return its is not None and its.link is LinkState.CONNECTED and its.belt_moving is not None

    @staticmethod
    def _user_context() -> Context:
        """Return the context of the user who submitted the form; without a request it has no user."""
        request = current_request.get()
        user = None if request is None else request.get(KEY_HASS_USER)
        return Context(user_id=None if user is None else user.id)

    def _progress(
        self,
        step_id: str,
        action: str,
        work: Callable[[], Coroutine[Any, Any, None]],
        placeholders: dict[str, str] | None = None,
    ) -> ConfigFlowResult | None:
        """Show the progress of a task; return None once it is done."""
        if self._task is None:
            # Not eager, for the same reason as in onboarding.py.
            self._task = self.hass.async_create_task(work(), f"{DOMAIN} {action}", eager_start=False)
        if not self._task.done():
            return self.async_show_progress(
                step_id=step_id,
                progress_action=action,
                description_placeholders=placeholders or {},
                progress_task=self._task,
            )
        self._task = None
        return None

    async def _async_until_ready(self) -> None:
        coordinator: RetrowalkCoordinator | None = None

        def is_ready() -> bool:
            nonlocal coordinator
            # Repeated after a reload, which the machine's first report of its capabilities causes.
            if self._is_loaded and coordinator is not self._coordinator:
                coordinator = self._coordinator
                coordinator.control.hold(RUN_TIMEOUT)
                coordinator.control.connect()
            return self._is_ready

        await self._async_until(is_ready, CONNECT_TIMEOUT)

    async def _async_until_after(self, phase: CheckPhase) -> None:
        if not await self._async_until(lambda: self._check_run.phase is not phase or self._is_left, RUN_TIMEOUT):
            self._timed_out = True
        elif self._is_left:
            self.hass.config_entries.options.async_abort(self.flow_id)  # and so `async_remove` stops the belt

    async def _async_until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait for a condition, across reloads; return whether it was met in time."""
        changed = asyncio.Event()
        stop_watching = self.config_entry.async_on_state_change(changed.set)
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    changed.clear()
                    await self._async_wait_for_change(changed)
        except TimeoutError:
            return False
        finally:
            stop_watching()
        return True

    async def _async_wait_for_change(self, changed: asyncio.Event) -> None:
        """Wait a second, or less for an update of the coordinator or a change of the entry's state."""
        with ExitStack() as stack, suppress(TimeoutError):
            if self._is_loaded:
                stack.callback(self._coordinator.async_add_listener(changed.set))
            async with asyncio.timeout(_LOOKS_EVERY):
                await changed.wait()

    async def _async_stop(self) -> None:
        if not self._is_loaded:  # who unloads it stops a belt of ours (S14)
            return
        # The session reports a stop that fails.
        with suppress(HomeAssistantError):
            await self._coordinator.control.stop()

    def _form(
        self,
        step_id: str,
        fields: dict[vol.Marker, Any],
        errors: dict[str, str],
        placeholders: dict[str, str] | None = None,
    ) -> ConfigFlowResult:
        # Home Assistant passes the user input of a request on to the step after a progress. Nobody has seen that step
        # yet, and it may be the one that starts the belt.
        self._shown = step_id
        return self.async_show_form(
            step_id=step_id,
            data_schema=vol.Schema(fields),
            errors=errors,
            description_placeholders={"seconds": f"{STARTS_AFTER:g}", **(placeholders or {})},
        )
