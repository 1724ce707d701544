"""To read by columns gives what to read line by line gives, or leaves the lines to it."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.core.errors import InputError
from harness.core.journal_format import parse_line, read_lines
from harness.core.records import End, Pair
from harness.reading.ingest import journal_reading
from harness.reading.ingest.frames import pairs_frame
from harness.reading.ingest.journal_pieces import parted, pieces
from harness.reading.ingest.journal_reading import JournalReading
from harness.reading.ingest.journals import JournalContent, read_journal, read_journals
from harness.reading.ingest.pair_columns import from_lines, from_records, to_records
from tests.reading.ingest.builders import RUN, block, pair, run_info, sweep, write_journal

PLAIN = pair(phases={"build": 0.25, "compute": 1e-9}, steal_fraction=0.0, gap_seconds=1.5e300)
PAIRS = [
    PLAIN,
    pair(),
    pair(round=7, t="2026-11-25T22:40:34.882+00:00", purpose="confirm", baseline="serial replay"),
    pair(phases={}, status="failed", reason='ValueError: "é\\n", twice\n', parallel_seconds=None),
    pair(phases={"build": 0.25}),
    pair(phases={"build": None, "compute": None}),
    pair(phases={"build": 0.25, "compute": 0.5, "submit": None}),
    pair(size=2**63 - 1, chunk_bytes=-(2**63 - 1), chunk_shape="", t="\x00"),
]
VALUES = [
    *("5", "5.0", '"5"', "true", "null", "-0", "-0.0", "0", "1e2", "1E+2", "1e400", "1e-400"),
    *("NaN", "Infinity", "-Infinity", "Inf", "[]", "{}", '{"a":1}', "01", ".5", "1.", "+1"),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775808", "1" * 400),
    *(
        "0.1000000000000000055511151231257827",
        "123456789012345678901234",
        "2.2250738585072011e-308",
    ),
    *('"ok"', '"sunny"', '"timeout"', '"refine"', '"whole"', '"serial"', '"pair"', '"run"'),
    *(r'"\ud800"', r'"\ud83d\ude00"', r'"\u00e9\/\""', r'"\x"', '"a\tb"', '"é"', f'"{RUN}"'),
    *('{"build":1,"compute":2}', '{"build":"1","compute":2}', '{"build":1,"build":2}'),
    *('{"build":NaN,"compute":-0.0}', '{"x":true}', '{"x":1}', '{"build": null, "compute": null}'),
]
FIELDS = [*Pair.model_fields, "humidity"]


def _fields(text: str) -> list[tuple[str, str]]:
    decoded = json.loads(text)
    return [(name, json.dumps(value, separators=(",", ":"))) for name, value in decoded.items()]


def _object(fields: list[tuple[str, str]]) -> str:
    return "{" + ",".join(f'"{name}":{value}' for name, value in fields) + "}"


def _changed(text: str, name: str, value: str) -> str:
    fields = _fields(text)
    if name not in dict(fields):
        return _object([*fields, (name, value)])
    return _object([(known, value if known == name else old) for known, old in fields])


@st.composite
def _lines_of_pairs(draw: st.DrawFn) -> bytes:
    text = draw(st.sampled_from(PAIRS)).model_dump_json()
    name, value = draw(st.sampled_from(FIELDS)), draw(st.sampled_from(VALUES))
    how = draw(st.integers(0, 16))
    end = b"\n"
    if how == 1:
        text = _changed(text, name, value)
    elif how == 2:
        text = _object([field for field in _fields(text) if field[0] != name])
    elif how == 3:
        text = _object([*_fields(text), (name, value)])
    elif how == 4:
        text = _object([(name, value), *_fields(text)])
    elif how == 5:
        text = json.dumps(json.loads(text))
    elif how == 6:
        text = " " + text + " \t"
    elif how == 7:
        end = b"\r\n"
    elif how == 8:
        text += draw(st.sampled_from(["x", "{}", text, "\x00", ",", "}"]))
    elif how == 9:
        text = text.replace(",", draw(st.sampled_from(["\n", ",\n", ",,", ", "])), 20)
    elif how == 10:
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(st.sampled_from(['"', "\n", "\\", "e", "-", "0"])) + text[place:]
    elif how == 11:
        text = text[: draw(st.integers(0, len(text)))]
    elif how == 12:
        text = draw(st.sampled_from(["", " ", "[]", '{"v":1,"kind":"weather"}', text[:-1]]))
    elif how == 13:
        return text.encode().replace(b"random-sum", b"random-\xff") + end
    return text.encode() + end


OTHERS = [
    run_info(),
    run_info(job="12_3", scheduler="slurm", seed=3),
    run_info(commit="another"),
    block(),
    block(1),
    End(run=RUN, pairs=3),
    pair(run="another"),
]
_others = st.sampled_from([record.model_dump_json().encode() + b"\n" for record in OTHERS])
_journals = st.builds(
    lambda first, lines, cut: (first + b"".join(lines))[: -cut or None],
    st.sampled_from([run_info().model_dump_json().encode() + b"\n", b""]),
    st.lists(st.one_of(_lines_of_pairs(), _lines_of_pairs(), _others), max_size=6),
    st.sampled_from([0, 0, 0, 1, 9]),
)


def _told(path, *, by_columns: bool = True) -> tuple[str, JournalContent | None]:
    """All that is read of the journal at *path*, as text, which tells 0 from -0 and NaN."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal_reading, "FEW_BYTES", 2000)
        if not by_columns:
            patch.setattr(journal_reading, "from_lines", lambda *_: None)
        try:
            content = read_journal(path)
        except InputError as error:
            return str(error), None
    return _in_words(content), content


