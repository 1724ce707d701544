"""The site's files, read without a browser."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import harness
from harness.core import schema
from harness.core.errors import InputError, UsageError
from harness.reading.analysis.models.empty import EMPTY
from harness.reading.ingest import to_frame
from harness.reading.report.glance.at_a_glance import glances
from harness.reading.report.glance.task_costs import task_cost
from harness.reading.report.site import build, charts, executors, from_results, from_tables
from harness.reading.report.site.files import as_json, unique_slugs
from harness.reading.report.site.history_page import POINTS, WrittenHistory, thinned
from harness.reading.report.site.source import SiteTables, from_cases, newest_runs
from harness.reading.report.site.words import SIGNS
from selfbench.made_up_history import generate
from tests.reading.report.frames import case_row
from tests.site_results import REFERENCE, SCRIPT, two_machines

pytestmark = pytest.mark.e2e

HTML_THAT_RUNS = "<script>alert"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exercise on two machines, one of them named like a script; no figures for papers."""
    folder = tmp_path_factory.mktemp("site")
    source = from_results(two_machines(folder / "results", ("settle",)))
    return build(source, folder / "out", version="0", figures=False).parent


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up history of one machine over more nights than are drawn."""
    folder = tmp_path_factory.mktemp("tables")
    generate(folder, machines=1, nights=POINTS + 3, workloads=2)
    return folder


@given(st.text() | st.lists(st.text()) | st.dictionaries(st.text(), st.floats(allow_nan=False)))
def test_json_in_a_script_cannot_end_it_and_reads_back_the_same(value):
    text = as_json(value) if not _infinite(value) else as_json(None)
    assert not set("<>&\u2028\u2029") & set(text)
    if not _infinite(value):
        assert json.loads(text) == value


def _infinite(value):
    return isinstance(value, dict) and any(np.isinf(number) for number in value.values())


@given(st.lists(st.text(), unique=True))
def test_each_name_gets_a_file_name_of_its_own_that_leads_nowhere_else(names):
    slugs = unique_slugs(names)
    assert set(slugs) == set(names)
    assert len({slug.lower() for slug in slugs.values()}) == len(names)
    for slug in slugs.values():
        assert re.fullmatch(r"[\w.-]+", slug)
        assert not slug.startswith(".")


def test_nothing_of_a_result_is_read_as_html(site):
    texts = {path: path.read_text("utf-8") for path in site.rglob("*.html")}
    texts |= {path: path.read_text("utf-8") for path in site.glob("data/**/*.js")}
    assert all(HTML_THAT_RUNS not in text for text in texts.values())
    assert "&lt;script&gt;alert" in texts[site / "index.html"]


def test_every_page_allows_its_own_files_alone(site):
    """The policy stands in each page; and no page holds a script or style of its own that it
    would have to allow, or an address elsewhere."""
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        assert "default-src 'none'; script-src 'self'; style-src 'self';" in text
        assert re.findall(r"<script(?![^>]*\ssrc=)", text) == []
        assert re.findall(r"\sstyle=|<style|\son\w+=", text) == []
        assert re.findall(r'(?:src|href)="(?:[a-z]+:|/)', text) == []


def test_the_same_results_give_the_same_site(site, tmp_path):
    again = build(
        from_results(site.parent / "results"), tmp_path / "out", version="0", figures=False
    ).parent
    for path in site.rglob("*"):
        if path.is_file():
            assert (again / path.relative_to(site)).read_bytes() == path.read_bytes(), path


def test_the_exercise_is_answered_as_settle_does(site):
    from harness.apps.exercise import read_answer  # noqa: PLC0415

    answer = read_answer(next(REFERENCE.glob("*-settle-*.jsonl")))
    text = (site / "exercise.html").read_text("utf-8")
    for sentence in answer.sentences:
        assert sentence.replace("'", "&#39;") in text


def test_the_first_page_says_what_its_tables_do_and_links_what_exists(site):
    """The grid has no control, and the words of a cell are those of its break-even."""
    text = (site / "index.html").read_text("utf-8")
    [grid, _] = re.findall(r"<table class=" + r'"grid">.*?</table>', text, re.DOTALL)
    found = harness.read_results(REFERENCE.parent).only(suite="settle").break_even
    small = found[found["executor"].eq("dask-threads") & found["side"].eq("small")]
    words = {"found": "from ", "never pays": "never up to ", "always pays": "or fewer"}
    assert words.get(small["status"].item(), "tell yet") in grid
    assert "serial-replay" not in grid
    links = set(re.findall(r'href="([^"]+)"', grid))
    assert links
    assert all((site / link).is_file() for link in links)


def test_a_workload_carries_every_case_with_its_interval_and_rounds(site):
    text = (site / "data" / "workload-random-sum.js").read_text("utf-8")
    content = json.loads(text.removeprefix('chunkbench.put("workload-random-sum",').rstrip(");\n"))
    assert {row["machine"] for row in content["cases"]} == {"reference-2core", SCRIPT}
    known = harness.read_results(REFERENCE.parent).only(workload="random-sum", suite="settle").cases
    assert len(content["cases"]) == 2 * len(known)
    for row in content["cases"]:
        assert row["seconds_low"] <= row["seconds"] <= row["seconds_high"]
        assert re.search(r"\[.+, .+\]$", row["time"])
        assert int(row["rounds"]) >= 2  # fewer have no interval
        judged_by = f"{row['rounds']} ({row['interval']})"
        assert judged_by in [cell.replace("\u00a0", " ") for cell in row["cells"]]
        assert row["verdict"] in SIGNS


def test_each_page_says_in_one_sentence_what_to_look_at(site):
    """Right below its heading, but on the first page, which is all answer."""
    for page in site.rglob("*.html"):
        text = page.read_text("utf-8")
        if page.name == "index.html" or page.name in ("history.html",):
            continue
        after = re.sub(r"<[^>]+>", " ", text.partition("</h1>")[2])[:700]
        assert re.search(r"\b(Look|Take|Read)\b", after), page.name


def test_pairs_are_carried_as_the_journal_has_them(site):
    text = (site / "data" / "pairs-random-sum.js").read_text("utf-8")
    listed = json.loads(text.partition(",")[2].rstrip(");\n"))
    known = harness.read_results(REFERENCE.parent).only(workload="random-sum", suite="settle")
    pairs = known.pairs[known.pairs["status"].eq("ok")]
    mine = [case for case in listed if case["machine"] == "reference-2core"]
    assert sum(len(case["pairs"]) for case in mine) == len(pairs)
    times = sorted(pair[2] for case in mine for pair in case["pairs"])
    assert times == pytest.approx(sorted(pairs["parallel_seconds"]), rel=1e-4)


@pytest.fixture(scope="module")
def claims_page(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("claims")
    journal = folder / "results/reference-2core/journal"
    journal.mkdir(parents=True)
    [path] = REFERENCE.glob("*-claims-*.jsonl")
    (journal / path.name).write_bytes(path.read_bytes())
    out = folder / "out"
    build(from_results(folder / "results"), out, version="0", figures=False)
    return (out / "claims.html").read_text("utf-8")


def test_each_verdict_on_a_claim_has_its_sign_and_each_source_its_link(claims_page):
    verdicts = re.findall(r'class="v v-(holds|does-not-hold|undetermined)"', claims_page)
    rows = re.findall(r"<tr>\s*<th scope=.row", claims_page)
    assert 0 < len(set(verdicts)) <= 3
    assert len(verdicts) > len(rows) / 2
    assert (
        re.search(r"(worse|better), [\d.]+ times", claims_page) or "does-not-hold" not in verdicts
    )
    links = re.findall(r'href="(https://[^"]+)" rel="external noreferrer"', claims_page)
    assert "https://github.com/dask/dask/blob/087256df/docs/source/scheduling.rst" in links
    assert " us " not in re.sub(r"<[^>]+>", " ", claims_page)


def test_charts_obey_the_grammar_and_ask_for_nothing(site):
    """Altair has checked them against Vega-Lite's schema; data are named, never an address."""
    for spec in charts.specs().values():
        assert spec["$schema"].endswith("v6.4.1.json")
        assert '"url"' not in json.dumps(spec)


