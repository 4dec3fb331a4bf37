"""Reads Zwift's run workouts: blocks of a time or a distance, each at a share of a pace that the walker names.

Programs disagree about capitals, about 2 % of incline (0.02 or 2) and about whether lengths count seconds or meters, so
that the file is searched for what decides. Zwift's five race paces (`pace`) are not told apart: there is one speed for
100 %.
"""

from collections.abc import Callable, Iterator
from math import isfinite

from ..programs.steps import FASTEST, STEEPEST, Group, Ramp, Step, at_most
from ..units import Speed
from .common import (
    DEEPEST_READ,
    FARTHEST,
    HIGHEST_FRACTION,
    LONGEST,
    constant,
    cut,
    is_text,
    label,
    lost,
    not_read,
    not_read_around,
    not_too_deep,
    number,
    repeats,
    seconds_for,
)
from .errors import FormatError, FormatErrorKey, one_line, shown
from .imported import Draft, ImportAnswers, Lengths, Question, UnansweredError
from .markup import Element
from .notes import NoteKey, Notes

ROOT = "workout_file"
_SPORTS = ("run", "walk", "treadmill")
_HIGHEST_POWER = 10.0
_KMH_PER_MS = 3.6
_INCLINES = ("incline", "slope")
_RANGES = {
    "power": ("powerlow", "powerhigh"),
    "onpower": ("poweronlow", "poweronhigh"),
    "offpower": ("powerofflow", "poweroffhigh"),
}
_SPEEDS = {
    "power": "speed",
    "powerlow": "speedlow",
    "powerhigh": "speedhigh",
    "onpower": "onspeed",
    "offpower": "offspeed",
}
# These change nothing: how a screen looks, or what is asked of nobody.
_IDLE = ("pace", "flatroad", "show_avg", "showavg", "ftptest", "forced_performance_test", "forcedperformancetest")
_ALL_BLOCKS = frozenset({"duration", *_IDLE, *_INCLINES})
_STEADY = _ALL_BLOCKS | {"power", "speed", *_RANGES["power"]}
_RAMP = _STEADY | {"speedlow", "speedhigh"}
_PARTS = (_ALL_BLOCKS - {"duration"}) | {"repeat"}
_PARTS |= {f"{part}{name}" for part in ("on", "off") for name in ("duration", "power", "speed", *_INCLINES)}
_PARTS |= {*_RANGES["onpower"], *_RANGES["offpower"]}
_KNOWN = {
    **dict.fromkeys(("warmup", "ramp", "cooldown"), _RAMP),
    **dict.fromkeys(("steadystate", "solidstate"), _STEADY),
    "intervalst": _PARTS,
    "freeride": _ALL_BLOCKS,
}
"""What each kind of block may say."""
_OF_A_RUN = frozenset({"pace", "incline", "onincline", "offincline", *_SPEEDS.values()})
"""What only a run says, so that it needs no sport."""


