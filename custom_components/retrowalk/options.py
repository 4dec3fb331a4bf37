"""What the owner decided about a treadmill, as kept in the entry's options."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from .const import (
    CONF_ANNOUNCE,
    CONF_ANNOUNCER,
    CONF_BACKWARD_INCLINE,
    CONF_BACKWARD_SPEED,
    CONF_CONNECTION,
    CONF_CONTROL,
    CONF_COUNTDOWN_BACKWARD,
    CONF_COUNTDOWN_FORWARD,
    CONF_FORWARD_SPEED,
    CONF_IDLE_SECONDS,
    CONF_RAIL,
    CONF_SAFETY_KEY,
    CONF_TTS,
)
from .machine.model import Capabilities
from .training.limits import BACKWARD_DEFAULT, FORWARD_DEFAULT, INCLINE_DEFAULT, OwnerLimits
from .training.states import Rules


class ControlPolicy(StrEnum):
    """Whether Home Assistant may move the belt (S1)."""

    MONITOR = "monitor"
    CONTROL = "control"


class ConnectionPolicy(StrEnum):
    """When the link is held. Most treadmills serve one app at a time."""

    ON_WAKE = "on_wake"  # connect when the treadmill wakes up, release it when idle
    ALWAYS = "always"
    ON_DEMAND = "on_demand"


class AnnouncePolicy(StrEnum):
    """Who tells a walker what the console shows. Silence has to be chosen."""

    ENTITY = "entity"  # a speaker, a satellite, or what sends notifications
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options with their defaults; times in seconds, speeds in km/h, incline in %."""

    control: ControlPolicy = ControlPolicy.MONITOR
    safety_key: bool = False
    rail: bool = False
    connection: ConnectionPolicy = ConnectionPolicy.ON_WAKE
    idle_seconds: int = 120
    backward_speed: float = BACKWARD_DEFAULT
    backward_incline: float = INCLINE_DEFAULT
    forward_speed: float = FORWARD_DEFAULT
    countdown_backward: int = 15
    countdown_forward: int = 5
    announcer: str | None = None  # entity id; None: nothing is said
    tts: str | None = None  # entity id of what speaks through a media player

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> Self:
        """From an entry's options; what is missing has its default."""
        default = cls()
        return cls(
            control=ControlPolicy(options.get(CONF_CONTROL, default.control)),
            safety_key=options.get(CONF_SAFETY_KEY, default.safety_key),
            rail=options.get(CONF_RAIL, default.rail),
            connection=ConnectionPolicy(options.get(CONF_CONNECTION, default.connection)),
            idle_seconds=int(options.get(CONF_IDLE_SECONDS, default.idle_seconds)),
            backward_speed=options.get(CONF_BACKWARD_SPEED, default.backward_speed),
            backward_incline=options.get(CONF_BACKWARD_INCLINE, default.backward_incline),
            forward_speed=options.get(CONF_FORWARD_SPEED, default.forward_speed),
            countdown_backward=int(options.get(CONF_COUNTDOWN_BACKWARD, default.countdown_backward)),
            countdown_forward=int(options.get(CONF_COUNTDOWN_FORWARD, default.countdown_forward)),
            announcer=options.get(CONF_ANNOUNCER) if options.get(CONF_ANNOUNCE) == AnnouncePolicy.ENTITY else None,
            tts=options.get(CONF_TTS),
        )

    def rules(self, capabilities: Capabilities) -> Rules:
        """The rules of a session on a machine that can do this."""
        return Rules(
            control=self.control is ControlPolicy.CONTROL,
            owner=OwnerLimits(
                backward_speed=self.backward_speed,
                backward_incline=self.backward_incline,
                forward_speed=self.forward_speed,
                reduced=not (self.safety_key and self.rail),
            ),
            capabilities=capabilities,
            countdown_backward=float(self.countdown_backward),
            countdown_forward=float(self.countdown_forward),
        )
