"""What the dialogs offer of walkers who are in the house already: one person is one walker on all treadmills."""

from collections.abc import Sequence
from typing import Any, Final

import voluptuous as vol
from homeassistant.auth.models import User
from homeassistant.config_entries import ConfigEntry, ConfigSubentryData
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.selector import SelectOptionDict

from ..const import CONF_FIRST_ADDRESS, CONF_PERSON, CONF_WALKER_ID, SUBENTRY_WALKER
from ..walkers.household import async_household
from ..walkers.kept import KnownWalker
from ..walkers.walker import async_person_of
from .errors import WalkerError
from .options import radio_buttons

CONF_WHO: Final = "who"
SOMEBODY_NEW: Final = "somebody_new"


async def async_known_walkers(hass: HomeAssistant, entry: ConfigEntry | None = None) -> list[KnownWalker]:
    """Return the walkers of the house who are not on this treadmill yet."""
    household = async_household(hass)
    await household.async_ready()
    return household.known_walkers(entry)


@callback
def async_who_fields(hass: HomeAssistant, known: Sequence[KnownWalker], user: User | None) -> dict[vol.Marker, Any]:
    """Return the field that asks who walks; preselected is the user, or else somebody new."""
    options = [SelectOptionDict(value=walker.id, label=f"{walker.name} ({walker.treadmill})") for walker in known]
    options.append(SelectOptionDict(value=SOMEBODY_NEW, label=SOMEBODY_NEW))
    person = None if user is None else async_person_of(hass, user.id)
    own = (walker.id for walker in known if person is not None and walker.data.get(CONF_PERSON) == person.entity_id)
    return {vol.Required(CONF_WHO, default=next(own, SOMEBODY_NEW)): radio_buttons(CONF_WHO, options)}


def shared_subentry(known: KnownWalker) -> ConfigSubentryData:
    """Return the subentry of a walker on a further treadmill."""
    return ConfigSubentryData(
        subentry_type=SUBENTRY_WALKER,
        title=known.name,
        unique_id=None,
        data={**known.data, CONF_WALKER_ID: known.id, CONF_FIRST_ADDRESS: known.first_address},
    )


def elsewhere_errors(person: str | None, known: Sequence[KnownWalker]) -> dict[str, str]:
    """Return an error if somebody new is linked to a person who is a walker on another treadmill."""
    taken = {walker.data.get(CONF_PERSON) for walker in known if not walker.removed}
    return {CONF_PERSON: WalkerError.PERSON_ELSEWHERE} if person is not None and person in taken else {}
