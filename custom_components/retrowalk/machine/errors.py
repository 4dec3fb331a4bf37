"""What can go wrong with a machine: the few kinds that a caller treats differently."""


class MachineError(Exception):
    """Base of all errors of this package."""


class UnreachableError(MachineError):
    """There is no link, it was lost on the way, or it could not be made (off, out of range, held by another app)."""


class LinkLostError(UnreachableError):
    """There was a link, and it ended while the machine was read."""


class UnansweredError(UnreachableError):
    """There is a link, and the machine does not answer what it was asked on it."""


class NoDataError(UnreachableError):
    """There is a link, and the machine declines to report what its belt does."""


class NotATreadmillError(MachineError):
    """The device was read and is no treadmill with a known protocol."""


class ControlRefusedError(MachineError):
    """The machine does not let us control it: another app does, or its console forbids it."""


class RejectedError(MachineError):
    """The machine understood a command and declined it (not supported, out of range, not now)."""


class PairingError(RejectedError):
    """The machine wants to be paired first, and that failed or is not possible."""


class DeclinedError(RejectedError):
    """A stop, or what takes its place, was delivered and not answered with success."""


class NoAnswerError(MachineError):
    """No answer came to a command; the telemetry shows whether it had an effect."""


class NotSentError(NoAnswerError):
    """The machine owed the answer to a command before, so that this one was not sent and will not be: it has none."""


class SupersededError(MachineError):
    """A stop came first: this command was dropped and will not be sent."""


def is_refusal(error: MachineError, *, of_stop: bool) -> bool:
    """Return whether a command has no effect, because it was refused or never sent.

    Of a stop only what was answered counts (S3).
    """
    return isinstance(error, ControlRefusedError | (DeclinedError if of_stop else RejectedError | NotSentError))
