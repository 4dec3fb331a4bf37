"""Tests for what a machine's events say about the commands that it has carried out."""

import pytest

from custom_components.retrowalk.machine.ftms.events import procedure_of
from custom_components.retrowalk.machine.model import MachineEvent, MachineEventKind


@pytest.mark.parametrize(
    ("kind", "value", "procedure"),
    [
        (MachineEventKind.STARTED, None, "07"),
        (MachineEventKind.SPEED_CHANGED, 3.0, "02 2c 01"),
        (MachineEventKind.INCLINE_CHANGED, -1.5, "03 f1 ff"),
        (MachineEventKind.SPEED_CHANGED, None, None),
        (MachineEventKind.INCLINE_CHANGED, None, None),
        (MachineEventKind.STOPPED, None, None),
        (MachineEventKind.CONTROL_LOST, None, None),
    ],
)
def test_an_event_tells_which_command_was_carried_out(
    kind: MachineEventKind, value: float | None, procedure: str | None
) -> None:
    assert procedure_of(MachineEvent(kind, value)) == (None if procedure is None else bytes.fromhex(procedure))
