"""What can be wrong with a treadmill: named faults that a test or a demonstration switches on, all off by default."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Final, Literal

type OpCodes = frozenset[int]
type OpCodesOrAll = frozenset[int] | Literal["all"]
type OptionalInteger = int | None
type Uuids = frozenset[str]
type OptionalBytes = bytes | None
type BelowLeast = Literal["clamps", "ignores", "declines", "stops"]

NO_OP_CODES: Final[OpCodes] = frozenset()
NO_UUIDS: Final[Uuids] = frozenset()


@dataclass(slots=True, kw_only=True)
class Faults:
    """The faults of one virtual treadmill. They may change at any time, also while connected."""

    # The link
    off: bool = False  # the radio is dead: no advertising, no connecting, an open link drops
    nameless: bool = False  # its advertisements carry no name, as a passive scanner hears them
    console_dead_while_connected: bool = False  # the console's Start does nothing while a client is connected
    held_by_other_central: bool = False  # somebody's phone app is connected, so connecting is refused
    connect_delay: float = 0.0  # s until a connection stands
    write_delay: float = 0.0  # s until a write arrives, as over a weak link or a busy proxy
    drop_link_on_speed_during_countdown: bool = False  # a target speed before the belt moves ends the link

    # What the GATT table and its values say
    not_a_treadmill: bool = False  # Fitness Machine Service without Treadmill Data: an indoor bike
    no_features: bool = False  # the feature bits are all zero
    all_features: bool = False  # the feature bits promise every target there is
    all_values: bool = False  # the feature bits promise every value there is
    no_ranges: bool = False  # the range characteristics are missing
    any_run: bool = False  # FitShow: counts in minutes and seconds, big-endian, and has one question for its ranges
    lacks: Uuids = NO_UUIDS  # these characteristics, by four digits, are missing
    control_without_response: bool = False  # the control point declares Write Without Response only, and is strict
    refuses_write_requests: bool = False  # it declares Write and answers one with Write Not Permitted

    twice: Uuids = NO_UUIDS  # these characteristics, by four digits, are there twice
    first_of_two_is_empty: bool = False  # the first of two declares nothing and does nothing
    two_services: bool = False  # the whole Fitness Machine Service is there twice
    unreadable: Uuids = NO_UUIDS  # reading these is answered with an error
    unanswered: Uuids = NO_UUIDS  # a read of, or subscription to, these is never answered, nor is any later request
    wants_pairing: Uuids = NO_UUIDS  # these are told to a paired central only
    pairing_error: OptionalInteger = None  # refused with this ATT error code instead of Insufficient Authentication
    cannot_pair: bool = False  # pairing fails
    pairing_hangs: bool = False  # pairing is never answered
    pairing_takes: float = 0.0  # s until pairing is over; it begins anew on each link
    identity: OptionalBytes = None  # every text of the Device Information Service is this

    # Answers of the control point
    refuse_control: bool = False  # Request Control is answered with Control Not Permitted
    control_not_needed: bool = False  # commands are obeyed without Request Control
    control_lost: bool = False  # reports Control Permission Lost once and obeys nothing after it
    no_write_response_op: OpCodes = NO_OP_CODES  # writes of these op codes are never answered, nor obeyed
    declines_op: OpCodes = NO_OP_CODES  # these op codes are not obeyed, and answered with Operation Failed
    declines_with: OptionalInteger = None  # or with this result code
    att_error: OptionalInteger = None  # every control write fails with this ATT error code
    indication_delay: float = 0.0  # s from the write response to the indication
    lost_indications: OpCodesOrAll = NO_OP_CODES  # these op codes are obeyed, their indication gets lost
    doubled_indications: bool = False  # each indication comes twice
    indication_to_wrong_op: bool = False  # the indication names another op code than the one written
    no_indications_at_all: bool = False  # the control point never indicates, though it obeys
    strict_procedures: bool = False  # even Stop is refused (ATT 0xFE) while an indication is outstanding

    # What its maker wants besides the standard (maker.py)
    wants_preamble: bool = False  # without the maker's frame right before it, a command is not permitted
    locked: bool = False  # silent until the maker's frame has come; writes less than 400 ms apart are lost
    zeros_until_activated: bool = (
        False  # Treadmill Data is all zeros until the maker's frame has come, and after a reset
    )
    answers_by_status: bool = False  # commands are answered by Machine Status, and by no indication
    loses_close_subscriptions: bool = False  # of two subscriptions within 30 ms the second is lost
    weak_status_subscription: bool = False  # the one to Training Status ends the link, unless it comes last

    # What the belt makes of commands
    start_wants_parameter: bool = False  # declines a start without the parameter 01
    second_start_needed: bool = False  # accepts a start and does not move, until another one comes
    stops_after: float = 0.0  # s after which a belt stops that a client has started; the status says stopped
    drop_link_on_speed_in_spin_up: float = 0.0  # s of movement in which a target speed ends the link
    ignore_speed: bool = False  # says Success to a target speed, the belt does not follow
    overshoot: float = 0.0  # the belt runs this much faster (console units) than every target
    miles: bool = False  # takes and reports speeds in mph; distance stays in meters
    miles_taken_only: bool = False  # takes speeds in mph, reports km/h
    miles_reported_only: bool = False  # takes speeds in km/h, reports mph
    distance_in_miles: bool = False  # with `miles`: its meters are shorter by the same factor, and fit its speed
    starts_at: float = 0.0  # the belt begins with this speed (console units) instead of the minimum
    least_speed: float = 0.0  # the belt goes no slower than this (console units), whatever its range says
    below_least: BelowLeast = "clamps"  # what a slower target does
    coarse_steps: float = 0.0  # the belt goes to the nearest multiple of this above the minimum (console units)
    toggles_on_start: bool = False  # Start while started stops the belt
    restarts_on_start: bool = False  # Start while started takes the belt back to the speed that it begins with
    stop_ignored: bool = False  # says Success to Stop and Pause, the belt runs on
    stop_alone_ignored: bool = False  # says Success to Stop, the belt runs on; Pause works
    stop_only_at_rest: bool = False  # declines Stop until it has reported 0 km/h, in its countdown too; Pause works
    reports_own_stops: bool = False  # its status says that it stopped or paused, also where a client told it to
    pause_declined: bool = False  # declines Pause
    pause_ends_session: bool = False  # obeys Pause as if it were Stop
    toggles_on_stop: bool = False  # Stop while it slows down, is paused or has just stopped makes it go again
    toggles_on_pause: bool = False  # Pause while it slows down or rests makes it go again
    faster_on_pause: bool = False  # Pause while it runs makes it faster by 1 (console units)
    resumes_at_last_speed: bool = False  # a resumed belt goes back to its speed instead of the minimum
    starts_at_last_speed: bool = False  # so does every start, also one after a Stop
    resume_delay: float = 0.0  # s at the minimum before a belt goes back to its last speed
    deaf_after_start: float = 0.0  # s after a start in which a target speed is answered with Success and not followed
    keeps_session_in_pause: bool = False  # Stop is declined while paused
    starts_only_anew: bool = False  # Start is declined while paused; after a Stop it begins a new session

    # What the deck makes of commands, and what it reports
    ignore_incline: bool = False  # says Success to a target incline, the deck does not follow
    coarse_inclines: float = 0.0  # the deck goes to the multiple of this (%) below a target, whatever 2AD5 says
    coarse_inclines_up: bool = False  # to the one above
    declines_fine_inclines: bool = False  # it declines every other target
    incline_told_times: float = 0.0  # it reports its incline multiplied by this
    incline_taken_times: float = 0.0  # and takes targets multiplied by this
    incline_stuck_at: float = 0.0  # it reports this incline (%), whatever the deck does
    incline_late: float = 0.0  # it reports where the deck was this long (s) ago
    incline_mirrored: bool = False  # it reports its incline with the wrong sign
    incline_remembered: float = 0.0  # it reports this incline (%), of an earlier session, until the deck moves
    no_incline_reported: bool = False  # it reports no incline, although it takes one
    reports_target_incline: bool = False  # it reports its target, before the deck is there
    deck_drifts: float = 0.0  # the deck of a running belt rises by itself, by this (%) a minute

    # What is notified
    speed_noise: float = 0.0  # the reported speed trembles by up to this (console units)
    silent: bool = False  # no Treadmill Data
    no_speed: bool = False  # Treadmill Data tells time and heart rate only
    flood: float = 0.0  # this many further reports each second
    status_flood: float = 0.0  # this many statuses each second that nothing has happened for
    endless_frames: bool = False  # each report and status is filled up to 512 bytes
    running_speed: bool = False  # Running Speed and Cadence (2A53) tells the speed, too
    report_interval: float = 0.0  # s between two reports, instead of one each second
    malformed_data: bool = False  # an empty, short or odd frame before every good one
    split_records: bool = False  # a record comes in two frames joined by More Data
    truncate_at: OptionalInteger = None  # frames are cut after this many bytes (20 with the smallest MTU)
    pre_workout_at_rest: bool = False  # the training status of a belt at rest is "pre-workout", all day
    repeats_last_speed_at_rest: bool = False  # from Stop or Pause on it reports the speed that it ran with
    snaps_to_speed_at_rest: float = 0.0  # this speed (console units) is reported whenever the belt is not run; never 0
    no_status: bool = False  # no Machine Status and no Training Status: only counters tell
    training_status_idle_while_moving: bool = False  # the training status is "idle", whatever the belt does
    counters_frozen_without_walker: bool = False  # nothing is counted, no time either, while nobody is on the belt
    clock_runs_in_pause: bool = False  # the elapsed time of a paused session goes on
    zeros_at_stop: bool = False  # whatever stops or pauses the belt, all counters are 0 at once
    elapsed_wraps_at: float = 0.0  # s at which the elapsed time begins again at 0
    zeros_every: float = 0.0  # s of a walk between two reports of a speed of 0 that is none
    no_pulse: bool = False  # with a heart rate that it measures, it reports 255: no contact
    coarse_distance: float = 0.0  # the distance is reported in whole multiples of this (m)
    no_inclination: bool = False  # the incline is not reported
    short_tail: bool = False  # steps come in two bytes, without the zero byte behind them
    noisy_tail: bool = False  # the bytes in which others count steps are noise
    no_counters: bool = False  # only speed and incline are reported
    stale_status_on_subscribe: bool = False  # an old "stopped by user" arrives as soon as status is subscribed

    # Who else uses it
    used_at_console: float = 0.0  # s at rest after which somebody walks for a minute, with the console's keys

    def update(self, values: Mapping[str, object]) -> None:
        """Set faults by name, as JSON gives them (op codes as a list).

        Raises ValueError for an unknown name or a value of the wrong kind; then nothing is set.
        """
        kinds = {field.name: field.type for field in fields(self)}
        checked: dict[str, object] = {}
        for name, value in values.items():
            if name not in kinds:
                raise ValueError(f"unknown fault: {name}")
            try:
                checked[name] = _READERS[kinds[name]](value)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None
        for name, value in checked.items():
            setattr(self, name, value)

    def clear(self) -> None:
        """Switch every fault off."""
        for field in fields(self):
            setattr(self, field.name, field.default)

    def active(self) -> dict[str, object]:
        """Return the faults that are on, as JSON can carry them and `update` takes them."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        defaults = {field.name: field.default for field in fields(self)}
        return {name: _as_json(value) for name, value in values.items() if value != defaults[name]}

    def loses_indication(self, op_code: int) -> bool:
        """Return whether the indication that answers `op_code` is lost."""
        return self.lost_indications == "all" or op_code in self.lost_indications


