"""One cell of the fault matrix: a fault in a state, a Stop while it lasts, its end, and the record."""

from tests.support.reliability.faults import Fault
from tests.support.reliability.oracle import STOP_FAILS
from tests.support.reliability.states import State
from tests.support.reliability.table import Outcome
from tests.support.reliability.words import trouble
from tests.support.reliability.world import World

RECORD = 3.0
"""Seconds by which a record may differ from the belt."""
LEAST_RECORD = 10.0
"""Seconds that make a session; what is shorter is not kept."""


async def play(world: World, fault: Fault, state: State) -> Outcome:
    """Play a cell, and return what became of it; the oracle raises what breaks a rule."""
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
    await world.passes(fault.watch)
    pressed, moved, becomes = oracle.now, oracle.moves, world.state
    await world.stop()
    at_rest = await world.passes(15, lambda: world.house.treadmill.at_rest)
    rests = oracle.now - pressed if at_rest else None
    await world.passes(15 - (rests or 15))
    alarms = oracle.told_since(pressed, STOP_FAILS)
    assert at_rest or alarms, oracle.story("S3: it runs on, and nobody is told what to do")
    await fault.ends(world)
    await world.passes(75, lambda: world.over)
    assert world.over, oracle.story(f"never over: {world.state}")
    await world.passes(4)
    await world.house.until(lambda: not world.house.coordinator.recorder.has_unsaved)
    told = sorted([*oracle.said, *world.refused])
    said = [said for when, text in told if when >= begun and (said := trouble(text, ended=when < pressed))]
    return Outcome(
        fault=fault.title,
        state=state.title,
        becomes=becomes,
        said=list(dict.fromkeys(said)),
        moved=moved,
        rests=rests,
        told=alarms[0][0] - pressed if alarms else None,
        recorded=_judge_record(world),
    )


def _judge_record(world: World) -> float | None:
    """Return by how much the record is longer than the belt moved; None where it moved too short for one."""
    records, oracle = world.records(), world.oracle
    kept = sum(record.moving_time for record in records)
    story = oracle.story(
        f"record: {kept:.1f} s in {len(records)}, belt: {oracle.moved:.1f} s, {oracle.unheard:.1f} more"
    )
    assert kept <= oracle.moved + oracle.unheard + RECORD, story
    if oracle.moved < LEAST_RECORD:
        return None
    assert len(records) == 1, story
    assert kept >= oracle.moved - RECORD, story
    assert records[0].walker == "anna", story
    return round(kept - min(max(kept, oracle.moved), oracle.moved + oracle.unheard), 1) + 0.0
