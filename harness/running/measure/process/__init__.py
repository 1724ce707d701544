"""The processes of a block: an engine beside a baseline, timed, probed and ended."""
