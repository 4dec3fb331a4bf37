"""A household's own programs, and a way to run them to the end."""

from typing import Any

from tests.support.house import House

EVENING = {
    "name": "Evening",
    "steps": [
        {"minutes": 1, "speed": 1.0},
        {"minutes": 2, "speed": {"from": 1.0, "to": 1.4}, "label": "Up"},
        {"minutes": 2, "speed": 1.0, "label": "Easy"},
    ],
}


def own(name: str = "Evening", **changes: Any) -> dict[str, Any]:
    """Return the subentry of a household's own program."""
    return {
        "subentry_type": "program",
        "subentry_id": changes.pop("subentry_id", name.lower()),
        "title": name,
        "unique_id": None,
        "data": {"direction": "backward", "steps": EVENING["steps"], **changes},
    }


async def walk_to_the_end(house: House, minutes: float) -> None:
    history = house.coordinator.roster.history
    before = len(history)
    for _ in range(round(minutes * 60)):
        await house.time(2, dt=1)
        if house.state("session_state") == "finished":
            await house.until(lambda: len(history) == before + 1)
            await house.settle()
            return
    raise AssertionError("it does not end")
