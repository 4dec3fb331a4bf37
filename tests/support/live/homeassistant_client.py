"""A small asynchronous client for a running Home Assistant: its WebSocket commands and its config-flow REST views.

It waits for events that Home Assistant sends and never polls.
"""

# A timeout that the caller chooses raises an error that says what was awaited.

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Self

import aiohttp

State = dict[str, Any]
"""A state as Home Assistant sends it: entity_id, state, attributes, last_changed and so on."""
Predicate = Callable[[State], bool]
Json = dict[str, Any]

REPLY_TIMEOUT = 60.0
"""Seconds; some services wait for a machine before they answer."""


class HomeAssistantError(Exception):
    """Error raised when Home Assistant refuses, fails, disconnects or does not reach an awaited state."""


class CommandError(HomeAssistantError):
    """Error raised when a WebSocket command or a REST call fails; `code` is Home Assistant's error code."""

    def __init__(self, what: str, code: str, message: str) -> None:
        super().__init__(f"{what}: {code}: {message}")
        self.code = code
        self.message = message


class Subscription:
    """The events of one subscription, in order; `get` and iteration wait for the next one."""

    def __init__(self) -> None:
        self._events: asyncio.Queue[Any] = asyncio.Queue()
        self.lost: Exception | None = None

    def put(self, event: Any) -> None:
        self._events.put_nowait(event)

    async def get(self, timeout: float | None = None) -> Any:
        """Return the next event; TimeoutError after `timeout` seconds, HomeAssistantError if the connection is lost."""
        if self._events.empty() and self.lost is not None:
            raise self.lost
        async with asyncio.timeout(timeout):
            event = await self._events.get()
        if isinstance(event, _Lost):
            self.lost = event.error
            raise event.error
        return event

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        return await self.get()


class _Lost:
    def __init__(self, error: Exception) -> None:
        self.error = error


