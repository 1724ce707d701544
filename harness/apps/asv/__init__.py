"""ASV: run a sweep through it, keep its files, build its site."""
