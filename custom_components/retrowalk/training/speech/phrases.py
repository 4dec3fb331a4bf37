"""What is said of a session to a walker who cannot see the console: which texts, when, and how long they are true.

The texts themselves are translations (`common`, keys `say_...`). Numbers go into them as they are, and are written as
the language does where a text is rendered.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..events import (
    CommandMismatch,
    CoolingDownEvent,
    CountdownEvent,
    DeckLoweringEvent,
    EndReason,
    FinishedEvent,
    GuardEvent,
    ManualEvent,
    ManualReason,
    NobodyOnBeltEvent,
    NotObeyedEvent,
    ReadyEvent,
    RiseRefusedEvent,
    RiseSoonEvent,
    SessionEvent,
    SessionEventKind,
    StartFailedEvent,
    StepChangedEvent,
    StopFailedEvent,
    StopFailure,
    StoppedEvent,
)
from ..limits import Direction
from ..rules import Refusal
from ..states import BETWEEN_SESSIONS, SessionState
from ..units import Speed
from .spoken import Spoken

SPEECH_DELAY = 1.5
"""Seconds that a speaker usually takes until it speaks."""
LEAD = 1.0
"""Seconds by which a number of the countdown is early: it sounds 1-2 s later, and early is the safe side."""
_LETTERS_PER_SECOND = 14.0

_NUMBERS = (10, 5)
"""The numbers of a countdown. More would only sound one on top of the other."""
_INTRODUCTION = 4.0
_LONG_INTRODUCTION = 8.0
"""Seconds of a countdown's first words, without and with the last check; no number falls into them."""
_LONG_COUNTDOWN = 15.0
"""Seconds from which on a countdown leaves time for the last check."""

_NUMBER_LASTS = 1.0
_SOON_LASTS = 4.0
"""A rise comes 5 s after its announcement (S6), which makes no sense any later."""
_LASTS = 15.0
_ALARM_LASTS = 60.0
_NOT_BEGUN: Mapping[str, str] = {
    Refusal.MONITOR_ONLY: Spoken.SETTINGS_CHANGED,
    EndReason.LIMITS_LOWERED: Spoken.SETTINGS_CHANGED,
    EndReason.SETTINGS_CHANGED: Spoken.SETTINGS_CHANGED,
    Refusal.LOCKED: Spoken.LOCKED,
    EndReason.NOT_ANNOUNCED: Spoken.NOT_ANNOUNCED,
}
"""Why something that was made ready does not begin."""
_STAGES: Mapping[str, str] = {"started": Spoken.STARTED, "paused": Spoken.PAUSED, "resumed": Spoken.RESUMED}
"""What is said when a session gets to a new stage, by kind of event."""
_TIMES: Mapping[str, tuple[str, str]] = {
    "halfway": (Spoken.HALFWAY, "time"),
    "last_minute": (Spoken.LAST_MINUTE, "time"),
    "goal_reached": (Spoken.GOAL_REACHED, "goal"),
}
"""What is said of how far a session has come, and in which slot, by kind of event."""
_NEARLY_A_MINUTE = 15.0
"""Seconds that a minute may lack: a goal counts as reached within them."""


@dataclass(frozen=True)
class Line:
    """One text, with its numbers and names."""

    key: str
    values: Mapping[str, float | str | Speed] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """What is said in one breath."""

    lines: tuple[Line, ...]
    slot: str  # a newer phrase replaces an older one of its slot that still waits
    delay: float = 0.0  # s after the event
    lasts: float = _LASTS  # s for which it may wait to be said; after that it is too late
    urgent: bool = False  # goes first, cuts off what is being said, and voids what else waits
    cuts: bool = False  # cuts off what is being said, if that is not urgent
    stage: bool = False  # the session has reached another stage: what was to be said later is void
    ends: bool = False  # the session is over: cuts off what is being said, and whatever waits is void
    aloud: bool = False  # makes no sense when it is read


class Scene(NamedTuple):
    """What has to be known besides the event."""

    direction: Direction = Direction.BACKWARD
    state: SessionState = SessionState.IDLE
    walker: str | None = None  # the name; a guest has none
    moving_time: float = 0.0  # s of this session
    safety_key: bool = True  # the walker wears one
    rail: bool = True
    first_walk: bool = False  # the program is the one to get to know start and stop


def speaking_time(text: str) -> float:
    """Return about how long (s) a speaker takes to say something, from the request to silence."""
    return SPEECH_DELAY + len(text) / _LETTERS_PER_SECOND


