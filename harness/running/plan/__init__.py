"""What a sweep consists of: profiles, axes, and the cases that they span."""
