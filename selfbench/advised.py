"""``python -m selfbench.advised``: check how good the forecasts of ``advise`` are on this machine.

Each work is run wholly at every chunk size, in the rounds in which its parts are timed. Printed are
the errors at the chunk sizes that the forecast did not see, and how much longer the recommended
chunk took than the best one.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from pathlib import Path

import harness
from harness.core import units
from harness.core.errors import ChunkbenchError
from harness.reading.report.advice.advice_record import Advice, text
from harness.reading.report.advice.advice_words import chunks_text

WORKS = ("random_reduction", "matrix_product", "rolling_mean", "standardised")
ROUNDS = 6
BUDGET_SECONDS = 90.0
"""For the advice; running every work wholly at every chunk size may take as long again."""
MOST_ERROR, MOST_OVER_BEST = 0.20, 1.10


def row(advice: Advice) -> str:
    """Write one line of the table."""
    errors = _held_out_errors(advice)
    worst = max(errors, key=abs)
    over = advice.recommended_over_best
    return (
        f"| {advice.work.partition(':')[2]} | {len(errors)} | {_percent(advice.median_error)} | "
        f"{_percent(worst)} | {chunks_text(advice.recommended.chunks)} | {units.ratio(over)} |"
    )


def _held_out_errors(advice: Advice) -> list[float]:
    return [check.error for check in advice.checked if check.held_out]


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}".replace("%", " %")


def main() -> int:
    """Measure and print; return exit code 1 where a goal is not met."""
    parser = argparse.ArgumentParser(prog="python -m selfbench.advised", description=__doc__)
    parser.add_argument("--work", choices=WORKS, action="append", help="one of them; repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every figure there")
    parser.add_argument("--verbose", action="store_true", help="print the advice itself as well")
    options = parser.parse_args()
    advices = []
    for name in options.work or WORKS:
        print(f"selfbench: {name}, load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
        try:
            advices.append(
                harness.advise(
                    f"selfbench.works:{name}",
                    check_all=True,
                    budget_seconds=BUDGET_SECONDS,
                    rounds=ROUNDS,
                )
            )
        except ChunkbenchError as error:
            print(f"selfbench: {error}", file=sys.stderr)
            return error.exit_code
        if options.verbose:
            print(text(advices[-1]), file=sys.stderr, flush=True)
    if options.json:
        content = [advice.model_dump(mode="json") for advice in advices]
        options.json.write_text(json.dumps(content, indent=1) + "\n")
    print("| work | held out | median error | worst | recommended | over the best |")
    print("| --- | --- | --- | --- | --- | --- |")
    print("\n".join(map(row, advices)))
    median_error = statistics.median(
        abs(error) for advice in advices for error in _held_out_errors(advice)
    )
    worst_over = max(advice.recommended_over_best or float("inf") for advice in advices)
    met = median_error <= MOST_ERROR and worst_over <= MOST_OVER_BEST
    print(
        f"\nmedian error of all: {_percent(median_error)}; recommended over best, at most: "
        f"{units.ratio(worst_over)}; {'met' if met else 'not met'}"
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
