"""What a session was worth: records, energy, streaks."""
