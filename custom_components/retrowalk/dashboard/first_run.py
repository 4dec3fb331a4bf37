"""What is still to do after the set-up, as rows of the card, for those who may do it: administrators."""

from typing import Any, Final

from homeassistant.auth.models import User

from ..const import CONF_ANNOUNCE, DOMAIN
from ..coordinator import RetrowalkCoordinator
from ..messaging.texts import Texts
from ..training.speech.phrases import Line
from ..treadmill.first_run import Task, is_first_run, open_tasks
from ..treadmill.options import AnnouncePolicy

_PATHS: Final = {Task.CHECK: "/config/repairs", Task.REMINDER: f"/config/integrations/integration/{DOMAIN}"}


def first_run_of(coordinator: RetrowalkCoordinator, texts: Texts, user: User) -> dict[str, Any] | None:
    """Return the rows, with texts; None if nothing is to do, or not for this user."""
    entry = coordinator.config_entry
    if not user.is_admin or not is_first_run(entry):
        return None
    rows = []
    # The card is on a dashboard already.
    for task in open_tasks(entry, coordinator.data.rules, coordinator.roster, has_dashboard=True):
        row = {"key": task.value, "text": _text(texts, f"todo_{task}")}
        if task is Task.WALK:
            row["program"] = task.value
        if task in _PATHS:
            row["path"] = _PATHS[task]
        rows.append(row)
    if rows and entry.options.get(CONF_ANNOUNCE) == AnnouncePolicy.CARD:
        rows.append({"key": "voice", "text": _text(texts, "todo_voice")})
    return {"title": _text(texts, "todo"), "hide": _text(texts, "todo_hide"), "rows": rows} if rows else None


def _text(texts: Texts, key: str) -> str:
    return texts.render((Line(key),))
