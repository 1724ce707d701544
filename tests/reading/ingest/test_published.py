"""What ships of what others published: whole, with its sources, and refused in one line if not."""

from __future__ import annotations

import pytest

from harness.apps.measured_claims import claims_named, claims_plan
from harness.core.errors import ChunkbenchError, InputError, UnknownNameError
from harness.reading.ingest.published import FOLDER, published_claims, task_bench
from harness.running.executors import REGISTRY
from harness.running.measure.sweep.refusals import refusals

CLAIMS = published_claims()


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_every_claim_has_a_source_a_rule_and_a_way_to_measure_it_or_a_reason(claim):
    source = claim.source
    assert all((source.document, source.path, source.version))
    low, high = claim.allowed
    assert low is not None or high is not None
    assert bool(claim.settings) != bool(claim.not_measured)
    for end in claim.value:
        assert low is None or low <= end
        assert high is None or end <= high
    assert len(f"{claim.says} [{claim.name}]") <= 96, "its heading fits on a line"


def test_every_case_that_is_measured_can_run():
    """Workloads, executors and ways exist and fit; none is refused for want of anything but an
    engine."""
    plan = claims_plan(CLAIMS, 2)
    assert {case.executor for case in plan.cases} <= set(REGISTRY.names())
    refused = {
        case: why for case, why in refusals(plan.cases, 2**33).items() if "install" not in why
    }
    assert refused == {}
    assert {"dask-threads", "dask-processes", "dask-distributed-processes"} <= {
        case.executor for case in plan.cases
    }


def test_a_plan_measures_no_case_twice():
    plan = claims_plan(CLAIMS, 2)
    assert len(set(plan.cases)) == len(plan.cases)
    assert [s.workers for s in plan.set_ups if s.executor.endswith("-actors")] == [1, 1]


def test_the_published_metg_is_that_of_32_cores_a_node():
    assert task_bench().by_workers == {32: 0.186, 64: 0.211, 128: 0.329, 256: 0.612, 512: 1.211}


def test_an_unknown_claim_is_answered_with_those_that_there_are():
    with pytest.raises(UnknownNameError, match=r"unknown claim 'ray'.*ray-tasks-sync"):
        claims_named(["ray"])


GOOD = """
[[claims]]
name = "one"
says = "so"
rule = "about"
value = [1]
quantity = "us a task"
not_measured = "why"
source = { document = "d", path = "p", version = "v" }
"""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("claims = 3 4", "no TOML"),
        ("", "claims: Field required"),
        (GOOD.replace('version = "v"', 'version = ""'), "claims.0.source.version"),
        (GOOD.replace(', version = "v"', ""), "claims.0.source.version: Field required"),
        (GOOD.replace('"about"', '"roughly"'), "claims.0.rule"),
        (GOOD.replace("[1]", "[1, 2]"), "one positive number"),
        (GOOD.replace("[1]", "[0]"), "one positive number"),
        (GOOD.replace('rule = "about"', 'rule = "between"').replace("[1]", "[2, 1]"), "a range"),
        (GOOD.replace('not_measured = "why"', ""), "has either"),
        (GOOD + 'tuned = "yes"\n', "tuned"),
        (GOOD + GOOD, "claims of the same name: one"),
        (
            GOOD.replace('"us a task"', '"time ratio"').replace(
                'not_measured = "why"',
                'loop = { workload = "w", size = 1, chunk = 1, executor = "e" }',
            ),
            "taken against",
        ),
    ],
)
def test_a_bad_file_is_refused_in_one_line_that_names_file_and_entry(tmp_path, text, says):
    path = tmp_path / "claims.toml"
    path.write_text(text)
    with pytest.raises(InputError) as raised:
        published_claims(path)
    message = str(raised.value)
    assert message.startswith(f"{path}: ")
    assert says in message
    assert "\n" not in message
    assert "mend" in message


def test_the_good_file_is_read(tmp_path):
    path = tmp_path / "claims.toml"
    path.write_text(GOOD)
    assert [claim.name for claim in published_claims(path)] == ["one"]


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(ChunkbenchError, match="cannot be read"):
        task_bench(tmp_path / "task_bench.toml")


def test_points_of_falling_nodes_are_refused(tmp_path):
    path = tmp_path / "task_bench.toml"
    text = (FOLDER / "task_bench.toml").read_text().replace("nodes = 16", "nodes = 8")
    path.write_text(text)
    with pytest.raises(InputError, match="rising numbers of nodes"):
        task_bench(path)
