"""The checksum of FIT files."""

from collections.abc import Iterable


def _shifted(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0xA001 if byte & 1 else 0)
    return byte


_SHIFTED = [_shifted(byte) for byte in range(256)]


def checksum(data: Iterable[int]) -> int:
    """Return the CRC-16 of FIT (reflected, polynomial 0xA001, begins at 0); 0 for data that ends with its checksum."""
    crc = 0
    for byte in data:
        crc = crc >> 8 ^ _SHIFTED[(crc ^ byte) & 0xFF]
    return crc
