"""Sockets, memory nodes and hardware threads, from fake files of the kernel."""

from __future__ import annotations

from harness.running.host.topology import Topology, cores_of, topology


def machine_of(root, sockets, cores, threads, nodes):
    """A machine whose processors are numbered as Linux does: the second threads come last."""
    system = root / "sys/devices/system"
    number = 0
    for _ in range(threads):
        for socket in range(sockets):
            for core in range(cores):
                folder = system / f"cpu/cpu{number}/topology"
                folder.mkdir(parents=True)
                (folder / "physical_package_id").write_text(f"{socket}\n")
                (folder / "core_id").write_text(f"{core}\n")
                number += 1
    for node in range(nodes):
        (system / f"node/node{node}").mkdir(parents=True)
    (system / "cpu/cpufreq").mkdir()
    (system / "node/power").mkdir(parents=True, exist_ok=True)
    return root


def test_a_node_of_two_sockets_with_two_threads_a_core(tmp_path):
    """Cores of both sockets have the same numbers; other folders beside them are no processors."""
    assert topology(machine_of(tmp_path, 2, 4, 2, 8)) == Topology(2, 8, 2)


def test_one_socket_without_hardware_threads(tmp_path):
    assert topology(machine_of(tmp_path, 1, 2, 1, 1)) == Topology(1, 1, 1)


def test_what_the_system_does_not_tell_is_absent(tmp_path):
    assert topology(tmp_path) == Topology(None, None, None)


def test_hardware_threads_that_share_a_core_are_one_core(tmp_path):
    root = machine_of(tmp_path, 2, 2, 2, 1)
    assert cores_of(range(8), root) == [{0, 4}, {1, 5}, {2, 6}, {3, 7}]
    assert cores_of([1, 5, 2], root) == [{1, 5}, {2}]


def test_each_processor_of_which_nothing_is_known_is_a_core(tmp_path):
    assert cores_of([3, 1], tmp_path) == [{1}, {3}]
