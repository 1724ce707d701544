"""``python -m harness.all_suites SUITE...``: measure suites of the clone as one sweep.

``chunkbench run`` starts it in the folder of the clone; the options are those that ASV's processes
get, from the environment (:mod:`harness.core.run_options`).
"""

from __future__ import annotations

import sys

from harness.core.errors import ChunkbenchError
from harness.core.system_errors import failure_words
from harness.suite import measure_suites

if __name__ == "__main__":
    try:
        measure_suites(sys.argv[1:])
    except (ChunkbenchError, OSError, MemoryError) as error:
        if words := failure_words(error):
            raise SystemExit(f"chunkbench: {words}") from None
        raise
