"""Whatever the input: jobs, or one error in one line that names file and line."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from harness.core.errors import ChunkbenchError, InputError
from harness.reading.analysis.jobs.efficiency import efficiency
from harness.reading.ingest.accounting.job import ListingKind
from harness.reading.ingest.accounting.listings import read
from harness.reading.report.job_listing import records, text
from tests.reading.ingest.accounting.listed import FILES, source_of
from tests.repeats import examples

SAMPLES = [(source_of(path), path.read_bytes()) for path in FILES]
PLACE = re.compile(r"listing:[0-9]+: .{10,}")


def holds(content, source=None):
    """Jobs that can be shown, or one line that says where and what."""
    try:
        listed = read(content, "listing", source)
    except ChunkbenchError as error:
        message = str(error)
        place = PLACE.fullmatch(message)
        assert place, message
        assert int(message.split(":")[1]) <= content.count(b"\n") + 1
        return None
    assert listed
    judged = [efficiency(job) for job in listed]
    shown = text(judged)
    for job, row in zip(listed, records(judged)):
        assert re.sub(r"\s", "", job.job_id)[:8] in re.sub(r"\s", "", shown) or not (
            job.job_id.isprintable()
        )
        # No silent zero: nothing is 0 % that was not booked as 0 of something.
        assert row["cpu_efficiency"] != 0
        assert row["memory_efficiency"] != 0
        # A job of which nothing is known to judge it by is told so.
        assert row["cpu_efficiency"] is not None or row["findings"]
    return listed


@st.composite
def damaged(draw):
    """A sample cut off, with bytes changed, lines moved, doubled or dropped, numbers replaced."""
    source, content = draw(st.sampled_from(SAMPLES))
    kind = draw(st.sampled_from(["cut", "splice", "lines", "number"]))
    if kind == "cut":
        return source, content[: draw(st.integers(0, len(content)))]
    if kind == "splice":
        start = draw(st.integers(0, len(content)))
        length = draw(st.integers(0, 20))
        return source, content[:start] + draw(st.binary(max_size=20)) + content[start + length :]
    if kind == "lines":
        lines = content.split(b"\n")
        picked = draw(st.lists(st.integers(0, len(lines) - 1), min_size=1, max_size=12))
        kept = [line for index, line in enumerate(lines) if index not in picked[::2]]
        return source, b"\n".join([*kept, *(lines[index] for index in picked[1::2])])
    places = list(re.finditer(rb"[0-9.]+", content))
    place = draw(st.sampled_from(places))
    value = draw(
        st.sampled_from([b"-1", b"1e999", b"nan", b"9" * 5000, b"0", b"", b"1.5", b"\xd9\xa1"])
    )
    return source, content[: place.start()] + value + content[place.end() :]


@settings(max_examples=examples(60, 300), deadline=None)
@given(damaged(), st.booleans())
def test_a_damaged_listing_gives_jobs_or_one_clear_error(sample, forced):
    source, content = sample
    holds(content, source if forced else None)


@settings(max_examples=examples(30, 150), deadline=None)
@given(
    st.binary(max_size=300) | st.text(max_size=300).map(str.encode), st.sampled_from(ListingKind)
)
@example(b"", ListingKind.QACCT)
@example(b"[" * 100_000, ListingKind.SACCT_JSON)
@example(b'{"jobs": ' + b"[" * 100_000, ListingKind.SACCT_JSON)
@example(b'{"jobs": [{"job_id": ' + b"9" * 5000 + b"}]}", ListingKind.SACCT_JSON)
@example(b'{"jobs": [null, 3, []]}', ListingKind.SACCT_JSON)
@example(b"JobID|State\n|", ListingKind.SACCT_PARSABLE)
@example(b"Job ID:", ListingKind.SEFF)
@example(b"Job Id:", ListingKind.PBS)
@example(b"Job <>, x", ListingKind.LSF)
@example(b"qname\nqname", ListingKind.QACCT)
@example("\u2028\x0cqname a\x85".encode(), ListingKind.QACCT)
def test_any_bytes_give_jobs_or_one_clear_error(content, source):
    """As what they are taken for, and as what they are said to be."""
    holds(content)
    holds(content, source)


@settings(max_examples=examples(20, 100), deadline=None)
@given(st.sampled_from(SAMPLES), st.sampled_from(ListingKind))
def test_a_listing_read_as_another_is_refused_or_read_and_never_breaks(sample, source):
    holds(sample[1], source)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_sample_is_recognised(path):
    """As what it is, also with a prompt before it and with the line ends of Windows."""
    content = path.read_bytes()
    expected = read(content, "listing", source_of(path))
    assert read(content, "listing") == expected
    assert read(b"\xef\xbb\xbf" + content.replace(b"\n", b"\r\n"), "listing") == expected
    if source_of(path) is not ListingKind.SACCT_JSON:
        moved = read(b"$ how it was asked for\n" + content, "listing")
        assert [job.model_copy(update={"line": job.line - 1}) for job in moved] == expected


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "listing:1: empty"),
        ("\n\nerror: job id 1 not found\n", "listing:3: no listing that is known"),
        ("qname q\njobnumber 1\ncpu 12 parsecs\n", "listing:3: cpu '12 parsecs' is not a duration"),
        ("qname q\nowner jane\n", "listing:1: this record of qacct has no jobnumber"),
        ("JobID|State\n1|COMPLETED|8\n", "listing:2: 3 fields where the header has 2"),
        ("JobID|State\n", "listing:1: no job in this listing"),
        ("{", "listing:1: no JSON"),
    ],
)
def test_the_error_says_where_and_what(content, message):
    with pytest.raises(InputError) as error:
        read(content.encode(), "listing")
    assert str(error.value).startswith(message)
