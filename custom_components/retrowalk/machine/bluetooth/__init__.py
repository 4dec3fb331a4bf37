"""The Bluetooth link to one treadmill: how it is found, made, kept and given up."""
