"""The sentences of the house: whether one is translated, and which are said of every walk."""

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from custom_components.retrowalk.training.units import Speed

_TRANSLATIONS = Path(__file__).resolve().parents[3] / "custom_components" / "retrowalk" / "translations"
ROUTINE = {
    *("backward", "walker", "clip_key_behind", "feet_beside", "face_away", "hand_on_rail", "music_off", "nobody_near"),
    *("press_start", "countdown", "key_clipped", "facing_away", "hand_is_on_rail", "started", "resumed", "speed_up"),
    *("within", "speed_reached", "one_minute", "minutes", "halfway", "last_minute", "goal_reached"),
}
"""What is said of every walk."""
ENDS = {"finished", "stopped", "paused", "cooling_down"}
"""What is said of every end, which is news only before anybody asked for it."""


@cache
def _texts(language: str) -> dict[str, str]:
    texts = json.loads((_TRANSLATIONS / f"{language}.json").read_text())
    spoken = {key: text for key, text in texts["common"].items() if key.startswith("say_")}
    errors = {f"error_{key}": error["message"].rstrip(".") for key, error in texts["exceptions"].items()}
    return {**spoken, **errors}


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    # A placeholder stands for anything: a number, a name, a unit.
    return {
        key: re.compile(re.sub(r"\\\{\w+\\\}", r".+?", re.escape(text)) + r"\.?(?:\s|$)")
        for key, text in _texts("en").items()
        if key != "say_number"  # a bare number
    }


def sentences(said: str) -> dict[str, str]:
    """Return the sentences of something that was said, by the key of each; fail where one is no translated text."""
    found: dict[str, str] = {}
    at = 0
    while at < len(said):
        matches = {key: match for key, pattern in _patterns().items() if (match := pattern.match(said, at))}
        assert matches, f"not a text of the house: {said[at:]!r}"
        key, match = max(matches.items(), key=lambda item: len(_texts("en")[item[0]]))
        assert _texts("de")[key] != _texts("en")[key], key
        found[key] = match[0].strip()
        at = match.end()
    return found


def rendered(key: str, values: Mapping[str, float | str | Speed]) -> str:
    """Return a text in English and metric units."""
    written = {
        name: f"{getattr(value, 'kmh', value):g}" if not isinstance(value, str) else value
        for name, value in values.items()
    }
    return _texts("en")[key].format_map({**written, "speed_unit": "km/h", "spoken_speed_unit": "kilometers per hour"})


def trouble(said: str, *, ended: bool) -> str:
    """Return what of something said is not said of every walk; `ended`: nor of its end, which nobody asked for."""
    routine = ROUTINE if ended else ROUTINE | ENDS
    return " ".join(text for key, text in sentences(said).items() if key.removeprefix("say_") not in routine)
