"""Which cuts are timed within a budget, on a clock of its own."""

from __future__ import annotations

from harness.apps.advice import affordable_cuts
from harness.apps.advice.affordable_cuts import sample_affordable
from harness.running.measure.own.own_records import Cut, Sample

CHUNKS = (1, 4, 16, 64, 256)


class Own:
    """A work that takes *seconds* in chunks of equal length, one of which is run at least."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.now = seconds, 0.0

    def sample(self, cut, run_seconds, look_seconds):
        each = self.seconds / cut.n_chunks
        tasks = max(1, min(cut.n_chunks, int(run_seconds / each)))
        self.now += self.seconds if self.seconds <= look_seconds else tasks * each
        return Sample(
            tasks=tasks,
            seconds=tasks * each,
            serial_seconds=self.seconds * (1 + 0.001 * cut.n_chunks),
            gather_seconds=None,
            peak_bytes=None,
        )


def sampled(monkeypatch, seconds, budget=30.0, run_seconds=0.02):
    own = Own(seconds)
    monkeypatch.setattr(affordable_cuts, "monotonic", lambda: own.now)
    cuts = [Cut(spec=n, n_chunks=n, n_tasks=n, result_bytes=8) for n in CHUNKS]
    found = sample_affordable(
        own,  # type: ignore[arg-type]
        cuts,
        range(len(cuts)),
        copies=[2],
        rounds=7,
        run_seconds=run_seconds,
        until=budget,
        step=lambda *_: None,
    )
    return found, own.now


def test_a_short_work_is_timed_at_every_cut_beside_its_fastest(monkeypatch):
    found, _ = sampled(monkeypatch, 0.02)
    assert found.places == [0, 1, 2, 3, 4]
    assert found.reference == 0


def test_chunks_whose_tasks_are_too_long_are_left_out_and_never_begun(monkeypatch):
    """A work of 20 s in 30 s: one chunk, run over and over, would take longer than all there is."""
    found, spent = sampled(monkeypatch, 20.0)
    assert found.places == [3, 4]
    assert spent < 10.0


def test_the_reference_is_short_since_it_is_run_beside_everything(monkeypatch):
    found, _ = sampled(monkeypatch, 5.0)
    assert found.reference == found.places[-1]


def test_the_finest_cut_is_sampled_whatever_it_takes(monkeypatch):
    found, _ = sampled(monkeypatch, 10_000.0)
    assert found.places == [4]