def test_a_stranger_finds_the_answers_before_anything_that_is_folded(tmp_path):
    """From where on a bag pays on processes and the sum on Dask's threads, and what got worst."""
    generate(tmp_path, machines=1, nights=12, workloads=1)
    here = {"machine": "node-00"}
    bags = [
        case_row("dask-processes", 1, workload=name, speedup_low=1.2, **here)
        for name in ("bag-map-10us", "bag-map-10ms")
    ]
    sums = [case_row("dask-threads", chunk, **here) for chunk in (1_000, 1_000_000)]
    frames = {
        "cases": [*bags, *sums],
        "break_even": [
            {**sums[0], "side": "small", "status": "found", "chunk": 59_282.0, "reason": None}
        ],
        "break_even_work": [
            {**bags[0], "family": "bag-map", "chunks": "best chunk", "status": "found"}
            | {"work_us": 1_312.0, "work_us_low": 900.0, "work_us_high": 2_000.0}
        ],
    }
    for name, rows in frames.items():
        kept = [{key: row[key] for key in schema.names(name) if key in row} for row in rows]
        path = tmp_path / f"{name}.parquet"
        before = [pd.read_parquet(path)] if path.exists() else []
        pd.concat([*before, to_frame(name, kept)]).to_parquet(path, index=False)
    page = build(from_tables(tmp_path), tmp_path / "out", version="0").read_text("utf-8")
    seen = re.sub(r"<[^>]+>|\s+", " ", page.partition("<main")[2].partition("<details")[0])
    seen = re.sub(r"\s+", " ", seen)
    assert re.search(r"bag-map .*dask-processes: . from 1.3 ms an item", seen)
    assert re.search(r"random-sum .*dask-threads: . from 59 000 numbers", seen)
    assert re.search(r"worse workload-0 on .*: speed-up .* is 0.750 \[0.720, 0.780\] times", seen)


