"""A stop goes before whatever was decided in the same moment (S3)."""

from custom_components.retrowalk.machine.model import Command, CommandKind
from custom_components.retrowalk.training.events import SessionEvent, SessionEventKind
from custom_components.retrowalk.training.session.outbox import Outbox

STOP, TARGET = Command(CommandKind.STOP), Command(CommandKind.SET_SPEED, 2.0)
RESUMED = SessionEvent(SessionEventKind.RESUMED)


def test_s3_a_target_of_the_moment_of_a_stop_is_not_sent_and_what_happened_is_told() -> None:
    outbox = Outbox()
    outbox.extend([TARGET, RESUMED, Command(CommandKind.START)], 1000.0)
    outbox.stop(STOP)
    assert outbox.drain() == [RESUMED, STOP]


def test_s3_stops_of_one_moment_are_all_sent() -> None:
    outbox = Outbox()
    outbox.stop(STOP)
    outbox.stop(Command(CommandKind.PAUSE, urgent=True))
    outbox.stop(None)
    assert outbox.drain() == [STOP, Command(CommandKind.PAUSE, urgent=True)]
