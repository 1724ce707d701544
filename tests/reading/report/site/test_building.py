"""The folder that a site is made in belongs to one publish at a time."""

from __future__ import annotations

import pytest

from harness.core.errors import UsageError
from harness.reading.report.site.building import building_folder


def test_a_second_publish_is_told_to_wait_and_spoils_nothing(tmp_path):
    out = tmp_path / "site"
    with building_folder(out) as building:
        (building / "index.html").write_text("of the first")
        with pytest.raises(UsageError, match="another publish: wait"), building_folder(out):
            pass
        assert (building / "index.html").read_text() == "of the first"
        building.rename(out)
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_what_a_killed_publish_left_is_removed(tmp_path):
    (tmp_path / ".site-being-made" / "tables").mkdir(parents=True)
    (tmp_path / ".site-being-made" / "index.html").touch()
    with building_folder(tmp_path / "site") as building:
        assert list(building.iterdir()) == []
    assert list(tmp_path.iterdir()) == []
