"""``chunkbench plan``: a sweep run through on a fake clock, by what earlier ones took."""
