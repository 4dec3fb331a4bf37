"""The Retrowalk integration: Bluetooth treadmills and backward walking."""

import asyncio
from types import ModuleType

from homeassistant.components import persistent_notification
from homeassistant.components.bluetooth import async_rediscover_address
from homeassistant.const import CONF_ADDRESS, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.importlib import async_import_module
from homeassistant.helpers.typing import ConfigType

from .blueprint_installer import async_forget_blueprints, async_install_blueprints
from .const import CONF_PERSONALITY, CONF_VIRTUAL, DOMAIN
from .coordinator import RetrowalkCoordinator
from .dashboard.editor import async_setup_editor_commands
from .dashboard.links import async_dashboard_path
from .dashboard.past import async_setup_past_sessions
from .dashboard.reminders import async_setup_reminder_commands
from .dashboard.report_view import async_setup_report_view
from .dashboard.serve import async_setup_frontend
from .dashboard.session_view import async_setup_session_view
from .dashboard.trends import async_setup_trends
from .dashboard.websocket import async_setup_websocket
from .data import RetrowalkConfigEntry, RetrowalkData
from .issues import OF_TREADMILL, delete_issue, renew_issues
from .messaging.announcer import async_dismiss_stop_failure
from .messaging.texts import Texts
from .reminders.knee_question import KneeQuestion
from .reminders.live_notification import LiveNotification
from .reminders.manager import ReminderManager, async_forget_reminders
from .reminders.view import LiveView, TreadmillView
from .services import async_setup_services
from .storage.journal import Journal
from .training.speech.phrases import Line
from .training.states import SessionState
from .treadmill.caller import async_setup_context_listener
from .treadmill.house import HouseSensors
from .treadmill.issues import async_show_damage, async_show_unreadable
from .treadmill.link_logs import async_forget_link_log
from .treadmill.live_session import live_session
from .treadmill.options import ControlPolicy
from .util import plain
from .walkers.handover import SHORTEST
from .walkers.household import async_household
from .walkers.joining import async_show_twins
from .walkers.last_result import JOURNAL as RESULT_JOURNAL
from .walkers.last_result import async_forget_result
from .walkers.unfinished import unsaved_records

PLATFORMS: list[Platform] = [
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TIME,
]

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)


async def async_setup(hass: HomeAssistant, config: ConfigType) -> bool:
    """Set up the actions and the dashboard, which do not depend on a config entry."""
    async_setup_context_listener(hass)
    await async_setup_services(hass)
    async_setup_websocket(hass)
    async_setup_reminder_commands(hass)
    async_setup_past_sessions(hass)
    async_setup_trends(hass)
    async_setup_editor_commands(hass)
    async_setup_report_view(hass)
    async_setup_session_view(hass)
    await async_setup_frontend(hass)
    return True


async def async_setup_entry(hass: HomeAssistant, entry: RetrowalkConfigEntry) -> bool:
    """Set up a treadmill, which may be switched off."""
    if entry.data.get(CONF_VIRTUAL):
        virtual = await _async_virtual(hass)
        entry.async_on_unload(virtual.async_plug_in(hass, entry.data[CONF_ADDRESS], entry.data.get(CONF_PERSONALITY)))
    coordinator = RetrowalkCoordinator(hass, entry)
    view = _view_of(hass, coordinator)
    reminders, question = ReminderManager(hass, view), KneeQuestion(hass, view)
    coordinator.events.add(question.on_session_event)
    live = LiveNotification(hass, _live_view_of(coordinator, view))
    entry.runtime_data = RetrowalkData(coordinator=coordinator, control=coordinator.control, reminders=reminders)
    live.async_listen()
    await coordinator.roster.async_load()
    async_show_unreadable(hass, entry, coordinator.roster.store)
    await coordinator.files.async_load()
    await coordinator.result.async_load()
    await coordinator.recorder.async_load()
    coordinator.publish()  # before the entities: they show at once what was walked before a restart
    await coordinator.announcer.async_load()
    await reminders.async_load()
    async_show_damage(hass, entry, coordinator.damaged(reminders.damaged))
    renew_issues(hass, entry)
    # The walkers' devices refer to the treadmill's device, and a walker's entities may be added first.
    dr.async_get(hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, coordinator.address)}, name=entry.title
    )
    for platform in PLATFORMS:  # all at once they would hold the event loop for long, and with it other belts' stops
        await hass.config_entries.async_forward_entry_setups(entry, [platform])
        await asyncio.sleep(0)
    HouseSensors(
        hass,
        coordinator.options,
        on_guard=coordinator.on_guard,
        on_occupancy=coordinator.on_occupancy,
        on_confirm=coordinator.control.press_confirm_button,
    ).async_watch(entry)
    async_install_blueprints(hass, entry)
    # Nothing is awaited once the link runs: what the treadmill reports may ask for a reload.
    await live.async_start()
    coordinator.async_start()
    async_show_twins(hass)
    entry.async_on_unload(entry.add_update_listener(_async_walkers_changed))
    reminders.async_start()
    question.async_start()
    return True


