"""The sentences that say in plain English what comparisons and jobs came to."""
