"""What is said to people: aloud, on phones, and in which language."""
