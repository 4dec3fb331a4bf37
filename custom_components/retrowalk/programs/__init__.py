"""The programs of one treadmill: where they are kept and how they are listed."""
