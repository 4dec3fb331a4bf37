"""One session on the belt: its states, and what may be done in each."""
