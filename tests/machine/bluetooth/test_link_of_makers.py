"""The link to a machine, mostly of its maker's own protocol, that comes back in the middle of a walk and hangs (S3).

A stop goes before it, and is never taken for delivered where it was not.
"""

from typing import Any

import pytest

from custom_components.retrowalk.machine.bluetooth.catalogue import PROTOCOLS
from custom_components.retrowalk.machine.errors import MachineError, PairingError
from custom_components.retrowalk.machine.framed.driver import FramedDriver
from custom_components.retrowalk.machine.ftms import const
from custom_components.retrowalk.simulator.address import virtual_address
from custom_components.retrowalk.simulator.personalities import PERSONALITIES
from tests.support.link_bench import LinkBench

FRAMED = {protocol.key: protocol.driver for protocol in PROTOCOLS if issubclass(protocol.driver, FramedDriver)}
ENDS = {
    "polite": (const.TREADMILL_DATA[4:8], const.CONTROL_POINT[4:8]),
    **{key: (driver.reports_on[4:8], driver.writes_to[4:8]) for key, driver in FRAMED.items() if driver.can_be_stopped},
}
"""Where each kind reports and is written to, by the virtual treadmill that is one."""
NAMES = "2a29"


def troubles(reports: str, writes: str) -> dict[str, dict[str, Any]]:
    """Return what may be wrong with a link that comes back, as faults."""
    pairs = {"wants_pairing": sorted({reports, writes})}
    return {
        "its names are never told": {"unanswered": [NAMES]},
        "nothing is ever reported": {"unanswered": [reports]},
        "it pairs at once": pairs,
        "it pairs in 5 s": pairs | {"pairing_takes": 5.0},
        "it pairs for its reports only": {"wants_pairing": [reports], "pairing_takes": 5.0},
        "it cannot be paired": pairs | {"cannot_pair": True},
        "its pairing hangs": pairs | {"pairing_hangs": True},
        "its pairing hangs for reports": {"wants_pairing": [reports], "pairing_hangs": True},
    }


TROUBLES = sorted(troubles(*ENDS["polite"]))
FOR_GOOD = ("it cannot be paired", "its pairing hangs")
"""Nothing that is written arrives."""


@pytest.fixture(params=ENDS)
async def bench(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> LinkBench:
    machine = PERSONALITIES[request.param].make_peripheral(virtual_address(1))
    machine.faults.clear()
    return LinkBench(monkeypatch, peripheral=machine)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("pressed", [0.0, 4.0], ids=["before", "while it is made"])
@pytest.mark.parametrize("trouble", TROUBLES)
async def test_s3_a_stop_goes_before_what_a_link_that_comes_back_asks_for(
    bench: LinkBench, trouble: str, pressed: float, request: pytest.FixtureRequest
) -> None:
    reports, writes = ENDS[request.node.callspec.params["bench"]]
    async with bench:
        await bench.connect()
        await bench.walk()
        bench.peripheral.faults.update(troubles(reports, writes)[trouble])
        bench.peripheral.drop_link()
        await bench.time.passes(pressed)
        stopping = bench.stop()
        if trouble in FOR_GOOD or (reports == writes and trouble.startswith(FOR_GOOD)):
            await bench.time.passes(16, dt=0.25)
            assert bench.treadmill.target_speed > 0
            assert bench.link.stop_accepted is None
            bench.peripheral.faults.clear()
            await bench.time.passes(14, dt=0.25)  # a machine that is watched without its control has a link by now
            again = bench.stop()  # as the session does
            await bench.time.until(lambda: bench.treadmill.target_speed == 0, within=25)
            await bench.time.until(lambda: again.done() and stopping.done())
            again.exception()
            assert isinstance(stopping.exception(), MachineError)
        await bench.time.until(lambda: bench.treadmill.at_rest, within=30)
        await bench.time.until(stopping.done)
        stopping.exception()


@pytest.mark.parametrize("trouble", [{"cannot_pair": True}, {"pairing_hangs": True}], ids=str)
async def test_s3_a_stop_outlasts_links_on_which_only_the_data_can_be_paired(
    monkeypatch: pytest.MonkeyPatch, trouble: dict[str, Any]
) -> None:
    """After a reload no session repeats it: the one that is kept is all there is."""
    bench = LinkBench(monkeypatch)
    async with bench:
        await bench.connect()
        await bench.walk()
        bench.peripheral.faults.update(trouble | {"wants_pairing": [const.CONTROL_POINT[4:8]]})
        bench.peripheral.drop_link()
        stopping = bench.stop()
        await bench.time.passes(20, dt=0.25)
        assert bench.treadmill.target_speed > 0
        assert bench.link.stop_waits
        assert isinstance(bench.link.failure, PairingError)
        bench.peripheral.faults.clear()
        await bench.time.until(lambda: bench.treadmill.target_speed == 0, within=25)
        await bench.time.until(stopping.done)
        stopping.exception()
