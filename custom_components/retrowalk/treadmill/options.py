"""What the owner decided about a treadmill, as kept in the entry's options."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, Self

from ..const import (
    CONF_ANNOUNCE,
    CONF_ANNOUNCER,
    CONF_AUTOMATIONS_CONFIRM,
    CONF_BACKWARD_FACTOR,
    CONF_BACKWARD_INCLINE,
    CONF_BACKWARD_SPEED,
    CONF_CONFIRM_BUTTON,
    CONF_CONNECTION,
    CONF_CONTROL,
    CONF_COUNTDOWN_BACKWARD,
    CONF_COUNTDOWN_FORWARD,
    CONF_ENERGY_MODEL,
    CONF_FORWARD_SPEED,
    CONF_GUARD_STOPS,
    CONF_GUARDS,
    CONF_IDLE_SECONDS,
    CONF_INSTALL_BLUEPRINTS,
    CONF_OCCUPANCY,
    CONF_RAIL,
    CONF_SAFETY_KEY,
    CONF_TTS,
)
from ..machine.model import Capabilities
from ..messaging.speaker import is_audible
from ..storage.damage import Reader
from ..training.history.energy import BACKWARD_FACTOR, EnergyModel, Estimate
from ..training.limits import BACKWARD_DEFAULT, FORWARD_DEFAULT, INCLINE_DEFAULT, OwnerLimits
from ..training.rules import Rules


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


_HARMLESS: Final = frozenset(
    {CONF_BACKWARD_FACTOR, CONF_CONNECTION, CONF_ENERGY_MODEL, CONF_IDLE_SECONDS, CONF_INSTALL_BLUEPRINTS, CONF_TTS}
)
"""Without them nobody is less safe."""


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
    guards: tuple[str, ...] = ()  # entity ids (S17)
    guard_stops: bool = False
    occupancy: str | None = None  # entity id of what tells whether somebody is on the belt
    confirm_button: str | None = None  # entity id of a button beside the treadmill (S2)
    automations_confirm: bool = False
    energy_model: EnergyModel = EnergyModel.LCDA
    backward_factor: float = BACKWARD_FACTOR
    install_blueprints: bool = False
    damaged: tuple[str, ...] = ()  # those that could not be read

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> Self:
        """From an entry's options; what is missing has its default."""
        default, kept = cls(), Reader(options)
        announces = kept.choice(CONF_ANNOUNCE, AnnouncePolicy.NONE)
        announcer = kept.text(CONF_ANNOUNCER)
        read = cls(
            control=kept.choice(CONF_CONTROL, default.control),
            safety_key=kept.boolean(CONF_SAFETY_KEY, default=default.safety_key),
            rail=kept.boolean(CONF_RAIL, default=default.rail),
            connection=kept.choice(CONF_CONNECTION, default.connection),
            idle_seconds=int(kept.number(CONF_IDLE_SECONDS, default.idle_seconds, highest=1e6)),
            backward_speed=kept.number(CONF_BACKWARD_SPEED, default.backward_speed),
            backward_incline=kept.number(CONF_BACKWARD_INCLINE, default.backward_incline),
            forward_speed=kept.number(CONF_FORWARD_SPEED, default.forward_speed),
            countdown_backward=int(kept.number(CONF_COUNTDOWN_BACKWARD, default.countdown_backward, 10, 60)),
            countdown_forward=int(kept.number(CONF_COUNTDOWN_FORWARD, default.countdown_forward, 3, 60)),
            announcer=announcer if announces is AnnouncePolicy.ENTITY else None,
            tts=kept.text(CONF_TTS),
            guards=kept.texts(CONF_GUARDS),
            guard_stops=kept.boolean(CONF_GUARD_STOPS, default=default.guard_stops),
            occupancy=kept.text(CONF_OCCUPANCY),
            confirm_button=kept.text(CONF_CONFIRM_BUTTON),
            automations_confirm=kept.boolean(CONF_AUTOMATIONS_CONFIRM, default=default.automations_confirm),
            energy_model=kept.choice(CONF_ENERGY_MODEL, default.energy_model),
            backward_factor=kept.number(CONF_BACKWARD_FACTOR, default.backward_factor),
            install_blueprints=kept.boolean(CONF_INSTALL_BLUEPRINTS, default=default.install_blueprints),
            damaged=tuple(kept.damaged),
        )
        # What keeps a walker safe may be lost: its owner looks at it before the belt is moved again (S1).
        return read if _HARMLESS.issuperset(kept.damaged) else replace(read, control=ControlPolicy.MONITOR)

    @property
    def spoken(self) -> bool:
        """Whether a walker is told aloud; a notification reaches only who holds the phone."""
        return self.announcer is not None and is_audible(self.announcer)

    def starts_like(self, other: Options) -> bool:
        """Whether a walk that was made ready with the others would begin in the same way with these (S1, S2)."""
        same = replace(
            self,
            connection=other.connection,
            idle_seconds=other.idle_seconds,
            energy_model=other.energy_model,
            backward_factor=other.backward_factor,
            install_blueprints=other.install_blueprints,
        )
        return same == other

    @property
    def estimate(self) -> Estimate:
        """How calories are estimated."""
        return Estimate(model=self.energy_model, backward_factor=self.backward_factor)

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
            automations_confirm=self.automations_confirm,
            spoken=self.spoken,
            guard_stops=self.guard_stops,
        )
