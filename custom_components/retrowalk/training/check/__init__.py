"""The check run and its result."""
