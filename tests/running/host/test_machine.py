"""What a machine offers: rule 7, from fake process and control-group trees."""

from __future__ import annotations

import json
import os
import platform

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.running.host import machine
from harness.running.host.machine import (
    GRANTS,
    cpu_quota,
    default_name,
    describe,
    slug,
    usable_cores,
)
from tests.running.host.test_topology import machine_of

BATCH = {"SLURM_CLUSTER_NAME": "Alpha", "SLURM_JOB_PARTITION": "long Queue"}
JOBS = [
    BATCH | {"SLURM_JOB_ID": "12"},
    {"JOB_ID": "12", "SGE_ROOT": "/sge", "SGE_CLUSTER_NAME": "Alpha", "QUEUE": "long Queue"},
    {"PBS_JOBID": "12.head", "PBS_SERVER": "Alpha", "PBS_QUEUE": "long Queue"},
]


@pytest.fixture
def eight_cores(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)), raising=False)


def tree(root, groups, files):
    """A root with ``proc/self/cgroup`` and the control files."""
    (root / "proc/self").mkdir(parents=True)
    (root / "proc/self/cgroup").write_text("".join(f"{line}\n" for line in groups))
    for name, text in files.items():
        path = root / "sys/fs/cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n")
    return root


def v2(root, **quotas):
    """Version 2: *quotas* of the top, ``a`` and ``a/b``, where the process lives in ``a/b``."""
    folders = {"top": "", "a": "a/", "b": "a/b/"}
    (root / "sys/fs/cgroup/a/b").mkdir(parents=True)
    return tree(root, ["0::/a/b"], {f"{folders[k]}cpu.max": text for k, text in quotas.items()})


def v1(root, **quotas):
    """Version 1, the cpu controller mounted beside cpuacct; *quotas* in us per 100 ms."""
    folders = {"top": "", "a": "a/", "b": "a/b/"}
    files = {}
    for key, quota in quotas.items():
        files[f"cpu,cpuacct/{folders[key]}cpu.cfs_quota_us"] = str(quota)
        files[f"cpu,cpuacct/{folders[key]}cpu.cfs_period_us"] = "100000"
    (root / "sys/fs/cgroup/cpu,cpuacct/a/b").mkdir(parents=True)
    return tree(root, ["5:memory:/a/b", "4:cpu,cpuacct:/a/b", "0::/"], files)


def test_affinity_counts_where_nothing_else_limits(tmp_path, eight_cores):
    assert usable_cores({}, tmp_path) == (8.0, "affinity")


@pytest.mark.parametrize(
    ("quotas", "cores"),
    [
        ({"b": "150000 100000"}, 1.5),
        ({"b": "max 100000", "a": "300000 100000"}, 3.0),
        ({"b": "400000 100000", "a": "250000 100000", "top": "700000 100000"}, 2.5),
        ({"b": "200000 50000", "a": "max 100000"}, 4.0),
    ],
)
def test_a_quota_of_version_2_counts_over_every_ancestor(tmp_path, eight_cores, quotas, cores):
    """Rule 7: the tightest, as a float."""
    assert usable_cores({}, v2(tmp_path, **quotas)) == (cores, "cgroup quota")


@pytest.mark.parametrize(
    ("quotas", "cores"),
    [({"b": 150000}, 1.5), ({"b": -1, "a": 300000}, 3.0), ({"b": 400000, "top": 250000}, 2.5)],
)
def test_a_quota_of_version_1_counts_over_every_ancestor(tmp_path, eight_cores, quotas, cores):
    """Rule 7: -1 is no quota there."""
    assert usable_cores({}, v1(tmp_path, **quotas)) == (cores, "cgroup quota")


@pytest.mark.parametrize("make", [v1, v2])
def test_no_quota_is_no_limit(tmp_path, eight_cores, make):
    none = {"b": -1} if make is v1 else {"b": "max 100000", "top": "max"}
    assert cpu_quota(make(tmp_path, **none)) is None
    assert usable_cores({}, tmp_path) == (8.0, "affinity")


def test_a_quota_above_the_affinity_does_not_add_cores(tmp_path, eight_cores):
    assert usable_cores({}, v2(tmp_path, b="1600000 100000")) == (8.0, "affinity")


@pytest.mark.parametrize("text", ["", "max", "nonsense 100000", "100000", "100000 0", "-5 100000"])
def test_control_files_that_make_no_sense_are_ignored(tmp_path, eight_cores, text):
    assert usable_cores({}, v2(tmp_path, b=text)) == (8.0, "affinity")


@pytest.mark.parametrize("name", GRANTS)
def test_the_batch_systems_grant_counts(tmp_path, eight_cores, name):
    """Rule 7: what was granted, not what the node has; the smallest of several."""
    assert usable_cores({name: "3"}, tmp_path) == (3.0, name)
    assert usable_cores({name: "12"}, tmp_path) == (8.0, "affinity")
    others = dict.fromkeys(GRANTS, "5") | {name: "2"}
    assert usable_cores(others, tmp_path) == (2.0, name)
    assert usable_cores(others, v2(tmp_path, b="50000 100000")) == (0.5, "cgroup quota")


