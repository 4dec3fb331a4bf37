"""Announcements and notifications, and their texts in each language."""
