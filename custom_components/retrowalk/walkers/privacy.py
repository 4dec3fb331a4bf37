"""What is a walker's own affair: their sessions, their notes, their plan and their reminders.

A walker who is linked to a person is that person's; one who is not is everybody's. Administrators put things right for
all, and an automation acts for its owner, who is one.
"""

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant, callback

from ..errors import ErrorKey, wrong
from .walker import Walker, async_person_of


@callback
def async_is_own(hass: HomeAssistant, user: User | None, walker: Walker | None) -> bool:
    """Whether this user may act for this walker; None: an automation, and a guest."""
    if user is None or user.is_admin or walker is None or walker.person is None:
        return True
    person = async_person_of(hass, user.id)
    return person is not None and person.entity_id == walker.person


@callback
def async_check_own(hass: HomeAssistant, user: User | None, walker: Walker | None) -> None:
    """Raise ServiceValidationError where this user may not act for this walker."""
    if walker is not None and not async_is_own(hass, user, walker):
        raise wrong(ErrorKey.WALKER_IS_PRIVATE, walker=walker.name)


async def async_is_own_context(hass: HomeAssistant, context: Context | None, walker: Walker) -> bool:
    """Whether whoever is behind a context may act for this walker; a user who is gone is nobody."""
    if context is None or context.user_id is None:
        return True
    user = await hass.auth.async_get_user(context.user_id)
    return walker.person is None if user is None else async_is_own(hass, user, walker)
