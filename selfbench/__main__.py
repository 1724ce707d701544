"""``python -m selfbench``: run the plain suite, ours and the A/A trials, and print the ratios.

``python -m selfbench reading`` says what reading costs, ``python -m selfbench own`` how the answers
about a work of one's own agree with timing by hand, ``python -m selfbench soak`` whether anything
grows in an hour of sweeps, ``python -m selfbench releases`` what a task costs on releases of Dask
and Ray, ``python -m selfbench systems`` how libraries of frames and systems that hand out tasks
compare, ``python -m selfbench own-measures`` how what a task costs agrees with the loops of the
systems' own documentation, ``python -m selfbench baselines`` what fewer runs of the baseline would
save and cost: see their ``--help``.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from harness.core.errors import ChunkbenchError, Interrupted
from harness.running.host.machine import usable_cores
from selfbench import baselines, own_measures, reading, releases, soak, systems
from selfbench.fresh_process import DidNotEndError
from selfbench.our_side import run_ours
from selfbench.own import against_by_hand
from selfbench.plain_side import run_plain
from selfbench.table import FORMATS, as_data, printed
from selfbench.trials import run_trials

NAMED = {
    "baselines": baselines,
    "reading": reading,
    "own": against_by_hand,
    "own-measures": own_measures,
    "releases": releases,
    "soak": soak,
    "systems": systems,
}


def main() -> int:
    """Run what is asked for, and print it; return the exit code."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--format", choices=FORMATS, default="text")
    shared.add_argument("--json", type=Path, metavar="FILE", help="also write every figure there")
    name = "".join(sys.argv[1:2])
    benchmark = NAMED.get(name)
    parser = argparse.ArgumentParser(
        prog=f"python -m selfbench {name if benchmark else ''}".rstrip(),
        description=benchmark.__doc__ if benchmark else __doc__,
        parents=[shared],
    )
    if benchmark:
        benchmark.add_options(parser)
    options = parser.parse_args(sys.argv[2 if benchmark else 1 :])
    try:
        if benchmark:
            print(benchmark.run(options, FORMATS[options.format], _say))
        else:
            print(_both_sides(options))
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


def _say(text: str) -> None:
    print(f"selfbench: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
