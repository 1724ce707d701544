"""What ``chunkbench try`` answers of a work of one's own."""
