"""A JSON/HTTP API for the emulated proxy: read the treadmills' state, press their buttons, set faults.

    GET    /proxy                      name, clients, listeners, slots, links
    POST   /proxy                      {"action": "close_tcp"}
    GET    /treadmills                 all of them, as below
    GET    /treadmills/0               state, connection and active faults of the treadmill
    GET    /treadmills/0/writes        [{time, uuid, hex}], times in the treadmill's own seconds
    POST   /treadmills/0/console       {"press": "start" | "stop" | "pause" | "pull_safety_key" | "insert_safety_key"}
                                       {"press": "speed" | "incline", "value": 3.5}
    POST   /treadmills/0/faults        {name: value, ...} with the names of simulator/faults.py
    DELETE /treadmills/0/faults        turns off all faults
    POST   /treadmills/0/drop          the treadmill ends the link
    POST   /treadmills/0/reset         initial state: at rest, no session, no faults, no writes; the link stays

Invalid requests are answered with 400 and {"error": explanation}.
"""

import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from custom_components.retrowalk.simulator.gatt import Peripheral
from custom_components.retrowalk.simulator.treadmill import Phase, VirtualTreadmill
from tests.support.live.proxy_link import address_to_int

if TYPE_CHECKING:
    from tests.support.live.proxy import Proxy

type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

BUTTONS: dict[str, Callable[[VirtualTreadmill], None]] = {
    "start": VirtualTreadmill.press_start,
    "stop": VirtualTreadmill.press_stop,
    "pause": VirtualTreadmill.press_pause,
    "pull_safety_key": VirtualTreadmill.pull_safety_key,
    "insert_safety_key": VirtualTreadmill.insert_safety_key,
}
DIALS: dict[str, Callable[[VirtualTreadmill, float], None]] = {
    "speed": VirtualTreadmill.press_speed,
    "incline": VirtualTreadmill.press_incline,
}


@web.middleware
async def _explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a ValueError, with which the handlers refuse a request, with 400 and its text."""
    try:
        return await handler(request)
    except ValueError as error:
        return web.json_response({"error": str(error)}, status=400)


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = await request.json()
    except json.JSONDecodeError as error:
        raise ValueError(f"the body is no JSON: {error}") from error
    if not isinstance(body, dict):
        raise ValueError(f"the body must be a JSON object, not {body!r}")  # noqa: TRY004 - all refusals are ValueErrors
    return body


def _choice(names: dict[str, Any], name: object, what: str) -> Any:
    if not isinstance(name, str) or name not in names:
        raise ValueError(f"unknown {what} {name!r}; there are: {', '.join(names)}")
    return names[name]


def press(treadmill: VirtualTreadmill, body: dict[str, Any]) -> None:
    """Press the console button given in `body`."""
    if body.get("press") in DIALS:
        value = body.get("value")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(f"{body['press']} needs a number as value, not {value!r}")
        DIALS[body["press"]](treadmill, float(value))
    else:
        _choice({**BUTTONS, **DIALS}, body.get("press"), "button")(treadmill)


def reset(peripheral: Peripheral) -> None:
    """Reset the treadmill to its initial state, except for its link and its clock."""
    treadmill = peripheral.treadmill
    peripheral.faults.clear()
    peripheral.writes.clear()
    treadmill.insert_safety_key()
    treadmill.reset()
    treadmill.speed = treadmill.incline = treadmill.target_incline = 0.0


class ControlApi:
    """The handlers of the requests for `proxy`."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy

    def application(self) -> web.Application:
        """Return the web application with the routes."""
        application = web.Application(middlewares=[_explain])
        application.add_routes(
            [
                web.get("/proxy", self._get_proxy),
                web.post("/proxy", self._post_proxy),
                web.get("/treadmills", self._get_treadmills),
                web.get("/treadmills/{index}", self._get_treadmill),
                web.get("/treadmills/{index}/writes", self._get_writes),
                web.post("/treadmills/{index}/console", self._post_console),
                web.post("/treadmills/{index}/faults", self._post_faults),
                web.delete("/treadmills/{index}/faults", self._delete_faults),
                web.post("/treadmills/{index}/drop", self._post_drop),
                web.post("/treadmills/{index}/reset", self._post_reset),
            ]
        )
        return application

    def _peripheral(self, request: web.Request) -> Peripheral:
        peripherals = {str(index): one for index, one in enumerate(self._proxy.radio.peripherals.values())}
        chosen: Peripheral = _choice(peripherals, request.match_info["index"], "treadmill")
        return chosen

    def _describe(self, peripheral: Peripheral) -> dict[str, Any]:
        treadmill = peripheral.treadmill
        link = self._proxy.radio.links.get(address_to_int(peripheral.address))
        return {
            "address": peripheral.address,
            "name": peripheral.name,
            "time": peripheral.time,
            "advertising": peripheral.advertising,
            "connected": peripheral.connected,
            "subscribed": link.subscribed if link is not None else [],
            "supervision_timeout": peripheral.supervision_timeout,
            "phase": treadmill.phase,
            "running": treadmill.phase is Phase.RUNNING,
            "at_rest": treadmill.at_rest,
            "safety_key_in": treadmill.safety_key_in,
            "countdown": treadmill.countdown,
            "speed": treadmill.speed,
            "target_speed": treadmill.target_speed,
            "incline": treadmill.incline,
            "target_incline": treadmill.target_incline,
            "distance": treadmill.distance,
            "energy": treadmill.energy,
            "elapsed": treadmill.elapsed,
            "steps": treadmill.steps,
            "heart_rate": treadmill.heart_rate,
            "faults": peripheral.faults.active(),
        }

    async def _get_proxy(self, _request: web.Request) -> web.Response:
        radio = self._proxy.radio
        return web.json_response(
            {
                "name": self._proxy.identity.name,
                "clients": [connection.client_info for connection in self._proxy.connections],
                "listeners": radio.listeners,
                "slots": radio.slots,
                "links": [radio.peripherals[address].address for address in radio.links],
            }
        )

    async def _post_proxy(self, request: web.Request) -> web.Response:
        actions = {"close_tcp": self._proxy.close_connections}
        return web.json_response({"closed": _choice(actions, (await _body(request)).get("action"), "action")()})

    async def _get_treadmills(self, _request: web.Request) -> web.Response:
        return web.json_response([self._describe(one) for one in self._proxy.radio.peripherals.values()])

    async def _get_treadmill(self, request: web.Request) -> web.Response:
        return web.json_response(self._describe(self._peripheral(request)))

    async def _get_writes(self, request: web.Request) -> web.Response:
        writes = self._peripheral(request).writes
        return web.json_response([{"time": time, "uuid": uuid, "hex": data.hex()} for time, uuid, data in writes])

    async def _post_console(self, request: web.Request) -> web.Response:
        peripheral = self._peripheral(request)
        press(peripheral.treadmill, await _body(request))
        return web.json_response(self._describe(peripheral))

    async def _post_faults(self, request: web.Request) -> web.Response:
        faults = self._peripheral(request).faults
        faults.update(await _body(request))
        return web.json_response(faults.active())

    async def _delete_faults(self, request: web.Request) -> web.Response:
        self._peripheral(request).faults.clear()
        return web.json_response({})

    async def _post_drop(self, request: web.Request) -> web.Response:
        peripheral = self._peripheral(request)
        dropped = peripheral.connected
        peripheral.drop_link()
        return web.json_response({"dropped": dropped})

    async def _post_reset(self, request: web.Request) -> web.Response:
        peripheral = self._peripheral(request)
        reset(peripheral)
        return web.json_response(self._describe(peripheral))
