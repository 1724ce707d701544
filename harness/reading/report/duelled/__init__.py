"""The answer of a duel."""
