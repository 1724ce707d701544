"""Set this harness beside a plain ASV suite of the same cases: ``python -m selfbench``."""
