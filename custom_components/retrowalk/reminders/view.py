"""What reminders have to know of a treadmill, and the one thing that they ask of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context

from ..training.limits import Direction
from ..walkers.planner import Planner
from ..walkers.roster import WalkerRoster


class Prepare(Protocol):
    """Makes a session ready: moves nothing (S2)."""

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
        """Make it ready; raises HomeAssistantError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TreadmillView:
    """One treadmill, as its reminders see it."""

    entry: ConfigEntry
    roster: WalkerRoster
    planner: Planner
    controlled: bool  # whether sessions can be made ready
    in_use: Callable[[], bool]
    is_ready_for: Callable[[str], bool]  # whether a walker's session waits for its confirmation
    prepare: Prepare
    async_dashboard_path: Callable[[], Awaitable[str | None]]  # where the treadmill is shown
    async_add_listener: Callable[[Callable[[], None]], Callable[[], None]]
