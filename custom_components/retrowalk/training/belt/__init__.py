"""What the belt does, as far as the machine tells."""
