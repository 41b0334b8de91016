"""Against Java itself.

`java_matches.json` was recorded from `java.util.regex.Pattern.matcher(value).matches()` of OpenJDK for each pattern of
the glue and athena models and each value: one digit a value.
"""

import json
from pathlib import Path

import pytest
from botocore.session import Session

from laketop.wire.constraints import violations
from laketop.wire.patterns import PatternError, compile_pattern

JAVA = json.loads(Path(__file__).with_name("java_matches.json").read_text(encoding="utf-8"))
ACCEPT_ALL = {r"[\s\S]*", r"[\S\s]*"}


def shapes_with_pattern():
    for service in ("glue", "athena"):
        model = Session().get_service_model(service)
        for name in model.shape_names:
            shape = model.shape_for(name)
            if "pattern" in shape.metadata:
                yield shape


SHAPES = list(shapes_with_pattern())
PATTERNS = sorted({shape.metadata["pattern"] for shape in SHAPES})


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_pattern_of_the_models_matches_what_java_matches(pattern):
    # A pattern that a newer botocore brings must be recorded too.
    assert pattern in JAVA["matches"], "record this pattern with Java"
    compiled = compile_pattern(pattern)
    ours = "".join("1" if compiled.fullmatch(value) else "0" for value in JAVA["values"])
    differing = [
        JAVA["values"][i] for i, (a, b) in enumerate(zip(ours, JAVA["matches"][pattern], strict=True)) if a != b
    ]
    assert differing == []


def test_no_pattern_is_dropped_on_the_way_to_the_check():
    without_effect = set()
    for shape in SHAPES:
        pattern = shape.metadata["pattern"]
        refused = JAVA["values"][JAVA["matches"][pattern].find("0")] if "0" in JAVA["matches"][pattern] else None
        if refused is None:
            without_effect.add(pattern)
            continue
        assert f"Member must satisfy regular expression pattern: {pattern}" in violations(shape, refused)
    assert without_effect == ACCEPT_ALL


@pytest.mark.parametrize("pattern", [r"\P{L}", r"\p{L}", "[a-z&&[^b]]", "[a[bc]]", "(", r"[\p{Q}]"])
def test_what_cannot_be_carried_over_is_refused(pattern):
    with pytest.raises(PatternError):
        compile_pattern(pattern)
