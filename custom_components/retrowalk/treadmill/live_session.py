"""The session on a treadmill as its live notification tells it."""

from ..training.session.view import SessionView
from ..training.speech.live import LiveSession
from ..training.states import SessionState
from .snapshot import Snapshot


def live_session(snapshot: Snapshot, session: SessionView, *, safety_key: bool) -> LiveSession | None:
    """Return the session under way, or None if there is none or its belt rests; a check run is not one."""
    begins = snapshot.state is SessionState.STARTING or snapshot.check is not None
    if begins or not (snapshot.under_way and snapshot.belt_may_move):
        return None
    present = session.commanded or snapshot.present
    return LiveSession(
        state=snapshot.state,
        walker=snapshot.walker,
        direction=snapshot.direction,
        seconds=snapshot.moving_time,
        length=session.length,
        ends=snapshot.ends,
        speed=None if present is None else present.speed,
        incline=None if present is None else present.incline,
        safety_key=safety_key,
        stop_failure=session.stop_failure,
    )
