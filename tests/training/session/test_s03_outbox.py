"""A stop goes before whatever was decided in the same moment (S3); targets are known until they are answered (S5)."""

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


def test_s5_a_target_is_under_way_until_it_is_answered_or_a_stop_overtakes_it() -> None:
    outbox, deck = Outbox(), Command(CommandKind.SET_INCLINE, 1.0)
    outbox.send(Command(CommandKind.START), 1000.0)
    assert not outbox.targets_under_way(1000.0), "a start raises nothing that the next target raises, too"
    outbox.extend([TARGET, deck], 1001.0)
    assert outbox.targets_under_way(1002.0) == {TARGET.kind, deck.kind}
    outbox.on_answered(deck)
    assert outbox.targets_under_way(1002.0) == {TARGET.kind}
    outbox.on_answered(TARGET)
    assert not outbox.targets_under_way(1002.0)
    outbox.send(TARGET, 1003.0)
    outbox.stop(None)
    assert outbox.targets_under_way(1004.0), "nothing was stopped"
    outbox.stop(STOP)
    assert not outbox.targets_under_way(1004.0)
    outbox.send(TARGET, 1005.0)
    outbox.on_link_lost(1006.0)
    assert not outbox.targets_under_way(1006.0)
    assert outbox.lost == {TARGET.kind}


def test_a_target_of_which_nothing_is_ever_heard_is_not_waited_for_forever() -> None:
    outbox = Outbox()
    outbox.send(TARGET, 1000.0)
    assert outbox.targets_under_way(1019.0)
    assert not outbox.targets_under_way(1021.0)
