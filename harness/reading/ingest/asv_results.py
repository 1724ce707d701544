"""Read ASV's own results as rows of the ``cases`` table, which are shown and never judged.

One file is what ASV knows of one commit, environment and machine. Two runs that were not paired
cannot be compared honestly, so each row has ``paired`` false and no verdict.

- ``suite`` is the benchmark's name, ``run`` the file's name (commit and environment).
- Times (``time_`` and ``timeraw_`` benchmarks, our own ``track_seconds``, and ``track_`` benchmarks
  whose unit is one of time) fill ``seconds``;
  the interval is there only where ASV kept at least 6 samples, and is then that of their median.
  ASV's own 99 % interval is another quantity and is not used.
- Whatever is no time (memory, counts, own ratios) has a row, so that nothing seems lost, but no
  number: the table has no column that would mean the same. Its ``warning`` says where to look.
- ``NaN`` is ``skipped``, ``null`` is ``failed``, and 0 is a result.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from pydantic_core import from_json

from harness.core.errors import InputError
from harness.core.journal_format import error_text
from harness.core.machine_names import check_name
from harness.core.median_ranks import median_ranks
from harness.reading.ingest.asv_names import Axes, is_own, is_time, map_parameters
from harness.reading.ingest.foreign.kept_timings import UNPAIRED

ASV_VERSION = 2
TIME_UNITS = {"seconds": 1.0, "second": 1.0, "sec": 1.0, "s": 1.0} | {
    **dict.fromkeys(("ms", "milliseconds"), 1e-3),
    **dict.fromkeys(("us", "µs", "microseconds"), 1e-6),
    **dict.fromkeys(("ns", "nanoseconds"), 1e-9),
    **dict.fromkeys(("min", "minutes"), 60.0),
}
"""Units that a ``track_`` benchmark may name, in s."""
NOT_RESULTS = frozenset({"machine.json", "benchmarks.json"})

_MOST_CELLS = 100_000

Row = dict[str, object]
IsCovered = Callable[[str, str, str], bool]
"""Machine, commit and name of a benchmark, to whether its rounds are known from a journal."""


class _Results(BaseModel):
    """The fields of a results file that are read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    commit_hash: str
    params: dict[str, object] = {}
    result_columns: list[str]
    results: dict[str, list[object]]


class _Benchmark(BaseModel):
    """One row of ``results``; ASV leaves out trailing columns that are null."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    result: list[object] | None = None
    params: list[list[str]] | None = None
    version: str | None = None
    samples: list[object] | None = None


class _Names(BaseModel):
    """The fields of an entry of ``benchmarks.json`` that are read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    param_names: list[str] = []
    version: str | None = None
    unit: str | None = None


_names_adapter = TypeAdapter(dict[str, _Names | object])


def read_names(path: Path) -> dict[str, tuple[str | None, list[str]]]:
    """Read version and parameter names of each benchmark from ``benchmarks.json``.

    The file is one for all machines and rewritten by every run, so it may be absent, of another
    run, or damaged: each of them means no names, which is never an error.
    """
    return {name: (entry.version, entry.param_names) for name, entry in _described(path).items()}


def read_units(path: Path) -> dict[str, float]:
    """Read from ``benchmarks.json`` which ``track_`` benchmarks are times: name to seconds a unit.

    As :func:`read_names`, and no unit where there is no such file.
    """
    return {
        name: TIME_UNITS[entry.unit]
        for name, entry in _described(path).items()
        if entry.unit in TIME_UNITS and not is_own(name)
    }


def _described(path: Path) -> dict[str, _Names]:
    try:
        entries = _names_adapter.validate_python(from_json(path.read_bytes()))
    except (OSError, ValueError):
        return {}
    return {name: entry for name, entry in entries.items() if isinstance(entry, _Names)}


def read_asv_file(
    path: Path,
    names: dict[str, tuple[str | None, list[str]]],
    is_covered: IsCovered = lambda machine, commit, name: False,
    units: Mapping[str, float] = MappingProxyType({}),
) -> list[Row]:
    """Read the results in *path* as rows of the ``cases`` table.

    Parameters
    ----------
    path : Path
        ``results/<machine>/<commit>-<environment>.json``.
    names : dict
        From :func:`read_names`; an entry counts only where version and number of axes agree.
    is_covered : callable, optional
        What it says of a benchmark has no rows.
    units : mapping of str to float, optional
        From :func:`read_units`.

    Raises
    ------
    InputError
        Where the file cannot be read, is no ASV results file of version 2, or names a machine as
        none can be.
    """
    file = _load(path)
    machine = file.params.get("machine")
    machine = machine if isinstance(machine, str) else path.parent.name
    check_name(machine, str(path))
    same: Row = {
        "machine": machine,
        "run": path.stem,
        "commit": file.commit_hash,
        "paired": False,
    }
    rows: list[Row] = []
    for name, values in file.results.items():
        if is_own(name) and not is_time(name) and _seconds_twin(name) in file.results:
            continue  # the same cases: their times stand in the table already
        benchmark = _benchmark(path, name, dict(zip(file.result_columns, values)))
        cells = _list_cells(path, name, benchmark)
        if is_covered(machine, file.commit_hash, name):
            continue
        version, axis_names = names.get(name, (None, []))
        known = axis_names if benchmark.version in (None, version) else []
        rows.extend(
            same | {"suite": name} | row
            for row in _rows(benchmark, cells, Axes(name, known), _unit(name, units))
        )
    return rows


