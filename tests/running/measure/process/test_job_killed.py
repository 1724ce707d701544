"""A case that has its whole job killed costs that case alone, once the job is started again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from harness.apps.folders.compact import compact, restore
from harness.apps.folders.merge import merge
from harness.core.records import Status, Try
from harness.reading.analysis.verdict.cases import cases
from harness.reading.ingest import read_journal, read_results
from harness.running.measure.sweep.tries import KILLED, SHORT
from tests.running.measure.process.faulty import BAD
from tests.running.measure.process.test_faults import CHUNKS, ROUNDS, install

pytestmark = [pytest.mark.engine, pytest.mark.timeout(200)]

ROOT = Path(__file__).parents[4]
JOB = """
from pathlib import Path
from sys import argv
from harness.reading.analysis.verdict.verdicts import decided
from harness.running.measure.sweep.session import measure
from harness.running.plan.profiles import Profile
from harness.running.plan.sweep import SweepPlan
from tests.running.measure.process.test_faults import CHUNKS, ROUNDS, case

profile = Profile(
    name="killed", blocks=(ROUNDS,), looks=None, slow_seconds=1e9, slow_rounds=1,
    most_seconds=1e9, limit_seconds=60.0, budget_seconds=None,
)
plan = SweepPlan("killed", profile, tuple(case("ends-job", chunk) for chunk in CHUNKS))
measure(plan, Path(argv[1]), decide=decided, machine_name="m", resume=True)
"""


@pytest.fixture(scope="module")
def nights(tmp_path_factory):
    """The results of a job that was started twice, and how each start ended. In between the kernel
    seems to have counted what it ended for lack of memory."""
    folder = tmp_path_factory.mktemp("job")
    (folder / "site").mkdir()
    (folder / "tmp").mkdir()
    path = os.pathsep.join([str(install(folder / "site")), str(ROOT)])
    environment = os.environ | {
        "PYTHONPATH": path,
        "ASV_COMMIT": "0" * 40,
        "TMPDIR": str(folder / "tmp"),
    }
    command = [sys.executable, "-c", JOB, str(folder / "results")]

    def start() -> int:
        return subprocess.run(
            command, cwd=ROOT, env=environment, timeout=90, start_new_session=True, check=False
        ).returncode

    codes = [start()]
    [journal] = (folder / "results").glob("m/journal/*.jsonl")
    counted = re.compile(rb'"memory_kills":\d+')
    journal.write_bytes(counted.sub(b'"memory_kills":-1', journal.read_bytes()))
    codes.append(start())
    return folder / "results", codes


def test_the_first_start_is_killed_and_the_second_comes_to_its_end(nights):
    """By SIGKILL of the process group of the run, from within the case, as the kernel does."""
    results, codes = nights
    assert codes == [-signal.SIGKILL, 0]
    [path] = results.glob("m/journal/*.jsonl")
    journal = read_journal(path)
    assert journal.end is not None
    assert journal.end.status == "complete"
    assert len(journal.stretches) == 2
    assert journal.stretches[0].end is None


def test_it_costs_that_case_alone_and_the_tables_say_why(nights):
    results, _ = nights
    read = read_results(results)
    table = cases(read.pairs, read.blocks, read.runs).set_index("chunk")
    assert table["status"].to_dict() == {
        chunk: "failed" if chunk == BAD else "ok" for chunk in CHUNKS
    }
    assert str(table.loc[BAD, "reason"]).startswith(KILLED.format(what="first call", why=SHORT))
    assert (table.loc[[chunk for chunk in CHUNKS if chunk != BAD], "rounds"] == ROUNDS).all()


def test_it_is_merged_as_it_is_and_a_copy_of_it_counts_once(nights, tmp_path):
    results, _ = nights
    [path] = results.glob("m/journal/*.jsonl")
    merge([results], tmp_path / "all")
    again = tmp_path / "all" / "m" / "journal" / path.name
    assert again.read_bytes() == path.read_bytes()
    lines = path.read_bytes().splitlines(keepends=True)
    last = max(n for n, line in enumerate(lines) if b'"kind":"try"' in line)
    again.with_name("copy.jsonl").write_bytes(b"".join(lines[: last + 1]))
    read = read_results(tmp_path / "all")
    assert len(read.journals) == 1
    assert read.pairs.equals(read_results(results).pairs)


def test_no_byte_of_it_is_lost_by_compacting(nights):
    """The lines of tries as well; and the tables are the same from the part."""
    results, _ = nights
    [path] = results.glob("m/journal/*.jsonl")
    before, pairs = path.read_bytes(), read_results(results).pairs
    assert b'"kind":"try"' in before
    compact(results)
    assert not path.exists()
    assert read_results(results).pairs.equals(pairs)
    restore(results)
    assert path.read_bytes() == before


def test_a_journal_without_tries_is_read_as_before(nights):
    """Of an earlier version: the same rounds and cases."""
    results, _ = nights
    [path] = results.glob("m/journal/*.jsonl")
    whole, old = read_journal(path), path.with_suffix(".old")
    lines = path.read_bytes().splitlines(keepends=True)
    old.write_bytes(b"".join(line for line in lines if b'"kind":"try"' not in line))
    assert read_journal(old).columns.equals(whole.columns)
    assert any(b'"kind":"try"' in line for line in lines)
    assert Try.model_fields.keys() >= {"run", "what"}
    assert {pair.status for pair in whole.pairs} == {Status.OK, Status.FAILED}
