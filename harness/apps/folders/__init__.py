"""Results folders: merge them, write files as a whole, add the accounting of jobs."""
