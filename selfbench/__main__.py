"""``python -m selfbench``: run the plain suite, ours and the A/A trials, and print the ratios.

``python -m selfbench reading`` says what reading costs: see its ``--help``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from harness.core.errors import ChunkbenchError, Interrupted
from harness.running.host.machine import usable_cores
from selfbench import reading
from selfbench.fresh_process import DidNotEndError
from selfbench.our_side import run_ours
from selfbench.plain_side import run_plain
from selfbench.table import FORMATS, as_data, printed
from selfbench.trials import run_trials


def main() -> int:
    """Run what is asked for, and print it; return the exit code."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--format", choices=FORMATS, default="text")
    shared.add_argument("--json", type=Path, metavar="FILE", help="also write every figure there")
    if sys.argv[1:2] == ["reading"]:
        parser = argparse.ArgumentParser(
            prog="python -m selfbench reading", description=reading.__doc__, parents=[shared]
        )
        reading.add_options(parser)
        options = parser.parse_args(sys.argv[2:])
    else:
        parser = argparse.ArgumentParser(
            prog="python -m selfbench", description=__doc__, parents=[shared]
        )
        options = parser.parse_args()
    ask = _reading if sys.argv[1:2] == ["reading"] else _both_sides
    try:
        print(ask(options))
    except (KeyboardInterrupt, Interrupted):
        _say("stopped; nothing is kept")
        return Interrupted.exit_code
    except DidNotEndError as error:
        _say(str(error))
        return 1
    except ChunkbenchError as error:
        _say(str(error))
        return error.exit_code
    _say(
        f"{usable_cores().number:g} cores; load over the last 15 minutes: {os.getloadavg()[2]:.1f}"
    )
    return 0


def _both_sides(options: argparse.Namespace) -> str:
    _say("the plain suite through ASV: about two minutes")
    plain = run_plain()
    _say(f"{plain.wall_seconds:.0f} s; ours: about two minutes")
    ours = run_ours()
    _say(f"{ours.wall_seconds:.0f} s; A/A trials: up to two and a half minutes")
    trials = run_trials()
    if options.json:
        options.json.write_text(json.dumps(as_data(plain, ours, trials), indent=1) + "\n")
    return printed(plain, ours, trials, options.format)


def _reading(options: argparse.Namespace) -> str:
    return reading.run(options, FORMATS[options.format], _say)


def _say(text: str) -> None:
    print(f"selfbench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
