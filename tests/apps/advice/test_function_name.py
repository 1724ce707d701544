"""What a user writes for a function is understood, or answered with what was meant."""

from __future__ import annotations

import json

import pytest

from harness.apps.advice.function_name import function_name
from harness.core.errors import UsageError


def test_a_function_of_a_module_is_known_by_its_name():
    assert function_name(json.dumps) == "json:dumps"
    assert function_name("mywork:mean") == "mywork:mean"
    assert function_name(None) == ""


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("edge.py:f", "did you mean edge:f?"),
        ("./edge.py:f", "did you mean edge:f?"),
        ("works/edge.py:f", "did you mean works.edge:f?"),
        ("/home/me/edge.py:f", "did you mean edge:f, in the folder /home/me?"),
        ("edge.py", "did you mean edge:FUNCTION?"),
        ("edge.f", "did you mean edge:f?"),
        ("edge", "write module:function"),
        (":f", "write module:function"),
    ],
)
def test_what_names_no_function_is_answered_with_what_was_meant(written, meant):
    with pytest.raises(UsageError) as caught:
        function_name(written)
    assert meant in str(caught.value)
    assert "\n" not in str(caught.value)
