"""The owner's settings of a treadmill, as stored in the entry's options."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, Self

from homeassistant.config_entries import ConfigEntry

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
    CONF_FILES_FOLDER,
    CONF_FILES_FORMAT,
    CONF_FORWARD_SPEED,
    CONF_GUARD_STOPS,
    CONF_GUARDS,
    CONF_IDLE_SECONDS,
    CONF_INCLINE,
    CONF_INCLINE_FACTOR,
    CONF_INCLINE_OFFSET,
    CONF_INCLINE_TABLE,
    CONF_INCLINE_TARGETS_TRUE,
    CONF_INSTALL_BLUEPRINTS,
    CONF_KEEP_FILES,
    CONF_LIVE_TARGETS,
    CONF_OCCUPANCY,
    CONF_PROXY,
    CONF_QUIRKS,
    CONF_RAIL,
    CONF_SAFETY_KEY,
    CONF_TTS,
    CONF_UNITS,
)
from ..machine.calibration import StatedUnits
from ..machine.incline import InclineMeaning, InclineScale, read_table
from ..machine.model import Capabilities, Quirk
from ..messaging.speaker import is_audible
from ..storage.damage import Reader, as_text
from ..training.history.energy import BACKWARD_FACTOR, EnergyModel, Estimate
from ..training.limits import BACKWARD_DEFAULT, FORWARD_DEFAULT, INCLINE_DEFAULT, OwnerLimits
from ..training.rules import Rules
from ..walkers.file_keeper import KeptFiles
from ..walkers.session_file import SessionFormat
from .quirks import read_choices


class ControlPolicy(StrEnum):
    """Whether Home Assistant may move the belt (S1)."""

    MONITOR = "monitor"
    CONTROL = "control"


class ConnectionPolicy(StrEnum):
    """When the link is held; most treadmills serve one app at a time."""

    ON_WAKE = "on_wake"  # connect when the treadmill wakes up, release it when idle
    ALWAYS = "always"
    ON_DEMAND = "on_demand"


class AnnouncePolicy(StrEnum):
    """How a walker learns what the console shows; silence has to be chosen."""

    ENTITY = "entity"  # a speaker, a satellite or a notify entity
    CARD = "card"  # the dashboard's card, on each tablet or phone where somebody turned its voice on
    NONE = "none"


_HARMLESS: Final = frozenset(
    {
        *(CONF_BACKWARD_FACTOR, CONF_CONNECTION, CONF_ENERGY_MODEL, CONF_IDLE_SECONDS, CONF_INSTALL_BLUEPRINTS),
        *(CONF_PROXY, CONF_KEEP_FILES, CONF_FILES_FOLDER, CONF_FILES_FORMAT, CONF_LIVE_TARGETS, CONF_TTS),
    }
)
"""Options whose loss makes nobody less safe."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options with their defaults; times in seconds, speeds in km/h, incline in %."""

    control: ControlPolicy = ControlPolicy.MONITOR
    safety_key: bool = False
    rail: bool = False
    connection: ConnectionPolicy = ConnectionPolicy.ON_WAKE
    idle_seconds: int = 120
    proxy: str | None = None  # the source of the adapter or proxy that is preferred
    backward_speed: float = BACKWARD_DEFAULT
    backward_incline: float = INCLINE_DEFAULT
    forward_speed: float = FORWARD_DEFAULT
    countdown_backward: int = 15
    countdown_forward: int = 5
    announcer: str | None = None  # entity ID; None: nothing is announced
    tts: str | None = None  # entity ID of the engine that speaks through a media player
    guards: tuple[str, ...] = ()  # entity IDs (S17)
    guard_stops: bool = False
    occupancy: str | None = None  # entity ID of a sensor that reports somebody on the belt
    confirm_button: str | None = None  # entity ID of a button beside the treadmill (S2)
    automations_confirm: bool = False
    energy_model: EnergyModel = EnergyModel.LCDA
    backward_factor: float = BACKWARD_FACTOR
    install_blueprints: bool = False
    live_targets: tuple[str, ...] = ()  # where the session under way is shown live
    keep_files: bool = False
    files_folder: str | None = None  # a path; a file of each session is kept there
    files_format: SessionFormat = SessionFormat.FIT
    units: StatedUnits = StatedUnits.FOUND_OUT  # what the owner says of the machine's units (S9)
    incline: InclineScale | None = None  # and of its inclines; None: nothing
    quirks: Mapping[Quirk, bool] = field(default_factory=dict)  # what the owner knows better of the machine
    damaged: tuple[str, ...] = ()  # names of options that could not be read

    @classmethod
    def read(cls, options: Mapping[str, Any]) -> Self:
        """Return the settings in an entry's options, with defaults for those that are missing."""
        default, reader = cls(), Reader(options)
        announces = reader.choice(CONF_ANNOUNCE, AnnouncePolicy.NONE)
        announcer = reader.text(CONF_ANNOUNCER)
        read = cls(
            control=reader.choice(CONF_CONTROL, default.control),
            safety_key=reader.boolean(CONF_SAFETY_KEY, default=default.safety_key),
            rail=reader.boolean(CONF_RAIL, default=default.rail),
            connection=reader.choice(CONF_CONNECTION, default.connection),
            idle_seconds=int(reader.number(CONF_IDLE_SECONDS, default.idle_seconds, highest=1e6)),
            proxy=reader.text(CONF_PROXY),
            backward_speed=reader.number(CONF_BACKWARD_SPEED, default.backward_speed),
            backward_incline=reader.number(CONF_BACKWARD_INCLINE, default.backward_incline),
            forward_speed=reader.number(CONF_FORWARD_SPEED, default.forward_speed),
            countdown_backward=int(reader.number(CONF_COUNTDOWN_BACKWARD, default.countdown_backward, 10, 60)),
            countdown_forward=int(reader.number(CONF_COUNTDOWN_FORWARD, default.countdown_forward, 3, 60)),
            announcer=announcer if announces is AnnouncePolicy.ENTITY else None,
            tts=reader.text(CONF_TTS),
            guards=reader.texts(CONF_GUARDS),
            guard_stops=reader.boolean(CONF_GUARD_STOPS, default=default.guard_stops),
            occupancy=reader.text(CONF_OCCUPANCY),
            confirm_button=reader.text(CONF_CONFIRM_BUTTON),
            automations_confirm=reader.boolean(CONF_AUTOMATIONS_CONFIRM, default=default.automations_confirm),
            energy_model=reader.choice(CONF_ENERGY_MODEL, default.energy_model),
            backward_factor=reader.number(CONF_BACKWARD_FACTOR, default.backward_factor),
            install_blueprints=reader.boolean(CONF_INSTALL_BLUEPRINTS, default=default.install_blueprints),
            live_targets=reader.texts(CONF_LIVE_TARGETS),
            keep_files=reader.boolean(CONF_KEEP_FILES, default=default.keep_files),
            files_folder=reader.text(CONF_FILES_FOLDER),
            files_format=reader.choice(CONF_FILES_FORMAT, default.files_format),
            units=reader.choice(CONF_UNITS, default.units),
            incline=_incline(reader),
            quirks=reader.get(CONF_QUIRKS, {}, read_choices),
            damaged=tuple(reader.damaged),
        )
        # A safety setting may be lost, so its owner has to review it before the belt is moved again (S1).
        return read if _HARMLESS.issuperset(reader.damaged) else replace(read, control=ControlPolicy.MONITOR)

    @property
    def spoken(self) -> bool:
        """Return whether announcements are audible; a notification reaches only whoever holds the phone."""
        return self.announcer is not None and is_audible(self.announcer)

    def starts_like(self, other: Options) -> bool:
        """Return whether a session made ready with the other options would start the same way with these (S1, S2)."""
        same = replace(
            self,
            connection=other.connection,
            idle_seconds=other.idle_seconds,
            proxy=other.proxy,
            energy_model=other.energy_model,
            backward_factor=other.backward_factor,
            install_blueprints=other.install_blueprints,
            live_targets=other.live_targets,
            keep_files=other.keep_files,
            files_folder=other.files_folder,
            files_format=other.files_format,
        )
        return same == other

    @property
    def kept_files(self) -> KeptFiles | None:
        """Return where a file of each session is kept; None: no files are."""
        if not self.keep_files or not self.files_folder:
            return None
        return KeptFiles(folder=self.files_folder, session_format=self.files_format)

    @property
    def estimate(self) -> Estimate:
        """Return the model that estimates calories."""
        return Estimate(model=self.energy_model, backward_factor=self.backward_factor)

    def rules(self, capabilities: Capabilities) -> Rules:
        """Return the rules of a session on a machine with these capabilities."""
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
            chosen_quirks=self.quirks,
        )


