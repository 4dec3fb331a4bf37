"""Workout files, read as somebody reads them who answers some questions."""

from typing import Any

from custom_components.retrowalk.training.files.imported import ImportAnswers
from custom_components.retrowalk.training.files.reading import read_workout
from custom_components.retrowalk.training.programs.program import Program


def read(content: str | bytes, **answers: Any) -> Program:
    """Return the program in a file."""
    return read_workout(content, ImportAnswers(**answers)).program
