"""A treadmill and its walkers in a running Home Assistant, added as users add them and found in the registries.

No entity ID is guessed: the IDs are looked up by the keys of the descriptions, with which every unique ID ends.
"""

# A timeout that the caller chooses raises an error that says what was awaited.

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Self

from tests.support.live.homeassistant_client import HomeAssistantClient, HomeAssistantError, Json, Predicate, State

DOMAIN = "retrowalk"
APART = 2.1
"""Seconds between making ready and confirming: two simultaneous presses count as one (S2)."""
SAFE_AND_STEERED: Mapping[str, Any] = {"control": "control", "safety_key": True, "rail": True}
"""Answers to the safety step: Home Assistant may move the belt, and the walker has a key and a rail."""
WALKER: Mapping[str, Any] = {"name": "Anna", "weight": 70}
"""Answers to the step that adds a walker."""


async def add_virtual_treadmill(
    client: HomeAssistantClient,
    safety: Mapping[str, Any] = SAFE_AND_STEERED,
    *,
    who: str = "",
    personality: str | None = None,
) -> Json:
    """Add a virtual treadmill as a user does in the browser and return its config entry.

    `who` is the name of a walker of another treadmill who walks here, too. Without a personality it is polite.
    """
    flow = await client.flow_start(DOMAIN)
    flow = await client.flow_step(_expected(flow, "menu", "user")["flow_id"], {"next_step_id": "virtual"})
    chosen = {} if personality is None else {"personality": personality}
    flow = await client.flow_step(_expected(flow, "form", "virtual")["flow_id"], chosen)
    return await answer_safety(client, await client.flow_go_on(flow), safety, who=who)


async def add_dashboard(client: HomeAssistantClient, path: str) -> None:
    """Add a dashboard with all treadmills, as the dialog does."""
    await client.command("lovelace/dashboards/create", url_path=path, title="Walks")
    strategy = {"strategy": {"type": f"custom:{DOMAIN}"}}
    await client.command("lovelace/config/save", url_path=path, config=strategy)


async def answer_safety(client: HomeAssistantClient, flow: Json, safety: Mapping[str, Any], *, who: str = "") -> Json:
    """Answer the last forms of a config flow, with no voice and one walker, and return the config entry."""
    while flow["type"] == "form" and not flow["data_schema"] and not flow["errors"]:  # said, and read
        flow = await client.flow_step(flow["flow_id"], {})
    if flow.get("step_id") not in {"walker", "share"}:
        flow = await client.flow_step(_expected(flow, "form", "safety")["flow_id"], safety)
    if flow.get("step_id") == "announcer":
        flow = await client.flow_step(flow["flow_id"], {"announce": "none"})
    if flow.get("step_id") == "share":  # there are walkers on other treadmills
        flow = await client.flow_step(flow["flow_id"], {"who": known_walker(flow, who) if who else "somebody_new"})
    if not who:
        flow = await client.flow_step(_expected(flow, "form", "walker")["flow_id"], WALKER)
    if flow["type"] != "create_entry":
        raise HomeAssistantError(f"The flow made no entry: {flow}")
    if "next_flow" in flow:  # closed by somebody who wants none of what comes next
        await client.rest("DELETE", f"/api/config/config_entries/options/flow/{flow['next_flow'][1]}")
    entry: Json = flow["result"]
    return entry


def known_walker(form: Json, name: str) -> str:
    """Return the ID of the walker with this name, whom a form offers to share."""
    [field] = form["data_schema"]
    options = field["selector"]["select"]["options"]
    return next(str(option["value"]) for option in options if option["label"].startswith(f"{name} ("))


async def pass_check_run(client: HomeAssistantClient, entry_id: str, shown: float) -> Json:
    """Run a treadmill's check run in its options (two minutes) and return the last page; `shown` is its console's km/h.

    The belt moves.
    """
    kind = "options/flow"
    flow = await client.flow_start(entry_id, {"next_step_id": "check"}, kind=kind)
    answers = {"nobody_on_belt": True, "key_in": True, "beside_it": True}
    flow = await client.flow_step(_expected(flow, "form", "check")["flow_id"], answers, kind=kind)
    flow = _expected(await client.flow_go_on(flow, kind=kind), "form", "check_start")
    flow = await client.flow_go_on(await client.flow_step(flow["flow_id"], {}, kind=kind), 240, kind=kind)
    answers = {"console": "kmh", "console_speed": shown}
    flow = await client.flow_step(_expected(flow, "form", "check_console")["flow_id"], answers, kind=kind)
    if (flow["type"], flow.get("reason")) == ("abort", "check_passed"):
        return flow
    return _expected(flow, "form", "check_passed")  # while a first run goes on after it