def want_blueprints(entries: Iterable[ConfigEntry]) -> bool:
    """Return whether the options of one of these treadmills want the blueprints, which the house has once."""
    return any(Options.read(entry.options).install_blueprints for entry in entries)


FACTOR_MIN, FACTOR_MAX = 0.01, 20.0
OFFSET_MAX = 20.0
"""What an owner may say of a machine's inclines."""


def _incline(reader: Reader) -> InclineScale | None:
    """Return what the owner says of the machine's inclines; one that cannot be read is not used at all."""
    meaning = reader.choice(CONF_INCLINE, InclineMeaning.FOUND_OUT)
    targets_true = reader.boolean(CONF_INCLINE_TARGETS_TRUE, default=False)
    if CONF_INCLINE in reader.damaged or meaning is InclineMeaning.IGNORED:
        return InclineScale(ignored=True)
    if meaning is InclineMeaning.CONVERTED:
        return InclineScale(
            factor=reader.number(CONF_INCLINE_FACTOR, 1.0, FACTOR_MIN, FACTOR_MAX),
            offset=reader.number(CONF_INCLINE_OFFSET, 0.0, -OFFSET_MAX, OFFSET_MAX),
            targets_true=targets_true,
        )
    if meaning is InclineMeaning.TABLE:
        none: tuple[tuple[float, float], ...] = ()
        table = reader.get(CONF_INCLINE_TABLE, none, lambda text: read_table(as_text(text)))
        return InclineScale(table=table, targets_true=targets_true) if table else InclineScale(ignored=True)
    return InclineScale() if meaning is InclineMeaning.AS_TOLD else None
