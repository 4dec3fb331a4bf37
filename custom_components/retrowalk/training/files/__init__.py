"""Workout files: programs in and out, finished sessions out. Text and bytes only; files are somebody else's work."""
