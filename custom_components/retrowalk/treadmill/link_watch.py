"""Says in a repair issue what is wrong with a treadmill's link, until it is right: nothing else tells the owner."""

from collections.abc import Callable
from enum import StrEnum

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_ADDRESS
from homeassistant.core import HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from ..const import CONF_CHECK, DOMAIN
from ..issues import Issue, create_issue, delete_issue
from ..machine.bluetooth.link import Link
from ..machine.bluetooth.link_state import LinkState
from ..machine.errors import NoDataError, NotATreadmillError, PairingError, UnansweredError
from ..machine.model import Telemetry
from .paths import PathTrouble, async_heard_by, async_path_trouble, async_reachability

TOLD_SPEED: HassKey[set[str]] = HassKey(f"{DOMAIN}_told_speed")
"""Addresses of treadmills that have told a speed since Home Assistant started: at rest some of them report nothing."""
SPEED_WITHIN = 60.0
"""Seconds on a link within which a treadmill tells its speed."""
PATIENCE = 40.0
"""Seconds of attempts without a link; a few may fail for no reason that lasts."""
_JUDGED_EVERY = 10.0


class LinkTrouble(StrEnum):
    """What is wrong with a link that is made, and why one is made in vain although there is a path."""

    NO_REPORTS = "link_no_reports"
    NO_SPEED = "link_no_speed"
    CONTROL_WANTS_PAIRING = "link_control_wants_pairing"
    WANTS_PAIRING = "link_wants_pairing"
    NO_DATA = "link_no_data"
    UNANSWERED = "link_unanswered"
    NOT_A_TREADMILL = "link_not_a_treadmill"


_FAILURES: dict[type[Exception], LinkTrouble] = {
    PairingError: LinkTrouble.WANTS_PAIRING,
    NoDataError: LinkTrouble.NO_DATA,
    UnansweredError: LinkTrouble.UNANSWERED,
    NotATreadmillError: LinkTrouble.NOT_A_TREADMILL,
}
_OF_SILENCE = frozenset({LinkTrouble.NO_REPORTS, LinkTrouble.NO_SPEED})
"""What only a speed disproves; everything else ends with a link, or when none is wanted."""


class LinkWatch:
    """The issue of one treadmill's link; it decides nothing. Times are monotonic seconds."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, link: Link, *, controls: bool, clock: Callable[[], float]
    ) -> None:
        """Initialize the watch; `controls`: the owner lets the belt be moved, so that it matters whether it can be."""
        self._hass = hass
        self._entry = entry
        self._address: str = entry.data[CONF_ADDRESS]
        self._link = link
        self._controls = controls
        self._now = clock
        self._told = hass.data.setdefault(TOLD_SPEED, set())
        self._shown: LinkTrouble | PathTrouble | None = None
        self._speed = self._frames = False  # told on this link
        self._tried_since: float | None = None
        self._judged_at = float("-inf")
        if entry.data.get(CONF_CHECK) is not None:
            self._told.add(self._address)
        delete_issue(hass, entry, Issue.LINK)  # of an earlier run

    @callback
    def heard(self, telemetry: Telemetry) -> None:
        """Take in a report."""
        self._frames = True
        if self._speed or telemetry.speed is None or telemetry.received < self._link.up_since:
            return
        self._speed = True
        self._told.add(self._address)
        if self._shown in _OF_SILENCE:
            self._hide()

    @callback
    def on_link(self, state: LinkState) -> None:
        """Take in a change of the link's state."""
        if state is LinkState.CONNECTED:
            self._speed = self._frames = False
            self._tried_since = None
            driver = self._link.driver
            if driver is not None and driver.control_wants_pairing and self._controls:
                self._show(LinkTrouble.CONTROL_WANTS_PAIRING)
            elif self._shown not in _OF_SILENCE:
                self._hide()
        elif state is LinkState.RELEASED:
            self._tried_since = None
            if self._shown not in _OF_SILENCE:
                self._hide()

    @callback
    def tick(self) -> None:
        """Judge the link; called once a second while one is wanted."""
        now, state = self._now(), self._link.state
        if state is LinkState.CONNECTED:
            if not self._speed and now - self._link.up_since >= SPEED_WITHIN:
                self._tells_no_speed()
        elif state is not LinkState.RELEASED:
            if self._tried_since is None:
                self._tried_since = now
            if now - self._tried_since >= PATIENCE and now - self._judged_at >= _JUDGED_EVERY:
                self._judged_at = now
                self._judge()

    def _tells_no_speed(self) -> None:
        if self._shown is not None and self._shown not in _OF_SILENCE:
            return
        if self._frames:
            self._show(LinkTrouble.NO_SPEED)
        elif self._address not in self._told:
            self._show(LinkTrouble.NO_REPORTS)

    def _judge(self) -> None:
        """Show why attempts fail; one that was lost a moment ago may be on its way back."""
        for kind, trouble in _FAILURES.items():
            if isinstance(self._link.failure, kind):
                self._show(trouble)
                return
        if (path := async_path_trouble(self._hass, self._address)) is not None:
            self._show(path)
        elif self._shown not in _OF_SILENCE:
            self._hide()

    def _show(self, key: LinkTrouble | PathTrouble) -> None:
        if key is self._shown:
            return
        self._shown = key
        heard, says = async_heard_by(self._hass, self._address), async_reachability(self._hass, self._address)
        create_issue(self._hass, self._entry, Issue.LINK, key=key.value, heard=heard, diagnostics=says)

    def _hide(self) -> None:
        if self._shown is not None:
            self._shown = None
            delete_issue(self._hass, self._entry, Issue.LINK)
