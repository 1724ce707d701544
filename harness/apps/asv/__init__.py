"""Run a sweep through ASV, keep its files, and build its site."""
