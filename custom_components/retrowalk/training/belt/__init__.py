"""The belt, judged by what the machine reports, and the stop that it has to obey."""
