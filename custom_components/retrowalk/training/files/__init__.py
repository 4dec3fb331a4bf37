"""Workout files: programs in and out, finished sessions out. Text and bytes only; saving files happens elsewhere."""
