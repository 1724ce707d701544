"""Numbers of workers as a list of the command line says them."""

from __future__ import annotations

import pytest

from harness.core.errors import UsageError
from harness.running.plan.executor_cases import counts_of_list


@pytest.mark.parametrize(
    ("text", "cores", "counts"),
    [
        ("1,2,4,..,cores", 16, (1, 2, 4, 8, 16)),
        ("1,2,4,..,cores", 12, (1, 2, 4, 8, 12)),
        ("1,2,4,..,cores", 2, (1, 2)),
        ("1, 3, .., 27", 4, (1, 3, 9, 27)),
        ("cores", 6, (6,)),
        ("1,8,cores", 128, (1, 8, 128)),
        ("5,5", 2, (5,)),
    ],
)
def test_two_dots_go_on_by_the_factor_before_them(text, cores, counts):
    """Up to the number after them; a list that ends in all cores has no more than these."""
    assert counts_of_list(text, cores) == counts


@pytest.mark.parametrize("text", ["", "..,4", "1,..,4", "1,2,..", "2,1,..,8", "0,1", "a", "1,,2"])
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(UsageError, match=r"write for example 1,2,4,\.\.,cores"):
        counts_of_list(text, 4)
