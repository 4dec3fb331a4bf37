"""What can go wrong with a machine: the few kinds that a caller treats differently."""


class MachineError(Exception):
    """Base of all errors of this package."""


class UnreachableError(MachineError):
    """There is no link, it was lost on the way, or it could not be made (off, out of range, held by another app)."""


class NotATreadmillError(MachineError):
    """The device was read and is no treadmill with a known protocol."""


class ControlRefusedError(MachineError):
    """The machine does not let us control it: another app does, or its console forbids it."""


class RejectedError(MachineError):
    """The machine understood a command and declined it (not supported, out of range, not now)."""


class DeclinedError(RejectedError):
    """A stop, or what takes its place, was delivered and not answered with success."""


class NoAnswerError(MachineError):
    """The machine received a command and never answered; its telemetry shows the effect."""


class SupersededError(MachineError):
    """A stop came first: this command was dropped and will not be sent."""
