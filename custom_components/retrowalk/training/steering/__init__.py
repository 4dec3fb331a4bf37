"""How the belt is steered along its plan."""
