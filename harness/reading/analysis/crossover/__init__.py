"""Where the verdict changes along the chunks: break-even, best chunk, METG."""