class ZwoReader:
    """Reads a file, once for each answer that it may need. Raises FormatError for another sport at once."""

    def __init__(self, file: Element) -> None:
        self._file = file
        elements = (*file.all("sporttype"), *file.all("sport"))
        self._sports = [sport for element in elements if (sport := one_line(element.text))]
        for sport in self._sports:
            if not any(known in sport.lower() for known in _SPORTS):
                raise FormatError(FormatErrorKey.NOT_A_RUN, sport=shown(sport))
        self._workouts = [*file.all("workout")]
        for more in self._workouts[1:]:
            raise more.unknown()
        self._blocks = [block for workout in self._workouts for block in workout.children]
        if self._blocks and not self._sports and not self._looks_like_a_run():
            raise FormatError(FormatErrorKey.NO_SPORT)

    def read(self, answers: ImportAnswers) -> Draft:
        """Return what the file says. Raises FormatError, or UnansweredError where it leaves something open."""
        notes = Notes()
        if not self._sports:
            notes.add(NoteKey.NO_SPORT)
        for element in self._workouts:
            not_read_around(element, frozenset(), notes)
        for stray in self._file.children:
            if stray.name in _KNOWN:
                notes.add(NoteKey.NOT_READ, stray.place, name=stray.name)
        self._paces(notes)
        full_speed = self._full_speed(answers, notes)
        reader = _Blocks(full_speed, notes)
        if any(not is_text(block) for block in self._blocks):
            reader.lengths = self._lengths(answers, notes)
        steps = at_most(step for block in self._blocks for step in reader.read(block))
        return Draft(
            steps=steps,
            notes=notes,
            name=label(self._file.text_of("name")),
            full_speed_kmh=full_speed if reader.used_full_speed else None,
            lengths=reader.lengths,
        )

    def _looks_like_a_run(self) -> bool:
        """Return whether there is anything that a bike workout never has: without a sport Zwift takes it for one."""
        texts = [event for block in self._blocks for event in (block, *block.children) if is_text(event)]
        return (
            any(not _OF_A_RUN.isdisjoint(block.attributes) for block in self._blocks)
            or any("distoffset" in event.attributes for event in texts)
            or self._duration_type() is Lengths.METERS
            or self._threshold() is not None
        )

    def _paces(self, notes: Notes) -> None:
        paces = {block.attributes["pace"].strip() for block in self._blocks if "pace" in block.attributes}
        if len(paces) > 1:
            notes.add(NoteKey.PACES, paces=shown(", ".join(sorted(paces))))

    def _full_speed(self, answers: ImportAnswers, notes: Notes) -> float | None:
        """Return the km/h of 100 %: what somebody says, or what the file says."""
        said, found = answers.full_speed_kmh, self._threshold()
        if said is None:
            if found is not None:
                notes.add(NoteKey.FULL_SPEED_FROM_FILE, speed=Speed(found))
            return found
        _checked(said)
        if found is not None and round(found, 1) != round(said, 1):
            notes.add(NoteKey.FULL_SPEED_AGAINST_FILE, speed=Speed(said), found=Speed(found))
        return said

    def _threshold(self) -> float | None:
        element = self._file.find("thresholdsecperkm")
        if element is None or element.text.strip() in {"", "0"}:
            return None
        seconds = Element(element.name, element.line, {element.name: element.text.strip()}).number(
            element.name, lowest=3600 / FASTEST, highest=LONGEST
        )
        return None if seconds is None else round(3600 / seconds, 3)

    def _lengths(self, answers: ImportAnswers, notes: Notes) -> Lengths:
        """Return what the lengths count: durationType decides, then where the texts are, then the answer."""
        texts = [event for block in self._blocks for event in (block, *block.children) if is_text(event)]
        in_meters = any("distoffset" in event.attributes for event in texts)
        in_seconds = any("timeoffset" in event.attributes for event in texts)
        said = self._duration_type()
        if said is not None:
            if (in_meters if said is Lengths.SECONDS else in_seconds) and in_meters != in_seconds:
                notes.add(NoteKey.LENGTHS_AGAINST_TEXTS)
            if answers.lengths not in (None, said):
                notes.add(NoteKey.LENGTHS_AGAINST_ANSWER)
            return said
        if answers.lengths is not None:
            return answers.lengths
        if in_meters == in_seconds:
            raise UnansweredError(Question.LENGTHS)
        notes.add(NoteKey.METERS_BY_TEXTS if in_meters else NoteKey.SECONDS_BY_TEXTS)
        return Lengths.METERS if in_meters else Lengths.SECONDS

    def _duration_type(self) -> Lengths | None:
        element = self._file.find("durationtype")
        said = "" if element is None else element.text.strip().lower()
        if element is None or not said:
            return None
        if said in {"time", "duration", "seconds"}:
            return Lengths.SECONDS
        if said in {"distance", "meters", "metres"}:
            return Lengths.METERS
        raise element.place.wrong(element.name, element.text)


