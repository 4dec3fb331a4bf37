"""What is said in a session, and in which order."""