def phrases_for(event: SessionEvent, scene: Scene) -> tuple[Phrase, ...]:
    """Return what to say of an event; nothing of a kind that is not known here, which a newer session may send."""
    kind = str(event.kind)
    if (key := _STAGES.get(kind)) is not None:
        guide = [Spoken.FIRST_WALK] if scene.first_walk and key == Spoken.STARTED else []
        return (_stage(key, *guide),)
    if (text := _TIMES.get(kind)) is not None:
        return (_said(text[0], slot=text[1]),)
    match event:
        case ReadyEvent():
            return (_check_list(scene),)
        case CountdownEvent():
            return _countdown(event.seconds, scene)
        case RiseSoonEvent():
            return (_rise(event),)
        case StepChangedEvent():
            return (_step_changed(event),)
        case RiseRefusedEvent():
            fast = event.what == "speed"
            present = Speed(event.present) if fast else event.present
            key = Spoken.SPEED_REFUSED if fast else Spoken.INCLINE_REFUSED
            return (_said(key, slot="ramp", values={"present": present}),)
        case CoolingDownEvent():
            return (_stage(Spoken.SHUTDOWN if event.reason == EndReason.SHUTDOWN else Spoken.COOLING_DOWN),)
        case FinishedEvent():
            return _finished(event, scene)
        case StoppedEvent():
            return _stopped(event, scene)
        case StartFailedEvent():
            return (_start_failed(event),)
        case ManualEvent():
            return (_manual(event),)
        case DeckLoweringEvent():
            return (_said(Spoken.DECK_LOWERING, slot="deck", values={"seconds": event.seconds}, lasts=_SOON_LASTS),)
    return _alarm(event, scene)


def _step_changed(event: StepChangedEvent) -> Phrase:
    if event.what == "speed":
        return _said(Spoken.SPEED_REACHED, slot="ramp", values={"target": Speed(event.target)})
    if event.target == 0:
        return _said(Spoken.DECK_LEVEL, slot="ramp")
    return _said(Spoken.INCLINE_REACHED, slot="ramp", values={"target": event.target})


def _alarm(event: SessionEvent, scene: Scene) -> tuple[Phrase, ...]:
    how_to_stop = Line(Spoken.USE_KEY if scene.safety_key else Spoken.STEP_OFF)
    match event:
        case StopFailedEvent():
            return (_urgent("stop", stop_failure(event)),)
        case NobodyOnBeltEvent():
            return (_urgent("nobody", Line(Spoken.NOBODY_ON_BELT)),)
        case NotObeyedEvent(CommandMismatch.IGNORED, "incline"):
            return (_said(Spoken.DECK_STAYS, slot="ramp"),)
        case NotObeyedEvent():
            return (_urgent("obey", Line(Spoken.NOT_OBEYED), how_to_stop),)
        case GuardEvent():
            stops = (Line(Spoken.BELT_STOPS),) if event.stops else ()
            return (_urgent("guard", Line(Spoken.GUARD), *stops),)
        case SessionEvent(kind=SessionEventKind.INTERRUPTED):
            return (_urgent("link", Line(Spoken.LINK_LOST), how_to_stop),)
        case SessionEvent(kind=SessionEventKind.LINK_BACK):
            return (_link_back(scene),)
        case SessionEvent(kind=SessionEventKind.SAFETY_KEY) if scene.state not in BETWEEN_SESSIONS:
            # A walker who puts the key away after a session already knows.
            return (_urgent("key", Line(Spoken.SAFETY_KEY)),)
    return ()


def stop_failure(event: StopFailedEvent) -> Line:
    """Return why a stop does not work and what to do: it was not delivered, or not obeyed (S3)."""
    obeys = event.reason != StopFailure.NOT_OBEYED
    return Line(Spoken.STOP_FAILED if obeys else Spoken.STOP_NOT_OBEYED)


def _check_list(scene: Scene) -> Phrase:
    """Return the direction and the walker of the session (S4), then what S2 asks of the walker."""
    backward = scene.direction is Direction.BACKWARD
    lines = [Line(Spoken.BACKWARD if backward else Spoken.FORWARD)]
    if scene.walker is not None:
        lines.append(Line(Spoken.WALKER, {"walker": scene.walker}))
    if scene.safety_key:
        lines.append(Line(Spoken.CLIP_KEY_BEHIND if backward else Spoken.CLIP_KEY))
    lines.append(Line(Spoken.FEET_BESIDE))
    if backward:
        lines.append(Line(Spoken.FACE_AWAY))
        if scene.rail:
            lines.append(Line(Spoken.HAND_ON_RAIL))
        lines.append(Line(Spoken.MUSIC_OFF))
    lines += [Line(Spoken.NOBODY_NEAR), Line(Spoken.PRESS_START)]
    return Phrase(lines=tuple(lines), slot="stage", stage=True)