def is_readable(path: Path) -> bool:
    """Whether *path* holds results of ASV in the version that is read, none of them malformed."""
    try:
        read_asv_file(path, {})
    except InputError:
        return False
    return True


def _load(path: Path) -> _Results:
    try:
        content = from_json(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error_text(error)}): check the path") from None
    except ValueError as error:
        raise InputError(
            f"{path}: no valid JSON ({error}): delete it and run its benchmarks again with asv run"
        ) from None
    version = content.get("version") if isinstance(content, dict) else None
    if not isinstance(version, int) or isinstance(version, bool):
        raise InputError(f"{path}: not a results file of ASV: move it out of the results folder")
    if version < ASV_VERSION:
        raise InputError(f"{path}: an old format of ASV: run asv update")
    if version > ASV_VERSION:
        raise InputError(f"{path}: a later format of ASV than {ASV_VERSION}: upgrade chunkbench")
    try:
        return _Results.model_validate(content)
    except ValidationError as error:
        raise _malformed(path, error) from None


def _benchmark(path: Path, name: str, columns: Row) -> _Benchmark:
    try:
        return _Benchmark.model_validate(columns)
    except ValidationError as error:
        raise _malformed(path, error, name) from None


def _malformed(path: Path, error: ValidationError, name: str | None = None) -> InputError:
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    place = f"{field!r}" if name is None else f"benchmark {name!r}, {field!r}"
    return InputError(f"{path}: malformed at {place[:120]}: delete the file and run asv run again")


def _list_cells(path: Path, name: str, benchmark: _Benchmark) -> list[tuple[str, ...]]:
    params = benchmark.params or []
    n_cells = math.prod(len(values) for values in params)
    result = benchmark.result
    if n_cells > _MOST_CELLS or (result is not None and params and len(result) != n_cells):
        raise InputError(
            f"{path}: benchmark {name!r}: {len(result or [])} results for {n_cells} cells: "
            "delete the file and run asv run again"
        )
    return list(itertools.product(*params))


def _unit(name: str, units: Mapping[str, float]) -> float | None:
    """Seconds in one unit of a benchmark's numbers; ``None`` where they are no times."""
    return 1.0 if is_time(name) else units.get(name)


def _rows(
    benchmark: _Benchmark, cells: list[tuple[str, ...]], axes: Axes, unit: float | None
) -> Iterator[Row]:
    # An unparametrised benchmark has one cell, and all cells of a failed one share one null.
    values = benchmark.result if benchmark.result is not None else [None] * len(cells)
    samples = benchmark.samples or []
    for index, (cell, value) in enumerate(zip(cells, values)):
        kept = samples[index] if index < len(samples) else None
        yield map_parameters(axes, list(cell)) | _outcome(value, kept, unit)


def _outcome(value: object, samples: object, unit: float | None) -> Row:
    if value is None:
        return _without("failed", "asv recorded no result (null): see asv run --show-stderr")
    if isinstance(value, float) and math.isnan(value):
        return _without("skipped", "asv skipped it, or it was not selected (NaN)")
    if unit is None:
        return {
            "status": "ok",
            "warning": "unpaired and not a time: no verdict, its number is shown by asv show",
        }
    seconds = _number(value)
    if seconds is None:
        return _without("failed", f"asv recorded {ascii(value)[:40]}, which is no time")
    low, high = (None if end is None else end * unit for end in _interval(samples))
    return {
        "status": "ok",
        "seconds": seconds * unit,
        "seconds_low": low,
        "seconds_high": high,
        "warning": UNPAIRED,
    }


def _without(status: str, reason: str) -> Row:
    return {"status": status, "reason": reason, "warning": UNPAIRED}


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _interval(samples: object) -> tuple[float | None, float | None]:
    """The 95 % interval of the median of *samples* by order statistics (rule 19)."""
    numbers = [_number(sample) for sample in samples] if isinstance(samples, list) else []
    ranks = median_ranks(len(numbers))
    if ranks is None or None in numbers:
        return None, None
    ordered = sorted(number for number in numbers if number is not None)
    return ordered[ranks[0]], ordered[ranks[1]]


def _seconds_twin(name: str) -> str:
    return f"{name.rpartition('.')[0]}.track_seconds"
