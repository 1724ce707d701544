"""This harness beside a plain ASV suite of the same cases, in one run: ``python -m selfbench``."""
