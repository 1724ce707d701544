"""Names of machines are checked where they are read: one line, whatever they hold."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.core.errors import InputError, UsageError
from harness.core.machine_names import MOST_BYTES, check_name
from harness.reading.ingest.asv_results import read_asv_file
from harness.reading.ingest.foreign.table_reading import read_table
from harness.reading.ingest.journals import read_journal
from harness.running.host.machine import checked_name
from tests.reading.ingest.builders import run_info, write_asv, write_journal

WRONG = ["", " ", ".", "..", "../../etc", "a\\b", "a\nb", "a\x1b[2J", "a\u202eb", "ä" * 1001]
RIGHT = ["reference-2core", "Büro 2", "node7.cluster_a", "x" * MOST_BYTES, "<script>"]


@given(st.text())
def test_a_name_is_that_of_a_folder_or_is_refused_in_one_line(name):
    try:
        check_name(name, "a.jsonl, line 1")
    except InputError as error:
        said = str(error)
    else:
        assert "/" not in name
        assert name.isprintable()
        assert 0 < len(name.encode()) <= MOST_BYTES
        return
    assert said.isprintable()
    assert said.startswith("a.jsonl, line 1: ")


@pytest.mark.parametrize("name", WRONG)
def test_a_journal_of_a_machine_without_a_right_name_is_refused(tmp_path, name):
    path = write_journal(tmp_path, [run_info()])
    line = json.loads(path.read_text())
    line["machine"]["name"] = name
    path.write_text(json.dumps(line) + "\n")
    with pytest.raises(InputError, match=r"line 1: .*machine's name.*restore the file") as error:
        read_journal(path)
    assert len(str(error.value)) < len(str(path)) + 300


@pytest.mark.parametrize("name", RIGHT)
def test_other_names_are_read(tmp_path, name):
    info = run_info()
    info = info.model_copy(update={"machine": info.machine.model_copy(update={"name": name})})
    assert read_journal(write_journal(tmp_path, [info])).info.machine.name == name


def test_so_it_is_in_files_of_asv_and_in_tables_of_others(tmp_path):
    path = write_asv(tmp_path, {"a.time_it": {"values": [1.0]}})
    text = json.loads(path.read_text())
    text["params"]["machine"] = "../up"
    path.write_text(json.dumps(text))
    with pytest.raises(InputError, match=r"'\.\./up' is no machine's name"):
        read_asv_file(path, {})
    table = tmp_path / "timings.csv"
    table.write_text("machine,seconds\n../up,1.0\n")
    with pytest.raises(InputError, match=r"'\.\./up' is no machine's name"):
        read_table(table, "seconds=seconds")


@pytest.mark.parametrize("name", ["../up", "a/b", "a\n", "-a", "x" * (MOST_BYTES + 1)])
def test_a_name_that_is_given_is_refused_in_one_line(name):
    with pytest.raises(UsageError, match="is no machine name") as error:
        checked_name(name)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < MOST_BYTES + 150