def _as_json(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    return sorted(value) if isinstance(value, frozenset) else value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"expected true or false, not {value!r}")  # noqa: TRY004 - one kind of error for what JSON brings
    return value


def _amount(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
        raise ValueError(f"expected a number of at least 0, not {value!r}")
    return float(value)


def _byte(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 0xFF:
        raise ValueError(f"expected a whole number from 0 to 255, not {value!r}")
    return value


def _optional_byte(value: object) -> int | None:
    return None if value is None else _byte(value)


def _op_codes(value: object) -> frozenset[int]:
    if not isinstance(value, list | tuple | set | frozenset):
        raise ValueError(f"expected a list of op codes, not {value!r}")  # noqa: TRY004 - as above
    return frozenset(_byte(item) for item in value)


def _op_codes_or_all(value: object) -> frozenset[int] | Literal["all"]:
    return "all" if value == "all" else _op_codes(value)


def _uuids(value: object) -> frozenset[str]:
    if not isinstance(value, list | tuple | set | frozenset):
        raise ValueError(f"expected a list of UUIDs, not {value!r}")  # noqa: TRY004 - as above
    wrong = [item for item in value if not isinstance(item, str) or not _UUID.fullmatch(item)]
    if wrong:
        raise ValueError(f"expected four digits of an assigned UUID, not {wrong[0]!r}")
    return frozenset(item.lower() for item in value)


def _optional_bytes(value: object) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise ValueError(f"expected bytes in hexadecimal, not {value!r}")  # noqa: TRY004 - as above
    return bytes.fromhex(value)


_UUID: Final = re.compile("[0-9a-fA-F]{4}")


def _below_least(value: object) -> BelowLeast:
    match value:
        case "clamps" | "ignores" | "declines" | "stops":
            return value
        case _:
            raise ValueError(f"expected clamps, ignores, declines or stops, not {value!r}")


_READERS: Final[dict[object, Callable[[object], object]]] = {
    bool: _flag,
    float: _amount,
    OptionalInteger: _optional_byte,
    BelowLeast: _below_least,
    OpCodes: _op_codes,
    OpCodesOrAll: _op_codes_or_all,
    Uuids: _uuids,
    OptionalBytes: _optional_bytes,
}