def _countdown(seconds: float, scene: Scene) -> tuple[Phrase, ...]:
    """Return few words, each early enough for a slow speaker: "Starting in 15 seconds", "5", and the belt starts."""
    lines = [Line(Spoken.COUNTDOWN, {"seconds": seconds})]
    long = scene.direction is Direction.BACKWARD and seconds >= _LONG_COUNTDOWN
    if long:
        # One press on the card is both acts (S2), so that this is the whole checklist.
        lines += [Line(Spoken.KEY_CLIPPED)] if scene.safety_key else []
        lines.append(Line(Spoken.FACING_AWAY))
        lines += [Line(Spoken.HAND_IS_ON_RAIL)] if scene.rail else []
    introduction = _LONG_INTRODUCTION if long else _INTRODUCTION
    return (
        Phrase(lines=tuple(lines), slot="stage", stage=True, cuts=True, lasts=_NUMBER_LASTS),
        *(
            Phrase(
                lines=(Line(Spoken.NUMBER, {"seconds": float(number)}),),
                slot=f"number_{number}",
                delay=seconds - number - LEAD,
                lasts=_NUMBER_LASTS,
                aloud=True,
            )
            for number in _NUMBERS
            if seconds - number - LEAD >= introduction
        ),
    )


def _rise(event: RiseSoonEvent) -> Phrase:
    """Return from where, to where, and how long (S6); a single step takes no time."""
    if event.what == "speed":
        return _ramp(event, Line(Spoken.SPEED_UP, {"start": Speed(event.start), "target": Speed(event.target)}))
    key, values = Spoken.INCLINE_UP, {"start": event.start, "target": event.target}
    if event.start < 0:
        # Speakers leave out the sign of a number.
        values["start"] = -event.start
        key = Spoken.DECK_FROM_BELOW
        if event.target == 0:
            key, values = Spoken.DECK_TO_LEVEL, {"start": -event.start}
    return _ramp(event, Line(key, values))


def _ramp(event: RiseSoonEvent, line: Line) -> Phrase:
    lines = [line]
    if event.seconds >= 1:
        lines.append(Line(Spoken.WITHIN, {"seconds": float(round(event.seconds))}))
    return Phrase(lines=tuple(lines), slot="ramp", lasts=_SOON_LASTS)


def _finished(event: FinishedEvent, scene: Scene) -> tuple[Phrase, ...]:
    if event.reason == EndReason.INTERRUPTED:
        return ()  # given up after a lost link: the belt may still run
    return (Phrase(lines=(Line(Spoken.FINISHED), *_minutes(scene)), slot="stage", stage=True, ends=True),)


def _start_failed(event: StartFailedEvent) -> Phrase:
    if event.reason == EndReason.BELT_NOT_HEARD:
        return _stage(Spoken.START_NOT_HEARD, slot="start", ends=True)
    why = _NOT_BEGUN.get(event.reason)
    lines = (Line(Spoken.START_FAILED), *((Line(why),) if why else ()))
    return Phrase(lines=lines, slot="start", stage=True, ends=True)


def begins_countdown(phrase: Phrase) -> bool:
    """Return whether these are the first words of a countdown."""
    return any(line.key == Spoken.COUNTDOWN for line in phrase.lines)


def _stopped(event: StoppedEvent, scene: Scene) -> tuple[Phrase, ...]:
    lines = [Line(Spoken.STOPPED)]
    match event.reason:
        case EndReason.LAPSED:
            return ()  # nobody came
        case EndReason.BELT_NOT_HEARD | EndReason.NOT_CONNECTED:
            return ()  # it may still run
        case EndReason.SAFETY_KEY:
            lines.append(Line(Spoken.KEY_OUT))
        case _ if scene.state is SessionState.FINISHED:
            lines += _minutes(scene)  # only after a session that was walked
    return (Phrase(lines=tuple(lines), slot="stage", stage=True, ends=True),)


def _minutes(scene: Scene) -> tuple[Line, ...]:
    """Return how long it was, in whole minutes; nearly a minute counts as one."""
    minutes = (scene.moving_time + _NEARLY_A_MINUTE) // 60
    if minutes < 1:
        return ()
    return (Line(Spoken.MINUTES, {"minutes": minutes}) if minutes > 1 else Line(Spoken.ONE_MINUTE),)


def _manual(event: ManualEvent) -> Phrase:
    match event.reason:
        case ManualReason.NO_COACH:
            return _said(Spoken.NO_COACH, slot="time")
        case ManualReason.TIME_IS_UP:
            return _said(Spoken.TIME_IS_UP, slot="time")
        case ManualReason.STOPS_ITSELF:
            return _said(Spoken.STOPS_ITSELF, slot="time")
        case _:
            return _stage(Spoken.MANUAL)


def _link_back(scene: Scene) -> Phrase:
    lines = [Line(Spoken.LINK_BACK)]
    if scene.state is SessionState.MANUAL:
        lines.append(Line(Spoken.NO_COACH))
    return Phrase(lines=tuple(lines), slot="link")


def _said(key: str, *, slot: str, values: Mapping[str, Any] | None = None, lasts: float = _LASTS) -> Phrase:
    return Phrase(lines=(Line(key, values or {}),), slot=slot, lasts=lasts)


def _stage(*keys: str, slot: str = "stage", ends: bool = False) -> Phrase:
    return Phrase(lines=tuple(map(Line, keys)), slot=slot, stage=True, ends=ends)


def _urgent(slot: str, *lines: Line) -> Phrase:
    return Phrase(lines=lines, slot=slot, lasts=_ALARM_LASTS, urgent=True)
