"""Keeps in contact with a treadmill as its owner wants it: most of them serve one app at a time."""

from collections.abc import Callable

from homeassistant.components import bluetooth
from homeassistant.core import HomeAssistant, callback

from ..machine.bluetooth.catalogue import driver_for
from ..machine.bluetooth.link import Link
from ..machine.bluetooth.link_state import LinkListener, LinkState
from ..machine.driver import Connection, Driver, Listener
from .options import ConnectionPolicy, Options

_AWAY_AFTER = 195.0
"""Seconds without an advertisement after which a treadmill was away: off, or another app's."""
_COMES_BACK_WITHIN = 60.0
"""Seconds after the end of a link in which it may well be made anew, heard or not."""
_CONNECTS_WITHIN = 90.0
"""Seconds that an attempt to connect may well take: being idle does not end it sooner."""


class ConnectionManager:
    """When the link of one treadmill is made, kept and let go. Times are monotonic seconds of `clock`."""

    def __init__(
        self,
        hass: HomeAssistant,
        address: str,
        name: str,
        options: Options,
        *,
        listener: LinkListener,
        clock: Callable[[], float],
    ) -> None:
        self.link = Link(
            name,
            device_provider=lambda: bluetooth.async_ble_device_from_address(hass, address, connectable=True),
            open_driver=self._open_driver,
            listener=listener,
            clock=clock,
        )
        self._hass = hass
        self._address = address
        self._policy = options.connection
        self._idle_seconds = options.idle_seconds
        self._now = clock
        self._busy_at = clock()
        self._hold_until = float("-inf")  # the link is not given up before
        self._stay_away = False  # released for other apps, until it was away
        self._seen_at = clock()
        self._ended_at = float("-inf")  # of the last link that was up

    @property
    def in_reach(self) -> bool:
        """Whether it is connected, or was seen within the last minutes."""
        if self.link.state is LinkState.CONNECTED:
            return True
        return bluetooth.async_ble_device_from_address(self._hass, self._address, connectable=True) is not None

    @property
    def may_come_back(self) -> bool:
        """Whether a stop may still get through: it is in reach, or its link was lost a moment ago.

        A connected treadmill does not advertise, so that nobody may have heard of it for hours when its link ends.
        """
        return self.in_reach or self._now() - self._ended_at < _COMES_BACK_WITHIN

    @property
    def signal(self) -> int | None:
        """How well its newest advertisement was heard (dBm); a connected treadmill does not advertise."""
        heard = bluetooth.async_last_service_info(self._hass, self._address, connectable=True)
        return heard.rssi if heard is not None else None

    @callback
    def begin(self) -> None:
        """Make the first link, if one is wanted."""
        policy = self._policy
        if policy is ConnectionPolicy.ALWAYS or (policy is ConnectionPolicy.ON_WAKE and self.in_reach):
            self.link.connect()

    @callback
    def connect(self) -> None:
        """Want a link; it is made in the background."""
        self._stay_away = False
        self.busy()
        self.link.connect()

    @callback
    def release(self) -> None:
        """Give the treadmill free for other apps, until it was away or somebody wants a link."""
        self._stay_away = True
        self.link.release()

    @callback
    def hold(self, seconds: float) -> None:
        """Keep the link, however idle the treadmill is: somebody is about to use it."""
        self._hold_until = self._now() + seconds

    @callback
    def busy(self) -> None:
        """It is being used, or has just been connected: idle time begins anew."""
        self._busy_at = self._now()

    @callback
    def ended(self) -> None:
        """The link has ended: connected treadmills do not advertise, so that it was seen until now."""
        self._seen_at = self._ended_at = self._now()

    @callback
    def seen(self) -> None:
        """It advertised: each time, also when it says nothing new."""
        now = self._now()
        if now - self._seen_at > _AWAY_AFTER:
            self._stay_away = False  # it was switched off, or somebody else was connected to it: it has woken up
        self._seen_at = now
        unwanted = self._policy is ConnectionPolicy.ON_DEMAND or self._stay_away
        if self.link.state is LinkState.RELEASED and not unwanted:
            self.link.connect()
        self.link.on_advertisement()

    @callback
    def idle(self) -> None:
        """Nobody uses it now: let others have it after a while."""
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
        return driver_for(connection, listener, self._now)
