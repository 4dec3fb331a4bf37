"""The demo: a real Home Assistant with a virtual treadmill, a backward session, and time to look around.

Called by scripts/demo, which documents the options. Ends after the session with --exit, otherwise on Ctrl-C or when
Home Assistant ends. Leaves no process behind.
"""

import argparse
import asyncio
import contextlib
import fcntl
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

from custom_components.retrowalk.simulator.personalities import PERSONALITIES, POLITE
from custom_components.retrowalk.simulator.personality import Personality
from scripts.lib.demo_kinds import KindSession, describe
from scripts.lib.demo_report import report
from scripts.lib.demo_walk import DemoSession
from scripts.lib.demo_watch import Watch
from scripts.lib.recording import RecordingError, read_recording
from scripts.lib.terminal import Terminal
from tests.support.live.child import ChildError, port_is_free
from tests.support.live.homeassistant_client import HomeAssistantError
from tests.support.live.homeassistant_process import CONFIGURATION, RESTART, ROOT, HomeAssistantProcess
from tests.support.live.treadmill import DOMAIN, WALKER, Device, Treadmill, add_virtual_treadmill

USERNAME = "demo"
PASSWORD = "demo-password"
DEFAULT_CONFIG = ROOT / ".demo" / "config"
MARKER = ".retrowalk-demo"
"""The file that marks a folder of the demo; no other folder is ever emptied."""
INTERRUPTED = 130
LIST = "list"
"""Instead of a personality: which there are."""
DASHBOARD = "retrowalk-demo"
"""The path of the demo's dashboard."""
DEMO_CONFIGURATION = f"{CONFIGURATION}history:\nlogbook:\n"


class DemoError(Exception):
    """Error raised when the demo cannot continue; the text says why and what to do."""


def read_options(arguments: list[str] | None = None) -> argparse.Namespace:
    """Return the parsed command line; scripts/demo explains it."""
    parser = argparse.ArgumentParser(prog="scripts/demo")
    parser.add_argument("--port", type=int, default=8123)
    parser.add_argument("--config", type=Path, default=DEFAULT_CONFIG)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--exit", action="store_true")
    parser.add_argument("--personality", metavar="NAME")
    options = parser.parse_args(arguments)
    if options.personality is not None and options.keep:
        parser.error("--keep keeps the treadmill of the earlier demo, so that there is no other personality to choose")
    return options


def chosen_recording(name: str | None) -> Path | None:
    """Return the diagnostics file that was named instead of a personality."""
    return Path(name) if name is not None and name not in PERSONALITIES and Path(name).is_file() else None


def chosen_personality(name: str | None) -> Personality | None:
    """Return the personality of this name or file; None without one. Raises DemoError, which lists all."""
    if name is None or name == POLITE.key:
        return None
    if (file := chosen_recording(name)) is not None:
        try:
            return read_recording(file).personality()
        except RecordingError as error:
            raise DemoError(f"{name} is no diagnostics of a treadmill: {error}.") from error
    if name not in PERSONALITIES:
        raise DemoError(f"There is no personality {name!r}. These are:\n\n{describe()}")
    return PERSONALITIES[name]


