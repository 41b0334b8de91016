import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laketop_localstack.patches.events_targets import execution_name, filled, replacements

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(JSON)
def test_a_value_outside_strings_arrives_as_it_is(value: Any) -> None:
    assert filled('{"a": [<x>, {"b": <x>}]}', {"x": value}) == {"a": [value, {"b": value}]}


@given(st.text())
def test_a_text_inside_a_string_arrives_as_it_is(value: str) -> None:
    assert filled('{"a": "say \\"<x>\\" <x>"}', {"x": value}) == {"a": f'say "{value}" {value}'}


@given(st.text(), st.integers() | st.booleans())
def test_a_string_template(text: str, number: Any) -> None:
    assert filled('"<x> is <n>"', {"x": text, "n": number}) == f"{text} is {json.dumps(number)}"


def test_several_strings_are_lines() -> None:
    assert filled('"one <x>"\n"two"\n', {"x": 1}) == "one 1\ntwo"


def test_a_structure_inside_a_string_loses_its_quotes() -> None:
    assert filled('"<x>"', {"x": {"a": ["b", 1]}}) == "{a:[b,1]}"


def test_what_is_not_json_is_an_error() -> None:
    with pytest.raises(ValueError, match="Expecting"):
        filled("plain <x>", {"x": 1})


def test_values_by_path() -> None:
    event = {"detail": {"size": 0, "ok": False, "none": None, "text": ""}}
    paths = {name: f"$.detail.{name}" for name in ("size", "ok", "none", "text", "missing")}

    assert replacements(paths, event) == {"size": 0, "ok": False, "none": "", "text": "", "missing": ""}


@pytest.mark.parametrize(
    ("event", "name"), [({"id": "e"}, "e_u"), ({}, "u"), ("text", "u"), (0, "u"), ({"id": 7}, "u")]
)
def test_names(event: Any, name: str) -> None:
    assert execution_name(event, "u") == name


def test_a_name_is_as_long_as_aws_allows() -> None:
    assert len(execution_name({"id": "e" * 70}, "u" * 36)) == 80
