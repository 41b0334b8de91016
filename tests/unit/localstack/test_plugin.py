import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from laketop_localstack.plugin import NEEDED, check_environment, clean_scratch, keep_alive
from werkzeug.datastructures import Headers

WHOLE = dict.fromkeys(NEEDED, "x") | {"LAKETOP_LAMBDA_PYTHON": sys.executable}


def test_a_whole_environment_is_taken() -> None:
    check_environment(WHOLE)


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_variable_stops_the_start(name: str) -> None:
    with pytest.raises(SystemExit, match=f"the environment lacks {name}"):
        check_environment(WHOLE | {name: ""})


def test_a_missing_interpreter_stops_the_start() -> None:
    with pytest.raises(SystemExit, match="/no/python cannot be run"):
        check_environment(WHOLE | {"LAKETOP_LAMBDA_PYTHON": "/no/python"})


def test_what_a_killed_server_left_is_deleted(tmp_path: Path) -> None:
    for folder in ("localstack/tmp/laketop/lambda", "lambda/f-1/tmp", "glue"):
        (tmp_path / folder).mkdir(parents=True)

    scratch = clean_scratch({"LAKETOP_STATE": str(tmp_path)})

    assert list(scratch.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["glue", "localstack"]


@pytest.mark.parametrize(("asked", "kept"), [(None, "keep-alive"), ("close", "close"), ("Keep-Alive", "Keep-Alive")])
def test_a_connection_is_kept_unless_the_client_closes_it(asked: str | None, kept: str) -> None:
    headers = Headers({"Connection": asked} if asked else {})
    keep_alive(None, SimpleNamespace(request=SimpleNamespace(headers=headers)), None)
    assert headers["Connection"] == kept