class ConfigFolder:
    """The folder with Home Assistant's configuration, locked while the demo uses or empties it."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._made = not self.path.exists()

    @contextlib.contextmanager
    def taken(self, *, keep: bool) -> Iterator[None]:
        """Lock the folder, and empty it unless it is kept."""
        marker = self.path / MARKER
        if self.path.exists() and not self.path.is_dir():
            raise DemoError(f"{self.path} is not a folder. Choose another one with --config.")
        if not self._made and not marker.exists() and any(self.path.iterdir()):
            raise DemoError(
                f"{self.path} was not created by a demo and is not empty. Choose another folder with --config."
            )
        self.path.mkdir(parents=True, exist_ok=True)
        with marker.open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DemoError(f"Another demo is using {self.path}. Choose another folder with --config.") from None
            if not keep:
                self._empty(but=marker)
            yield

    def remove(self) -> None:
        """Remove the folder."""
        self._empty()
        if self._made:
            self.path.rmdir()
        if self.path.parent == DEFAULT_CONFIG.parent:
            with contextlib.suppress(OSError):
                self.path.parent.rmdir()

    def _empty(self, *, but: Path | None = None) -> None:
        for path in self.path.iterdir():
            if path == but:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


class Demo:
    """Run the demo once."""

    def __init__(self, options: argparse.Namespace, terminal: Terminal, personality: Personality | None) -> None:
        self._personality = personality
        self.problems: list[str] = []
        self.session_ran = False
        self._options = options
        self._terminal = terminal
        self._process = HomeAssistantProcess(
            options.config,
            port=options.port,
            configuration=DEMO_CONFIGURATION,
            username=USERNAME,
            password=PASSWORD,
            progress=terminal.stage,
            recording=chosen_recording(options.personality),
        )

    async def run(self) -> None:
        """Start Home Assistant, run the session, and stay; always stop Home Assistant at the end."""
        terminal = self._terminal
        try:
            await self._start()
            terminal.write()
            terminal.write(f"  Address    http://localhost:{self._options.port}", bold=True)
            terminal.write(f"  User       {USERNAME}", bold=True)
            terminal.write(f"  Password   {PASSWORD}", bold=True)
            terminal.write()
            treadmill, walker = await self._treadmill()
            await self._dashboard()
            terminal.write(f"  Dashboard  http://localhost:{self._options.port}/{DASHBOARD}", bold=True)
            terminal.write()
            await self._run_session(treadmill, walker)
            if not self._options.exit:
                self._invite()
                await self._stay(treadmill, walker)
        finally:
            with terminal.busy("Stopping Home Assistant"):
                await self._process.stop()

    async def _start(self) -> None:
        with self._terminal.busy("Starting Home Assistant"):
            await self._process.start()

    async def _treadmill(self) -> tuple[Treadmill, Device]:
        """Return the virtual treadmill and its walker, and add them unless an earlier demo did."""
        client = self._process.client
        entries = await client.entries(DOMAIN)
        if not entries:
            adding = f"Adding a virtual treadmill and the walker {WALKER['name']}, as you would in the browser"
            with self._terminal.busy(adding):
                await add_virtual_treadmill(client, personality=self._personality and self._personality.key)
        entry = await client.wait_for_entry(DOMAIN)
        treadmill = await Treadmill.of_entry(client, entry["entry_id"])
        walkers = await treadmill.walkers()
        if not walkers:
            raise DemoError("The treadmill no longer has a walker. Start again without --keep.")
        return treadmill, walkers[0]

    async def _dashboard(self) -> None:
        """Add a Retrowalk dashboard, as the dialog does."""
        client = self._process.client
        if any(one["url_path"] == DASHBOARD for one in await client.command("lovelace/dashboards/list")):
            return
        await client.command("lovelace/dashboards/create", url_path=DASHBOARD, title="Retrowalk", icon="mdi:walk")
        strategy = {"strategy": {"type": "custom:retrowalk"}}
        await client.command("lovelace/config/save", url_path=DASHBOARD, config=strategy)

    async def _run_session(self, treadmill: Treadmill, walker: Device) -> None:
        terminal = self._terminal
        watch = Watch(treadmill, walker, terminal)
        session = DemoSession(watch) if self._personality is None else KindSession(watch, self._personality)
        async with watch.following():
            await session.run()
        self.session_ran = True
        self.problems = session.problems
        self.problems += [f"Retrowalk logged: {one}" for one in self._process.log_problems(DOMAIN)]
        terminal.write()
        if session.record is not None:
            terminal.write("Result:", bold=True)
            for line in report(session.record, watch.states):
                terminal.write(line)
            terminal.write()
        if self.problems:
            terminal.write("Some checks failed:", bold=True)
            for problem in self.problems:
                terminal.write(f"  - {problem}")
        else:
            terminal.write("All checks passed.", bold=True)

    def _invite(self) -> None:
        write = self._terminal.write
        write()
        write(f"Home Assistant runs at http://localhost:{self._options.port} ({USERNAME} / {PASSWORD}). You can now:")
        write(f"  - open the dashboard /{DASHBOARD}, log in, say how the knee is after this walk, and press Done")
        write("  - press Start: the belt starts after the countdown; between sessions choose who walks, and what")
        write("  - further down: set a reminder and send a test of it, draw a program, correct or delete a session")
        write("  - create your own dashboard: Settings > Dashboards > Add dashboard > Retrowalk")
        write("  - open the treadmill under Settings > Devices & services > Retrowalk, and change its Target speed")
        write("  - press Pause, Resume, Finish and Stop, and tap the ring for the view from afar")
        write("  - look at the walker's device, and at the sessions in the calendar")
        write("  - add another walker or a second virtual treadmill, or change the treadmill's options")
        write("The treadmill's changes appear here. Press Ctrl-C to end the demo.")
        write()

    async def _stay(self, treadmill: Treadmill, walker: Device) -> None:
        """Show all changes until Home Assistant ends; start it again after a restart."""
        while True:
            async with Watch(treadmill, walker, self._terminal).following(until_lost=True):
                code = await self._process.wait_ended(None)
            await self._process.stop()
            if code != RESTART:
                raise DemoError(f"Home Assistant ended with exit code {code}. See its log: {self._process.log}")
            await self._start()
            treadmill, walker = await self._treadmill()


async def run(options: argparse.Namespace) -> int:
    """Run the demo and return the exit code."""
    terminal = Terminal()
    if options.personality == LIST:
        terminal.write(describe())
        return 0
    main, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert main is not None

    def interrupt() -> None:
        if not main.cancelling():
            main.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, interrupt)
    try:
        personality = chosen_personality(options.personality)
        check_port(options.port)
        folder = ConfigFolder(options.config)
        with folder.taken(keep=options.keep):
            code = await run_in(folder, options, terminal, personality)
            if code == 0 and options.exit and not options.keep:
                folder.remove()
            elif code != 0 or not options.exit:
                terminal.write(f"The configuration and the log are in {folder.path}. Use --keep to continue with them.")
            return code
    except (DemoError, HomeAssistantError, ChildError) as error:
        terminal.write(str(error), error=True)
        return 1


async def run_in(
    folder: ConfigFolder, options: argparse.Namespace, terminal: Terminal, personality: Personality | None
) -> int:
    """Run the demo in its folder and return the exit code."""
    demo = Demo(options, terminal, personality)
    try:
        await demo.run()
    except asyncio.CancelledError:
        # Without --exit, this is how a user ends the demo.
        if options.exit or not demo.session_ran:
            return INTERRUPTED
    return 1 if demo.problems else 0


def check_port(port: int) -> None:
    """Raise DemoError if Home Assistant cannot listen on this port."""
    if not port_is_free(port):
        raise DemoError(
            f"Port {port} is taken, perhaps by another Home Assistant. "
            f"Choose another port, for example: scripts/demo --port {port + 1}"
        )


if __name__ == "__main__":
    sys.exit(asyncio.run(run(read_options())))
