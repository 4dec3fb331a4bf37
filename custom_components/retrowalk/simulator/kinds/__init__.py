"""The rows of the table of personalities, by what is odd about the machines."""
