"""``python -m selfbench``: run the plain suite, ours and the A/A trials, and print the ratios."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from harness.core.errors import ChunkbenchError, Interrupted
from harness.running.host.machine import usable_cores
from selfbench.our_side import run_ours
from selfbench.plain_side import run_plain
from selfbench.table import FORMATS, as_data, printed
from selfbench.trials import run_trials


def main() -> int:
    """Run both sides and the A/A trials, and print them; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m selfbench", description=__doc__)
    parser.add_argument("--format", choices=FORMATS, default="text")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every figure there")
    options = parser.parse_args()
    try:
        _say("the plain suite through ASV: about two minutes")
        plain = run_plain()
        _say(f"{plain.wall_seconds:.0f} s; ours: about two minutes")
        ours = run_ours()
        _say(f"{ours.wall_seconds:.0f} s; A/A trials: up to two and a half minutes")
        trials = run_trials()
    except (KeyboardInterrupt, Interrupted):
        _say("stopped; nothing is kept")
        return Interrupted.exit_code
    except ChunkbenchError as error:
        _say(str(error))
        return error.exit_code
    if options.json:
        options.json.write_text(json.dumps(as_data(plain, ours, trials), indent=1) + "\n")
    print(printed(plain, ours, trials, options.format))
    _say(
        f"{usable_cores().number:g} cores; load over the last 15 minutes: {os.getloadavg()[2]:.1f}"
    )
    return 0


def _say(text: str) -> None:
    print(f"selfbench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
