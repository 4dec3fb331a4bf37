"""Reads FIT workouts: steps of a time or a distance at a speed, and repeats that point back to a step.

Watches also steer by heart rate, power and cadence, and wait for their lap button. A program can do none of this: it is
noted, or refused where the step would have no end. Numbers of messages and fields are those of the FIT profile.
"""

from ..programs.errors import ProgramError
from ..programs.steps import FASTEST, MOST_STEPS, Group, Ramp, Step, at_most
from .common import FARTHEST, LONGEST, constant, label, seconds_for
from .errors import FormatError, FormatErrorKey, one_line, shown
from .fit_reading import Message, fit_messages
from .imported import Draft
from .notes import Counted, NoteKey, Notes, Place

_FILE_ID, _WORKOUT, _STEP = 0, 26, 27
_KINDS = {1: "device", 2: "settings", 3: "sport", 4: "activity", 6: "course", 7: "schedules", 34: "activity summary"}
_WORKOUT_FILE = 5
_MESSAGE_INDEX = 254
_NAME, _DURATION, _DURATION_VALUE, _TARGET, _TARGET_VALUE, _LOW, _HIGH, _INTENSITY, _NOTES = range(9)
_SECOND_TARGET, _SECOND_TARGET_VALUE, _SECOND_LOW, _SECOND_HIGH = 19, 20, 21, 22
_TIME, _DISTANCE, _REPEAT, _TIME_ONLY = 0, 1, 6, 28
_SPEED, _OPEN = 0, 2
_TARGETS = {1: "heart rate", 3: "cadence", 4: "power", 5: "grade", 6: "resistance"}
_INTENSITIES = {1: "Rest", 2: "Warm-up", 3: "Cool-down", 4: "Recovery", 5: "Interval"}
_SPORTS = {2: "cycling", 3: "transition", 5: "swimming", 10: "training", 15: "rowing", 21: "e-biking"}
_ON_FOOT = {0, 1, 11, 16, 17}
"""Generic, running, walking, mountaineering, hiking."""
_FITNESS_EQUIPMENT, _ON_TREADMILL = 4, {1, 27, 45}
_KMH = 3.6 / 1000  # a mm/s
_MOST_MESSAGES = 5 * MOST_STEPS


def read_fit(content: bytes) -> Draft:
    """Return what a workout file says. Raises FormatError, also for another kind of FIT file or another sport."""
    file = _sorted(content)
    workouts = file[_WORKOUT]
    if len(workouts) > 1:
        raise FormatError(FormatErrorKey.FIT_OTHER_KIND, kind=f"{len(workouts)} workouts")
    workout = workouts[0] if workouts else {}
    notes = Notes()
    _check_sport(workout, notes)
    steps = file[_STEP]
    said = _whole(workout.get(6))
    if said is not None and said != len(steps):
        notes.add(NoteKey.MORE_STEPS_SAID, said=str(said), found=str(len(steps)))
    name = workout.get(8)
    return Draft(steps=at_most(_Steps(notes).read(steps)), notes=notes, name=label(one_line(str(name or ""))))


def _sorted(content: bytes) -> dict[int, list[Message]]:
    """Return the messages that matter by their number. Raises FormatError for another kind of file at once."""
    file: dict[int, list[Message]] = {_FILE_ID: [], _WORKOUT: [], _STEP: []}
    for read, (number, message) in enumerate(fit_messages(content), 1):
        if number == _FILE_ID and message.get(0) != _WORKOUT_FILE:
            kind = message.get(0)
            raise FormatError(FormatErrorKey.FIT_OTHER_KIND, kind=shown(str(_KINDS.get(_whole(kind) or 0, kind))))
        if read > _MOST_MESSAGES:
            raise ProgramError("program_too_many_steps", maximum=MOST_STEPS)
        if number in file:
            file[number].append(message)
    if not file[_FILE_ID]:
        raise FormatError(FormatErrorKey.FIT_DAMAGED)
    return file


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _check_sport(workout: Message, notes: Notes) -> None:
    sport, sub_sport = _whole(workout.get(4)), workout.get(11)
    if sport is None:
        notes.add(NoteKey.NO_SPORT)
    elif sport not in _ON_FOOT and not (sport == _FITNESS_EQUIPMENT and sub_sport in _ON_TREADMILL):
        raise FormatError(FormatErrorKey.NOT_A_RUN, sport=_SPORTS.get(sport, f"FIT {sport}"))


