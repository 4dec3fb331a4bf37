"""A fixture that sets the time to noon."""

from datetime import UTC, datetime

import pytest
from freezegun.api import FrozenDateTimeFactory

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def noon(freezer: FrozenDateTimeFactory) -> FrozenDateTimeFactory:
    freezer.move_to(NOON)
    return freezer
