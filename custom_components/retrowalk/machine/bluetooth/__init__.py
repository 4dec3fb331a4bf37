"""The Bluetooth link to one treadmill: found, made, kept and given up."""
