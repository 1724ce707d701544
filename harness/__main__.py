"""``python -m harness`` is ``chunkbench``: it hears of a stop before it loads anything else."""

from __future__ import annotations

import sys

from harness.core.fewer_collections import look_less_often
from harness.core.stop_signals import (
    UNTYPED,
    came_of_a_stop,
    forget_interrupted_code,
    stopped_by_signals,
)


def main() -> None:
    """Run the command; a shell or a batch system stops it as Ctrl-C does."""
    try:
        with stopped_by_signals(*UNTYPED):
            look_less_often()
            from harness.cli import main as command  # noqa: PLC0415

            command()
    except (KeyboardInterrupt, Exception) as error:
        if not came_of_a_stop(error):
            raise
        sys.stderr.write("chunkbench: stopped\n")
        sys.exit(130)
    finally:
        forget_interrupted_code()


if __name__ == "__main__":
    main()
