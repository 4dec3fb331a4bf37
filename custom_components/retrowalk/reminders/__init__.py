"""The daily reminders: when, to whom, in which words."""
