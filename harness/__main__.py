"""``python -m harness`` is ``chunkbench``."""

from harness.cli import main

if __name__ == "__main__":
    main()