async def _async_virtual(hass: HomeAssistant) -> ModuleType:
    """Return the module of virtual treadmills, and with it the simulator, which a house without one never needs."""
    return await async_import_module(hass, f"{__package__}.treadmill.virtual")


async def _async_walkers_changed(hass: HomeAssistant, _: RetrowalkConfigEntry) -> None:
    async_show_twins(hass)


async def async_unload_entry(hass: HomeAssistant, entry: RetrowalkConfigEntry) -> bool:
    """Bring a steered belt to rest, release the treadmill, then unload (S14)."""
    await entry.runtime_data.coordinator.async_leave()
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(hass: HomeAssistant, entry: RetrowalkConfigEntry) -> None:
    """Keep the sessions for their walkers, delete everything else, and let a real treadmill be discovered again."""
    await async_forget_reminders(hass, entry)
    journal = Journal(hass, entry.entry_id)
    unsaved = unsaved_records(await journal.async_load() or {})
    await async_household(hass).async_treadmill_removed(
        entry, [record for record in unsaved if record.moving_time >= SHORTEST]
    )
    await journal.async_clear()
    async_forget_result(hass, entry)
    for name in ("files", "live", RESULT_JOURNAL):
        await Journal(hass, entry.entry_id, name).async_clear()
    for issue in OF_TREADMILL:
        delete_issue(hass, entry, issue)
    async_dismiss_stop_failure(hass, entry)
    async_show_twins(hass)
    await _async_tell_what_is_kept(hass, entry)
    await async_forget_blueprints(hass, entry)
    address = entry.data[CONF_ADDRESS]
    async_forget_link_log(hass, address)
    if entry.data.get(CONF_VIRTUAL):
        (await _async_virtual(hass)).async_forget(hass, address)
    else:
        async_rediscover_address(hass, address)


async def _async_tell_what_is_kept(hass: HomeAssistant, entry: RetrowalkConfigEntry) -> None:
    """Say that the sessions of a removed treadmill were kept, and how to delete them."""
    household = async_household(hass)
    if entry.entry_id not in household.kept:
        return
    kept = Line("sessions_kept", {"name": entry.title, "sessions": len(household.store(entry.entry_id).history)})
    text = (await Texts.async_load(hass)).render((kept,))
    persistent_notification.async_create(hass, text, plain(entry.title), f"{DOMAIN}_kept_{entry.entry_id}")


def _view_of(hass: HomeAssistant, coordinator: RetrowalkCoordinator) -> TreadmillView:
    """Return the treadmill as its reminders see it."""

    def is_ready_for(walker_id: str) -> bool:
        snapshot = coordinator.data
        return snapshot.state is SessionState.READY and snapshot.made_for == walker_id

    def is_used_by(walker_id: str) -> bool:
        return coordinator.in_use and walker_id in {coordinator.data.made_for, coordinator.data.walker}

    async def async_page() -> str | None:
        shown = coordinator.entity_id("button", "start") or coordinator.entity_id("sensor", "session_state")
        return await async_dashboard_path(hass, shown) if shown else None

    return TreadmillView(
        entry=coordinator.config_entry,
        roster=coordinator.roster,
        planner=coordinator.planner,
        virtual=bool(coordinator.config_entry.data.get(CONF_VIRTUAL)),
        controlled=coordinator.options.control is ControlPolicy.CONTROL,
        in_use=lambda: coordinator.in_use,
        is_ready_for=is_ready_for,
        is_used_by=is_used_by,
        knee=coordinator.knee,
        prepare=coordinator.control.prepare,
        async_dashboard_path=async_page,
        async_add_listener=coordinator.async_add_listener,
    )


def _live_view_of(coordinator: RetrowalkCoordinator, view: TreadmillView) -> LiveView:
    """Return the treadmill as its live notification sees it."""
    safety_key = coordinator.options.safety_key
    return LiveView(
        entry=coordinator.config_entry,
        roster=coordinator.roster,
        targets=coordinator.options.live_targets,
        session=lambda: live_session(coordinator.data, coordinator.session, safety_key=safety_key),
        remaining=lambda: coordinator.remaining(coordinator.data.present),
        unfinished=lambda: coordinator.recorder.has_unfinished,
        stop=coordinator.control.stop,
        async_dashboard_path=view.async_dashboard_path,
        async_add_listener=coordinator.async_add_listener,
    )
