"""A real Home Assistant from this checkout in its own process, with onboarding and a client.

    async with HomeAssistantProcess(Path("/tmp/config")) as home_assistant:
        await home_assistant.client.call_service("homeassistant", "check_config")

Used by the end-to-end tests and by scripts/demo. Needs .venv-live (scripts/setup live). Listens on 127.0.0.1 only.
"""

# A timeout that the caller chooses raises an error that says what was awaited.

import asyncio
import contextlib
import json
import os
import re
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Self

import aiohttp

from tests.support.live.child import Child, ChildError, free_port, port_is_free
from tests.support.live.homeassistant_client import HomeAssistantClient, HomeAssistantError

ROOT = Path(__file__).resolve().parents[3]
HOST = "127.0.0.1"
CONFIGURATION = """\
# What the tests and the demo need, and nothing that wants the Internet.
# There must be no `http:` here: Home Assistant would treat it as a change on trial and restart after five minutes.
config:
frontend:
bluetooth:
"""
RESTART = 100
"""Exit code with which Home Assistant requests a restart."""
# Home Assistant requires versions that no registry has; the ones that scripts/setup installed work.
INSTALLED_OTHERWISE = "aioesphomeapi"
_EVERY_CUSTOM_INTEGRATION = "which has not been tested by Home Assistant"
"""What Home Assistant warns of for whatever is not its own."""
_RECORD = re.compile(r"^(?=\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", re.MULTILINE)


