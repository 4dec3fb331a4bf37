"""The treadmill within reach that the integration tests have too."""

from tests.integration.conftest import clock, house

__all__ = ["clock", "house"]
