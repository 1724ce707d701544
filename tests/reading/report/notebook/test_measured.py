"""Python in notebooks: few names, pandas frames, figures returned and not shown."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import harness
from harness.apps import exercise
from harness.core import schema
from harness.core.errors import InputError, UsageError
from harness.reading.report.analysed import TABLES
from harness.reading.report.figures import KINDS
from harness.reading.report.figures.base import Picture
from harness.reading.report.notebook.judged_tables import JudgedTables
from harness.reading.report.notebook.measured import Measured
from harness.reading.report.notebook.plots import Plots
from tests.reading.report.planted_runs import EVERYTHING, WORKED, judged_run, sweep_of

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def r():
    return Measured(JudgedTables(judged_run(EVERYTHING)))


def test_importing_the_package_imports_no_library():
    code = (
        "import sys, harness; assert harness.__version__;"
        "heavy = {'numpy', 'pandas', 'matplotlib', 'dask', 'ray', 'pydantic'} & set(sys.modules);"
        "sys.exit(repr(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_every_public_name_is_there():
    for name in harness.__all__:
        assert getattr(harness, name) is not None
    assert set(dir(harness)) == set(harness.__all__)
    with pytest.raises(AttributeError):
        _ = harness.nothing


def test_settle_can_be_called_though_its_module_was_imported():
    assert harness.settle is exercise.settle
    with pytest.raises(UsageError, match="not a Dask executor"):
        harness.settle(Path("results"), executor="ray-tasks")


def test_every_table_is_an_attribute_with_the_columns_of_its_schema(r):
    for name in ("pairs", "blocks", *TABLES):
        assert list(getattr(r, name).columns) == schema.names(name)
    assert list(r.tables) == list(TABLES)


def test_a_frame_is_the_readers_to_change(r):
    mine = r.cases
    mine["seconds"] = 0.0
    assert (r.cases["seconds"] > 0).all()


def test_only_keeps_what_was_chosen_in_every_table_that_has_the_column(r):
    part = r.only(workload=["random-sum", "persisted"], workers=2)
    for name in ("pairs", "blocks", "cases", "scaling"):
        frame = getattr(part, name)
        assert not frame.empty
        assert set(frame["workload"]) <= {"random-sum", "persisted"}
        assert set(frame["workers"]) == {2}
    assert len(r.cases) > len(part.cases)  # the whole is untouched
    assert set(part.only(workload="persisted").cases["workload"]) == {"persisted"}


def test_a_filter_does_not_change_what_was_judged(r):
    """Scaling of two workers needs the case with one, which the filter hides."""
    whole = r.scaling
    part = r.only(workers=2).scaling
    expected = whole[whole["workers"].eq(2)].reset_index(drop=True)
    assert part.equals(expected)


@pytest.mark.parametrize("wrong", [{"workload": "nothing"}, {"colour": "red"}, {"workers": 99}])
def test_a_wrong_filter_is_one_line_that_says_what_there_is(r, wrong):
    with pytest.raises(UsageError, match="choose one of") as caught:
        r.only(**wrong)
    assert "\n" not in str(caught.value)


def test_each_figure_has_a_method_and_comes_with_its_words(r, tmp_path):
    part = r.only(workload="random-sum")
    swept = Measured(JudgedTables(sweep_of(tmp_path)))
    worked = Measured(JudgedTables(judged_run(WORKED)))
    drawn = [
        part.plot.time_vs_chunk(),
        part.plot.speed_up(),
        r.plot.pins(),
        r.plot.actor_latency(),
        r.plot.task_grain(),
        r.plot.practices(),
        r.plot.start_up(),
        worked.plot.work_of_an_item(),
        swept.plot.waterfall(),
        swept.plot.residuals(),
        swept.plot.forecast(),
    ]
    methods = {name for name in vars(Plots) if not name.startswith("_")}
    assert len(methods) == len(KINDS)
    assert len(drawn) == len(KINDS) - len({"time-budget", "unpaired"})  # of traces, and of others
    for figure in drawn:
        assert isinstance(figure, Picture)
        assert len(figure.alt) > 60


def test_a_figure_shows_itself_in_a_notebook_with_words_for_those_who_do_not_see_it(r, tmp_path):
    figure = r.plot.start_up()
    assert isinstance(figure, Picture)
    png, metadata = figure._repr_png_()
    (tmp_path / "shown.png").write_bytes(png)
    with Image.open(tmp_path / "shown.png") as image:
        assert image.info["Description"] == metadata["alt"] == figure.alt


def test_runs_are_never_pooled_in_a_figure_silently(r):
    with pytest.raises(UsageError, match=r"choose a workload or run: .*random-sum in"):
        r.plot.time_vs_chunk()
    with pytest.raises(InputError, match="nothing to draw as pins of random-sum"):
        r.plot.pins("random-sum")


def test_the_page_of_a_notebook_counts_verdicts_and_escapes_what_it_shows():
    hostile = judged_run(EVERYTHING)
    hostile.cases["machine"] = "<script>alert(1)</script>"
    page = Measured(JudgedTables(hostile))._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    for word in ("pays", "overhead exceeds gain", "equal", "undetermined", "no result"):
        assert word in page


def test_a_missing_folder_is_one_line():
    with pytest.raises(InputError, match="nowhere") as caught:
        harness.read_results("nowhere")
    assert "\n" not in str(caught.value)
