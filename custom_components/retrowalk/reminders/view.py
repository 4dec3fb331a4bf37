"""What reminders need to know about a treadmill, and the one request that they make."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context

from ..training.limits import Direction
from ..training.session.remaining import RemainingSession
from ..training.speech.live import LiveSession
from ..walkers.knee_before import KneeBefore
from ..walkers.planner import Planner
from ..walkers.roster import WalkerRoster


class Prepare(Protocol):
    """Prepare a session; this moves nothing (S2)."""

    def __call__(
        self,
        context: Context,
        *,
        walker: str | None,
        direction: Direction | None,
        minutes: float | None,
        speed: float | None,
        program: str,
    ) -> Awaitable[None]:
        """Prepare a session; raise HomeAssistantError if it is refused."""
        ...


class TreadmillView(NamedTuple):
    """A treadmill as its reminders see it."""

    entry: ConfigEntry
    roster: WalkerRoster
    planner: Planner
    virtual: bool
    controlled: bool  # whether sessions can be prepared
    in_use: Callable[[], bool]
    is_ready_for: Callable[[str], bool]  # whether a walker's session waits for confirmation
    is_used_by: Callable[[str], bool]  # whether a walker's session was made ready or is under way
    knee: KneeBefore
    prepare: Prepare
    async_dashboard_path: Callable[[], Awaitable[str | None]]  # of the view that shows the treadmill
    async_add_listener: Callable[[Callable[[], None]], Callable[[], None]]


class LiveView(NamedTuple):
    """A treadmill as its live notification sees it, and the one request that this makes."""

    entry: ConfigEntry
    roster: WalkerRoster
    targets: tuple[str, ...]
    session: Callable[[], LiveSession | None]  # None: there is none, or its belt rests
    remaining: Callable[[], RemainingSession | None]
    unfinished: Callable[[], bool]  # whether a session from before a restart may still be under way
    stop: Callable[[], Awaitable[None]]
    async_dashboard_path: Callable[[], Awaitable[str | None]]
    async_add_listener: Callable[[Callable[[], None]], Callable[[], None]]


@dataclass(frozen=True)
class Place:
    """Where a walker, who may have several treadmills, is reminded to walk."""

    choose: Callable[[], tuple[TreadmillView, bool]]

    @property
    def treadmill(self) -> TreadmillView:
        """The treadmill to walk on."""
        return self.choose()[0]

    @property
    def busy(self) -> bool:
        """Whether that treadmill is in use, or the walker is on another one."""
        return self.choose()[1]
