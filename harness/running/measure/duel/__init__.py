"""Two versions, Pythons or settings against each other, their start-ups in turn."""
