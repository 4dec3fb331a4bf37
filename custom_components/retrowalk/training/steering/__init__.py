"""How the belt is steered along a plan."""
