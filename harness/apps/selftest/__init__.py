"""Test the harness on itself, by sweeps on a fake clock whose truth is planted."""
