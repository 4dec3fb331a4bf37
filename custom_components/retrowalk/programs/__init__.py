"""The programs of one treadmill: how they are stored and listed."""