class HomeAssistantProcess:
    """A Home Assistant and its configuration folder, which is kept when it stops."""

    def __init__(
        self,
        config_dir: Path,
        *,
        port: int | None = None,
        venv: Path = ROOT / ".venv-live",
        configuration: str = CONFIGURATION,
        username: str = "walker",
        password: str = "walker",
        progress: Callable[[str], None] = lambda _: None,
        recording: Path | None = None,
    ) -> None:
        """Keep everything in `config_dir`; `configuration` is the configuration.yaml of a new folder.

        The user is created in a new folder, and has to exist in a folder that was used before. `progress` is
        called with each stage of a start. With a `recording`, a virtual treadmill can play the machine of that file.
        """
        self._recording = recording
        self.config_dir = config_dir.absolute()
        self.port = port or free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.log = self.config_dir / "hass-output.log"
        self.username = username
        self.password = password
        self.tokens: dict[str, Any] = {}
        self._venv = venv.absolute()
        self._configuration = configuration
        self._progress = progress
        self._child: Child | None = None
        self._client: HomeAssistantClient | None = None

    @property
    def client(self) -> HomeAssistantClient:
        """Return the connection to the running Home Assistant, which is a new one after each start."""
        if self._client is None:
            raise HomeAssistantError("Home Assistant has not been started")
        return self._client

    @property
    def client_id(self) -> str:
        """Return the client ID of the tokens: the web page of this Home Assistant."""
        return f"{self.url}/"

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # Starting and stopping

    async def start(self, timeout: float = 240.0) -> float:
        """Start, wait until everything is set up (state RUNNING), and return the seconds it took."""
        started = time.monotonic()
        if self._child is not None and self._child.running:
            raise HomeAssistantError("Home Assistant runs already")
        child = self._child = await self._launch()
        stage = ""
        try:
            async with asyncio.timeout(timeout):
                async for stage in self._come_up(child):
                    self._progress(stage)
        except BaseException as error:
            with contextlib.suppress(ChildError):
                await self.stop(timeout=5)
            if isinstance(error, TimeoutError):
                problem = child.error(f"did not start in {timeout:.0f} s; it came as far as: {stage}")
                raise HomeAssistantError(str(problem)) from error
            if isinstance(error, (HomeAssistantError, aiohttp.ClientError)):
                raise HomeAssistantError(str(child.error(f"did not start: {error}"))) from error
            if isinstance(error, ChildError):
                raise HomeAssistantError(str(error)) from error
            raise
        return time.monotonic() - started

    async def stop(self, timeout: float = 60.0) -> float:
        """Stop as a service manager would (SIGTERM) and return the seconds it took. May be called twice."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()
        child, self._child = self._child, None
        return await child.stop(timeout) if child is not None else 0.0

    async def kill(self) -> None:
        """End it as a power cut does (SIGKILL), without a warning: it saves nothing. It can be started again."""
        if self._child is not None:
            self._child.kill()
            await self._child.wait(10)
        await self.stop()

    @property
    def child(self) -> Child:
        """Return the running process, to freeze it."""
        if self._child is None:
            raise HomeAssistantError("Home Assistant has not been started")
        return self._child

    async def restart(self) -> float:
        """Stop and start again with the same folder and port; return the seconds until it runs again."""
        return await self.stop() + await self.start()

    async def wait_ended(self, timeout: float | None) -> int:
        """Wait until Home Assistant ends by itself or by a user's action and return its exit code, such as RESTART."""
        return await self._child.wait(timeout) if self._child is not None else 0

    def log_text(self) -> str:
        """Return the output of Home Assistant over all starts."""
        return self.log.read_text(errors="replace")

    def log_problems(self, component: str, start: int = 0) -> list[str]:
        """Return every warning and error of a custom component, or of Home Assistant about it or one of its entities.

        `start` is the number of characters of `log_text()` to skip.
        """
        # The component's name, but not in the path of a file.
        names = [rf"(?<![\w/-]){component}(?![\w/-])", *map(re.escape, self._entities(component))]
        named = re.compile(rf"(?:WARNING|ERROR|CRITICAL) .*(?:{'|'.join(names)})(?![\w/])")
        code = f"custom_components/{component}/"
        records = [one.strip() for one in _RECORD.split(self.log_text()[start:])]
        problems = [one for one in records if named.search(one) or ("Traceback (" in one and code in one)]
        return [one for one in problems if _EVERY_CUSTOM_INTEGRATION not in one]

    def _entities(self, component: str) -> set[str]:
        """Return the IDs of a component's entities in the registry on disk, removed ones included."""
        registry = self.config_dir / ".storage" / "core.entity_registry"
        if not registry.exists():
            return set()
        data = json.loads(registry.read_text())["data"]
        return {one["entity_id"] for one in data["entities"] + data["deleted_entities"] if one["platform"] == component}

    # For browsers

    def browser_tokens(self) -> dict[str, Any]:
        """Return what `localStorage.hassTokens` must contain (as JSON) for a browser at `url` to be logged in."""
        return {
            **self.tokens,
            "hassUrl": self.url,
            "clientId": self.client_id,
            "expires": int(time.time() * 1000) + int(self.tokens["expires_in"]) * 1000,
        }

    # Startup

    def _prepare(self) -> None:
        """Prepare the configuration folder; existing files stay, except for the port."""
        storage = self.config_dir / ".storage"
        storage.mkdir(parents=True, exist_ok=True)
        configuration = self.config_dir / "configuration.yaml"
        if not configuration.exists():
            configuration.write_text(self._configuration)
        link = self.config_dir / "custom_components" / "retrowalk"
        link.parent.mkdir(exist_ok=True)
        if not link.is_symlink():
            link.symlink_to(ROOT / "custom_components" / "retrowalk", target_is_directory=True)
        _store(
            storage / "http",
            version=2,
            minor_version=2,
            data={
                "stable": {
                    "server_host": [HOST],
                    "server_port": self.port,
                    "cors_allowed_origins": [],
                    "login_attempts_threshold": -1,
                    "ip_ban_enabled": False,
                    "ssl_profile": "modern",
                    "use_x_frame_options": True,
                    "created_at": "2026-01-01T00:00:00+00:00",
                    "error": None,
                    "error_message": None,
                },
                "pending": None,
                "yaml_migration_done": True,
            },
        )
        if not (storage / "onboarding").exists():
            # The remaining step is the user. The step core_config would start integrations that need the Internet.
            done = ["core_config", "analytics", "integration"]
            _store(storage / "onboarding", version=4, minor_version=1, data={"done": done})

    async def _launch(self) -> Child:
        hass = self._venv / "bin" / "hass"
        if not hass.exists():
            raise HomeAssistantError(f"There is no {hass}; run scripts/setup live")
        if not port_is_free(self.port):
            raise HomeAssistantError(f"Something else listens on port {self.port} already")
        self._prepare()
        unwanted = {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH"}
        environment = {name: value for name, value in os.environ.items() if name not in unwanted}
        environment["PATH"] = f"{hass.parent}{os.pathsep}{environment.get('PATH', os.defpath)}"  # hass calls this uv
        command = [str(hass)]
        if self._recording is not None:
            environment["PYTHONPATH"] = str(ROOT)
            python = str(hass.parent / "python")
            command = [python, "-P", "-m", "scripts.lib.home_of_recording", str(self._recording.absolute())]
        command += ["-c", str(self.config_dir), "--log-no-color"]
        command += ["--skip-pip-packages", INSTALLED_OTHERWISE]
        return await Child.start("Home Assistant", command, log=self.log, cwd=self.config_dir, env=environment)

    async def _come_up(self, child: Child) -> AsyncIterator[str]:
        """Follow a launched Home Assistant until it runs, and report each stage."""
        yield "the process was started"
        await self._wait_for_web_server(child)
        yield "its web server answers"
        await self._log_in()
        client = self._client = await HomeAssistantClient.connect(self.url, self.tokens["access_token"])
        yield "logged in"
        async with client.subscribe("subscribe_events", event_type="homeassistant_started") as started:
            if (await client.command("get_config"))["state"] != "RUNNING":
                await started.get()
        if (await client.command("get_config"))["recovery_mode"]:
            raise HomeAssistantError("it is in recovery mode, because its configuration could not be used")
        yield f"running at {self.url}"

    async def _wait_for_web_server(self, child: Child) -> None:
        while True:
            child.require_running()
            try:
                _, writer = await asyncio.open_connection(HOST, self.port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                await writer.wait_closed()
                return

    async def _log_in(self) -> None:
        """Set `tokens` for the first user, who is created if there is none yet."""
        async with aiohttp.ClientSession(self.url) as session:
            if not self.tokens:
                code = await self._create_user(session) or await self._password_login(session)
                grant = {"grant_type": "authorization_code", "code": code}
            else:
                grant = {"grant_type": "refresh_token", "refresh_token": self.tokens["refresh_token"]}
            async with session.post("/auth/token", data={**grant, "client_id": self.client_id}) as response:
                self.tokens |= await _json(response)

    async def _create_user(self, session: aiohttp.ClientSession) -> str | None:
        """Create the first user and return an authorization code; None if there is a user already."""
        user = {"client_id": self.client_id, "language": "en", "name": self.username.capitalize()}
        user |= {"username": self.username, "password": self.password}
        async with session.post("/api/onboarding/users", json=user) as response:
            if response.status in {403, 404}:
                return None
            code: str = (await _json(response))["auth_code"]
            return code

    async def _password_login(self, session: aiohttp.ClientSession) -> str:
        start = {"client_id": self.client_id, "handler": ["homeassistant", None], "redirect_uri": self.client_id}
        async with session.post("/auth/login_flow", json=start) as response:
            flow_id = (await _json(response))["flow_id"]
        user = {"client_id": self.client_id, "username": self.username, "password": self.password}
        async with session.post(f"/auth/login_flow/{flow_id}", json=user) as response:
            result = await _json(response)
        if result["type"] != "create_entry":
            raise HomeAssistantError(f"The user {self.username!r} cannot log in: {result.get('errors')}")
        code: str = result["result"]
        return code


def _store(path: Path, *, version: int, minor_version: int, data: dict[str, Any]) -> None:
    """Write one of Home Assistant's storage files."""
    content = {"version": version, "minor_version": minor_version, "key": path.name, "data": data}
    path.write_text(json.dumps(content, indent=2))


async def _json(response: aiohttp.ClientResponse) -> dict[str, Any]:
    if response.status >= 400:
        raise HomeAssistantError(f"{response.url.path} answered {response.status}: {(await response.text())[:500]}")
    result: dict[str, Any] = await response.json()
    return result
