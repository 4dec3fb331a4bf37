"""The judge of odd machines, which compares the true belt, the events and the commands with the rules."""

from typing import TYPE_CHECKING, Any

from custom_components.retrowalk.machine.model import KM_PER_MILE, Command, CommandKind
from custom_components.retrowalk.simulator.faults import Faults
from custom_components.retrowalk.simulator.treadmill import Phase
from custom_components.retrowalk.training.events import SessionEvent, SessionEventKind
from custom_components.retrowalk.training.limits import Direction
from custom_components.retrowalk.training.states import AT_REST, STEERING, SessionState
from custom_components.retrowalk.training.stop_steps import StopStep
from tests.support.deck_judge import DeckJudge

if TYPE_CHECKING:
    from tests.support.odd_machines import World

STEP = 0.2
"""Seconds of virtual time."""
TICK = 1.0
NEARLY = 1e-6
COOLS_DOWN = 45.0
"""Seconds after `finish` in which the belt rests (S13), and a little."""


class RuleBrokenError(AssertionError):
    """Error raised when a rule is broken."""

    def __init__(self, rule: str, text: str, world: World) -> None:
        super().__init__(f"{rule}: {text}")
        self.rule = rule
        self.world = world


class Judge:
    """Compare what the belt really does with the rules."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.luck_from = float("inf")  # time after which no command is lost
        self.bad_luck = float("-inf")
        self.report_lost = float("-inf")
        """When a report got lost last: it may tell as little as none."""
        self.link_lost = float("-inf")
        self.rested = 0.0
        self.moved = 0.0  # s since the belt began to move
        self.true_minutes = 0.0
        self.last_true = 0.0
        # The session
        self.console = False  # somebody used the console since steering began
        self.sent_speed: float | None = None  # the last target sent to the machine
        self.rises: dict[CommandKind, float] = {}
        self.announced: list[tuple[float, str, float]] = []
        self.no_rise_until = float("-inf")
        self.held = False
        self.confirmed: float | None = None
        self.ceiling: float | None = None
        # A stop
        self.stop_requested: float | None = None
        self.stop_from = 0.0
        self.stop_linked = True
        self.stop_failure_reported = False
        self.low = 0.0  # the lowest speed since then
        self.low_at = 0.0
        self.stopped_for_good = False
        self.rest_since_stop = False
        self.pause_since: float | None = None
        self.last_state = SessionState.IDLE
        self.unnoticed_rest = self.unnoticed_move = 0.0
        self.started_moving_after_stop: float | None = None
        self.last_act = 0.0
        self.deck = DeckJudge(world, self.fail)

    def fail(self, rule: str, text: str) -> None:
        raise RuleBrokenError(rule, f"{text} at {self.world.now - 1000:.1f}", self.world)

    # The capabilities of the machine

    @property
    def faults(self) -> Faults:
        return self.world.faults

    @property
    def reports_truly(self) -> bool:
        faults = self.faults
        return not (faults.repeats_last_speed_at_rest or faults.snaps_to_speed_at_rest)

    @property
    def interval(self) -> float:
        radio = self.world.radio
        return radio["interval"] * (1 + radio["jitter"]) * radio["burst"] / (1 - min(radio.get("drop", 0.0), 0.5)) ** 2

    @property
    def toggles(self) -> bool:
        faults = self.faults
        return faults.toggles_on_stop or faults.toggles_on_pause or faults.faster_on_pause or faults.toggles_on_start

    def stop_duration(self, speed: float) -> float | None:
        """Return the seconds in which the escalation of S3 brings this machine to rest; None if nothing stops it."""
        faults, treadmill, radio = self.faults, self.world.treadmill, self.world.radio
        coast = speed / treadmill.profile.coast
        unlucky = 8.0 if radio["lose"] else 0.0  # a step may seem to be declined
        answer = 2 * radio["delay"] + (1.0 if radio["mute"] else 0.0)
        if faults.stop_ignored:
            return None
        if faults.stop_only_at_rest:
            never = faults.pause_declined or faults.faster_on_pause or self.toggles
            return None if never else coast + 3 * answer + 4.0 + unlucky
        if faults.stop_alone_ignored and faults.faster_on_pause:
            return None
        if faults.stop_alone_ignored:
            # Three stops, four seconds, then pause; noise delays what can be detected.
            return None if faults.pause_declined else coast + 3 * answer + 12.0 + 3 * self.interval
        if self.toggles:
            return coast + 60.0 + 12 * self.interval
        return coast + 2 * answer + 1.5 + unlucky

    # Outputs

    def judge_event(self, event: SessionEvent) -> None:
        world, kind = self.world, event.kind
        if kind is SessionEventKind.SPEED_UP_SOON:
            self.announced.append((world.now, event.data["what"], event.data["target"]))
        elif kind in {SessionEventKind.STARTED, SessionEventKind.RESUMED}:
            self.announced.clear()
            self.sent_speed = None
            self.console = False
            self.rises.clear()
            self.held = False
            if kind is SessionEventKind.RESUMED and self.last_state is SessionState.STARTING:
                self.no_rise_until = world.now + 10.0
        elif kind in {SessionEventKind.INTERRUPTED, SessionEventKind.LINK_BACK}:
            self.held = True
        elif kind is SessionEventKind.STOP_FAILED:
            self.stop_failure_reported = True
            self.judge_stop_failed(event)

    def judge_stop_failed(self, event: SessionEvent) -> None:
        world = self.world
        reason = event.data.get("reason")
        if reason == "not_delivered":
            hears = world.linked and world.air and world.now - self.link_lost > 70 and not world.radio["mute"]
            hears = hears and world.radio.get("silent") is None and world.now - self.report_lost > 10
            if hears and self.reports_truly:
                self.fail("S3 told falsely", f"not delivered, with a link: {event.data}")
            return
        if world.now - max(self.bad_luck, self.link_lost) < 15 or self.toggles or world.now - self.report_lost < 10:
            return
        if world.session.rules.measured.stop_step is not StopStep.STOP:
            return
        if world.treadmill.at_rest and self.rested > 5 and self.reports_truly:
            self.fail("S3 told falsely", "not obeyed, and the belt rests")
        works = self.stop_duration(self.stop_from)
        begun = self.stop_requested
        faults = self.faults
        plain = works is not None and not (faults.stop_alone_ignored or faults.stop_only_at_rest)
        if begun is not None and plain and self.reports_truly and world.treadmill.phase is not Phase.RUNNING:
            self.fail("S3 told falsely", "not obeyed, and the belt does what it can")

    def judge_command(self, command: Command) -> None:
        world, treadmill = self.world, self.world.treadmill
        state = world.session.state
        if not world.session.rules.control and not command.stops:
            self.fail("S1 monitor only", f"sent {command.kind}")
        if command.kind is CommandKind.START:
            fresh = world.air and self.reports_truly
            if treadmill.speed > 0 and fresh and self.moved > 2 * self.interval + 1:
                self.fail("S8 started a moving belt", f"{treadmill.speed}")
            self.stop_requested = None
            self.stopped_for_good = False
        if command.kind in {CommandKind.SET_SPEED, CommandKind.SET_INCLINE} and not command.urgent:
            self.judge_target(command, state)

    def judge_target(self, command: Command, state: SessionState) -> None:
        world, value = self.world, command.value or 0.0
        treadmill = world.treadmill
        speed = command.kind is CommandKind.SET_SPEED
        rest_known = treadmill.at_rest and self.rested > 2 * self.interval + 2.5 and world.air
        if rest_known and self.reports_truly and self.world.now - world.last_report < 2 * self.interval + 0.5:
            self.fail("S8 target at rest", f"{command.kind} {value}")
        if state is SessionState.CHECKING:
            return
        backward = world.session.direction is Direction.BACKWARD
        if speed:
            sent = world.calibration.command(command, world.stated).value or 0.0
            stated = world.stated.speed_range
            assert stated is not None
            if not stated.minimum - NEARLY <= sent or sent * world.calibration.takes.factor > value + NEARLY:
                self.fail("S4 sent", f"{sent} for {value}")
            ceiling = self.ceiling_of(world, backward=backward)
            if value > ceiling + NEARLY:
                self.fail("S4 ceiling", f"{value} > {ceiling}")
            before = self.sent_speed
            self.sent_speed = value
            if before is None or value <= before + NEARLY:
                if before is not None and before - value > max(0.5, world.speeds.step * 2) * KM_PER_MILE + NEARLY:
                    left = any(what == "shutdown" for _, what in world.acts)  # Home Assistant shuts down (S14)
                    if not left and self.rested == 0 and treadmill.speed >= before - 0.3 and not self.console:
                        self.fail("S5 fall", f"{before} to {value}")
                return
            if self.console:
                return
            self.judge_rise(command.kind, value, before, backward=backward)
        elif not self.console:
            self.deck.judge(value, self.announced, self.rises.get(CommandKind.SET_SPEED, float("-inf")))

    def judge_rise(self, kind: CommandKind, value: float, before: float, *, backward: bool) -> None:
        world = self.world
        now, step = world.now, world.speeds.step
        if backward:
            step = max(step, round(-(-0.1 // step) * step, 3)) if step < 0.1 else step
            pace = 25.0 if step > 0.2 + NEARLY else step / 0.02
            if step > 0.5:
                self.fail("S5 coarse", f"{before} to {value} in steps of {step}")
        else:
            step, pace = max(step, 0.5), 2.0
        measured = world.session.rules.measured.step
        if measured and measured > step:
            step = measured
            pace = (25.0 if step > 0.2 + NEARLY else step / 0.02) if backward else 2.0
        if value - before > step + NEARLY:
            self.fail("S5 step", f"{before} to {value}, step {step}")
        true = world.treadmill.speed / world.kmh_per_told
        slack = 0.11 + world.radio.get("drop", 0.0) + self.faults.speed_noise + self.faults.coarse_steps
        known = now - world.last_report < 1.5 and self.interval < 1.6
        if known and backward and value - true > step + slack + NEARLY and not self.faults.deaf_after_start:
            self.fail("S5 from what it does", f"{value} on a belt at {true:.2f}")
        last = self.rises.get(kind)
        if last is not None and now - last < pace - TICK:
            self.fail("S5 pace", f"{now - last:.1f} s after the last, {pace}")
        self.rises[kind] = now
        if now < self.no_rise_until - 1.0:
            self.fail("S12 rise after a resume", f"{value}, {self.no_rise_until - now:.1f} s too soon")
        if self.held:
            self.fail("S10 rise after a loss", f"{before} to {value}")
        announced_at = [when for when, what, top in self.announced if what == "speed" and top >= value - NEARLY]
        if not announced_at or min(now - when for when in announced_at[:1]) < 5.0 - STEP - NEARLY:
            self.fail("S6 not announced", f"{before} to {value}, told {announced_at}")

    def ceiling_of(self, world: World, *, backward: bool) -> float:
        owner = world.owner
        if not backward:
            return owner.forward_speed
        ceiling = min(owner.backward_speed, 5.0)
        request = world.session.request
        if owner.reduced or (request is not None and request.first):
            ceiling = min(ceiling, 2.0)
        return ceiling

    def on_command_received(self, command: Command) -> None:
        """Handle a command that arrives at the machine."""
        if command.kind is CommandKind.START:
            self.rest_since_stop = False

    # Actions of people

    def before_action(self, what: str, value: Any) -> None:
        self.last_act = self.world.now
        if what == "console_incline":
            self.deck.moved_by_hand = self.world.now
        if what.startswith("console") or what in {"key", "other_central", "miles"}:
            self.console = True
            if what == "console_start":
                self.stop_requested, self.stopped_for_good, self.rest_since_stop = None, False, False
        if what in {"set_speed", "resume", "incline", "ramp", "start", "skip"}:
            self.held = False
        if what in {"start", "resume", "ready", "check"}:
            self.stopped_for_good = False
        if what == "stop":
            self.stops_before = len(self.world.sent)

    def after_action(self, what: str) -> None:
        world = self.world
        if what != "stop":
            return
        stops = [command for _, command in world.sent[self.stops_before :] if command.stops]
        # A console Start right after a stop at rest looks like a machine that toggles.
        alike = self.toggles or any(act == "console_start" for _, act in world.acts)
        if not stops and not (alike and world.treadmill.at_rest):
            self.fail("S3 stop not sent", world.session.state.value)
        if world.treadmill.speed > 0 or world.treadmill.phase is Phase.COUNTDOWN:
            if self.stop_requested is None:
                self.stop_requested, self.stop_from = world.now, max(world.treadmill.speed, 0.5)
                self.low, self.low_at = world.treadmill.speed, world.now
                self.stop_failure_reported = any(
                    when == world.now and event.kind is SessionEventKind.STOP_FAILED for when, event in world.emitted
                )
            if not world.linked and not self.stop_failure_reported and world.session.state is not SessionState.READY:
                fails = [e for t, e in world.emitted if t == world.now and e.kind is SessionEventKind.STOP_FAILED]
                known = self.moved > 3.0 and world.now - self.link_lost < 500
                if not fails and known and self.stop_requested == world.now and self.link_lost > world.now - 8:
                    self.fail("S3 not told undeliverable", world.session.state.value)
        self.stopped_for_good = True
        self.rest_since_stop = world.treadmill.at_rest and world.treadmill.phase is not Phase.COUNTDOWN

    # All the time

    def judge_state(self) -> None:
        world, treadmill = self.world, self.world.treadmill
        state = world.session.state
        if treadmill.at_rest:
            self.rested = round(self.rested + STEP, 3)
            self.moved = 0.0
        else:
            self.rested, self.moved = 0.0, round(self.moved + STEP, 3)
            self.true_minutes += STEP
        self.judge_stop(state)
        self.judge_detection(state)
        self.judge_ceiling(state)
        # A pause lasts five minutes.
        pausing = state is SessionState.PAUSED or world.session.paused_for(world.now) is not None
        if pausing:
            self.pause_since = self.pause_since if self.pause_since is not None else world.now
            if world.now - self.pause_since > 300 + 75 and self.rested > 60:
                self.fail("S12 paused for too long", f"{world.now - self.pause_since:.0f} s, {state.value}")
        else:
            self.pause_since = None
        length, moved = world.session.length, world.session.moving_time
        if "resume" in {what for _, what in world.acts}:
            length = None  # a person may continue it beyond its end
        if any(what == "finish" and world.now - when < COOLS_DOWN for when, what in world.acts):
            length = None  # and let a belt cool down that the console has kept moving until then
        if state in STEERING and length is not None and moved > length + 60 and world.now - self.link_lost > 120:
            self.fail("S15 too long", f"{moved} of {length}")
        self.last_state = state

    def judge_ceiling(self, state: SessionState) -> None:
        """Judge that the true belt of a machine that does what it is told is never above the limit (S4)."""
        world = self.world
        faults = ("overshoot", "starts_at", "coarse_steps", "ignore_speed", "snaps_to_speed_at_rest", "faster_on_pause")
        resumes = ("resumes_at_last_speed", "starts_at_last_speed")
        odd = self.toggles or any(getattr(self.faults, name) for name in (*faults, *resumes))
        others = {"miles", "other_central", "console_start", "console_speed", "rules"}
        if odd or self.console or others & {what for _, what in world.acts} or state not in STEERING:
            return
        ceiling = self.ceiling_of(world, backward=world.session.direction is Direction.BACKWARD)
        if world.treadmill.speed > ceiling + NEARLY:
            self.fail("S4 true belt", f"{world.treadmill.speed:.3f} > {ceiling}")

    def judge_stop(self, state: SessionState) -> None:
        world, treadmill = self.world, self.world.treadmill
        if self.stopped_for_good and treadmill.at_rest and treadmill.phase is Phase.IDLE:
            self.rest_since_stop = True
        moves_again = self.stopped_for_good and self.rest_since_stop and not treadmill.at_rest
        if moves_again and not (self.toggles or self.console) and self.moved > 0.5:
            self.fail("S3 moves after a stop", f"{treadmill.speed:.2f}")
        if self.stop_requested is None:
            return
        if treadmill.at_rest and treadmill.phase is not Phase.COUNTDOWN:
            self.stop_requested = None
            return
        if treadmill.speed < self.low - 0.05:
            self.low, self.low_at = treadmill.speed, world.now
        lucky = max(self.stop_requested, self.bad_luck, self.link_lost)
        if not world.air or not world.linked:
            self.link_lost = world.now
            if world.now - self.stop_requested > 60:
                self.stop_requested, self.stopped_for_good = None, False  # the stop is not kept any longer
                return
            if (
                world.now - max(self.stop_requested, self.low_at) > 13
                and not self.stop_failure_reported
                and self.moved > 13
            ):
                self.fail("S3 not told", "no link")
            return
        duration = self.stop_duration(max(self.stop_from, treadmill.speed))
        if world.session.state in {SessionState.MANUAL, *STEERING} and self.console:
            self.stop_requested = None  # somebody started it again at the console
            return
        countdown = treadmill.profile.countdown
        if duration is not None and world.now - lucky > duration + 1.0 + (
            countdown if self.faults.stop_only_at_rest else 0
        ):
            self.fail("S3 not at rest", f"{world.now - self.stop_requested:.1f} s after the stop ({duration:.1f})")
        silent = world.now - max(self.stop_requested, self.low_at, self.link_lost)
        if silent > 12 + 2 * self.interval and not self.stop_failure_reported and self.moved > 12 and not self.toggles:
            self.fail("S3 not told", f"{silent:.1f} s without slowing")

    def judge_detection(self, state: SessionState) -> None:
        world = self.world
        hears = world.air and world.linked and world.now - world.last_report < 2 * self.interval + 1.0
        if not hears or world.radio.get("silent") is not None:
            self.unnoticed_rest = self.unnoticed_move = 0.0
            return
        treadmill = world.treadmill
        slow = 15.0 if self.faults.pre_workout_at_rest else 0.0
        if self.rested > 0 and treadmill.phase is not Phase.COUNTDOWN and state in STEERING | {SessionState.MANUAL}:
            self.unnoticed_rest += STEP
            if self.unnoticed_rest > 8 + slow + 3 * self.interval and self.reports_truly:
                self.fail("S7 rest unnoticed", f"{state.value} for {self.unnoticed_rest:.0f} s")
        else:
            self.unnoticed_rest = 0.0
        if self.moved > 0 and state in AT_REST:
            self.unnoticed_move += STEP
            if self.unnoticed_move > 6 + 3 * self.interval and self.reports_truly:
                self.fail("S17 movement unnoticed", f"{state.value} for {self.unnoticed_move:.0f} s")
        else:
            self.unnoticed_move = 0.0