def _expected(flow: Json, kind: str, step: str) -> Json:
    if (flow["type"], flow.get("step_id")) != (kind, step):
        raise HomeAssistantError(f"The flow should show the {kind} {step!r}, but it is: {flow}")
    return flow


class Device:
    """A device of ours and its entities. Make it with `of_entry`."""

    def __init__(self, client: HomeAssistantClient, entry_id: str, device: Json, entities: Mapping[str, str]) -> None:
        self.client = client
        self.entry_id = entry_id
        self.device = device
        self.entities = entities
        """Entity IDs by key, without disabled entities."""

    @classmethod
    async def of_entry(cls, client: HomeAssistantClient, entry_id: str, subentry_id: str | None = None) -> Self:
        """Look up the device and entities of a loaded config entry or of one of its subentries."""
        devices = [
            device
            for device in await client.devices()
            if device["config_entries_subentries"].get(entry_id) == [subentry_id]
        ]
        ids = {device["id"] for device in devices}
        # A unique ID is the address, the subentry if there is one, and the key, joined by underscores.
        parts = 1 if subentry_id is None else 2
        entities = {
            entity["unique_id"].split("_", parts)[parts]: entity["entity_id"]
            for entity in await client.entities()
            if entity["device_id"] in ids and entity["platform"] == DOMAIN and not entity["disabled_by"]
        }
        if len(devices) != 1 or not entities:
            raise HomeAssistantError(f"The entry has the devices {devices} and the entities {entities}")
        return cls(client, entry_id, devices[0], entities)

    @property
    def name(self) -> str:
        """Return the name that the user sees."""
        name: str = self.device["name_by_user"] or self.device["name"]
        return name

    def entity_id(self, key: str) -> str:
        """Return the ID of the entity with this key."""
        if key not in self.entities:
            raise HomeAssistantError(f"{self.name} has no entity {key!r}; it has: {', '.join(sorted(self.entities))}")
        return self.entities[key]

    async def states(self) -> dict[str, State]:
        """Return the states of all its entities by key."""
        states = await self.client.states()
        return {key: states[entity_id] for key, entity_id in self.entities.items() if entity_id in states}

    async def state(self, key: str) -> str:
        """Return the state of one entity."""
        state: str = (await self.states())[key]["state"]
        return state

    async def wait(self, key: str, predicate: Predicate | str, timeout: float = 60.0) -> State:
        """Wait until an entity's state satisfies `predicate` (or equals it, if that is text) and return it."""
        return await self.client.wait_for_state(self.entity_id(key), predicate, timeout)

    async def wait_number(self, key: str, low: float, high: float, timeout: float = 60.0) -> float:
        """Wait until an entity's value is from `low` to `high` and return it."""
        state = await self.wait(key, lambda state: low <= (number(state) or 0.0) <= high, timeout)
        return float(state["state"])


class Treadmill(Device):
    """The treadmill of an entry."""

    _may_confirm = float("-inf")

    async def walkers(self) -> list[Device]:
        """Return its walkers in the order in which they were added."""
        subentries = await self.client.command("config_entries/subentries/list", entry_id=self.entry_id)
        return [
            await Device.of_entry(self.client, self.entry_id, subentry["subentry_id"])
            for subentry in subentries
            if subentry["subentry_type"] == "walker"
        ]

    async def act(self, action: str, *, respond: bool = False, **data: Any) -> Any:
        """Call one of the integration's actions as the logged-in user and return its response if requested."""
        data["device_id"] = self.device["id"]
        answer = await self.client.call_service(DOMAIN, action, data, return_response=respond)
        self._may_confirm = time.monotonic() + APART
        return answer

    async def press(self, key: str) -> None:
        """Press a button as the logged-in user; wait between two presses of Start."""
        if key == "start":
            await asyncio.sleep(self._may_confirm - time.monotonic())
        await self.client.call_service("button", "press", target={"entity_id": self.entity_id(key)})
        if key == "start":
            self._may_confirm = time.monotonic() + APART

    async def set_number(self, key: str, value: float) -> None:
        """Set a number as the logged-in user."""
        await self.client.call_service("number", "set_value", {"value": value}, {"entity_id": self.entity_id(key)})

    async def select(self, key: str, option: str) -> None:
        """Choose an option as the logged-in user."""
        await self.client.call_service(
            "select", "select_option", {"option": option}, {"entity_id": self.entity_id(key)}
        )


def number(state: State | None) -> float | None:
    """Return the state as a number, or None if it is not one, such as unavailable."""
    try:
        return float(state["state"]) if state is not None else None
    except ValueError:
        return None
