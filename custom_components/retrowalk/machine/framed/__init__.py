"""What protocols of frames share: one characteristic to write to, one that reports, and a least time between writes."""
