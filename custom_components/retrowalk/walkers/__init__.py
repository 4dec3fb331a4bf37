"""The walkers of a treadmill: their settings, sessions and plans."""
