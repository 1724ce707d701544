"""Journals with a planted truth: pairs and blocks from a known cost model and known noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import optimize

from harness.core import schema
from harness.core.records import Machine, RunInfo

SIZE = 1 << 20


@dataclass(frozen=True)
class Planted:
    """``T(K, P) = c0 + max(K*s, K*o/P + W/S) + I`` in seconds (rule 24), its baseline ``W``."""

    c0: float = 0.002
    s: float = 20e-6
    o: float = 10e-6
    work: float = 0.1
    ceiling: float = 1.9
    workers: int = 2

    def seconds(self, K):
        """Seconds of one call in ``K`` tasks, with the imbalance ``I`` of the last wave."""
        P = self.workers
        waves = (np.ceil(K / P) - K / P) * self.work / K
        return self.smooth(K) + waves

    def smooth(self, K):
        """The same without the imbalance: defined between whole numbers of tasks."""
        central = K * self.s
        return self.c0 + np.maximum(central, K * self.o / self.workers + self.work / self.ceiling)

    def break_even(self) -> float:
        """The chunk of ``TP = T1`` on the side of many small chunks."""
        return SIZE / optimize.brentq(lambda K: self.smooth(K) - self.work, 8.0, 1e9)


@dataclass(frozen=True)
class Noise:
    """Standard deviations in log seconds; ``second`` is the cost of being the second of a pair."""

    own: float = 0.03
    drift: float = 0.1
    startup: float = 0.0
    second: float = 0.03


def log_ratios(truth, rounds, noise, rng, sweeps=1, blocks=2):
    """``d`` with the planted *truth*: ``log T1``, ``log TP`` and block, each (sweeps, rounds, n).

    Drift is a random walk that both partners of a pair share but for a tenth of a step.
    """
    shape = (sweeps, rounds, len(truth))
    steps = rng.normal(0, noise.drift, shape).reshape(sweeps, -1)
    common = np.cumsum(steps, axis=1).reshape(shape) * 0.2
    block = np.broadcast_to((np.arange(rounds) * blocks // rounds)[None, :, None], shape)
    start = rng.normal(0, noise.startup, (sweeps, blocks, len(truth)))
    start = np.take_along_axis(start, block, axis=1)
    second = rng.integers(0, 2, shape) * noise.second
    own = rng.normal(0, noise.own, (2, *shape))
    t1 = common + own[0] + noise.second - second
    tp = common + own[1] + second + start + np.log(truth)
    return t1 + rng.normal(0, noise.drift * 0.1, shape), tp, block


def journal(
    model: Planted,
    chunks: Sequence[int],
    rounds: int = 20,
    noise: Noise | None = None,
    seed: int = 0,
    sweeps: int = 1,
    blocks: int = 2,
    looks: list[int] | None = None,
    factor: Sequence[float] | None = None,
    executor: str = "scripted",
):
    """Sweeps over *chunks*, one a run: frames ``pairs`` and ``blocks``, and the run lines.

    *factor* multiplies the planted seconds chunk by chunk, where the model is to be broken.
    """
    K = SIZE // np.asarray(chunks)
    truth = model.seconds(K) / model.work * (1.0 if factor is None else np.asarray(factor))
    rng = np.random.default_rng(seed)
    t1, tp, block = log_ratios(truth, rounds, noise or Noise(), rng, sweeps, blocks)
    sweep, number, i = (index.ravel() for index in np.indices(t1.shape))
    run = np.array([f"run{k:04}" for k in range(sweeps)])
    group = {
        "machine": "planted",
        "commit": "0",
        "suite": "planted",
        "profile": "planted",
        "workload": "random-sum",
        "size": SIZE,
        "executor": executor,
        "workers": model.workers,
        "pin": "1",
    }
    pairs = pd.DataFrame(
        {
            **group,
            "run": run[sweep],
            "chunk": np.asarray(chunks)[i],
            "n_chunks": K[i],
            "n_tasks": K[i],
            "block": block.ravel(),
            "round": number,
            "parallel_seconds": np.exp(tp).ravel() * model.work,
            "serial_seconds": np.exp(t1).ravel() * model.work,
            "replay_seconds": np.exp(t1 + rng.normal(0, (noise or Noise()).own, t1.shape)).ravel()
            * model.work,
            "calibration_ratio": 1.0,
            "status": "ok",
        }
    )
    starts = pd.DataFrame(
        {
            **group,
            "run": np.repeat(run, blocks),
            "block": np.tile(np.arange(blocks), sweeps),
            "oversubscribed": False,
            "startup_seconds": 0.5,
            "first_call_seconds": 0.2,
            "ceiling": model.ceiling,
        }
    )
    infos = {
        str(name): RunInfo(
            run=str(name),
            suite="planted",
            profile="planted",
            looks=looks,
            machine=Machine(name="planted"),
        )
        for name in run
    }
    return obey(pairs, "pairs"), obey(starts, "blocks"), infos


def obey(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    """*frame* with the columns, order and dtypes of *table*; what it lacks is absent."""
    return frame.reindex(columns=schema.names(table)).astype(schema.dtypes(table))
