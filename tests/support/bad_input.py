"""Bytes that no polite machine sends. The inputs of a number are always the same, so that a failure comes back."""

import random
from collections.abc import Iterator

from tests.support.frames import every_message

MESSAGES = every_message()
LONGEST = 512
"""Bytes: the most that an attribute may have."""


def a_bit_flipped(data: bytes, bit: int) -> bytes:
    return data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]


def bad_input(chance: random.Random) -> bytes:
    """Return bytes that no polite machine sends, of a random kind."""
    known = chance.choice(MESSAGES)
    match chance.randrange(7):
        case 0:
            return chance.randbytes(chance.randrange(65))
        case 1:
            return chance.randbytes(chance.randrange(65, LONGEST + 1))
        case 2:  # any flag word before too few, enough or too many bytes
            return chance.randbytes(2) + bytes(chance.choice((0x00, 0xFF, 0x7F)) for _ in range(chance.randrange(40)))
        case 3:
            return known[: chance.randrange(len(known) + 1)]
        case 4:
            return known + chance.randbytes(chance.randrange(1, 9))
        case 5:
            return known[chance.randrange(len(known) + 1) :] + chance.choice(MESSAGES)
        case _:
            for _ in range(chance.randrange(1, 5)):
                known = a_bit_flipped(known, chance.randrange(8 * len(known))) if known else b"\x00"
            return known


def bad_inputs(count: int) -> Iterator[bytes]:
    chance = random.Random(count)
    return (bad_input(chance) for _ in range(count))
