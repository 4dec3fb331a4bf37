"""Files of ours on disk, and how damaged ones are read."""