class _Blocks:
    """Reads one block after the other."""

    def __init__(self, full_speed: float | None, notes: Notes) -> None:
        self._full_speed = full_speed
        self._notes = notes
        self.lengths: Lengths | None = None
        self.used_full_speed = False
        self._held: float | None = None  # the speed that a block without one goes on with
        self._readers: dict[str, Callable[[Element], Iterator[Step | Group]]] = {
            "warmup": self._ramp,
            "ramp": self._ramp,
            "cooldown": self._cool_down,
            "steadystate": self._steady,
            "solidstate": self._steady,
            "intervalst": self._intervals,
            "freeride": self._free,
        }

    def read(self, block: Element) -> Iterator[Step | Group]:
        """Return the steps of a block."""
        if is_text(block):
            lost(block, self._notes)
            return iter(())
        if (read := self._readers.get(block.name)) is None:
            raise block.unknown()
        not_read(block, _KNOWN[block.name], self._notes)
        return read(block)

    def _ramp(self, block: Element) -> Iterator[Step]:
        yield from cut((self._step(block, self._length(block, "duration"), self._ends(block)),), block, self._notes)

    def _cool_down(self, block: Element) -> Iterator[Step]:
        """Read a cool-down, which never goes up: writers disagree which of its two ends comes first."""
        ends = self._ends(block)
        if ends is not None and ends.start < ends.end:
            self._notes.add(NoteKey.COOL_DOWN_TURNED, block.place)
            ends = Ramp(ends.end, ends.start)
        yield from cut((self._step(block, self._length(block, "duration"), ends),), block, self._notes)

    def _steady(self, block: Element) -> Iterator[Step]:
        step = self._step(block, self._length(block, "duration"), self._speed(block, "power"))
        yield from cut((step,), block, self._notes)

    def _free(self, block: Element) -> Iterator[Step]:
        step = self._step(block, self._length(block, "duration"), None)
        yield from cut((step,), block, self._notes)

    def _intervals(self, block: Element) -> Iterator[Step | Group]:
        times = repeats(block, "repeat")
        steps = tuple(self._parts(block))
        if not steps:
            raise block.wrong("onduration")
        # Texts count from the first repeat on, so that with them the repeats differ.
        if any(map(is_text, block.children)):
            yield from cut(steps * times, block, self._notes)
        else:
            yield Group(repeat=times, steps=steps)

    def _parts(self, block: Element) -> Iterator[Step]:
        for part in ("on", "off"):
            if block.number(f"{part}duration", highest=FARTHEST) == 0.0:
                self._notes.add(NoteKey.PART_LEFT_OUT, block.place, name=f"{part}duration")
                continue
            length = self._length(block, f"{part}duration")
            yield self._step(block, length, self._speed(block, f"{part}power"), part)

    def _length(self, block: Element, name: str) -> float:
        amount = block.number(name, highest=FARTHEST if self.lengths is Lengths.METERS else LONGEST)
        if not amount:
            raise block.wrong(name)
        return amount

    def _step(self, block: Element, amount: float, speed: Ramp | None, part: str = "") -> Step:
        if speed is None:
            self._notes.add(NoteKey.NO_SPEED, block.place)
        held = speed or constant(self._held)
        seconds = seconds_for(block.place, amount, held) if self.lengths is Lengths.METERS else amount
        self._held = held.end if held else None
        incline = self._incline(block, part)
        self._notes.incline(incline, block.place)
        return Step(seconds=seconds, speed=speed, incline=constant(incline))

    def _ends(self, block: Element) -> Ramp | None:
        """Return the two ends of a ramp in the order in which they are written; they may be one."""
        names = ("powerlow", "powerhigh")
        ends = {name for end in names for name in (end, _SPEEDS[end])}
        if ends.isdisjoint(block.attributes) and not {"power", "speed"}.isdisjoint(block.attributes):
            return self._speed(block, "power")
        low, high = (self._one_speed(block, name) for name in names)
        return Ramp(low, high)

    def _speed(self, block: Element, name: str) -> Ramp | None:
        """Return the speed of a part; None where it has none but an incline, so that the speed stays as it was."""
        if name in block.attributes or _SPEEDS[name] in block.attributes:
            return constant(self._one_speed(block, name))
        range_ = [each for each in _RANGES[name] if each in block.attributes]
        if range_:
            shares = [self._share(block, each) for each in range_]
            if len(set(shares)) > 1:
                self._notes.add(NoteKey.RANGE, block.place)
            return constant(self._kmh(block, range_[0], sum(shares) / len(shares)))
        if self._incline(block, name.removesuffix("power")) is None:
            raise block.wrong(name)
        return None

    def _one_speed(self, block: Element, name: str) -> float:
        """Return the km/h of a share of the full speed, or of a speed in m/s."""
        direct = _SPEEDS[name]
        speed = block.number(direct, highest=FASTEST / _KMH_PER_MS)
        if speed is None:
            return self._kmh(block, name, self._share(block, name))
        if not speed:
            raise block.place.error(FormatErrorKey.STANDING_REST)
        self._notes.add(NoteKey.SPEED_PER_SECOND, block.place)
        return round(speed * _KMH_PER_MS, 3)

    def _share(self, block: Element, name: str) -> float:
        share = block.number(name, highest=_HIGHEST_POWER)
        if share is None:
            raise block.wrong(name)
        return share

    def _kmh(self, block: Element, name: str, share: float) -> float:
        if not share:
            raise block.place.error(FormatErrorKey.STANDING_REST)
        if self._full_speed is None:
            raise UnansweredError(Question.FULL_SPEED)
        self.used_full_speed = True
        kmh = round(share * self._full_speed, 3)
        if not 0 < kmh <= FASTEST:
            raise block.wrong(name)
        return kmh

    def _incline(self, block: Element, part: str) -> float | None:
        """Return the incline of a part of a block, or of the whole block."""
        for name in (f"{prefix}{name}" for prefix in dict.fromkeys((part, "")) for name in _INCLINES):
            incline = block.number(name, lowest=DEEPEST_READ, highest=STEEPEST)
            if incline is None:
                continue
            if 0.0 < abs(incline) <= HIGHEST_FRACTION:
                if name.endswith("slope"):
                    self._notes.add(NoteKey.INCLINE_PERCENT, block.place, name=name)
                else:
                    incline = round(incline * 100, 3)
                    self._notes.add(NoteKey.INCLINE_FRACTION, block.place, percent=number(incline))
            return not_too_deep(incline, block.place, self._notes)
        return None


def _checked(full_speed_kmh: float) -> None:
    if not (isfinite(full_speed_kmh) and 0 < full_speed_kmh <= FASTEST):
        raise FormatError(FormatErrorKey.FULL_SPEED, maximum=Speed(FASTEST))
