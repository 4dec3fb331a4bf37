"""Compares commands with their effect: miles, overshoot, and commands that are ignored (S9, in use)."""

from collections.abc import Collection
from dataclasses import dataclass

from ...machine.model import KM_PER_MILE, Command, CommandKind
from ..belt.belt import Belt
from ..belt.noise import Reading
from ..events import CommandMismatch
from ..limits import Limits
from .axis import ACCEPTED_WITHIN
from .deck_trial import DeckTrial

EFFECT_WITHIN = 5.0
"""Seconds after a command in which its effect shows, besides the time that the belt takes for the change."""
_SLOWEST_RAMP = 0.25
"""km/h (or %) per second by which belt and deck change at least."""
_RAMP_AT_MOST = 2.5  # s; later a difference is the console's (S7)
_STEADY = 1.0  # s for which a belt that went too far must stay there
_FALLS_WITHIN = 2.5  # s in which a belt that falls has fallen by more than its noise
_NOISE = 0.05
_OVERSHOOT = 0.2
"""km/h above its target that are no overshoot where the machine's steps are not smaller."""
_SHOWN = 0.1  # km/h or %
_RATIO = 0.03
_FAR_OFF = 1.0  # %
_DECK_STEP = 0.5  # %, at least what the first command to a deck asks for


@dataclass(slots=True)
class _Trial:
    """Commands to belt or deck whose effect has not been seen yet."""

    before: float  # the value before the first of them
    value: float  # what the last one asked for
    sent: float  # when, or when that was accepted
    lowers: bool = False  # the last one asked for less than the one before
    beyond: tuple[float, float] | None = None  # where it is beyond the target, and since when
    moved: bool = False  # it has changed
    again: bool = False  # the last one was sent twice
    on_target: bool = False  # what was measured last is what was asked for
    judged: bool = False  # its time is over, so that later changes are not its effect
    fell: tuple[float, float] = (float("inf"), 0.0)  # to where it has fallen so far, and when

    @property
    def ends(self) -> float:
        return self.sent + EFFECT_WITHIN + min(abs(self.value - self.before) / _SLOWEST_RAMP, _RAMP_AT_MOST)

    def falls(self, level: float, now: float) -> bool:
        """Return whether it is on its way down: some belts are slower than most, and obey all the same."""
        if level <= self.fell[0] - _NOISE:
            self.fell = (level, now)
        return now - self.fell[1] < _FALLS_WITHIN


