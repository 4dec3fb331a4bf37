"""What the pages of the reference say that neither the code nor the translations do."""

from typing import Any, Final

GENERATED: Final = (
    "<!-- Written by scripts/lib/reference.py from the code and the translations: run scripts/lint. -->\n"
)

ACTIONS_HEAD: Final = f"""\
{GENERATED}
# Actions

Every action with every field. Use them in automations and scripts, or try them under **Developer tools** >
**Actions**.

- The target is a device, one of its entities, an area, a floor or a label: [what an action acts
  on](automations.md#what-an-action-acts-on).
- Speeds are in km/h, and in mph with `unit: mph`; inclines are in percent.
- No action starts a belt at rest by itself: a person confirms ([safety rule
  S2](safety.md#s2-two-acts-to-move-a-belt-at-rest)).
- Files are read and written only in the media folder, and where Home Assistant's `allowlist_external_dirs` allows
  it.
- A walker who is linked to a person is that person's: only they and administrators log, correct, rate, pause or
  skip for them. Automations act for their owner.

In the examples, `device_id` is that of your treadmill, or of a walker's device: choose it in the editor.
"""

ENTITIES_HEAD: Final = f"""\
{GENERATED}
# Entities

A treadmill is one device, and so is each walker. What a machine cannot do has no entity. While Retrowalk only
monitors, there are no targets and no buttons except Stop, Connect and Disconnect.

An entity that is not on at first can be turned on under **Settings** > **Devices & services** > **Retrowalk** > the
device. Its entity ID is made from the names of the device and the entity, for example
`sensor.treadmill_session_duration`.
"""
WALKER_HEAD: Final = """\
Add walkers under **Settings** > **Devices & services** > **Retrowalk** > **Add walker**. Two people on one belt
have two streaks, two plans and two weights. Whoever is linked to a person is private to them: [data and
privacy](data.md).
"""
STATES_HEAD: Final = """\
## Values for automations

States and events are shown in your language; automations compare these values.
"""

TREADMILL_TELLS: Final = {
    "sensor.speed": "The speed of the belt. Unavailable while the treadmill is not connected.",
    "sensor.incline": "The true incline of the deck.",
    "sensor.distance": "Distance of this session. Counters that the machine resets do not confuse it.",
    "sensor.session_duration": "How long the belt has moved in this session, without pauses.",
    "sensor.session_state": "What happens at present: the main entity. `countdown_ends` says when a countdown ends.",
    "sensor.connection": "Whether the Bluetooth connection stands, or the treadmill is free for other apps.",
    "sensor.session_ends": "The time at which the belt will stop.",
    "sensor.program_step": "Which step of the program is walked; its label and how many there are are attributes.",
    "sensor.session_calories": "Calories of this session: [how they are estimated](calories.md).",
    "sensor.machine_energy": "The calories that the machine itself counts.",
    "sensor.training_status": "What the machine says that it does.",
    "sensor.signal_strength": "How well the treadmill is heard by Bluetooth.",
    "sensor.heart_rate": "The pulse, where the machine measures it.",
    "sensor.steps": "Steps of this session, where the machine counts them.",
    "sensor.average_speed": "Average speed of this session while the belt moved.",
    "sensor.top_speed": "The highest speed of this session.",
    "sensor.elevation_gain": "How far this session went up, where there is an incline.",
    "binary_sensor.belt_moving": "Whether the belt moves.",
    "binary_sensor.safety_key": "Whether the safety key was pulled. Unknown after connecting, until the belt moves.",
    "number.session_length": "Length of the next session. One that you choose makes it a walk apart from the plan.",
    "number.target_speed": "Where the speed is steered, inside the limits. Unavailable at rest.",
    "number.target_incline": "Where the deck is steered, inside the limits. Unavailable at rest.",
    "select.direction": "Which way the next walker faces. No treadmill can measure it.",
    "select.walker": "Who walks next. *Whoever starts*: the linked person, else the only walker, else the last one.",
    "select.program": "What is walked next: the plan, a free session, or a [program](programs.md).",
    "switch.control_lock": "While it is on, only Stop works.",
    "button.stop": "Stops the belt now. Works in every state, also while Retrowalk only monitors.",
    "button.start": "First press: ready, nothing moves. A person's second press, two seconds later: the countdown.",
    "button.pause": "Brings the belt to rest and keeps the session for five minutes.",
    "button.resume": "Goes on after a pause, or takes over from the console. Needs two presses, as Start does.",
    "button.finish": "Cools down within half a minute, then stops.",
    "button.lower_deck": "Brings a raised deck back to level, announced, at rest only.",
    "button.connect": "Connects now.",
    "button.disconnect": "Leaves the treadmill to other apps.",
    "event.session": "Everything that happens in a session. Attributes say more, such as why a start failed.",
    "calendar.sessions": "What was walked, and what each walker has planned next: [past sessions](sessions.md).",
}
WALKER_TELLS: Final = {
    "sensor.today": "Minutes walked backward today.",
    "sensor.week": "Minutes walked backward since Monday.",
    "sensor.streak": "Planned days in a row on which was walked. One missed day a week is forgiven.",
    "sensor.total_duration": "Minutes walked backward, ever.",
    "sensor.total_distance": "Distance walked backward, ever.",
    "sensor.total_calories": "Calories of all backward walks.",
    "sensor.forward_duration": "Minutes walked forward, ever.",
    "sensor.forward_distance": "Distance walked forward, ever.",
    "sensor.forward_calories": "Calories of all forward walks.",
    "sensor.total_steps": "Steps in both directions, ever, where a machine or a step sensor counts them.",
    "sensor.last_session": "When the last session ended; its figures, in the units of the house, are attributes.",
    "sensor.next_session": "When the plan has the next session; what it proposes, and why, are attributes.",
    "sensor.knee_discomfort": "The last rating, from 0 (none) to 10.",
    "binary_sensor.goal_reached": "Whether today's goal is reached.",
    "number.weight": "Body weight, for the calories.",
    "number.daily_goal": "Minutes of backward walking on a planned day.",
    "switch.plan_paused": "Lets the plan rest, for travel, pain or illness: no reminders, and no day is missed.",
    "switch.reminder": "Whether a message comes on planned days until you have walked: [reminders](reminders.md).",
    "switch.progression": "Whether the plan adapts to your sessions. Off: it stays as it is.",
    "time.reminder_time": "When the reminder comes.",
    "event.reminder": "What happens to the walker's reminders, even if they reach nobody.",
}

