"""Access to a walker's personal data: sessions, notes, plan and reminders.

A walker who is linked to a person belongs to that person; any other walker belongs to everybody who may see the
treadmill. Administrators may change all of them, and so may automations, which act for their owner.
"""

from collections.abc import Iterable

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant, callback

from ..errors import ErrorKey, wrong
from .walker import Walker, async_person_of


@callback
def async_is_own(hass: HomeAssistant, user: User | None, walker: Walker | None) -> bool:
    """Return whether a user (None: an automation) may act for a walker (None: a guest)."""
    if user is None or user.is_admin or walker is None or walker.person is None:
        return True
    person = async_person_of(hass, user.id)
    return person is not None and person.entity_id == walker.person


@callback
def async_may_delete(hass: HomeAssistant, user: User | None, walker: Walker | None) -> bool:
    """Return whether a user (None: an automation) may delete sessions of a walker, which nothing brings back.

    What belongs to everybody is deleted by administrators.
    """
    nobodys = walker is None or walker.person is None
    return user is None or user.is_admin or (not nobodys and async_is_own(hass, user, walker))


@callback
def async_check_own(hass: HomeAssistant, user: User | None, walker: Walker | None) -> None:
    """Raise ServiceValidationError if this user may not act for this walker."""
    if walker is not None and not async_is_own(hass, user, walker):
        raise wrong(ErrorKey.WALKER_IS_PRIVATE, walker=walker.name)


async def async_hidden_from_some(hass: HomeAssistant, walkers: Iterable[Walker]) -> set[str]:
    """Return the IDs of the walkers who have something to hide from at least one user who can sign in."""
    users = [user for user in await hass.auth.async_get_users() if user.is_active and not user.system_generated]
    return {walker.id for walker in walkers if not all(async_is_own(hass, user, walker) for user in users)}


async def async_is_own_context(hass: HomeAssistant, context: Context | None, walker: Walker) -> bool:
    """Return whether the user of a context may act for a walker; a deleted user counts as unknown."""
    if context is None or context.user_id is None:
        return True
    user = await hass.auth.async_get_user(context.user_id)
    return walker.person is None if user is None else async_is_own(hass, user, walker)
