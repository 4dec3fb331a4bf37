"""Config flow: find a treadmill, read its capabilities, and ask the owner what Retrowalk may do (S1)."""

import logging
import re
from typing import Any, Final, override

import voluptuous as vol
from bluetooth_data_tools import human_readable_name
from homeassistant.components import bluetooth
from homeassistant.components.bluetooth import BluetoothServiceInfoBleak
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.const import CONF_ADDRESS, CONF_NAME
from homeassistant.core import callback
from homeassistant.helpers.device_registry import format_mac
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
)
from homeassistant.helpers.translation import async_get_translations

from .const import (
    CONF_PERSONALITY,
    CONF_VIRTUAL,
    DOMAIN,
    SUBENTRY_PROGRAM,
    SUBENTRY_WALKER,
)
from .flows.discovery import (
    ReadingFailedError,
    advertised_name,
    async_advertised_name,
    async_candidates,
    async_is_discoverable,
    async_read,
)
from .flows.errors import SetUpAbort, SetUpError, SetUpProgress
from .flows.onboarding import OnboardingSteps
from .flows.options import RetrowalkOptionsFlow, is_controllable, radio_buttons
from .flows.personality import personality_fields
from .flows.program import ProgramFlow
from .flows.walker import WalkerFlow
from .training.limits import BACKWARD_DEFAULT
from .treadmill.virtual import free_virtual_address
from .util import plain
from .walkers.household import async_household

_LOGGER = logging.getLogger(__name__)

_SEARCH_AGAIN: Final = "search_again"
_ENTER_ADDRESS: Final = "enter_address"
CONF_KEPT: Final = "treadmills"
_ADDRESS: Final = re.compile(r"(?:[0-9A-F]{2}:){5}[0-9A-F]{2}")


