"""How much rounds spread in the other cases of each case's set-up, by the names of the cases."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from harness.core.records import RunInfo
from harness.reading.analysis.by_group import Key, run_info
from harness.reading.analysis.verdict.estimates import rounds_used
from harness.reading.analysis.verdict.grouped_rounds import GroupedRounds, ends_of
from harness.reading.analysis.verdict.moderated_cases import prior_variances
from harness.reading.analysis.verdict.ragged import Ragged, places


def priors_of_cases(
    rounds: GroupedRounds, runs: Mapping[str, RunInfo]
) -> dict[Key, dict[int, float]]:
    """The variance of ``log(T1/TP)`` of a round in the other cases of the set-up (rule 19 a).

    Parameters
    ----------
    rounds : GroupedRounds
    runs : mapping of str to RunInfo
        Run lines: looks.

    Returns
    -------
    dict of dict
        By ``keys.GROUP`` and chunk; of the cases that have a round.
    """
    keys, ends = list(rounds.cases), ends_of(rounds.cases.values())
    count = ends[:, 1] - ends[:, 0]
    used = [rounds_used(n, run_info(runs, key[0]).looks) for n, key in zip(count.tolist(), keys)]
    place, case = places(ends[:, 0], np.array(used, dtype=np.int64))
    serial = rounds.rounds.serial_seconds[place]
    paired = np.bincount(case[np.isnan(serial)], minlength=len(keys)) == 0
    d = Ragged(rounds.rounds.log_ratio[place], case, len(keys)).where(paired[case])
    numbers: dict[Key, int] = {}
    # A case is run, workload, size, executor, workers, pin, chunk.
    set_up = [numbers.setdefault((key[0], *key[3:6]), len(numbers)) for key in keys]
    found: dict[Key, dict[int, float]] = {}
    for key, prior in zip(keys, prior_variances(d, np.array(set_up, dtype=np.int64)).tolist()):
        found.setdefault(key[:-1], {})[int(key[-1])] = prior
    return found