class HomeAssistantClient:
    """One authenticated WebSocket, and REST calls with the same token. Make it with `HomeAssistantClient.connect`."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str) -> None:
        self.url = url
        self.token = token
        self._session = session
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._reader: asyncio.Task[None] | None = None
        self._ids = itertools.count(1)
        self._replies: dict[int, tuple[str, asyncio.Future[Any]]] = {}
        self._subscriptions: dict[int, Subscription] = {}

    @classmethod
    async def connect(cls, url: str, token: str) -> Self:
        """Open the WebSocket of the Home Assistant at `url` (such as http://127.0.0.1:8123) and authenticate."""
        session = aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"})
        client = cls(session, url, token)
        try:
            socket = client._socket = await session.ws_connect(f"{url}/api/websocket", max_msg_size=0, heartbeat=30)
            await socket.receive_json()  # auth_required
            await socket.send_json({"type": "auth", "access_token": token})
            answer = await socket.receive_json()
        except BaseException:
            await session.close()
            raise
        if answer["type"] != "auth_ok":
            await session.close()
            raise CommandError("auth", answer["type"], answer.get("message", ""))
        client._reader = asyncio.create_task(client._read(socket), name="Home Assistant WebSocket reader")
        return client

    async def close(self) -> None:
        """Close the WebSocket; may be called twice."""
        if self._socket is not None:
            await self._socket.close()
        if self._reader is not None:
            await self._reader
        await self._session.close()

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        error: Exception = HomeAssistantError("Home Assistant closed the WebSocket")
        try:
            async for frame in socket:
                if frame.type is not aiohttp.WSMsgType.TEXT:
                    break
                messages = frame.json()
                for message in messages if isinstance(messages, list) else [messages]:
                    self._handle(message)
        except (aiohttp.ClientError, ValueError) as reason:
            error = HomeAssistantError(f"The WebSocket to Home Assistant failed: {reason}")
        finally:
            for what, reply in self._replies.values():
                if not reply.done():
                    reply.set_exception(HomeAssistantError(f"{what}: {error}"))
                    reply.exception()  # the waiting task may have ended already
            for subscription in self._subscriptions.values():
                subscription.put(_Lost(error))
            self._replies.clear()
            self._subscriptions.clear()

    def _handle(self, message: Json) -> None:
        number = message["id"]
        if message["type"] == "event":
            if number in self._subscriptions:
                self._subscriptions[number].put(message["event"])
            return
        what, reply = self._replies.pop(number, ("", None))
        if reply is None or reply.done():
            return
        if message["type"] == "pong" or message["success"]:
            reply.set_result(message.get("result"))
        else:
            failure = message["error"]
            reply.set_exception(CommandError(what, failure["code"], failure["message"]))

    # WebSocket

    async def command(self, type: str, *, timeout: float = REPLY_TIMEOUT, **fields: Any) -> Any:  # noqa: A002
        """Send one WebSocket command and return its result."""
        return await self._command(next(self._ids), type, fields, timeout)

    async def _command(self, number: int, what: str, fields: Mapping[str, Any], timeout: float) -> Any:
        if self._socket is None or self._reader is None or self._reader.done():
            raise HomeAssistantError(f"{what}: not connected to Home Assistant")
        reply = asyncio.get_running_loop().create_future()
        self._replies[number] = (what, reply)
        try:
            await self._socket.send_json({"id": number, "type": what, **fields})
            async with asyncio.timeout(timeout):
                return await reply
        except TimeoutError as error:
            raise HomeAssistantError(f"{what}: no answer in {timeout:.0f} s") from error
        except ConnectionError as error:
            raise HomeAssistantError(f"{what}: Home Assistant closed the WebSocket") from error
        finally:
            self._replies.pop(number, None)

    @contextlib.asynccontextmanager
    async def subscribe(self, type: str, **fields: Any) -> AsyncIterator[Subscription]:  # noqa: A002
        """Subscribe with a WebSocket command, such as "subscribe_events" with event_type="state_changed"."""
        number = next(self._ids)
        subscription = self._subscriptions[number] = Subscription()
        try:
            await self._command(number, type, fields, REPLY_TIMEOUT)
            yield subscription
        finally:
            if self._subscriptions.pop(number, None) is not None:
                with contextlib.suppress(HomeAssistantError):
                    await self.command("unsubscribe_events", subscription=number)

    # States and services

    async def call_service(
        self,
        domain: str,
        service: str,
        data: Mapping[str, Any] | None = None,
        target: Mapping[str, Any] | None = None,
        *,
        return_response: bool = False,
        timeout: float = REPLY_TIMEOUT,
    ) -> Any:
        """Call a service, wait until it is done, and return its response if requested, otherwise None."""
        fields: Json = {"domain": domain, "service": service, "service_data": dict(data or {})}
        if target:
            fields["target"] = dict(target)
        if return_response:
            fields["return_response"] = True
        result = await self.command("call_service", timeout=timeout, **fields)
        return result["response"] if return_response else None

    async def states(self) -> dict[str, State]:
        """Return all states by entity ID."""
        return {state["entity_id"]: state for state in await self.command("get_states")}

    async def wait_for_state(self, entity_id: str, predicate: Predicate | str, timeout: float = 60.0) -> State:
        """Wait until the entity's state satisfies `predicate` (or equals it, if that is text) and return it."""
        satisfied = (lambda state: state["state"] == predicate) if isinstance(predicate, str) else predicate
        last: State | None = None
        try:
            async with (
                asyncio.timeout(timeout),
                self.subscribe("subscribe_events", event_type="state_changed") as changes,
            ):
                last = (await self.states()).get(entity_id)
                while last is None or not satisfied(last):
                    changed = (await changes.get())["data"]
                    if changed["entity_id"] == entity_id:
                        last = changed["new_state"]
        except TimeoutError as error:
            outcome = "it never existed" if last is None else f"last seen: {last['state']!r} {last['attributes']}"
            wanted = f"{predicate!r}" if isinstance(predicate, str) else "what was awaited"
            raise HomeAssistantError(f"{entity_id} did not become {wanted} in {timeout:.0f} s; {outcome}") from error
        return last

    # Config flows and entries

    async def rest(self, method: str, path: str, body: Any = None) -> Any:
        """Send a REST request with JSON and return the JSON of the response."""
        async with self._session.request(method, f"{self.url}{path}", json=body) as response:
            if response.status >= 400:
                raise CommandError(f"{method} {path}", str(response.status), (await response.text())[:2000])
            return await response.json()

    async def flow_start(
        self,
        handler: str | list[str],
        data: Mapping[str, Any] | None = None,
        *,
        kind: str = "flow",
        **fields: Any,
    ) -> Json:
        """Start a config flow, answer its first form with `data` when given, and return the result of the last step.

        `kind` "options/flow" takes an entry ID as handler, "subentries/flow" a list of entry ID and subentry type.
        """
        result: Json = await self.rest("POST", f"/api/config/config_entries/{kind}", {"handler": handler, **fields})
        if data is not None and result["type"] in {"form", "menu"}:
            result = await self.flow_step(result["flow_id"], data, kind=kind)
        return result

    async def flow_step(self, flow_id: str, data: Mapping[str, Any], *, kind: str = "flow") -> Json:
        """Answer the form (or, with next_step_id, the menu) that a flow shows and return the result of the step."""
        result: Json = await self.rest("POST", f"/api/config/config_entries/{kind}/{flow_id}", dict(data))
        return result

    async def flow_state(self, flow_id: str, *, kind: str = "flow") -> Json:
        """Return the form that a flow shows now, for example one that discovery started."""
        result: Json = await self.rest("GET", f"/api/config/config_entries/{kind}/{flow_id}")
        return result

    async def flow_go_on(self, result: Json, timeout: float = 120.0, *, kind: str = "flow") -> Json:
        """Wait until the progress of a flow is done, as a browser does, and return its next step."""
        if result["type"] != "progress":
            return result
        what = f"The flow of {result['handler']} at step {result['step_id']}"
        try:
            async with (
                asyncio.timeout(timeout),
                self.subscribe("subscribe_events", event_type="data_entry_flow_progressed") as progress,
            ):
                while (result := await self.flow_state(result["flow_id"], kind=kind))["type"] == "progress":
                    while (await progress.get())["data"]["flow_id"] != result["flow_id"]:
                        pass
        except TimeoutError as error:
            raise HomeAssistantError(f"{what} did not go on in {timeout:.0f} s") from error
        return result

    async def wait_for_discovery(self, handler: str, timeout: float = 60.0) -> Json:
        """Wait for a flow of `handler` that discovery started and return it: flow_id, step_id, context."""
        try:
            async with asyncio.timeout(timeout), self.subscribe("config_entries/flow/subscribe") as changes:
                while True:
                    for change in await changes.get():
                        if change.get("flow") and change["flow"]["handler"] == handler:
                            return dict(change["flow"])
        except TimeoutError as error:
            raise HomeAssistantError(f"No discovery of {handler} in {timeout:.0f} s") from error

    async def wait_for_entry(self, domain: str, state: str = "loaded", timeout: float = 60.0) -> Json:
        """Wait until a config entry of `domain` is in `state` and return it."""
        last: Json | None = None
        try:
            async with asyncio.timeout(timeout), self.subscribe("config_entries/subscribe") as changes:
                while True:
                    for change in await changes.get():
                        if change["entry"]["domain"] == domain and change.get("type") != "removed":
                            last = change["entry"]
                            if last["state"] == state:
                                return last
        except TimeoutError as error:
            outcome = "there is none" if last is None else f"it is {last['state']}: {last.get('reason')}"
            raise HomeAssistantError(
                f"No config entry of {domain} was {state} in {timeout:.0f} s; {outcome}"
            ) from error

    async def entries(self, domain: str) -> list[Json]:
        """Return the config entries of an integration."""
        result: list[Json] = await self.command("config_entries/get", domain=domain)
        return result

    async def remove_entry(self, entry_id: str) -> None:
        """Remove a config entry."""
        await self.rest("DELETE", f"/api/config/config_entries/entry/{entry_id}")

    async def reload_entry(self, entry_id: str) -> None:
        """Reload a config entry."""
        await self.rest("POST", f"/api/config/config_entries/entry/{entry_id}/reload")

    # Registries

    async def devices(self) -> list[Json]:
        """Return the device registry."""
        result: list[Json] = await self.command("config/device_registry/list")
        return result

    async def entities(self) -> list[Json]:
        """Return the entity registry."""
        result: list[Json] = await self.command("config/entity_registry/list")
        return result

    async def issues(self) -> list[Json]:
        """Return the repair issues."""
        result: list[Json] = (await self.command("repairs/list_issues"))["issues"]
        return result
