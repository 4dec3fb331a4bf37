"""The start guards that the owner picked: while one is on, or cannot be read, nothing begins (safety rule S17)."""

from ..rules import Refusal, RefusedError


class Guards:
    """What each guard says, by name. One that cannot be read may be on: enough to forbid a start, not to end a walk."""

    def __init__(self) -> None:
        self._known: dict[str, bool | None] = {}  # what it said last; None: nothing yet
        self._unreadable: set[str] = set()

    def __bool__(self) -> bool:
        """Whether there are guards."""
        return bool(self._known)

    def update(self, name: str, *, on: bool | None) -> bool:
        """Take in what one says, None if it cannot be read; whether it has turned on since it last could be."""
        before = self._known.get(name)
        if on is None:
            self._known[name] = before
            self._unreadable.add(name)
            return False
        self._known[name] = on
        self._unreadable.discard(name)
        return on and not before

    @property
    def forbid(self) -> bool:
        """Whether nothing may begin."""
        return bool(self._on or self._unreadable)

    def check(self) -> None:
        """Raise RefusedError, with their names, while guards forbid that anything begins."""
        if self._on:
            raise RefusedError(Refusal.GUARDED, self._on)
        if self._unreadable:
            raise RefusedError(Refusal.GUARD_UNREADABLE, tuple(sorted(self._unreadable)))

    @property
    def _on(self) -> tuple[str, ...]:
        return tuple(name for name, on in self._known.items() if on and name not in self._unreadable)
