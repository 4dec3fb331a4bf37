"""Files that the integration keeps on disk, and how damaged ones are read."""
