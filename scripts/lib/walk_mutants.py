"""Breaks one safety rule at a time, and counts the random walks until the oracle notices.

    python -m scripts.lib.walk_mutants [--walks N] [--only WORD]

Each mutant lives in a process of its own; files stay as they are. The exit code is 1 if one survives all walks of a day
(tests/simulator/test_random_walks.py), or if the code that it changes is not there any more.
"""

import argparse
import ast
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scripts.lib.mutate import PACKAGE, _load, _load_instead

TRAINING: Final = PACKAGE / "training"


@dataclass(frozen=True, slots=True)
class RuleMutant:
    """One rule broken by one change in one module."""

    rule: str
    what: str
    module: str
    before: str
    after: str

    @property
    def path(self) -> Path:
        """The module that is changed."""
        return TRAINING / self.module

    def tree(self) -> ast.Module:
        """Return the changed module. Raises ValueError unless the code is there once."""
        source = self.path.read_text()
        if source.count(self.before) != 1:
            raise ValueError(f"{self.module} has {source.count(self.before)} times: {self.before}")
        return ast.parse(source.replace(self.before, self.after))


MUTANTS: Final = (
    RuleMutant(
        "S2",
        "a Start within 5 s of a Stop is allowed",
        "belt/stopper.py",
        "return now - max(self._asked, self._sent) < NO_START_AFTER_STOP",
        "return False",
    ),
    RuleMutant(
        "S2",
        "the countdown lasts 3 s",
        "session/transitions.py",
        "return Countdown(now + seconds, ctx.limits, now)",
        "return Countdown(now + 3, ctx.limits, now)",
    ),
    RuleMutant(
        "S2",
        "an automation may confirm",
        "session/preparing.py",
        "        check_caller(ctx.rules, ctx.guards, caller=caller)\n        if ctx.stopper",
        "        if ctx.stopper",
    ),
    RuleMutant(
        "S2",
        "a belt that does not move after its start is not stopped and not told",
        "session/moving.py",
        "if now - self.since > MOVES_WITHIN:",
        "if False:",
    ),
    RuleMutant("S3", "a stop is not escalated", "belt/stop_escalation.py", "NEXT_AFTER = 4.0", "NEXT_AFTER = 1e9"),
    RuleMutant("S3", "a stop is not repeated", "belt/stopper.py", "STOP_AGAIN = 1.0", "STOP_AGAIN = 1e9"),
    RuleMutant(
        "S3",
        "a stop that is not obeyed is not told",
        "belt/stopper.py",
        "STOP_FAILS_AFTER = 5.0",
        "STOP_FAILS_AFTER = 1e9",
    ),
    RuleMutant(
        "S3",
        "a stop without a link is not told",
        "session/context.py",
        "if self.stopper.report_failure(failure):",
        "if False:",
    ),
    RuleMutant(
        "S3",
        "after a stop the walk goes on",
        "session/state.py",
        "successor = ctx.to.await_stop(self, now, EndReason.STOPPED)",
        "pass",
    ),
    RuleMutant(
        "S4",
        "the ceiling is not kept",
        "limits.py",
        "speed_ceiling, incline_ceiling = general,",
        "speed_ceiling, incline_ceiling = general + 1.0,",
    ),
    RuleMutant(
        "S4",
        "the limit of inclines is not kept",
        "limits.py",
        "min(owner.backward_incline, INCLINE_OPTION_MAX)",
        "INCLINE_OPTION_MAX",
    ),
    RuleMutant(
        "S5",
        "speed rises twice as fast",
        "limits.py",
        "seconds=25.0 if step > 0.2 else step / 0.02)",
        "seconds=25.0 if step > 0.2 else step / 0.04)",
    ),
    RuleMutant(
        "S5",
        "speed falls in steps of 2 km/h",
        "limits.py",
        "speed_down=_gentle_change(speed.step if speed else 0.0)",
        "speed_down=Pace(step=2.0, seconds=2.0)",
    ),
    RuleMutant(
        "S5",
        "the deck tilts twice as fast",
        "limits.py",
        "return Pace(step=0.5, seconds=10.0)",
        "return Pace(step=0.5, seconds=5.0)",
    ),
    RuleMutant(
        "S5",
        "speed and incline rise right after each other",
        "steering/axis.py",
        "RISE_APART = 20.0",
        "RISE_APART = 0.0",
    ),
    RuleMutant(
        "S6", "a rise comes with its announcement", "steering/axis.py", "RISE_NOTICE = 5.0", "RISE_NOTICE = 0.0"
    ),
    RuleMutant(
        "S7",
        "a target set at the console is ours all the same",
        "session/moving.py",
        "if lost or (not ours and ctx.outbox.console.changed_target(event, now)):",
        "if lost:",
    ),
    RuleMutant(
        "S7",
        "the loss of control is ignored",
        "session/moving.py",
        "if lost or (not ours and ctx.outbox.console.changed_target(event, now)):",
        "if not ours and not lost and ctx.outbox.console.changed_target(event, now):",
    ),
    RuleMutant(
        "S7",
        "the safety key is ignored",
        "session/moving.py",
        "            case MachineEventKind.SAFETY_KEY | MachineEventKind.STOPPED:\n",
        "            case MachineEventKind.STOPPED:\n",
    ),
    RuleMutant(
        "S7",
        "a belt that the console started is steered",
        "session/preparing.py",
        "return ctx.to.watched(now, SessionEvent(SessionEventKind.BELT_WITHOUT_SESSION))",
        "ctx.terms.fix_limits(ctx.rules); ctx.begin_session(); return ctx.to.begun(now)",
    ),
    RuleMutant(
        "S8",
        "a target goes to a belt that rests",
        "session/steered.py",
        "            return self  # one report of rest may be wrong, but a target could start a belt at rest (S8)",
        "            ctx.send(Command(CommandKind.SET_SPEED, ctx.limits.allowed_speed(0.8)), now)",
    ),
    RuleMutant(
        "S9",
        "a command that is ignored is not told",
        "steering/command_verifier.py",
        "EFFECT_WITHIN = 5.0",
        "EFFECT_WITHIN = 1e9",
    ),
    RuleMutant(
        "S10",
        "a lost link is not told",
        "session/state.py",
        "return ctx.to.interrupted(self, now) if self.may_move(ctx) else self",
        "return self",
    ),
    RuleMutant(
        "S10",
        "after a loss the rise goes on",
        "session/resting.py",
        "ctx.extend(steered.steering.resume_after_loss(gap.steering, ctx.belt, ctx.moving_time), now)",
        "steered.steering.set_speed(2.0, ctx.moving_time)",
    ),
    RuleMutant(
        "S11",
        "silence counts as lost after 30 s",
        "belt/report_interval.py",
        "return min(max(_INTERVALS * max(self._longest, self._longest_before), SOONEST), LATEST)",
        "return 30.0",
    ),
    RuleMutant("S12", "a pause lasts for ever", "session/pause.py", "PAUSED_FOR = 300.0", "PAUSED_FOR = 1e9"),
    RuleMutant(
        "S12",
        "after a pause the belt rises at once",
        "steering/gentle_start.py",
        "AT_THE_MINIMUM = 10.0",
        "AT_THE_MINIMUM = 0.0",
    ),
    RuleMutant(
        "S13",
        "finish goes on to the planned end",
        "steering/steering.py",
        "ends = min(seconds + min(self._plan.finish(speed, incline), within), self.ends)",
        "ends = self.ends",
    ),
    RuleMutant(
        "S14",
        "a belt is left running when Home Assistant stops",
        "session/controller.py",
        "self._go(self._state.wind_down(self._ctx, now))",
        "pass",
    ),
    RuleMutant(
        "S15",
        "a session does not end",
        "session/steered.py",
        "if steering.cool_down is not None and ctx.moving_time >= steering.ends:",
        "if False:",
    ),
    RuleMutant(
        "S18",
        "the deck may be steep",
        "limits.py",
        "if owner.reduced or novice:",
        "if True:\n            incline_ceiling = 12.0\n        if owner.reduced or novice:",
    ),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Break each rule, print after how many walks that is noticed, and return the exit code."""
    parser = argparse.ArgumentParser(prog="scripts.lib.walk_mutants")
    parser.add_argument("--walks", type=int, default=2000)
    parser.add_argument("--only", default="")
    options = parser.parse_args(arguments)
    _load()
    survived = 0
    for mutant in MUTANTS:
        if options.only not in f"{mutant.rule} {mutant.what}":
            continue
        dies_at = _dies_at(mutant, options.walks)
        survived += not dies_at
        after = f"dies in walk {dies_at}" if dies_at else f"SURVIVES {options.walks} walks"
        print(f"{mutant.rule:4} {mutant.what}: {after}", flush=True)
    return 1 if survived else 0


def _dies_at(mutant: RuleMutant, walks: int) -> int:
    """Return the number of the first walk that breaks a rule; 0 if none does."""
    tree = mutant.tree()
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(receiving)
        answer = b"error"
        with suppress(BaseException):
            _load_instead(mutant.path, tree)
            answer = str(_first_that_notices(walks)).encode()
        os.write(sending, answer)
        os._exit(0)
    os.close(sending)
    with os.fdopen(receiving, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return int(answer)


def _first_that_notices(walks: int) -> int:
    from tests.support.reliability.random_walk import Walker, story

    for seed in range(walks):
        kept = False
        with suppress(Exception):  # also what the mutant raises: no walk could go on unnoticed
            Walker().does(story(seed))
            kept = True
        if not kept:
            return seed + 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
