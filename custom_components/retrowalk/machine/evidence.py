"""How it is known that machines are so."""

from enum import StrEnum


class Evidence(StrEnum):
    """How something is known of machines that we do not have; the best first."""

    CAPTURED = "captured"  # frames of such a machine are in the test vectors
    DOCUMENTED = "documented"  # its maker, the specification, or a project that speaks to it says so
    REPORTED = "reported"  # an owner wrote it
    UNTESTED = "untested"  # nobody has seen one with Retrowalk
