"""One cell of the fault matrix: a fault in a state, a Stop while it lasts, its end, and the record."""

from tests.support.reliability.faults import Fault
from tests.support.reliability.oracle import TELLS_WHAT_TO_DO
from tests.support.reliability.states import State
from tests.support.reliability.world import World

RECORD = 3.0
"""Seconds by which a record may differ from the belt."""
LEAST_RECORD = 10.0
"""Seconds that make a session; what is shorter is not kept."""


async def play(world: World, fault: Fault, state: State) -> None:
    """Play a cell; the oracle raises what breaks a rule."""
    oracle = world.oracle
    await world.set_up()
    await state.drive(world)
    begun = oracle.now
    await fault.begins(world)
    if not oracle.running:
        await world.passes(20)
        await fault.ends(world)
    if state.then is not None:
        await world.passes(3)
        await state.then(world)
        await world.passes(26)
    else:
        await world.passes(12)
    pressed = oracle.now
    moved = oracle.moves
    await world.stop()
    await world.passes(15)
    rested = world.house.treadmill.at_rest
    told = oracle.told_since(pressed)
    assert rested or any(TELLS_WHAT_TO_DO.search(text) for text in told), "\n".join(["S3", *oracle.log[-40:]])
    await fault.ends(world)
    await world.passes(75, lambda: world.over)
    assert world.over, "\n".join([f"never over: {world.state}", *oracle.log[-60:]])
    await world.passes(4)
    await world.house.until(lambda: not world.house.coordinator.recorder.has_unsaved)
    del begun, moved
    _judge_record(world)


def _judge_record(world: World) -> None:
    records = world.records()
    moved = world.oracle.moved
    kept = sum(record.moving_time for record in records)
    story = "\n".join([f"record: {kept:.1f} s in {len(records)}, belt: {moved:.1f} s", *world.oracle.log[-60:]])
    if moved < LEAST_RECORD:
        assert kept <= moved + RECORD, story
        return
    assert len(records) == 1, story
    assert abs(kept - moved) <= RECORD, story
    assert records[0].walker == "anna", story
