"""Workout files, read as somebody reads them who answers some questions."""

from typing import Any

from fit_tool.fit_file_builder import FitFileBuilder
from fit_tool.profile.messages.file_id_message import FileIdMessage
from fit_tool.profile.messages.workout_message import WorkoutMessage
from fit_tool.profile.messages.workout_step_message import WorkoutStepMessage
from fit_tool.profile.profile_type import FileType, Manufacturer, Sport, WorkoutStepDuration, WorkoutStepTarget

from custom_components.retrowalk.training.files.imported import ImportAnswers
from custom_components.retrowalk.training.files.reading import read_workout
from custom_components.retrowalk.training.programs.program import Program


def read(content: str | bytes, **answers: Any) -> Program:
    """Return the program in a file."""
    return read_workout(content, ImportAnswers(**answers)).program


def fit_workout(name: str, *steps: tuple[float, float]) -> bytes:
    """Return a FIT workout of steps with a length (s) and a speed (km/h), as another program writes it."""
    builder = FitFileBuilder(auto_define=True, min_string_size=50)
    file_id = FileIdMessage()
    file_id.type = FileType.WORKOUT
    file_id.manufacturer = Manufacturer.DEVELOPMENT.value
    file_id.product = 0
    file_id.time_created = 1_790_000_000_000
    file_id.serial_number = 1
    workout = WorkoutMessage()
    workout.workout_name = name
    workout.sport = Sport.RUNNING
    workout.num_valid_steps = len(steps)
    messages = [file_id, workout]
    for index, (seconds, kmh) in enumerate(steps):
        step = WorkoutStepMessage()
        step.message_index = index
        step.duration_type = WorkoutStepDuration.TIME
        step.duration_time = seconds
        step.target_type = WorkoutStepTarget.SPEED
        step.target_value = 0
        step.custom_target_speed_low = step.custom_target_speed_high = kmh / 3.6
        messages.append(step)
    for message in messages:
        builder.add(message)
    return bytes(builder.build().to_bytes())
