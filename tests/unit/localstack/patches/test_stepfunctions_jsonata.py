from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laketop_localstack.patches.stepfunctions_jsonata import declarations, evaluate

VALUES = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.dictionaries(st.text(min_size=1, max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(VALUES)
def test_a_variable_has_its_value(value: Any) -> None:
    assert evaluate(f"({declarations({'$x': value})}$x)") == value


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("6 / 2", 3),
        ("7 / 2", 3.5),
        ("[1..3]", [1, 2, 3]),
        ('{"a": null}', {"a": None}),
        ("nothing", None),
        ("$map([1, 2], function($x) { $x * 2 })", [2, 4]),
        ('$toMillis("2024-01-01T00:00:00Z")', 1_704_067_200_000),
    ],
)
def test_values_are_jsons(expression: str, value: Any) -> None:
    found = evaluate(expression)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("expression", ["1 +", "$number('x')", "1 / 0", "function($x) { $x }", "$nosuch(1)"])
def test_what_has_no_value_raises(expression: str) -> None:
    with pytest.raises(Exception, match=r".+"):
        evaluate(expression)