CONFIGURATION_HEAD: Final = f"""\
{GENERATED}
# Configuration

Everything that can be set, as it is in a metric house; in a US house the forms show miles, feet and pounds. A
slider's range also depends on what your machine can do: the ranges here are those of the virtual treadmill.
"""
SET_UP_HEAD: Final = """\
These are asked when you add a treadmill: [installation](installation.md). You can change all of them later.
"""
STEPS: Final = {
    "manual": "Only if you choose to enter the address.",
    "virtual": "Only for a virtual treadmill.",
    "safety": "Not on machines that can only be watched.",
    "share": "Only if somebody walks on another treadmill of the house already.",
    "reconfigure": "Later: **Settings** > **Devices & services** > **Retrowalk** > the menu > **Reconfigure**.",
    "kept": "Only if sessions of a treadmill that was removed are still there: [removal](removal.md).",
}
SETTINGS_HEAD: Final = """\
**Settings** > **Devices & services** > **Retrowalk** > **Configure** > **Settings**. What is saved while the belt
moves applies after the session. What the machine cannot do is not asked; a preferred adapter or proxy only where
there is a choice.
"""
MACHINE_HEAD: Final = """\
**Configure** > **About the machine**. Leave it as it is unless the check run is wrong about your treadmill.
"""
BEHAVIOR_HEAD: Final = """\
The check run finds out most of it, and some models are known. Choose yes or no only where you know better.
"""
WALKERS_HEAD: Final = """\
**Settings** > **Devices & services** > **Retrowalk** > **Add walker**, and later the walker's **Change walker**.
"""

TRIGGERS_HEAD: Final = f"""\
{GENERATED}
# Triggers and conditions

Every trigger and condition with every field. In the automation editor, choose **By target** and pick your treadmill
or a walker: those that fit are offered, and nothing has to be typed. What they are good for is in
[automations](automations.md).

In the examples, `device_id` is that of your treadmill, or of a walker's device: choose it in the editor.
"""

_STEPS: Final = [
    {"minutes": 1, "speed": 1.0},
    {"minutes": 3, "speed": 1.0, "speed_to": 1.6, "label": "Faster"},
    {"seconds": 90, "speed": 1.4, "repeat": 2},
]
ACTION_EXAMPLES: Final[dict[str, dict[str, Any]]] = {
    "start_session": {"walker": "Anna", "minutes": 5, "speed": 1.5},
    "run_program": {"name": "After the coffee", "steps": _STEPS},
    "confirm_session": {},
    "pause_session": {},
    "resume_session": {},
    "finish_session": {},
    "stop": {},
    "adjust": {"speed_delta": -0.3},
    "ramp_to": {"speed": 1.0, "seconds": 90},
    "skip_step": {},
    "log_session": {
        "walker": "Anna",
        "started": "2026-11-18 07:30:00",
        "minutes": 10,
        "distance": 250,
        "note": "At the gym",
    },
    "edit_session": {"walker": "Bert", "note": "It was Bert who walked."},
    "rate_session": {"knee": "same", "effort": 3},
    "delete_session": {"session_id": "01KA9V3Q5W8RZ7D2M4N6P8T0XY"},
    "get_sessions": {"from": "2026-11-01 00:00:00", "to": "2026-12-01 00:00:00"},
    "get_track": {"session_id": "01KA9V3Q5W8RZ7D2M4N6P8T0XY"},
    "create_report": {"weeks": 6, "path": "/media/reports/"},
    "list_programs": {},
    "save_program": {"name": "Morning", "steps": _STEPS},
    "delete_program": {"program": "Morning"},
    "import_program": {"path": "/media/workouts/hills.zwo", "full_speed_kmh": 3.0, "dry_run": True},
    "export_program": {"program": "first_steps", "path": "/media/workouts/"},
    "export_session": {"path": "/media/retrowalk/", "format": "fit"},
    "export_history": {"path": "/media/retrowalk/", "from": "2026-01-01 00:00:00", "separator": "semicolon"},
    "snooze_reminder": {"minutes": 30},
    "skip_today": {},
    "pause_plan": {"until": "2026-12-24"},
    "resume_plan": {},
}
