"""Ramp programs."""