class _Steps:
    """Puts the steps of a file in order; a repeat takes those before it, from a step on."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def read(self, steps: list[Message]) -> list[Step | Group]:
        """Return the steps. Raises FormatError."""
        found: list[tuple[int, Step | Group]] = []
        indexes = [_whole(step.get(_MESSAGE_INDEX, place)) for place, step in enumerate(steps)]
        if len({*indexes}) < len(indexes) or None in indexes:
            raise FormatError(FormatErrorKey.FIT_DAMAGED)
        for index, step in sorted(zip(indexes, steps, strict=True), key=lambda each: each[0] or 0):
            number = index or 0
            place = Place(number + 1, Counted.STEPS)
            if step.get(_DURATION) == _REPEAT:
                found = self._repeated(found, step, place)
            else:
                found.append((number, self._step(step, place)))
        return [each for _, each in found]

    def _repeated(
        self, found: list[tuple[int, Step | Group]], step: Message, place: Place
    ) -> list[tuple[int, Step | Group]]:
        first, times = _whole(step.get(_DURATION_VALUE)), _whole(step.get(_TARGET_VALUE))
        inside = [at for at, (index, _) in enumerate(found) if index == first]
        if first is None or not inside:
            raise place.wrong("repeat from step", "?" if first is None else first + 1)
        if times is None:
            raise place.missing("repeat")
        group = Group(repeat=times, steps=tuple(each for _, each in found[inside[0] :]))
        return [*found[: inside[0]], (first, group)]

    def _step(self, step: Message, place: Place) -> Step:
        speed = self._speed(step, place)
        return Step(seconds=self._seconds(step, place, speed), speed=speed, label=self._label(step, place))

    def _seconds(self, step: Message, place: Place, speed: Ramp | None) -> float:
        kind, amount = step.get(_DURATION), _whole(step.get(_DURATION_VALUE))
        if kind not in {_TIME, _DISTANCE, _TIME_ONLY}:
            raise place.error(FormatErrorKey.STEP_WITHOUT_END)
        if amount is None:
            raise place.missing("duration")
        if kind == _DISTANCE:
            if not 0 < amount <= FARTHEST * 100:
                raise place.wrong("distance", amount)
            return seconds_for(place, amount / 100, speed)
        if not 0 < amount <= LONGEST * 1000:
            raise place.wrong("duration", amount)
        return amount / 1000

    def _speed(self, step: Message, place: Place) -> Ramp | None:
        """Return the speed, which one of two targets may name; what else is steered is noted."""
        found: Ramp | None = None
        others = []
        for target, value, low, high in (
            (_TARGET, _TARGET_VALUE, _LOW, _HIGH),
            (_SECOND_TARGET, _SECOND_TARGET_VALUE, _SECOND_LOW, _SECOND_HIGH),
        ):
            kind = step.get(target)
            if kind == _SPEED:
                if zone := _whole(step.get(value)):
                    others.append(f"speed zone {zone}")
                else:
                    found = found or self._range(_whole(step.get(low)), _whole(step.get(high)), place)
            elif isinstance(kind, int) and kind != _OPEN:
                others.append(_TARGETS.get(kind, f"target {kind}"))
        if others:
            key = NoteKey.NOT_READ if found else NoteKey.NOT_STEERED
            self._notes.add(key, place, name=", ".join(others))
        elif found is None:
            self._notes.add(NoteKey.NO_SPEED, place)
        return found

    def _range(self, low: int | None, high: int | None, place: Place) -> Ramp | None:
        ends = [end for end in (low, high) if end is not None]
        if not ends:
            return None
        if max(ends) == 0:
            raise place.error(FormatErrorKey.STANDING_REST)
        if len({*ends}) > 1:
            self._notes.add(NoteKey.RANGE, place)
        kmh = round(sum(ends) / len(ends) * _KMH, 3)
        if not 0 < kmh <= FASTEST:
            raise place.wrong("speed", kmh)
        return constant(kmh)

    def _label(self, step: Message, place: Place) -> str | None:
        texts = [one_line(str(step[key])) for key in (_NAME, _NOTES) if key in step]
        whole = ": ".join(dict.fromkeys(text for text in texts if text))
        if not whole:
            return _INTENSITIES.get(_whole(step.get(_INTENSITY)) or 0)
        short = label(whole)
        if short != whole:
            self._notes.add(NoteKey.TEXT_LOST, place, text=whole[:40])
        return short
