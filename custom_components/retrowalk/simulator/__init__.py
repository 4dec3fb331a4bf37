"""A virtual treadmill: belt, console and FTMS server, joined to Home Assistant's Bluetooth as an adapter."""
