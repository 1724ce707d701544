"""The two sentences of the answer: which example is fastest, and what the generator does to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.core import units
from harness.core.records import Estimate, Status, Verdict
from harness.core.units import plural
from harness.reading.report.exercise.example import NOT_MEASURED, Example
from harness.reading.report.shown.cells import with_interval


def verdict_sentence(
    examples: Mapping[str, Example], executor: str | None, workers: int | None
) -> str:
    """Whether a chunk size beats plain NumPy, and what each of them came to.

    Parameters
    ----------
    examples : mapping of str to Example
        By name; those of ``many``, ``few`` and ``best`` that there are get their words.
    executor, workers
        Of these three; ``None`` where not a line of the run tells.
    """
    many, few, best = (examples.get(name) for name in ("many", "few", "best"))
    parts = []
    if many is not None:
        parts.append(
            f"with many small chunks ({units.count(many.chunk)} numbers each) {outcome(many)}"
            f"{_cause(many)}"
        )
    if few is not None:
        parts.append(f"with fewer, larger ones ({units.count(few.chunk)}) {outcome(few)}")
    if best is not None and (few is None or best.chunk != few.chunk):
        parts.append(f"with the best chunk found ({units.count(best.chunk)}) {outcome(best)}")
    chunked = [example for example in (many, few, best) if example is not None]
    layout = "" if workers is None else f"{executor} has {plural(workers, 'worker')}, and "
    return f"{_conclusion(chunked, executor)}: {layout}{'; '.join(parts)}."


def one_sentence(examples: Mapping[str, Example], executor: str | None) -> str:
    """The conclusion alone, with the example that comes nearest to NumPy or leaves it behind.

    Parameters
    ----------
    examples, executor
        As those of :func:`verdict_sentence`.
    """
    there = [examples.get(name) for name in ("many", "few", "best")]
    chunked = [example for example in there if example is not None]
    conclusion = _conclusion(chunked, executor)
    known = [each for each in chunked if each.speedup.point is not None]
    if not known:
        return f"{conclusion}: no example has a result."
    best = max(known, key=lambda each: each.speedup.low or each.speedup.point or 0.0)
    chunk = f"chunks of {units.count(best.chunk)} numbers"
    speedup = best.speedup
    if best.speedup.point is not None and best.speedup.point < 1:
        return f"{conclusion}: at best, {chunk} take {_ratio(_inverse(speedup))} times as long."
    return f"{conclusion}: at best, {chunk} are {_ratio(speedup)} times as fast."


def _conclusion(chunked: Sequence[Example], executor: str | None) -> str:
    """What the examples come to, for the *executor* that they are about and no other."""
    of, rather = (f" of {executor}", f", rather than {executor}") if executor else ("", "")
    if all(example.speedup.point is None for example in chunked):
        return "Nothing can be said yet"
    if any(example.beats_numpy for example in chunked):
        return f"The right chunk size{of} beats plain NumPy here"
    if any(example.verdict in (None, Verdict.UNDETERMINED) for example in chunked):
        return f"No chunk size{of} is shown to beat plain NumPy here"
    return f"Plain NumPy is the one to use here{rather}"


def generator_sentence(examples: Mapping[str, Example], ratios: Mapping[str, Estimate]) -> str:
    """What the exercise's own random generator does to the comparison.

    Parameters
    ----------
    examples : mapping of str to Example
    ratios : mapping of str to Estimate
        ``older_over_matched``: time with the older generator over that with Dask's;
        ``best_over_as_written``: speed-up of the best chunk over NumPy as the exercise writes it.
    """
    older, over_as_written = ratios.get("older_over_matched"), ratios.get("best_over_as_written")
    if older is None or older.point is None:
        unknown = "What the random generator does to the comparison could not be measured"
        lacking = examples.get("numpy-as-written")
        why = f": {lacking.reason}" if lacking is not None and lacking.reason else ""
        return f"{unknown}{why}."
    text = (
        "The random generator moves the comparison as well: np.random.random, as the exercise "
        f"writes it, takes {_ratio(older)} times as long as the generator that Dask uses"
    )
    best = examples.get("best")
    if (
        over_as_written is None
        or over_as_written.point is None
        or best is None
        or best.speedup.point is None
    ):
        return f"{text}."
    return (
        f"{text}, so the speed-up of Dask's best chunk over that line looks like "
        f"{_ratio(over_as_written)}, and over NumPy with the same generator it is "
        f"{_ratio(best.speedup)}."
    )


def outcome(example: Example) -> str:
    """One example in plain words; "pays" only where it beats NumPy on all cores too (rule 1), and
    what its rounds gave where they are too few, or too different, for a verdict (rule 20)."""
    if example.status == NOT_MEASURED:
        return "it was not measured"
    if example.status != Status.OK or example.speedup.point is None:
        return f"there is no result ({': '.join(filter(None, (example.status, example.reason)))})"
    speedup = f"speed-up {_ratio(example.speedup)}"
    if example.verdict == Verdict.PAYS:
        if example.beats_numpy:
            return f"it is faster than NumPy, {speedup}, so it pays"
        return f"it is faster than NumPy, {speedup}, but not shown to beat NumPy on all cores"
    if example.verdict == Verdict.OVERHEAD:
        return f"it takes {_ratio(_inverse(example.speedup))} times as long as NumPy"
    if example.verdict == Verdict.EQUAL:
        return f"it takes as long as NumPy, within 5 % ({speedup})"
    if example.speedup.low is None:
        return f"it was {example.ratio_of_rounds}: too few rounds to tell more"
    spread = f"; it was {example.ratio_of_rounds}" if example.rounds else ""
    return f"the difference from NumPy is undetermined ({speedup}){spread}"


def _cause(example: Example) -> str:
    cost = example.overhead_us_per_task
    if example.verdict != Verdict.OVERHEAD or cost is None or not cost.point or cost.point <= 0:
        return ""
    return (
        f", because each of its {units.count(example.n_tasks)} tasks costs about "
        f"{units.seconds(cost.point / 1e6)} beyond the work in it"
    )


def _ratio(ratio: Estimate) -> str:
    if ratio.low is None and ratio.point is not None:
        return f"{units.ratio(ratio.point)} (in {plural(ratio.n, 'round')})"
    return with_interval(ratio, units.ratio)


def _inverse(ratio: Estimate) -> Estimate:
    point, low, high = (None if x is None else 1 / x for x in (ratio.point, ratio.low, ratio.high))
    return ratio.model_copy(update={"point": point, "low": high, "high": low})
