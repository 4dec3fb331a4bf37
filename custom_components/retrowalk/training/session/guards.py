"""The guards that the owner selected: while one is on or cannot be read, no session begins (safety rule S17)."""

from ..rules import Refusal, RefusedError


class Guards:
    """The state of each guard. An unreadable one may be on: this prevents a start, but does not end a session."""

    def __init__(self) -> None:
        self._known: dict[str, bool | None] = {}  # its last state; None: none yet
        self._unreadable: set[str] = set()

    def __bool__(self) -> bool:
        """Return whether there are guards."""
        return bool(self._known)

    def update(self, name: str, *, on: bool | None) -> bool:
        """Update a guard, None if it cannot be read; return whether it turned on since it was last readable."""
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
        """Whether a guard prevents a start."""
        return bool(self._on or self._unreadable)

    def check(self) -> None:
        """Raise RefusedError with the names of the guards that prevent a start."""
        if self._on:
            raise RefusedError(Refusal.GUARDED, self._on)
        if self._unreadable:
            raise RefusedError(Refusal.GUARD_UNREADABLE, tuple(sorted(self._unreadable)))

    @property
    def _on(self) -> tuple[str, ...]:
        return tuple(name for name, on in self._known.items() if on and name not in self._unreadable)
