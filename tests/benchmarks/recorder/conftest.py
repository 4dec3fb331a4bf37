"""The house with a recorder, shared with the integration tests."""

from tests.benchmarks.conftest import figure
from tests.integration.conftest import house
from tests.integration.recorder.conftest import clock, mock_recorder_before_hass, wall

__all__ = ["clock", "figure", "house", "mock_recorder_before_hass", "wall"]
