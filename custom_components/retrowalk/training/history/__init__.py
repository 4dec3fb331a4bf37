"""Finished sessions: records, calories, streaks, and the session under way."""