def test_the_first_page_weighs_less_than_a_megabyte(site):
    asked = re.findall(
        r'(?:src|href)="([^"#]+\.(?:js|css|svg))"', (site / "index.html").read_text()
    )
    weight = sum((site / name).stat().st_size for name in {"index.html", *asked})
    assert weight < 2**20


def test_a_folder_with_anything_else_is_never_replaced(site, tmp_path):
    source = from_results(site.parent / "results")
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="holds something else"):
        build(source, tmp_path, version="0", figures=False)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_tables_alone_give_a_site_with_a_history(tables, tmp_path):
    site = build(from_tables(tables), tmp_path / "out", version="0").parent
    [entry, *_] = json.loads(
        (site / "data/history-index.js").read_text().partition(",")[2].rstrip(");\n")
    )
    content = (site / entry["file"]).read_text("utf-8")
    data = json.loads(content.partition('",')[2].rstrip(");\n"))
    assert {series["n"] for series in data["series"]} == {POINTS + 3}
    assert all(len(series["points"]) <= POINTS + 1 for series in data["series"])
    whole = pd.read_parquet(site / entry["table"])
    assert set(whole["figure"]) == {"speedup", "seconds", "overhead_us_per_task"}
    assert len(whole) == 3 * 30 * (POINTS + 3)
    assert "are thinned here" in (site / "history.html").read_text("utf-8")


def test_tables_without_a_history_table_are_followed_by_their_cases(tables, tmp_path):
    frame = pd.read_parquet(tables / "cases.parquet")
    runs = sorted(frame["run"].unique())[-3:]
    frame[frame["run"].isin(runs)].to_parquet(tmp_path / "cases.parquet", index=False)
    history = from_tables(tmp_path).history("node-00")
    assert len(history) == 3 * 60 * 3
    assert history["t"].str.startswith("2025-05").all()


def test_a_table_of_an_older_version_lacks_columns_and_still_reads(tables, tmp_path):
    frame = pd.read_parquet(tables / "cases.parquet").drop(columns=["flagged", "warning"])
    frame.to_parquet(tmp_path / "cases.parquet", index=False)
    source = from_tables(tmp_path)
    assert list(source.cases.columns) == schema.names("cases")
    assert source.cases["flagged"].isna().all()


@pytest.mark.parametrize("content", [b"", b"no parquet at all"])
def test_a_broken_table_is_refused_in_one_line(content, tmp_path):
    (tmp_path / "cases.parquet").write_bytes(content)
    with pytest.raises(InputError, match=r"cannot be read.*write it again") as error:
        from_tables(tmp_path)
    assert "\n" not in str(error.value)


def test_a_folder_without_tables_says_how_to_make_them(tmp_path):
    with pytest.raises(InputError, match="chunkbench tables --format parquet"):
        from_tables(tmp_path)


@given(st.integers(2, 2000), st.sets(st.integers(0, 1999), max_size=5))
def test_thinning_keeps_changes_and_the_newest_and_few_others(n, changes):
    changes = sorted(change for change in changes if change < n)
    kept = thinned(n, changes)
    assert kept == sorted(set(kept))
    assert n - 1 in kept
    assert set(changes) <= set(kept)
    assert len(kept) <= min(n, POINTS + len(changes))


def test_changes_for_the_worse_come_first_and_the_largest_on_top():
    """A speed-up is better the higher it is, all other figures the lower."""
    rows = [
        ("seconds", "lower", "0.500 [0.400, 0.600]"),
        ("seconds", "higher", "1.20 [1.10, 1.30]"),
        ("speedup", "lower", "0.400 [0.300, 0.500]"),
        ("speedup", "higher", "1.30 [1.20, 1.40]"),
    ]
    changes: list[tuple[str, ...]] = [
        ("2026-11-01 00:00", "m", "w", "e", *row, "none") for row in rows
    ]
    history = WrittenHistory(changes=changes)
    told = history.newest_changes()
    assert [change.worse for change in told] == [True, True, False, False]
    assert told[0].words.startswith("w on e, m: speed-up over the baseline is 0.400 [0.300, 0.500]")
    worse, better = history.sections
    assert {row[6] for row in worse.rows} == {"1.20 [1.10, 1.30]", "0.400 [0.300, 0.500]"}
    assert len(better.rows) == 2


