"""A virtual treadmill: belt, console and FTMS server, joined to Home Assistant's Bluetooth as an adapter."""

from typing import Final

POLITE_KEY: Final = "polite"
"""The key of the personality that does all that the standard asks for; a virtual treadmill of no other kind is it."""
