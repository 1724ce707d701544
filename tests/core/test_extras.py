"""A missing extra is one line with the command that installs it."""

import pytest

from harness.core import extras
from harness.core.errors import UsageError
from harness.core.system_errors import failure_words


def test_a_module_of_an_extra_that_is_missing_names_the_extra() -> None:
    """Also where a part of the module is imported; others are bugs of ours."""
    error = ModuleNotFoundError("No module named 'asv'", name="asv.config")
    assert failure_words(error) == (
        "this needs asv, which is not installed: pip install 'chunkbench[asv]'"
    )
    assert failure_words(ModuleNotFoundError("No module named 'typo'", name="typo")) is None


def test_what_the_last_step_would_lack_is_refused_first(monkeypatch) -> None:
    monkeypatch.setitem(extras.EXTRAS, "plots", ("matplotlib", "no_such_module"))
    with pytest.raises(UsageError, match=r"no_such_module.*chunkbench\[plots\]"):
        extras.check_installed("plots")


@pytest.mark.parametrize("extra", extras.EXTRAS)
def test_modules_are_named_as_they_are_imported(extra: str) -> None:
    """All extras are installed where the tests run."""
    extras.check_installed(extra)
