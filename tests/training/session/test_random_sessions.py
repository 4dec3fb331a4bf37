"""Random sequences of what machine, people, automations, link and clock do: nothing forbidden happens."""

from contextlib import suppress
from dataclasses import replace
from math import floor

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from custom_components.retrowalk.machine.model import BeltState, Capabilities, CommandKind, MachineEventKind, ValueRange
from custom_components.retrowalk.training.events import SessionEventKind
from custom_components.retrowalk.training.limits import Direction, Measured, OwnerLimits, limits_for
from custom_components.retrowalk.training.programs.program import Program
from custom_components.retrowalk.training.rules import Caller, Refusal, RefusedError, Rules
from custom_components.retrowalk.training.states import SessionState
from custom_components.retrowalk.training.steering.program_plan import ProgramPlan, plan_for
from custom_components.retrowalk.training.steering.session_plan import SessionRequest
from tests.support.effort import runs
from tests.support.program_curve import curve_at
from tests.support.program_run import KINDS, program
from tests.support.session_run import SessionRun, rules
from tests.support.watched_session import Watch

EXAMPLES = runs("RANDOM_WALKS", 120, 5000)
speed_ranges = st.builds(
    lambda low, steps, step: ValueRange(low, round(low + steps * step, 2), step),
    st.sampled_from([0.5, 0.8, 1.0, 1.6, 3.2]),
    st.integers(10, 120),
    st.sampled_from([0.01, 0.1, 0.16, 0.2, 0.5, 1.0]),
)
incline_ranges = st.none() | st.builds(
    lambda low, step: ValueRange(low, low + 15.0, step),
    st.sampled_from([-6.0, -3.0, 0.0, 1.0]),
    st.sampled_from([0.5, 1.0]),
)
owners = st.builds(
    OwnerLimits,
    backward_speed=st.floats(1, 20),
    backward_incline=st.floats(0, 20),
    forward_speed=st.floats(1, 20),
    reduced=st.booleans(),
)
all_rules = st.builds(
    Rules,
    control=st.sampled_from([True, True, True, False]),
    owner=owners,
    capabilities=st.builds(Capabilities, speed_range=speed_ranges, incline_range=incline_ranges),
    countdown_backward=st.floats(0, 100),
    countdown_forward=st.floats(0, 100),
    guard_stops=st.booleans(),
    automations_confirm=st.booleans(),
    spoken=st.sampled_from([True, True, False]),
    control_lock=st.sampled_from([False, False, False, True]),
    blocked_by=st.sampled_from([None, None, None, Refusal.NOT_CHECKED]),
    measured=st.builds(
        Measured, start_speed=st.none() | st.floats(0.5, 7), step=st.none() | st.sampled_from([0.1, 0.2, 0.5, 1.0])
    ),
)
HILLY = program(
    {"seconds": 90, "speed": 1.5},
    {"seconds": 60, "speed": {"from": 1.5, "to": 2.5}},
    {"seconds": 60, "incline": 1},
    {"repeat": 2, "steps": [{"seconds": 30, "speed": 3.0}, {"seconds": 45, "speed": 1.0, "incline": 0}]},
)
STEEP = program(
    {"seconds": 40}, {"minutes": 2, "speed": {"from": 0.5, "to": 6}, "incline": {"from": 0, "to": 8}}, {"minutes": 5}
)
requests = st.builds(
    SessionRequest,
    direction=st.sampled_from(list(Direction)),
    length=st.sampled_from([1.0, 60.0, 90.0, 150.0, 300.0, 900.0, 1e9]),
    speed=st.none() | st.floats(-1, 20),
    incline=st.none() | st.floats(-5, 20),
    first=st.booleans(),
    program=st.none() | st.sampled_from([HILLY, STEEP]),
)
callers = st.sampled_from([Caller.PERSON, Caller.UNKNOWN])
silences = st.sampled_from([None, 0.0, 0.0, 1.0, 3.0])
speeds = st.floats(-1, 15).map(lambda kmh: round(kmh, 2))
actions = st.one_of(
    st.tuples(st.just("time"), st.sampled_from([0.1, 0.5, 1.0, 1.0, 2.0, 5.0, 20.0, 300.0])),
    st.tuples(st.just("walk"), st.integers(1, 30)),
    st.tuples(st.just("walk"), st.integers(1, 30)),
    st.tuples(st.just("start"), callers),
    st.tuples(st.just("start"), st.just(Caller.PERSON)),
    st.tuples(st.just("prepare"), callers),
    st.tuples(st.just("confirm"), callers),
    st.tuples(st.just("resume"), callers),
    st.tuples(st.just("pause"), st.none()),
    st.tuples(st.just("stop"), st.none()),
    st.tuples(st.just("set_speed"), st.tuples(speeds, callers)),
    st.tuples(st.just("set_speed"), st.tuples(speeds, st.just(Caller.PERSON))),
    st.tuples(st.just("set_incline"), st.tuples(speeds, callers)),
    st.tuples(st.just("wind_down"), st.none()),
    st.tuples(st.just("finish"), st.none()),
    st.tuples(st.just("request"), requests),
    st.tuples(st.just("guard"), st.tuples(st.sampled_from(["door", "child"]), st.none() | st.booleans())),
    st.tuples(st.just("automation"), st.sampled_from(["start", "confirm", "resume"])),
    st.tuples(st.just("lock"), st.tuples(st.booleans(), callers)),
    st.tuples(st.just("skip_step"), callers),
    st.tuples(st.just("ramp_to"), st.tuples(speeds, st.none() | speeds, st.floats(0, 300), callers)),
    st.tuples(st.just("occupied"), st.sampled_from([None, True, True, False])),
    st.tuples(st.just("lower_deck"), callers),
    st.tuples(st.just("overshoot"), st.sampled_from([0.0, 0.0, 0.3, 1.0])),
    st.tuples(st.just("link"), st.booleans()),
    st.tuples(st.just("event"), st.tuples(st.sampled_from(list(MachineEventKind)), st.none() | speeds)),
    st.tuples(st.just("fails"), st.tuples(st.sampled_from(list(CommandKind)), st.none() | speeds)),
    st.tuples(st.just("obeys"), st.booleans()),
    st.tuples(st.just("silent"), silences),
    st.tuples(st.just("receive"), st.tuples(st.sampled_from(list(BeltState)), st.none() | speeds, st.floats(0, 10))),
    st.tuples(st.just("deck"), st.floats(-6, 15)),
    st.tuples(st.just("deck"), st.floats(-3, 0)),
    st.tuples(st.just("noise"), st.sampled_from([0.0, 0.0, 0.03, 0.15, 0.3])),
    st.tuples(st.just("console"), speeds),
    st.tuples(st.just("direction"), st.sampled_from(list(Direction))),
    st.tuples(st.just("rules"), all_rules),
    st.tuples(st.just("start_check"), callers),
    st.tuples(st.just("start_check"), st.just(Caller.PERSON)),
    st.tuples(st.just("walk"), st.integers(60, 180)),
)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(its_rules=all_rules, script=st.lists(actions, max_size=60))
def test_nothing_forbidden_happens_in_any_order_of_things(its_rules: Rules, script: list[tuple[str, object]]) -> None:
    watch = Watch(its_rules)
    for action, value in script:
        watch.play(action, value)
    watch.must_end_by_itself()
    watch.must_come_to_rest()


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(its_rules=all_rules, direction=st.sampled_from(list(Direction)), script=st.lists(actions, max_size=40))
@example(  # the deck is found too high in the very second in which the belt is given back
    its_rules=Rules(
        control=True,
        owner=OwnerLimits(backward_speed=1.0, backward_incline=0.0),
        capabilities=Capabilities(speed_range=ValueRange(0.5, 0.6, 0.01), incline_range=ValueRange(-6.0, 9.0, 0.5)),
        spoken=True,
    ),
    direction=Direction.BACKWARD,
    script=[("receive", (BeltState.UNKNOWN, 1.0, 5.0)), ("deck", 1.0)],
)
@example(  # a target fails while one odd report tells a faster belt: the next step down led above what was sent
    its_rules=Rules(
        control=True,
        owner=OwnerLimits(forward_speed=2.0),
        capabilities=Capabilities(speed_range=ValueRange(0.5, 1.5, 0.1)),
        spoken=True,
    ),
    direction=Direction.FORWARD,
    script=[("receive", (BeltState.MOVING, 2.0, 0.0)), ("fails", (CommandKind.SET_SPEED, None))],
)
@example(  # a Stop is pressed in the second in which the console starts a belt that a Stop at rest is said to start
    its_rules=Rules(capabilities=Capabilities(speed_range=ValueRange(0.5, 0.6, 0.01))),
    direction=Direction.BACKWARD,
    script=[("stop", None), ("receive", (BeltState.MOVING, None, 0.0)), ("walk", 3), ("console", 1.0)],
)
@example(  # one old report of a faster belt, and then it is that fast: the first step down led above what was sent
    its_rules=Rules(
        control=True,
        owner=OwnerLimits(backward_speed=1.0, backward_incline=0.0),
        capabilities=Capabilities(speed_range=ValueRange(0.5, 0.6, 0.01)),
        spoken=True,
    ),
    direction=Direction.BACKWARD,
    script=[("receive", (BeltState.UNKNOWN, 2.0, 5.0)), ("console", 2.0)],
)
@example(  # what the console does is not our rise, and is slowed down from there
    its_rules=Rules(
        control=True,
        owner=OwnerLimits(forward_speed=2.0),
        capabilities=Capabilities(speed_range=ValueRange(0.5, 1.5, 0.1)),
        spoken=True,
    ),
    direction=Direction.FORWARD,
    script=[("console", 2.0), ("walk", 10), ("finish", None)],
)
def test_nothing_forbidden_happens_on_a_walk_that_has_begun(
    its_rules: Rules, direction: Direction, script: list[tuple[str, object]]
) -> None:
    watch = Watch(its_rules)
    for action, value in (
        ("direction", direction),
        ("link", True),
        ("walk", 3),
        ("start", Caller.PERSON),
        ("start", Caller.PERSON),
        ("walk", 75),
        *script,
    ):
        watch.play(action, value)
    watch.must_end_by_itself()
    watch.must_come_to_rest()


