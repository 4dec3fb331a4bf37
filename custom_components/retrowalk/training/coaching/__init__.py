"""What a walker should do next: progression, presets, reminders."""
