"""Who walks, what they walked, and what comes next."""
