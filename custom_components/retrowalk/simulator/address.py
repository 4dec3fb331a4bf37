"""The Bluetooth addresses of virtual treadmills."""

from typing import Final

_ADDRESS_PREFIX: Final = "C2:52:57:4B:"


def virtual_address(index: int) -> str:
    """Return the address of virtual treadmill `index` (0 to 65535): static random, so no real device has it."""
    if not 0 <= index <= 0xFFFF:
        raise ValueError(f"no virtual treadmill has the number {index}")
    return f"{_ADDRESS_PREFIX}{index >> 8:02X}:{index & 0xFF:02X}"


def is_virtual_address(address: str) -> bool:
    """Return whether a virtual treadmill has this address; such a machine is not offered as discovered."""
    return address.upper().startswith(_ADDRESS_PREFIX)
