"""Sweeps that others measured: tables of theirs read as timings, and kept timings read again."""
