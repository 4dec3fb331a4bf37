"""What a card is told of a refusal: its text's key, and where the remedy is, if that is not on the card."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from homeassistant.auth.models import User
from homeassistant.exceptions import HomeAssistantError

from ..errors import ErrorKey
from ..training.rules import Refusal


class Remedy(StrEnum):
    """Where a remedy is: a page of Home Assistant, or an entity of the treadmill; www/alert.js leads there."""

    REPAIRS = "repairs"
    OPTIONS = "options"
    CONNECT = "connect"
    LOCK = "control_lock"
    LOWER_DECK = "lower_deck"


_FOR_ADMINISTRATORS: Final = frozenset({Remedy.REPAIRS, Remedy.OPTIONS})

REMEDIES: Final[Mapping[str, Remedy]] = {
    Refusal.NOT_CHECKED: Remedy.REPAIRS,
    Refusal.CHECK_OUTDATED: Remedy.REPAIRS,
    Refusal.CHECK_FAILED: Remedy.REPAIRS,
    Refusal.UNITS_CHANGED: Remedy.REPAIRS,
    Refusal.TAKES_MILES: Remedy.REPAIRS,
    Refusal.NOT_OBEYED: Remedy.REPAIRS,
    Refusal.MONITOR_ONLY: Remedy.OPTIONS,
    Refusal.NO_SPEED_CONTROL: Remedy.OPTIONS,
    Refusal.STARTS_TOO_FAST: Remedy.OPTIONS,
    Refusal.STARTS_TOO_FAST_FORWARD: Remedy.OPTIONS,
    Refusal.GUARD_UNREADABLE: Remedy.OPTIONS,
    Refusal.DECK_DOUBTED: Remedy.OPTIONS,
    Refusal.NO_ROOM_TO_CHECK: Remedy.OPTIONS,
    ErrorKey.ANNOUNCER_FAILS: Remedy.OPTIONS,
    ErrorKey.PROGRAM_DOES_NOT_FIT: Remedy.OPTIONS,
    Refusal.NOT_CONNECTED: Remedy.CONNECT,
    Refusal.LOCKED: Remedy.LOCK,
    Refusal.DECK_TOO_HIGH: Remedy.LOWER_DECK,
    Refusal.DECK_UNPROVEN: Remedy.LOWER_DECK,
}
"""A new refusal whose text sends people elsewhere belongs here."""


def placeholders(error: HomeAssistantError, user: User) -> dict[str, str]:
    """Return the placeholders of a refusal's text, with its remedy unless that is out of this user's reach."""
    remedy = REMEDIES.get(error.translation_key or "")
    shown = dict(error.translation_placeholders or {})
    if remedy is None or (remedy in _FOR_ADMINISTRATORS and not user.is_admin):
        return shown
    return {**shown, "remedy": remedy.value}


def refusal(error: HomeAssistantError, user: User) -> dict[str, Any]:
    """Return a refusal as a message of the feed has it."""
    return {
        "translation_domain": error.translation_domain,
        "translation_key": error.translation_key,
        "translation_placeholders": placeholders(error, user),
        "message": str(error),
    }
