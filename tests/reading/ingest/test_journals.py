from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.core.errors import InputError
from harness.core.journal_format import parse_line, read_lines
from harness.core.records import End, Pair
from harness.reading.ingest.journals import read_journal
from tests.reading.ingest.builders import RUN, block, pair, run_info, sweep, write_journal


def _lines(path, *texts: str, end: str = "\n"):
    path.write_text("\n".join(texts) + end, encoding="utf-8")
    return path


def test_what_was_written_is_what_is_read(tmp_path):
    """Every record comes back equal, in order."""
    lines = sweep()
    path = write_journal(tmp_path, lines)
    assert list(read_lines(path)) == lines
    journal = read_journal(path)
    assert [journal.info, *journal.blocks] == [lines[0], *(x for x in lines if x in journal.blocks)]
    assert list(journal.pairs) == [line for line in lines if isinstance(line, Pair)]
    assert journal.end == lines[-1]
    assert not journal.truncated
    assert journal.notes == []


def test_unknown_fields_and_kinds_are_ignored(tmp_path):
    """A later version may add fields and kinds of lines without a new version number."""
    known = json.loads(pair().model_dump_json()) | {"humidity": 0.4}
    path = _lines(
        tmp_path / "a.jsonl",
        run_info().model_dump_json(),
        '{"v":1,"kind":"weather","run":"x","rain":true}',
        "",
        json.dumps(known),
    )
    assert read_journal(path).pairs == (pair(),)


@pytest.mark.parametrize("kind", ["pair", "weather"])
@pytest.mark.parametrize("version", [2, 10**30])
def test_a_higher_version_is_refused_by_file_line_and_version(tmp_path, kind, version):
    line = json.loads(pair().model_dump_json()) | {"v": version, "kind": kind}
    path = _lines(tmp_path / "a.jsonl", run_info().model_dump_json(), json.dumps(line))
    with pytest.raises(InputError, match=r"a\.jsonl, line 2: journal version (2|10+)\b.*upgrade"):
        read_journal(path)


@pytest.mark.parametrize("cut", [1, 20, 200])
def test_a_last_line_cut_off_in_mid_write_is_dropped_and_noted(tmp_path, cut):
    texts = [run_info().model_dump_json(), pair().model_dump_json(), pair().model_dump_json()[:cut]]
    path = _lines(tmp_path / "a.jsonl", *texts, end="")
    journal = read_journal(path)
    assert journal.pairs == (pair(),)
    assert journal.truncated
    assert "cut off" in journal.notes[0]


def test_a_last_line_that_lacks_only_its_end_is_kept(tmp_path):
    path = _lines(
        tmp_path / "a.jsonl", run_info().model_dump_json(), pair().model_dump_json(), end=""
    )
    journal = read_journal(path)
    assert journal.pairs == (pair(),)
    assert not journal.truncated


@pytest.mark.parametrize(
    "broken",
    [
        '{"v":1,"ki',
        "\x00\x00\x00",
        "[]",
        "3",
        '{"v":1}',
        '{"v":"1","kind":"pair"}',
        '{"v":true,"kind":"pair"}',
        '{"v":1,"kind":"pair","run":"x"}',
        pair().model_dump_json().replace('"ok"', '"sunny"'),
        pair().model_dump_json().replace('"chunk":1000000', f'"chunk":{2**63}'),
    ],
)
def test_a_broken_line_elsewhere_names_file_and_line(tmp_path, broken):
    path = _lines(
        tmp_path / "a.jsonl", run_info().model_dump_json(), broken, pair().model_dump_json()
    )
    with pytest.raises(InputError, match=r"a\.jsonl, line 2: ") as caught:
        read_journal(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "\n", '{"v":1,"ki', pair().model_dump_json()])
def test_a_journal_without_run_line_is_refused(tmp_path, text):
    path = _lines(tmp_path / "a.jsonl", text, end="")
    with pytest.raises(InputError, match=r'a\.jsonl, line 1: .*"run" line'):
        read_journal(path)


def test_a_line_of_another_run_is_refused(tmp_path):
    """Rounds of two runs are never pooled silently."""
    path = write_journal(tmp_path, [run_info(), pair(run="another")])
    with pytest.raises(InputError, match="line 2: a line of run 'another'"):
        read_journal(path)


def test_a_resumed_run_is_one_run(tmp_path):
    """The run line may come again; the first one and the last end count."""
    first, last = End(run=run_info().run, status="interrupted"), End(run=run_info().run, pairs=2)
    again = run_info(seed=3)
    path = write_journal(tmp_path, [run_info(), pair(), first, again, block(1), pair(), last])
    journal = read_journal(path)
    assert (journal.info, journal.end) == (run_info(), last)
    assert len(journal.pairs) == 2


def test_a_run_resumed_with_another_commit_is_refused(tmp_path):
    """Its later pairs would be booked on the first commit."""
    path = write_journal(tmp_path, [run_info(), pair(), run_info(commit="another"), pair()])
    with pytest.raises(InputError, match=r"line 3: .*another commit"):
        read_journal(path)


def test_an_interrupted_run_is_used_and_noted(tmp_path):
    journal = read_journal(write_journal(tmp_path, [run_info(), pair()]))
    assert journal.end is None
    assert len(journal.pairs) == 1
    assert "interrupted" in journal.notes[0]


@pytest.mark.parametrize("name", ["absent.jsonl", "a\x00b.jsonl", "."])
def test_a_file_that_cannot_be_read_is_an_input_error(tmp_path, name):
    with pytest.raises(InputError, match="cannot be read"):
        read_journal(tmp_path / name)


def test_one_line_on_its_own():
    assert parse_line(pair().model_dump_json(), "here") == pair()
    assert parse_line("  \n", "here") is None
    with pytest.raises(InputError, match=r"^here: "):
        parse_line("{", "here")


_pieces = st.one_of(
    st.binary(max_size=30),
    st.sampled_from(
        [
            b"\n",
            b'"\\ud800"',
            run_info().model_dump_json().encode(),
            pair().model_dump_json().encode(),
            block().model_dump_json().encode(),
            b'{"v":1,"kind":"run","run":"x","suite":"s","profile":"p","machine":{"name":"m"}}\n',
            b'{"v":NaN,"kind":"end","run":"x"}\n',
            b'{"v":1,"kind":"end","run":"x","pairs":' + b"9" * 30 + b"}",
            b"[" * 3000,
        ]
    ),
)


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.lists(_pieces, max_size=6).map(b"".join))
def test_any_bytes_give_records_or_one_input_error_with_file_and_line(tmp_path, content):
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    message = ""
    try:
        assert read_journal(path).info.run
    except InputError as error:
        message = str(error)
    assert message == "" or f"{path}, line " in message
    assert "\n" not in message


def test_the_time_of_a_run_is_by_its_end_and_not_by_a_clock_that_was_set(tmp_path):
    """Where its end says so; a journal without it has the clock on the wall alone, and none where
    that went back."""
    began, ended = "2026-11-23T08:15:00+00:00", "2026-11-23T03:15:20+00:00"
    for told, seconds in ((20.0, 20.0), (None, None)):
        lines = [run_info(t=began), block(), pair(), End(run=RUN, t=ended, seconds_of_all=told)]
        journal = read_journal(write_journal(tmp_path, lines))
        assert journal.stretches[-1].seconds == seconds
