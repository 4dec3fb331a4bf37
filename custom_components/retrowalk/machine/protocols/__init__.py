"""One module for each protocol of frames (docs/adding-a-treadmill.md)."""
