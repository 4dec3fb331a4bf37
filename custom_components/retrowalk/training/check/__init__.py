"""The check run and what it found."""