class RetrowalkConfigFlow(OnboardingSteps, domain=DOMAIN):
    """Handle a config flow: find a treadmill, read it, and continue with the owner's settings."""

    VERSION = 1
    MINOR_VERSION = 1

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        return RetrowalkOptionsFlow()

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(cls, config_entry: ConfigEntry) -> dict[str, type[ConfigSubentryFlow]]:
        return {SUBENTRY_WALKER: WalkerFlow, SUBENTRY_PROGRAM: ProgramFlow}

    # Which treadmill

    @override
    async def async_step_bluetooth(self, discovery_info: BluetoothServiceInfoBleak) -> ConfigFlowResult:
        """Handle the discovery of a device that may be a treadmill."""
        if not async_is_discoverable(discovery_info):
            return self.async_abort(reason=SetUpAbort.NOT_SUPPORTED)
        address = discovery_info.address
        await self.async_set_unique_id(format_mac(address))
        self._abort_if_unique_id_configured()
        self._address = address
        self._name = advertised_name(discovery_info)
        self.context["title_placeholders"] = {"name": plain(human_readable_name(None, self._name, address))}
        return await self.async_step_bluetooth_confirm()

    async def async_step_bluetooth_confirm(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Confirm the setup of a discovered treadmill."""
        if user_input is not None:
            return await self._async_read(self._address, self._name, asked_by="bluetooth_confirm")
        return self._form("bluetooth_confirm")

    @override
    async def async_step_user(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask whether the user has a treadmill or wants a virtual one."""
        household = async_household(self.hass)
        await household.async_ready()
        options = ["search", "virtual", *(["kept"] if household.kept else [])]
        return self.async_show_menu(step_id="user", menu_options=options)

    async def async_step_kept(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Let the user delete what was kept of treadmills that were removed."""
        household, errors = async_household(self.hass), dict[str, str]()
        if user_input is not None:
            for entry_id in user_input[CONF_KEPT]:
                await household.async_delete_kept(entry_id)
            if user_input[CONF_KEPT]:
                return self.async_abort(reason=SetUpAbort.KEPT_DELETED)
            errors = {CONF_KEPT: SetUpError.NOTHING_CHOSEN}
        options = [SelectOptionDict(value=entry_id, label=label) for entry_id, label in household.kept_labels().items()]
        choice = SelectSelector(SelectSelectorConfig(options=options, multiple=True, mode=SelectSelectorMode.LIST))
        schema = vol.Schema({vol.Required(CONF_KEPT, default=[]): choice})
        return self.async_show_form(step_id="kept", data_schema=schema, errors=errors)

    async def async_step_search(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Search for treadmills with all adapters."""
        if self._task is None and bluetooth.async_scanner_count(self.hass, connectable=True) == 0:
            return await self.async_step_no_bluetooth()
        self._error = None
        return self._progress(SetUpProgress.SEARCH, lambda: bluetooth.async_request_active_scan(self.hass)) or (
            self.async_show_progress_done(next_step_id="pick")
        )

    async def async_step_no_bluetooth(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Offer what can be done without an adapter."""
        return self.async_show_menu(step_id="no_bluetooth", menu_options=["virtual", "search"])

    async def async_step_pick(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Let the user select one of the treadmills found."""
        if user_input is not None:
            if (address := user_input[CONF_ADDRESS]) == _SEARCH_AGAIN:
                return await self.async_step_search()
            if address == _ENTER_ADDRESS:
                self._error = None
                return await self.async_step_manual()
            return await self._async_read(address, async_advertised_name(self.hass, address), asked_by="pick")
        configured = self._async_current_ids(include_ignore=False)
        labels = {
            info.address: human_readable_name(None, advertised_name(info), info.address)
            for info in async_candidates(self.hass)
            if format_mac(info.address) not in configured
        }
        if not labels:
            return await self.async_step_nothing_found()
        chosen = self._address if self._address in labels else next(iter(labels))
        labels |= {_SEARCH_AGAIN: _SEARCH_AGAIN, _ENTER_ADDRESS: _ENTER_ADDRESS}  # these two are translated
        options = [SelectOptionDict(value=value, label=label) for value, label in labels.items()]
        return self._form("pick", {vol.Required(CONF_ADDRESS, default=chosen): radio_buttons("treadmill", options)})

    async def async_step_nothing_found(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Explain why no treadmill may have been found, and offer another search."""
        return self.async_show_menu(step_id="nothing_found", menu_options=["search", "manual"])

    async def async_step_manual(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Let the user enter the address of a treadmill that advertises no known service."""
        if user_input is not None:
            self._address = format_mac(user_input[CONF_ADDRESS].strip()).upper()
            if _ADDRESS.fullmatch(self._address):
                name = async_advertised_name(self.hass, self._address)
                return await self._async_read(self._address, name, asked_by="manual")
            self._error = SetUpError.INVALID_ADDRESS
        return self._form("manual", {vol.Required(CONF_ADDRESS, default=self._address): TextSelector()})

    async def async_step_virtual(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Ask which kind of machine the next virtual treadmill plays, and set it up."""
        if user_input is None:
            return self._form("virtual", personality_fields(self._personality))
        self._personality = user_input[CONF_PERSONALITY]
        if not self._virtual:
            self._virtual = True
            flows = self._async_in_progress(include_uninitialized=True)
            taken = self._async_current_ids() | {flow["context"].get("unique_id") for flow in flows}
            self._address = free_virtual_address({unique_id.upper() for unique_id in taken if unique_id})
            self._name = await self._async_virtual_name()
        return await self._async_read(self._address, self._name, asked_by="virtual")

    async def async_step_reconfigure(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Rename the treadmill, and read its capabilities again."""
        entry = self._get_reconfigure_entry()
        if user_input is not None:
            self._address = entry.data[CONF_ADDRESS]
            self._name = user_input[CONF_NAME].strip() or entry.title
            self._virtual = entry.data[CONF_VIRTUAL]
            self._personality = entry.data.get(CONF_PERSONALITY)
            self._asked_by = "reconfigure"
            return await self.async_step_connect()
        self._name = self._name or entry.title
        return self._form("reconfigure", {vol.Required(CONF_NAME, default=self._name): TextSelector()})

    # What it is

    async def _async_read(self, address: str, name: str, *, asked_by: str) -> ConfigFlowResult:
        self._address, self._name, self._asked_by = address, name, asked_by
        # A discovery of the same treadmill may be in progress; it ends when this flow creates the entry.
        await self.async_set_unique_id(format_mac(address), raise_on_progress=False)
        self._abort_if_unique_id_configured()
        return await self.async_step_connect()

    async def async_step_connect(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Show the progress while the treadmill is read, which may take a minute."""
        if progress := self._progress(SetUpProgress.CONNECT, self._async_try_to_read):
            return progress
        if self._error is None:
            return self.async_show_progress_done(next_step_id="read")
        next_step = "not_a_treadmill" if self._error == SetUpError.NOT_A_TREADMILL else self._asked_by
        return self.async_show_progress_done(next_step_id=next_step)

    async def async_step_not_a_treadmill(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Abort the flow, because the device is not a treadmill."""
        return self.async_abort(reason=SetUpAbort.NOT_A_TREADMILL, description_placeholders={"name": plain(self._name)})

    async def async_step_read(self, user_input: dict[str, Any] | None = None) -> ConfigFlowResult:
        """Continue after the treadmill was read."""
        if self.source == SOURCE_RECONFIGURE:
            # The entry's update listener reloads it, but not while somebody walks (S14).
            return self.async_update_and_abort(
                self._get_reconfigure_entry(), title=self._name, data_updates=self._entry_data()
            )
        capabilities = self._read.capabilities
        if not is_controllable(capabilities):
            unproven = capabilities.control_unproven
            return await (self.async_step_monitor_unproven() if unproven else self.async_step_monitor_only())
        if capabilities.speed_range and capabilities.speed_range.minimum > BACKWARD_DEFAULT:
            return await self.async_step_too_fast()
        return await self.async_step_safety()

    async def _async_try_to_read(self) -> None:
        self._error = None
        await async_get_translations(self.hass, self.hass.config.language, "common", [DOMAIN])  # for its figures
        entry = self._get_reconfigure_entry() if self.source == SOURCE_RECONFIGURE else None
        try:
            self._reading = await async_read(
                self.hass,
                self._address,
                self._name,
                virtual=self._virtual,
                personality=self._personality,
                entry=entry,
            )
        except ReadingFailedError as err:
            self._error = err.key
        except Exception:  # the dialog must not show "connecting" forever
            _LOGGER.exception("Unexpected error while reading a treadmill")
            self._error = SetUpError.UNKNOWN
        else:
            if self._name == self._address:  # not advertised; a connection may reveal the name
                self._name = self._reading.info.model or self._name

    async def _async_virtual_name(self) -> str:
        language = self.hass.config.language
        texts = await async_get_translations(self.hass, language, "common", [DOMAIN])
        name = texts[f"component.{DOMAIN}.common.virtual_treadmill"]
        number = int(self._address.replace(":", "")[-4:], 16) + 1
        return name if number == 1 else f"{name} {number}"
