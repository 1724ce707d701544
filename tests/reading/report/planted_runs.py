"""Runs whose times are planted: no machine ever measured them."""

from __future__ import annotations

from dataclasses import replace

from harness.apps.selftest.simulate import EMPTY, SIZE, simulated
from harness.apps.selftest.simulate import cases as sweep_cases
from harness.reading.analysis.verdict.cases import cases
from harness.reading.analysis.verdict.contrasts import contrasts
from harness.reading.ingest import Results, to_frame
from harness.reading.report.analysed import Analysed, analysed
from harness.reading.report.words.contrast_words import answers, with_sentences
from harness.running.measure.sweep.scripted import Planted
from tests.reading.analysis.verdict.test_contrasts import run_of

EVERYTHING = {
    **{("random-sum", e, w, "1", c): 0.1 for e in ("a", "b") for w in (1, 2) for c in (10, 100)},
    **{("blas-product", "a", w, pin, 10): 0.1 for w in (1, 2) for pin in ("1", "cores")},
    **{("counter-actor", "actors", 2, "1", c): 0.2 / c for c in (1, 10)},
    **{(w, "a", 2, "1", c): 0.1 for w in ("spin-task", "spin-task-nogil") for c in (10, 100)},
    ("persisted", "a", 2, "1", 10): 0.1,
    ("recomputed", "a", 2, "1", 10): 0.2,
    ("persisted", "b", 2, "1", 10): 0.1,
    ("recomputed", "b", 2, "1", 10): 0.15,
    ("startup", "a", 2, "1", 1000): 0.3,
    ("startup", "b", 2, "1", 1000): 0.4,
}
WORKED = {
    (name, "a", 2, "1", chunk): seconds
    for name, per_task in (("bag-map", 0.1), ("bag-map-10us", 0.05), ("bag-map-1ms", 0.02))
    for chunk, seconds in ((1, per_task), (10, per_task / 2))
}


def judged_run(planted, traces=(), **changes):
    """The judged tables of one run with these seconds by case."""
    pairs, blocks, runs = run_of(planted, noise=0.01, **changes)
    pairs["n_chunks"] = pairs["size"] // pairs["chunk"]
    judged = cases(pairs, blocks, runs)
    compared = with_sentences(contrasts(judged, pairs, blocks, runs))
    empty = to_frame("break_even", [])
    read = Results((), runs, pairs, blocks, to_frame("cases", []), traces=traces)
    return Analysed(judged, empty, compared, answers(compared, runs), [], read)


def sweep_of(folder):
    """A simulated sweep with its empty-task control: what the model and the controls need."""
    truth = Planted(work=0.1, fixed=0.002, serial=60e-6, parallel=20e-6, ceiling=1.9, noise=0.02)
    planned = sweep_cases([1 << step for step in range(7, 14)])
    planned += sweep_cases([256, 1024, 8192, SIZE // 16], EMPTY)
    simulated(folder, planned, truth, 0, others={EMPTY: replace(truth, work=1e-5)})
    return analysed(folder)
