"""A function of the user, timed beside its engine."""
