"""Connects to a treadmill and releases it, by the owner's policy: most treadmills serve one app at a time."""

from collections.abc import Callable
from functools import partial

from homeassistant.components import bluetooth
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_ADDRESS
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_FIELDS, DOMAIN
from ..machine.bluetooth.catalogue import driver_for
from ..machine.bluetooth.kept_stop import KeptStop
from ..machine.bluetooth.link import Link
from ..machine.bluetooth.link_state import LinkListener, LinkState
from ..machine.calibration import CalibratedDriver
from ..machine.driver import Connection, Driver, Listener
from ..machine.fields import ReportedField, ReportedFields
from ..machine.flood_guard import FloodGuard
from ..machine.incline import InclineDoubt
from ..machine.model import Quirk
from .advertised import advertised_name
from .check_result import calibration_of, deck_of, quirks_of
from .link_logs import async_link_log
from .link_watch import LinkWatch
from .options import ConnectionPolicy, ControlPolicy, Options
from .paths import PreferredPath
from .redaction import log_name

KEPT_STOPS: HassKey[dict[str, KeptStop]] = HassKey(f"{DOMAIN}_kept_stops")
"""The stops that wait for a link, by the address of the treadmill: they outlast a reload (S3)."""
_AWAY_AFTER = 195.0
"""Seconds without an advertisement after which a treadmill was off or connected to another app."""
_COMES_BACK_WITHIN = 60.0
"""Seconds after the end of a link within which a reconnect is likely, even without an advertisement."""
_IDLE_OF_DEAD_CONSOLE = 10
"""Seconds for which a treadmill is held at rest whose console is dead meanwhile."""
_CONNECTS_WITHIN = 90.0
"""Seconds that an attempt to connect may take; idle time does not end it sooner."""


class ConnectionManager:
    """Decides when the link of one treadmill is made, held and released; times are monotonic seconds."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        options: Options,
        *,
        listener: LinkListener,
        clock: Callable[[], float],
    ) -> None:
        address: str = entry.data[CONF_ADDRESS]
        self.options = options
        self.calibration = calibration_of(entry.data, options)
        """What the machine's numbers mean; it may change while the belt rests."""
        self._doubt = InclineDoubt(lasting=deck_of(entry.data, options, self.calibration).doubted)
        stops = hass.data.setdefault(KEPT_STOPS, {})
        self.name = log_name(entry)
        self.link = Link(
            self.name,
            device_provider=lambda: bluetooth.async_ble_device_from_address(hass, address, connectable=True),
            open_driver=self._open_driver,
            listener=listener,
            clock=clock,
            kept=stops.setdefault(address, KeptStop(clock)),
            log=async_link_log(hass, address, clock),
            steer=PreferredPath(address, options.proxy, hurried=lambda: self.link.stop_waits).steer,
            name_of=partial(advertised_name, hass, entry),
        )
        controls = options.control is ControlPolicy.CONTROL
        self.watch = LinkWatch(hass, entry, self.link, controls=controls, clock=clock)
        self._hass = hass
        self._address = address
        self._policy = options.connection
        self._idle_seconds = options.idle_seconds
        console_dead = quirks_of(options.quirks, entry.data)[Quirk.CONSOLE_DEAD].value
        self.leaves_early = bool(console_dead) and options.connection is not ConnectionPolicy.ALWAYS
        """Whether the treadmill is connected for a session only, because its own Start is dead while it is."""
        if self.leaves_early:
            self._policy = ConnectionPolicy.ON_DEMAND
            self._idle_seconds = min(options.idle_seconds, _IDLE_OF_DEAD_CONSOLE)
        found = ReportedField.STEPS in ReportedFields.from_dict(entry.data.get(CONF_FIELDS)).seen
        self._chosen = {**({Quirk.STEPS_IN_TAIL: True} if found else {}), **options.quirks}
        self._now = clock
        self._busy_at = clock()
        self._hold_until = float("-inf")  # the link is not released before
        self._stay_away = False  # released for other apps, until the treadmill was away
        self._seen_at = clock()
        self._ended_at = float("-inf")  # of the last link that was up

    @property
    def in_reach(self) -> bool:
        """Return whether the treadmill is connected, or was seen within the last minutes."""
        if self.link.state is LinkState.CONNECTED:
            return True
        return bluetooth.async_ble_device_from_address(self._hass, self._address, connectable=True) is not None

    @property
    def deck_doubted(self) -> bool:
        """Return whether the inclines of this machine are doubted until its owner decides."""
        return self._doubt.lasting

    @property
    def may_come_back(self) -> bool:
        """Return whether a stop may still get through: in reach, or lost a moment ago.

        A connected treadmill does not advertise, so its last advertisement may be hours old when its link ends.
        """
        return self.in_reach or self._now() - self._ended_at < _COMES_BACK_WITHIN

    @property
    def signal(self) -> int | None:
        """Return the RSSI of the newest advertisement (dBm)."""
        service_info = bluetooth.async_last_service_info(self._hass, self._address, connectable=True)
        return service_info.rssi if service_info is not None else None

    @callback
    def begin(self) -> None:
        """Connect for the first time, if the policy wants it, or a stop from before a reload waits (S3)."""
        wakes = self._policy is ConnectionPolicy.ON_WAKE and self.in_reach
        if wakes or self._policy is ConnectionPolicy.ALWAYS or self.link.stop_waits:
            self.link.connect()

    @callback
    def connect(self) -> None:
        """Request a link, which is made in the background."""
        self._stay_away = False
        self.busy()
        self.link.connect()

    @callback
    def release(self) -> None:
        """Release the treadmill for other apps, until it was away or a link is requested."""
        self._stay_away = True
        self.link.release()

    @callback
    def hold(self, seconds: float) -> None:
        """Hold the link for some seconds even if the treadmill is idle, because it is about to be used."""
        self._hold_until = self._now() + seconds

    @callback
    def busy(self) -> None:
        """Restart the idle time of a treadmill that is in use or has just connected."""
        self._busy_at = self._now()

    @callback
    def ended(self) -> None:
        """Handle the end of the link; the treadmill counts as seen until now, as it does not advertise meanwhile."""
        self._seen_at = self._ended_at = self._now()

    @callback
    def seen(self) -> None:
        """Handle an advertisement, including one that contains nothing new."""
        now = self._now()
        if now - self._seen_at > _AWAY_AFTER:
            self._stay_away = False  # it was off or connected to another app, and has woken up
        self._seen_at = now
        unwanted = self._policy is ConnectionPolicy.ON_DEMAND or self._stay_away
        if self.link.state is LinkState.RELEASED and not unwanted:
            self.link.connect()
        self.link.on_advertisement()

    @callback
    def idle(self) -> None:
        """Release the treadmill if it has been idle for long enough."""
        now = self._now()
        if self._policy is ConnectionPolicy.ALWAYS or self.link.stop_waits or now < self._hold_until:
            return
        seconds = now - self._busy_at
        if self.link.state is LinkState.CONNECTED:
            if seconds >= self._idle_seconds:
                self.release()
        elif seconds >= max(self._idle_seconds, _CONNECTS_WITHIN) and (
            self._policy is ConnectionPolicy.ON_DEMAND or not self.in_reach
        ):
            self.link.release()

    def _open_driver(self, connection: Connection, listener: Listener) -> Driver:
        guard = FloodGuard(listener, self._now)
        return CalibratedDriver(
            lambda calibrated: driver_for(connection, calibrated, self._now, self._chosen),
            guard,
            lambda: self.calibration,
            closed=guard.close,
            doubt=self._doubt,
        )
