"""From rounds to estimates, and from estimates to verdicts."""
