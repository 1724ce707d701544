"""One case traced, in rounds of its own."""
