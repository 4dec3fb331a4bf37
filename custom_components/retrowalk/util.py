"""Names of which no two may be the same, capital or small."""

from collections.abc import Container


def first_free(name: str, taken: Container[str]) -> str:
    """The name, or with the first number that makes it one of its own; `taken` are names in small letters.

    Our dialogs see to it that names differ; Home Assistant's own rename does not.
    """
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{name} ({number})"
    return free
