"""The output of scripts/demo from start to end, and its refusals."""

import asyncio
import re
from pathlib import Path

import pytest

from tests.support.live.child import Child, port_is_free
from tests.support.live.demo_run import DemoRun
from tests.support.live.homeassistant_process import ROOT

# Lines that must appear in this order, with others between them. The belt may coast a few seconds after its 2.5 min.
STORY = r"""
Starting Home Assistant \.\.\. done
Address +http://localhost:{port}$
User +demo$
Password +demo-password$
Adding a virtual treadmill and the walker Anna, .* done
Dashboard +http://localhost:{port}/retrowalk-demo$
Session +Idle$
Connection +Connected$
Anna Backward today +0\.0 min$
Anna Streak +0 d$
with the action retrowalk\.start_session
Session +Ready$
Start +pressed$
Session +Countdown$
15 s$
5 s$
Session +Starting$
Belt +Moving$
Session +Warm-up$
Speed +0\.5 km/h$
Target speed +1\.3 km/h$
About to speed up, from 0\.5 to 1\.3 km/h$
Speed +0\.6 km/h$
Speed +1\.3 km/h$
Session events +Halfway$
Session events +Last minute$
Session events +Cooling down, from 1\.3 to 0\.5 km/h$
Session +Cool-down$
Distance +3\d m$
Session +Stopping$
Session +Finished$
Result:$
Anna walked backward for 2\.[56] of 2\.5 minutes: completed\.$
Distance +(3\d|4\d) m, at 1\.3 km/h at most$
Energy +[5-9]\.\d kcal, [3-6]\.\d of them on top of resting$
the treadmill itself counts \d kcal
Today +2\.[56] minutes; the daily goal is 5$
Streak +1 day$
All checks passed\.$
Stopping Home Assistant \.\.\. done
"""
TAKES = 280
"""Maximum seconds for the demo on a busy computer, including a session of two and a half minutes."""


async def refused(folder: Path, *options: str) -> str:
    """Return the message of the demo when it refuses to start."""
    log = folder / "refused.log"
    child = await Child.start("The demo", [ROOT / "scripts" / "demo", "--exit", *options], log=log, cwd=folder)
    assert await child.wait(200) == 1
    await child.stop()
    return log.read_text()


@pytest.fixture(scope="module", autouse=True)
def begun(demo: DemoRun) -> None:
    """Let the demo walk while the other tests of this module run."""


async def test_a_taken_port_is_explained(tmp_path: Path) -> None:
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        output = await refused(tmp_path, "--port", str(port), "--config", "config")
    assert f"Port {port} is taken" in output
    assert f"scripts/demo --port {port + 1}" in output
    assert not (tmp_path / "config").exists()


async def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    precious = tmp_path / "config" / "configuration.yaml"
    precious.write_text("mine:")
    for option in ("--exit", "--keep"):
        output = await refused(tmp_path, option, "--config", "config")
        assert "--config" in output
    assert precious.read_text() == "mine:"
    assert list(precious.parent.iterdir()) == [precious]


async def test_a_personality_that_there_is_not_is_answered_with_those_that_there_are(tmp_path: Path) -> None:
    output = await refused(tmp_path, "--personality", "nobody", "--config", "config")
    assert "There is no personality 'nobody'" in output
    assert "stop_only_at_rest" in output
    assert not (tmp_path / "config").exists()


async def test_a_file_that_is_no_diagnostics_is_said(tmp_path: Path) -> None:
    (tmp_path / "file.json").write_text("{}")
    output = await refused(tmp_path, "--personality", "file.json", "--config", "config")
    assert "file.json is no diagnostics of a treadmill" in output
    assert not (tmp_path / "config").exists()


@pytest.mark.parametrize("option", ["-h", "--help"])
async def test_it_explains_its_options(option: str) -> None:
    process = await asyncio.create_subprocess_exec(
        ROOT / "scripts" / "demo", option, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, err = await process.communicate()
    assert process.returncode == 0
    assert not err
    assert all(name in out.decode() for name in ("--port", "--config", "--keep", "--exit", "--personality", "Ctrl-C"))


@pytest.mark.timeout(TAKES + 20)
async def test_it_walks_backward_tells_what_came_of_it_and_leaves_nothing(demo: DemoRun) -> None:
    code = await demo.wait(TAKES)
    output = demo.output
    assert code == 0, output
    begin = 0
    for line in STORY.format(port=demo.port).strip().splitlines():
        match = re.compile(line, re.MULTILINE).search(output, begin)
        assert match, f"{line!r} is not in the rest: {output[begin:]}"
        begin = match.end()
    assert not demo.config.exists()
    assert port_is_free(demo.port)
