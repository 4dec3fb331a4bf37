"""The daily reminders of the walkers."""