@settings(max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(its_rules=all_rules, seconds=st.integers(0, 120), script=st.lists(actions, max_size=30))
def test_s9_nothing_forbidden_happens_in_a_check_run(
    its_rules: Rules, seconds: int, script: list[tuple[str, object]]
) -> None:
    watch = Watch(replace(its_rules, control=True, control_lock=False))
    for action, value in (("link", True), ("walk", 3), ("start_check", Caller.PERSON), ("walk", seconds), *script):
        watch.play(action, value)
    watch.must_end_by_itself()
    watch.must_come_to_rest()


@settings(max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    its_rules=all_rules,
    silent=silences,
    before=st.lists(actions, max_size=10),
    seconds=st.integers(0, 90),
    after=st.lists(actions, max_size=20),
)
def test_s3_a_stop_ends_by_itself_and_hinders_no_later_walk_where_the_machine_is_silent_at_rest(
    its_rules: Rules,
    silent: float | None,
    before: list[tuple[str, object]],
    seconds: int,
    after: list[tuple[str, object]],
) -> None:
    watch = Watch(its_rules)
    for action, value in (("silent", silent), ("link", True), *before, ("walk", seconds), ("stop", None), *after):
        watch.play(action, value)
    watch.must_end_by_itself()
    watch.must_come_to_rest()
    watch.must_allow_console_start()


@settings(max_examples=EXAMPLES // 3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    speed=speed_ranges,
    owner=owners,
    targets=st.lists(st.tuples(speeds, st.floats(-5, 20), st.integers(1, 70)), min_size=1, max_size=6),
    noise=st.sampled_from([0.0, 0.0, 0.05, 0.15]),
    deck=st.sampled_from([0.0, 0.0, -0.5, -2.0]),
)
def test_a_walk_on_the_virtual_treadmill_obeys_its_limits(
    speed: ValueRange, owner: OwnerLimits, targets: list[tuple[float, float, int]], noise: float, deck: float
) -> None:
    inclines = ValueRange(-3.0, 15.0, 0.5)
    capabilities = Capabilities(speed_range=speed, incline_range=inclines)
    limits = limits_for(capabilities, owner, Direction.BACKWARD)
    if limits.speed is None:
        return
    run = SessionRun(rules(speed=speed, incline=inclines, owner=owner), acceleration=0.5)
    run.treadmill.speed_noise = noise
    assert limits.steepest is not None
    deck = max(deck, -floor(limits.steepest * 10) / 10) if limits.incline_pace else 0.0  # it is reported in tenths
    run.treadmill.incline = run.treadmill.target_incline = deck
    run.session.prepare(run.now, caller=Caller.PERSON, request=SessionRequest(length=1800.0))
    run.go(2)
    run.start()
    run.go(30)
    for kmh, percent, seconds in targets:
        run.session.set_speed(kmh, caller=Caller.PERSON)
        run.session.set_incline(percent, caller=Caller.PERSON)
        run.go(seconds)
    assert run.state in {SessionState.WARM_UP, SessionState.ACTIVE}
    assert run.treadmill.speed <= limits.speed.maximum + 1e-6
    changes = sorted([(when, kmh, True) for when, kmh in run.speeds] + [(w, p, False) for w, p in run.inclines])
    last = {True: (0.0, limits.speed.minimum), False: (0.0, deck)}
    rose = {True: 0.0, False: 0.0}
    for when, value, is_speed in changes:
        then, before = last[is_speed]
        if value > before:
            pace = limits.speed_up if is_speed else limits.incline_pace
            assert pace is not None
            assert value - before <= pace.step + 1e-6
            assert when - then >= pace.seconds
            assert when - rose[not is_speed] >= 20
            rose[is_speed] = when
        elif is_speed:
            assert before - value <= max(0.5, speed.step) + 1e-6
        last[is_speed] = (when, value)
    run.stop()
    run.go(20)
    assert run.treadmill.at_rest
    assert run.state is SessionState.FINISHED


@settings(max_examples=EXAMPLES // 3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    speed=speed_ranges,
    owner=owners,
    request=requests,
    acts=st.lists(
        st.tuples(
            st.integers(0, 80), st.sampled_from(["faster", "slower", "pause", "lose", "finish", "guard", "skip"])
        ),
        max_size=5,
    ),
)
def test_every_walk_that_was_confirmed_ends_by_itself_within_its_length(
    speed: ValueRange, owner: OwnerLimits, request: SessionRequest, acts: list[tuple[int, str]]
) -> None:
    request = replace(request, length=min(request.length, 900.0))
    capabilities = Capabilities(speed_range=speed, incline_range=ValueRange(0.0, 15.0, 0.5))
    limits = limits_for(capabilities, owner, request.direction, novice=request.first)
    if limits.speed is None:
        return
    run = SessionRun(rules(speed=speed, owner=owner, guard_stops=True), acceleration=0.5)
    run.session.prepare(run.now, caller=Caller.UNKNOWN, request=request)
    run.start()
    run.go(30)
    length = run.session.length
    assert length is not None
    wanted = request.length if request.program is None else request.program.duration
    assert length == min(limits.longest, max(60.0, wanted))
    for seconds, act in acts:
        with suppress(RefusedError):
            match act:
                case "faster":
                    run.session.set_speed(run.treadmill.speed + 1.0, caller=Caller.PERSON)
                    run.session.set_incline(run.treadmill.incline + 1.0, caller=Caller.PERSON)
                case "slower":
                    run.session.set_speed(run.treadmill.speed - 1.0, caller=Caller.UNKNOWN)
                case "pause":
                    run.pause()
                    run.go(15)
                    run.resume()
                    run.resume()
                    run.go(25)
                case "lose":
                    run.link(up=False)
                    run.go(20)
                    run.link(up=True)
                    run.go(1)  # one report arrives: losses that add up to a minute end the plan (S10)
                case "finish":
                    run.session.finish(run.now)
                case "skip":
                    run.session.skip_step(caller=Caller.PERSON)
                case "guard":
                    run.session.on_guard("door", on=True, now=run.now)
        run.go(seconds)
        assert run.treadmill.speed <= limits.speed.maximum + 1e-6
    # A resume that a guard forbids lapses with its pause.
    run.go(length + (60 if run.state is not SessionState.READY else 360))
    assert run.state in {SessionState.FINISHED, SessionState.IDLE}
    assert run.treadmill.at_rest
    ends = [event for _, event in run.emitted if event.kind in {SessionEventKind.FINISHED, SessionEventKind.STOPPED}]
    assert len(ends) == 1
    assert ends[0].data["reason"] in {"completed", "finished", "guard", "paused_too_long"}
    assert run.emitted[-1][1] is ends[0]
    # Seconds without reports count, a late cool-down takes half a minute, and the belt coasts.
    assert run.session.moving_time <= length + 60


DIPS = program(
    {"seconds": 90, "speed": 1.5, "incline": 1},
    {"repeat": 3, "steps": [{"seconds": 40, "speed": 1.0, "incline": 0}, {"seconds": 80, "speed": 2.0, "incline": 2}]},
)
fractions = st.sampled_from([0.5, 0.8, 0.9, 1.0, 1.0])


def assert_nothing_rises_after(run: SessionRun, held_since: float) -> None:
    rises = [at for at, event in run.emitted if event.kind is SessionEventKind.SPEED_UP_SOON and at > held_since]
    assert not rises
    last = dict.fromkeys(KINDS, float("inf"))
    for at, command in run.sent:
        if command.kind in KINDS and command.value is not None:
            assert at <= held_since or command.value <= last[command.kind]
            last[command.kind] = command.value


@settings(max_examples=EXAMPLES // 2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    speed=speed_ranges,
    incline=incline_ranges.filter(lambda deck: deck is None or deck.minimum <= 0.0),  # the virtual deck begins level
    program=st.none() | st.sampled_from([HILLY, STEEP, DIPS, DIPS]),
    begins=st.integers(0, 300),
    acts=st.lists(
        st.one_of(
            st.tuples(
                st.sampled_from(["ramp_to", "ramp_to", "request"]),
                fractions,
                fractions,
                st.floats(0, 120),
                st.integers(1, 90),
            ),
            st.tuples(st.sampled_from(["skip", "lose"]), st.just(1.0), st.just(1.0), st.just(0.0), st.integers(1, 90)),
        ),
        min_size=1,
        max_size=5,
    ),
)
def test_s10_s16_whatever_automations_ask_nothing_is_faster_or_steeper_than_a_person_confirmed(
    speed: ValueRange,
    incline: ValueRange | None,
    program: Program | None,
    begins: int,
    acts: list[tuple[str, float, float, float, int]],
) -> None:
    its_rules = rules(speed=speed, incline=incline)
    limits = limits_for(its_rules.capabilities, its_rules.owner, Direction.BACKWARD)
    if limits.speed is None:
        return
    request = SessionRequest(length=500, speed=2.0, incline=1.0, program=program)
    run = SessionRun(its_rules, acceleration=0.5)
    run.session.prepare(run.now, caller=Caller.PERSON, request=request)
    run.start()
    confirmed = plan_for(request, limits)  # nothing changes this one
    held_since: float | None = None

    def go(seconds: int) -> None:
        for _ in range(2 * seconds):
            run.go(0.5)
            targets = run.session.target_speed, run.session.target_incline
            if run.state not in {SessionState.WARM_UP, SessionState.ACTIVE}:
                continue
            target = confirmed.target_at(run.session.moving_time)
            assert limits.speed is not None
            assert (targets[0] or 0.0) <= limits.speed.snap(target.speed) + 1e-6
            if limits.incline is not None:
                steepest = target.incline or 0.0
                if program is not None and run.session.moving_time >= confirmed.warm_up:
                    # A hill that waits for the speed comes as written if the speed no longer rises.
                    assert isinstance(confirmed, ProgramPlan)
                    written = curve_at(program, run.session.moving_time + confirmed.skipped)
                    steepest = max(steepest, written.incline or 0.0)
                assert (targets[1] or 0.0) <= limits.incline.snap(steepest) + 1e-6

    go(30 + begins)
    for act, kmh, percent, over, seconds in acts:
        commanded, setpoint = run.session.commanded, run.session.setpoint
        with suppress(RefusedError):
            match act:
                case "ramp_to" if commanded is not None:
                    deck = None if commanded.incline is None else commanded.incline * percent
                    run.session.ramp_to(commanded.speed * kmh, deck, over=over, caller=Caller.UNKNOWN)
                case "request" if setpoint is not None:
                    run.session.set_speed(setpoint.speed * kmh, caller=Caller.UNKNOWN)
                    if setpoint.incline is not None:
                        run.session.set_incline(setpoint.incline * percent, caller=Caller.UNKNOWN)
                case "skip":
                    run.session.skip_step(caller=Caller.UNKNOWN)
                    assert isinstance(confirmed, ProgramPlan)
                    confirmed.skip(run.session.moving_time)
                case "lose":
                    run.link(up=False)
                    run.go(8)
                    run.link(up=True)
                    held_since = held_since or run.now
        go(seconds)
    go(60)
    if held_since is not None:
        assert_nothing_rises_after(run, held_since)