class CommandVerifier:
    """Compares what was commanded in one session with what was measured."""

    def __init__(self) -> None:
        self.mismatch: CommandMismatch | None = None
        """The first mismatch; from then on nothing rises in this session. A deck that only stays is none."""
        self.deck = DeckTrial()
        self._trials: dict[CommandKind, _Trial] = {}
        self._followed: set[CommandKind] = set()  # what has obeyed once counts in our unit

    def on_command(self, command: Command, belt: Belt, now: float) -> None:
        """Take in that a target was commanded."""
        if command.kind is CommandKind.SET_INCLINE:
            self.deck.sent = command.value
        measured = self._measured(command.kind, belt)
        if command.value is None or measured is None:
            return
        before = measured.level
        trial = self._trials.get(command.kind)
        if trial is not None and trial.on_target:
            self._follows(command.kind, trial)
        if trial is not None and not trial.on_target:
            trial.again = command.value == trial.value
            trial.lowers = command.value < trial.value
            trial.value, trial.sent, trial.beyond, trial.judged = command.value, now, None, False
        else:
            self._trials[command.kind] = _Trial(before, command.value, now, lowers=command.value < before)

    def on_accepted(self, kind: CommandKind, now: float) -> None:
        """Take in that the machine accepted a target at `now` (s): one that was held up shows its effect later."""
        if (trial := self._trials.get(kind)) is not None:
            trial.sent = max(trial.sent, now - ACCEPTED_WITHIN)

    def is_judging(self, kind: CommandKind) -> bool:
        """Return whether it is still to be seen what comes of a command: then a difference is a matter of S9."""
        trial = self._trials.get(kind)
        return trial is not None and not trial.judged

    def reset(self, kind: CommandKind | None = None) -> None:
        """Drop the comparisons under way, or one: the command was declined, or the console has the belt."""
        if kind is None:
            self._trials.clear()
        else:
            self._trials.pop(kind, None)

    def on_missed(self, kmh: float, measured: float) -> CommandMismatch:
        """Return the mismatch of a belt that was sent to a speed (km/h) again and again, and runs at another one."""
        self.mismatch = self._unit(CommandKind.SET_SPEED, kmh, measured) or CommandMismatch.OVERSHOOT
        return self.mismatch

    def evaluate(
        self, belt: Belt, limits: Limits, now: float, under_way: Collection[CommandKind] = ()
    ) -> tuple[CommandMismatch, CommandKind] | None:
        """Compare with what is measured now, and return a mismatch once.

        A target that is still `under_way` cannot show yet; a belt that is too fast for all of them can.
        What the deck does is for the caller to judge: it may take coarser steps, or be left as it is.
        """
        for kind, trial in tuple(self._trials.items()):
            grid = limits.speed if kind is CommandKind.SET_SPEED else limits.incline
            measured = self._measured(kind, belt)
            if grid is None or measured is None or not belt.moves:
                continue
            verdict = self._judge(kind, trial, measured, grid.step, now, under_way=kind in under_way)
            if verdict is None or self.mismatch is not None:
                continue
            if kind is CommandKind.SET_INCLINE:
                self._trials.pop(kind, None)
            else:
                self.mismatch = verdict
                self._trials.clear()
            return verdict, kind
        return None

    def _judge(
        self, kind: CommandKind, trial: _Trial, measured: Reading, step: float, now: float, *, under_way: bool
    ) -> CommandMismatch | None:
        level, noise = measured.level, _NOISE + measured.noise / 2  # of a mean
        asked, off = trial.value - trial.before, level - trial.value
        # No machine has to show steps finer than a tenth.
        tolerance = max(step, _SHOWN) + noise
        most = min(step, _OVERSHOOT) + noise
        if kind is CommandKind.SET_INCLINE:
            tolerance = min(tolerance, _DECK_STEP + noise)
            most = max(most, _SHOWN + noise)
        trial.moved = trial.moved or abs(level - trial.before) >= noise
        trial.on_target = abs(off) <= tolerance and off <= most and (trial.moved or abs(asked) < noise)
        falls = trial.falls(level, now)
        over = now >= trial.ends and not under_way
        early = asked > 0 and off > most and not (under_way and trial.lowers)
        if kind is CommandKind.SET_INCLINE:
            # A deck that is still on its way to its own next step looks like this; far off, or up instead of down, not.
            early = off > _FAR_OFF + noise if asked > 0 else level > trial.before + tolerance
            most = most if asked > 0 or early else max(most, off)  # large steps down may take their time
        if not trial.judged and early and not over:
            # Too far up is reported as soon as it stays there.
            if trial.beyond is None or abs(level - trial.beyond[0]) > noise:
                trial.beyond = (level, now)
            over = now - trial.beyond[1] >= _STEADY
        if not over or trial.judged or (falls and asked < 0 and off > most):
            return None
        trial.judged = True
        if not trial.moved and abs(asked) >= noise:
            # One step may be too small to show, so that it counts together with the next. A larger one may have been
            # lost; if it was sent twice and never showed, it was ignored, and the next would be two at once (S5).
            least = _SHOWN + noise if trial.again else tolerance
            return CommandMismatch.IGNORED if abs(asked) > least else None
        del self._trials[kind]
        if trial.on_target:
            self._follows(kind, trial)
            return None
        return self._unit(kind, trial.value, level) or (CommandMismatch.OVERSHOOT if off > most else None)

    def _follows(self, kind: CommandKind, trial: _Trial) -> None:
        self._followed.add(kind)
        if kind is CommandKind.SET_INCLINE and trial.moved:
            self.deck.on_followed()

    def _unit(self, kind: CommandKind, value: float, measured: float) -> CommandMismatch | None:
        """Return MILES if the machine took kilometers for miles, or the other way round."""
        if kind is not CommandKind.SET_SPEED or value <= 0:
            return None
        if kind in self._followed and measured < value:
            return None  # it may be the console; only miles make a belt that we steer so much faster
        ratio = measured / value
        off = min(abs(ratio / KM_PER_MILE - 1), abs(ratio * KM_PER_MILE - 1))
        return CommandMismatch.MILES if off <= _RATIO else None

    @staticmethod
    def _measured(kind: CommandKind, belt: Belt) -> Reading | None:
        speed, incline = belt.readings
        return speed if kind is CommandKind.SET_SPEED else incline
