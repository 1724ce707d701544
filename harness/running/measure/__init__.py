"""Measuring: paired rounds in fresh child processes, written to the journal as they come."""
