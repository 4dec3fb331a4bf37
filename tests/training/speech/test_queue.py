"""The queue: urgent phrases first, the newest of a kind, nothing late."""

from custom_components.retrowalk.training.speech.phrases import Line, Phrase
from custom_components.retrowalk.training.speech.queue import PhraseQueue


def phrase(name: str, **kind: object) -> Phrase:
    return Phrase(**{"lines": (Line(name),), "slot": name, **kind})  # type: ignore[arg-type]


def spoken(queue: PhraseQueue, now: float) -> list[str]:
    """Return all phrases spoken at this second, in order."""
    names = []
    while (following := queue.next(now)) is not None:
        names.append(following.lines[0].key)
        queue.on_said(now)
    return names


def test_phrases_come_in_order_each_in_its_time() -> None:
    queue = PhraseQueue()
    assert queue.due_in(0.0) is None
    assert not queue.add([phrase("a"), phrase("b", delay=9.0), phrase("c")], 0.0)
    assert queue.due_in(0.0) == 0.0
    assert spoken(queue, 0.0) == ["a", "c"]
    assert queue.due_in(4.0) == 5.0
    assert spoken(queue, 8.9) == []
    assert spoken(queue, 9.0) == ["b"]
    assert queue.due_in(9.0) is None


def test_the_queue_is_idle_when_nothing_is_said_and_nothing_waits() -> None:
    queue = PhraseQueue()
    assert queue.idle
    queue.add([phrase("a")], 0.0)
    assert not queue.idle
    assert queue.next(0.0) is not None
    assert not queue.idle
    queue.on_said(0.0)
    assert queue.idle


def test_nothing_is_said_late() -> None:
    queue = PhraseQueue()
    queue.add([phrase("five", delay=9.0, lasts=1.0)], 0.0)
    assert spoken(queue, 10.1) == []
    assert queue.due_in(10.1) is None


def test_a_newer_phrase_replaces_an_older_one_of_its_kind() -> None:
    queue = PhraseQueue()
    queue.add([phrase("soon", slot="ramp"), phrase("halfway")], 0.0)
    queue.add([phrase("reached", slot="ramp")], 1.0)
    assert spoken(queue, 1.0) == ["halfway", "reached"]


def test_while_a_speaker_sounds_the_next_phrase_waits() -> None:
    queue = PhraseQueue()
    queue.add([phrase("a"), phrase("b")], 0.0)
    assert queue.next(0.0) is not None
    queue.on_said(0.0, 6.0)
    assert queue.next(5.0) is None
    assert queue.due_in(5.0) == 1.0
    assert spoken(queue, 6.0) == ["b"]


def test_the_urgent_goes_first_cuts_off_what_sounds_and_voids_what_waits() -> None:
    queue = PhraseQueue()
    queue.add([phrase("a"), phrase("b"), phrase("number", delay=9.0)], 0.0)
    queue.next(0.0)
    queue.on_said(0.0, 6.0)
    assert queue.add([phrase("lost", urgent=True)], 1.0)
    assert queue.due_in(1.0) == 0.0
    assert queue.add([phrase("stop_failed", urgent=True)], 1.0)
    assert spoken(queue, 1.0) == ["stop_failed", "lost"]
    assert queue.due_in(1.0) is None


def test_the_urgent_does_not_wait_for_a_speaker_that_sounds() -> None:
    queue = PhraseQueue()
    queue.add([phrase("lost", urgent=True, lasts=60.0)], 0.0)
    queue.next(0.0)
    queue.on_said(0.0, 6.0)
    queue.add([phrase("failed", urgent=True)], 1.0)
    queue.add([phrase("a")], 1.0)
    assert queue.due_in(1.0) == 0.0
    assert queue.next(1.0) is not None


def test_the_countdown_cuts_off_the_check_list_but_no_alarm() -> None:
    queue = PhraseQueue()
    countdown = phrase("countdown", slot="stage", cuts=True, stage=True)
    queue.add([phrase("check_list", slot="stage")], 0.0)
    queue.next(0.0)
    assert queue.add([countdown], 1.0)
    assert spoken(queue, 1.0) == ["countdown"]

    queue.add([phrase("alarm", urgent=True)], 2.0)
    queue.next(2.0)
    assert not queue.add([countdown], 3.0)


def test_another_stage_of_the_walk_ends_a_countdown() -> None:
    queue = PhraseQueue()
    queue.add([phrase("number", delay=9.0), phrase("now")], 0.0)
    queue.add([phrase("stage", stage=True)], 1.0)
    assert spoken(queue, 1.0) == ["now", "stage"]
    assert queue.due_in(1.0) is None


def test_the_end_voids_alarms_too_but_not_why_it_came_to_it() -> None:
    queue = PhraseQueue()
    queue.add([phrase("stop_failed", urgent=True, lasts=60.0)], 0.0)
    queue.next(0.0)
    assert queue.add([phrase("start_failed", ends=True)], 1.0)
    assert queue.add([phrase("finished", ends=True)], 1.0)
    queue.on_failed(1.0)
    assert spoken(queue, 1.0) == ["start_failed", "finished"]
    assert queue.due_in(1.0) is None


def test_an_alarm_that_failed_is_tried_again_until_it_is_old() -> None:
    queue = PhraseQueue()
    queue.add([phrase("lost", urgent=True, lasts=5.0)], 0.0)
    for second in (0.0, 2.0, 4.0):
        assert queue.next(second) is not None
        queue.on_failed(second)
        assert queue.due_in(second) == 2.0
    queue.add([phrase("stage", stage=True)], 4.5)
    assert spoken(queue, 6.0) == ["stage"]


def test_what_else_failed_is_not_said_again() -> None:
    queue = PhraseQueue()
    queue.add([phrase("a")], 0.0)
    queue.next(0.0)
    queue.on_failed(0.0)
    queue.on_failed(0.0)
    assert queue.due_in(0.0) is None


def test_an_alarm_that_failed_is_not_tried_again_when_a_newer_one_waits() -> None:
    queue = PhraseQueue()
    queue.add([phrase("lost", slot="link", urgent=True, lasts=60.0)], 0.0)
    queue.next(0.0)
    queue.add([phrase("back", slot="link")], 1.0)
    queue.on_failed(1.0)
    assert spoken(queue, 1.0) == ["back"]
    assert queue.due_in(1.0) is None
