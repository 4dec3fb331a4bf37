"""One session on the belt: its states, and what each allows."""