def test_a_commit_has_a_page_of_what_changed_at_it_and_a_day_without_one_too(tmp_path):
    """What the last run before had and the first one then, of every figure; a day's page where the
    commit stayed; no link that leads nowhere."""
    generate(tmp_path / "tables", machines=2, nights=12, workloads=1)
    path = tmp_path / "tables/history.parquet"
    history = pd.read_parquet(path)
    new = history["machine"].eq("node-01") & (history["t"] >= "2025-01-05")
    history["commit"] = history["commit"].mask(new, "a1b2c3d4" + "f" * 32)
    history.to_parquet(path, index=False)
    site = build(from_tables(tmp_path / "tables"), tmp_path / "out", version="0").parent

    pages = {page.stem: page.read_text("utf-8") for page in (site / "changes").glob("*.html")}
    assert set(pages) == {"2025-01-05", "commit-a1b2c3d4"}
    of_commit = pages["commit-a1b2c3d4"]
    assert "<h1>What changed at commit a1b2c3d4</h1>" in of_commit
    assert "node-00" not in re.sub(r"<[^>]+>", "", of_commit)
    changed = history[new & history["change"].notna()]
    assert of_commit.count("<polyline") == len(changed)
    kept = history[new & history["t"].str.startswith("2025-01-05") & history["change"].isna()]
    assert f"{len(kept)} kept their level" in of_commit
    for name, page in pages.items():
        other = next(iter(set(pages) - {name}))
        assert f'href="../changes/{other}.html"' in page
    for target in re.findall(r'href="\.\./([^"#]+)', of_commit):
        assert (site / target).exists(), target


def test_points_that_look_alike_are_told_apart_by_as_little_as_does_it():
    """By suite; by profile as well where the suite is the same; and all labels differ."""
    row = case_row("process-pool", 1, workload=EMPTY, n_tasks=400)
    rows = [row | {"suite": name, "run": f"r-{name}"} for name in ("claims", "task_overhead")]
    rows.append(case_row("thread-pool", 1, workload=EMPTY, n_tasks=400))
    source = SiteTables({"cases": to_frame("cases", rows)}, ["m"], lambda _: pd.DataFrame())
    labels = sorted(point["label"] for point in executors.dots(executors.COSTS[0], source))
    assert labels[:2] == [
        "process-pool, 2 workers, pin 1 (claims)",
        "process-pool, 2 workers, pin 1 (task_overhead)",
    ]
    assert labels[2] == "thread-pool, 2 workers, pin 1"


def test_only_the_newest_run_of_a_sweep_is_shown():
    cases = pd.DataFrame(
        {
            "machine": ["a"] * 3,
            "suite": ["s", "s", "other"],
            "profile": ["laptop"] * 3,
            "workload": ["w"] * 3,
            "size": [1] * 3,
            "run": ["20260102T000000Z-s-1", "20260101T000000Z-s-2", "20250101T000000Z-o-3"],
            "environment": [None] * 3,
            "home": [None] * 3,
        }
    )
    assert sorted(newest_runs(cases)["run"]) == ["20250101T000000Z-o-3", "20260102T000000Z-s-1"]


def test_a_run_with_a_name_of_its_own_has_no_time_and_breaks_nothing():
    frame = pd.DataFrame(
        {
            name: ["x"]
            for name in (
                "machine",
                "suite",
                "profile",
                "commit",
                "pin",
                "status",
                "workload",
                "executor",
            )
        }
    )
    numbers = {
        f"{name}{end}": [1.0]
        for name in ("speedup", "seconds", "overhead_us_per_task")
        for end in ("", "_low", "_high")
    }
    frame = frame.assign(run="mine", size=1, workers=1, chunk=1, rounds=8, **numbers)
    assert from_cases(frame)["t"].isna().all()


def test_an_empty_task_costs_the_same_on_every_page(tmp_path):
    """The page of executors says what the first page and a badge say."""
    journal = tmp_path / "results/reference-2core/journal"
    journal.mkdir(parents=True)
    [path] = REFERENCE.glob("*-task_overhead-*.jsonl")
    (journal / path.name).write_bytes(path.read_bytes())
    source = from_results(tmp_path / "results")
    [glance] = glances(source.tables)
    kind = executors.COSTS[0]
    shown = {
        text.partition(" [")[0] for text in (dot["text"] for dot in executors.dots(kind, source))
    }
    told = {task_cost(row) for row in glance.task_costs.values()}
    assert told
    assert told <= shown