@pytest.mark.parametrize("text", ["", "0", "-2", "2(x3)", "many", "1.5"])
def test_a_grant_that_is_no_number_of_cores_is_ignored(tmp_path, eight_cores, text):
    assert usable_cores({"NSLOTS": text}, tmp_path) == (8.0, "affinity")


def test_hardware_threads_of_a_core_are_one_core_unless_asked_for(tmp_path, eight_cores):
    """Rule 7: what shares a core does not add one; and it is said either way."""
    root = machine_of(tmp_path, 1, 4, 2, 1)
    assert usable_cores({}, root) == (4.0, "affinity: 8 hardware threads on 4 cores")
    asked = {"CHUNKBENCH_SMT": "1"}
    words = "affinity: hardware threads of 4 cores, as asked for"
    assert usable_cores(asked, root) == (8.0, words)
    assert usable_cores({"NSLOTS": "6"}, root).number == 4.0
    assert usable_cores(asked | {"NSLOTS": "6"}, root) == (6.0, "NSLOTS")


# --- names


@pytest.fixture
def nobody(tmp_path, monkeypatch):
    """A host with a name of its own and a home without any ASV file."""
    monkeypatch.setattr(platform, "node", lambda: "node0815")
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("environ", [{}, BATCH, {"SLURM_JOB_PARTITION": "gpu"}])
def test_the_name_is_never_the_hosts(nobody, environ):
    """Journals are shared; on a cluster the node does not matter."""
    name = default_name(environ)
    assert "node0815" not in name
    assert name == slug(name)


def test_a_batch_job_is_named_by_cluster_partition_and_cpu(nobody, monkeypatch):
    monkeypatch.setattr(machine, "cpu_model", lambda: "Zeta(R) 9000 @ 2.0GHz")
    assert default_name(BATCH).startswith("alpha-long-queue-zeta-r-9000-2.0ghz-")
    assert default_name({}).startswith("zeta-r-9000-2.0ghz-")


def test_the_owners_name_comes_first(nobody):
    (nobody / ".asv-machine.json").write_text(json.dumps({"version": 1, "desk": {}}))
    assert default_name(BATCH | {"CHUNKBENCH_MACHINE": "my desk"}) == "my desk"
    assert default_name({}) == "desk"
    assert describe("other").name == "other"


@pytest.mark.parametrize("environ", JOBS)
@pytest.mark.parametrize("known", [["login1"], ["node0815"], ["login1", "node0815"]])
def test_a_job_is_never_named_by_what_asv_was_told_on_the_login_node(
    nobody, monkeypatch, environ, known
):
    """``make setup`` puts the login node's name there; nodes that are alike are one machine."""
    monkeypatch.setattr(machine, "cpu_model", lambda: "Zeta(R) 9000 @ 2.0GHz")
    (nobody / ".asv-machine.json").write_text(
        json.dumps({"version": 1} | {name: {} for name in known})
    )
    assert default_name(environ).startswith("alpha-long-queue-zeta-r-9000-2.0ghz-")
    assert default_name(environ | {"CHUNKBENCH_MACHINE": "mine"}) == "mine"


def test_other_processors_in_one_partition_are_other_machines(nobody, monkeypatch):
    names = set()
    for model in ("Zeta 9000", "Eta 7"):
        monkeypatch.setattr(machine, "cpu_model", lambda model=model: model)
        names.add(default_name(JOBS[0]))
    assert len(names) == 2


def test_a_login_node_of_grid_engine_is_no_job(nobody):
    """Its settings name the cell in every shell."""
    assert "alpha" not in default_name({"SGE_ROOT": "/sge", "SGE_CLUSTER_NAME": "Alpha"})


def test_nodes_are_told_apart_without_their_names():
    one, other = (machine.node_digest({"SLURMD_NODENAME": name}) for name in ("n1", "n2"))
    assert one != other
    assert one == machine.node_digest({"SLURMD_NODENAME": "n1"})
    assert "n1" not in one


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', '{"a": {}, "b": {}}'])
def test_an_asv_file_that_names_no_one_machine_is_ignored(nobody, text):
    (nobody / ".asv-machine.json").write_text(text)
    name = default_name({})
    assert name not in ("a", "b", "version", "node0815")


@given(st.text(max_size=40))
def test_a_slug_is_a_plain_folder_name(text):
    """No separator, no hidden folder, no dot-dot, and never empty."""
    found = slug(text)
    assert found == slug(found)
    assert found
    assert not set(found) - set("abcdefghijklmnopqrstuvwxyz0123456789.-")
    assert not found.startswith((".", "-"))


def test_the_description_of_this_machine_is_complete():
    here = describe("desk")
    assert here.cores_usable is not None
    assert here.cores_usable > 0
    assert here.cores_source
    assert here.ram_bytes is not None
    assert here.ram_bytes > 2**20
    assert here.node
    assert machine.versions()["numpy"]
    assert machine.package_version("no-such-distribution") is None
