"""Batch systems: readable job scripts, and their submission."""