def _in_words(content: JournalContent) -> str:
    stretches = [
        (each.info, each.blocks, each.end, each.job, each.began, each.seconds, len(each.columns))
        for each in content.stretches
    ]
    parts = content.info, content.blocks, content.end, content.truncated, content.notes, stretches
    return repr([parts, content.columns.to_pylist(), content.pairs])


@settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))
@given(_journals)
def test_columns_give_what_records_give(tmp_path, content):
    """The same journal, or the same words about its first broken line."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(content)
    told, journal = _told(path)
    expected, by_lines = _told(path, by_columns=False)
    assert told == expected
    if journal and by_lines:
        frame, of_lines = pairs_frame([journal]), pairs_frame([by_lines])
        pd.testing.assert_frame_equal(frame, of_lines, check_exact=True)
        records = [record for record in read_lines(path) if isinstance(record, Pair)]
        assert repr(list(journal.pairs)) == repr(records)


@settings(deadline=None, max_examples=50, suppress_health_check=list(HealthCheck))
@given(st.lists(_journals, min_size=2, max_size=4))
def test_journals_that_are_read_together_are_what_each_is_alone(tmp_path, contents):
    """Also beside one that has to be read line by line, or up to the first that is broken."""
    paths = [tmp_path / f"{number}.jsonl" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    alone: list[str] = []
    together: list[str] = []
    for path in paths:
        told, journal = _told(path)
        alone.append(told)
        if journal is None:
            break
    try:
        together.extend(map(_in_words, read_journals(paths)))
    except InputError as error:
        together.append(str(error))
    assert together == alone


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_is_read_as_in_a_record_or_left_to_the_lines(name):
    """Whatever stands in it, and wherever: in its place, once more, or not at all."""
    fields = _fields(PLAIN.model_dump_json())
    texts = [_changed(_object(fields), name, value) for value in VALUES]
    texts += [_object([*fields, (name, value)]) for value in VALUES]
    texts.append(_object([field for field in fields if field[0] != name]))
    for text in texts:
        part = parted(text.encode() + b"\n")
        table = from_lines(part.pair_lines, [(RUN, part.n_pairs)])
        if part.n_pairs and table is not None:
            assert repr(list(to_records(table, RUN))) == repr([parse_line(text, "here")])


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_are_read_to_the_last_bit(seconds):
    lines = [pair(phases={}, parallel_seconds=each).model_dump_json() + "\n" for each in seconds]
    table = from_lines("".join(lines).encode(), [(RUN, len(lines))])
    assert table is None or table["parallel_seconds"].to_pylist() == seconds


@settings(deadline=None, max_examples=50, suppress_health_check=list(HealthCheck))
@given(st.integers(1, 5000), st.sampled_from([b"", b"\n", b"{"]))
def test_pieces_of_any_size_give_the_same(tmp_path, size, end):
    path = write_journal(tmp_path, sweep())
    path.write_bytes(path.read_bytes() + end)
    cut = list(pieces(path, size))
    assert b"".join(cut) == path.read_bytes()
    reading, whole = JournalReading(path), read_journal(path)
    for piece in cut:
        assert piece.endswith(b"\n") or piece is cut[-1]
        reading.add(piece)
    assert reading.columns.to_pylist() == whole.columns.to_pylist()
    assert (reading.info, reading.truncated) == (whole.info, whole.truncated)


def test_a_broken_line_is_named_wherever_pieces_are_cut(tmp_path):
    lines = [run_info(), *[pair(round=number) for number in range(9)]]
    path = write_journal(tmp_path, lines, end="\n3\n")
    reading = JournalReading(path)
    *before, last = pieces(path, 1000)
    for piece in before:
        reading.add(piece)
    with pytest.raises(InputError, match=r"line 11: not a journal line"):
        reading.add(last)


def test_an_odd_line_costs_the_others_nothing(tmp_path, monkeypatch):
    """Of a journal with one, most pairs are still read by columns, and in their order."""
    odd, plain = pair(round=700), pair(phases={})
    lines = [odd if number == 700 else plain for number in range(1000)]
    path = write_journal(tmp_path, [run_info(), *lines])
    by_lines: list[int] = []

    def noted(pairs):
        by_lines.append(len(pairs))
        return from_records(pairs)

    monkeypatch.setattr(journal_reading, "from_records", noted)
    assert list(read_journal(path).pairs) == lines
    assert 0 < sum(by_lines) < 200


def test_what_a_sweep_writes_is_read_by_columns():
    """The lines of a whole sweep, with and without results, are left to nobody else."""
    written = [record for record in sweep() if isinstance(record, Pair)]
    phases = {"build": 0.002, "compute": 0.029}
    plain = [each.model_copy(update={"phases": phases if each.first else {}}) for each in written]
    part = parted(b"".join(each.model_dump_json().encode() + b"\n" for each in plain))
    assert (part.n_pairs, part.others) == (len(plain), ())
    table = from_lines(part.pair_lines, [(RUN, part.n_pairs)])
    assert table is not None
    assert list(to_records(table, RUN)) == plain
    assert table.to_pylist() == from_records(plain).to_pylist()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f'"{RUN}"', '"another"'),
        ('"chunk":1000000', f'"chunk":{-(2**63)}'),
        ('"gap_seconds":null', '"gap_seconds":-0'),
        ('"gap_seconds":null', '"gap_seconds":NaN'),
        ('"status":"ok"', '"status":"sunny"'),
        ('"phases":{}', '"phases":{"build":null,"compute":null}'),
    ],
)
def test_what_means_something_else_is_left_to_the_lines(before, after):
    text = pair(phases={}).model_dump_json() + "\n"
    assert before in text
    assert from_lines(text.encode(), [(RUN, 1)]) is not None
    assert from_lines(text.replace(before, after).encode(), [(RUN, 1)]) is None


def test_records_come_back_whole():
    assert list(to_records(from_records(PAIRS), RUN)) == PAIRS
    assert list(to_records(from_records([]), RUN)) == []
