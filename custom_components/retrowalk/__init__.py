"""Retrowalk."""
