"""The lake in containers: the stack starts it, testcontainers looks at the same project."""

import json
import sys
from pathlib import Path

import pytest

from laketop.stack import checkout
from laketop.testing import lending
from laketop.testing.containers import LaketopCompose
from laketop.testing.lending import LendingError

# Lends nothing, but behaves as `laketop lend`: notes its start and its end.
LENDER = """
import json, os, sys
from pathlib import Path
state = Path({state!r})
(state / "run").mkdir(parents=True)
(state / "mode").write_text(os.environ["LAKETOP_MODE"] + " " + " ".join(sys.argv[1:]))
variables = {{"LAKETOP_MODE": "docker", "LAKETOP_STATE": str(state), "LAKETOP_PORT": "21000"}}
print(json.dumps(variables), flush=True)
sys.stdin.read()
(state / "ended").touch()
"""


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    state, program = tmp_path / "state", tmp_path / "lender.py"
    program.write_text(LENDER.format(state=str(state)))
    monkeypatch.setattr(lending, "_program", lambda: ([sys.executable, str(program)], ()))
    return state


def test_it_runs_in_containers_until_the_block_ends(state: Path) -> None:
    with LaketopCompose() as lake:
        assert (lake.endpoint, lake.state) == ("http://127.0.0.1:21000", state)
        assert (state / "mode").read_text() == "docker lend"
        assert not (state / "ended").exists()
    assert (state / "ended").exists()


def test_testcontainers_looks_at_the_project_that_was_started(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker = tmp_path / "bin" / "docker"
    docker.parent.mkdir()
    docker.write_text(f"#!{sys.executable}\nimport json, os, sys\nprint(json.dumps([os.getcwd(), *sys.argv[1:]]))\n")
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", str(docker.parent))
    containers = LaketopCompose()
    try:
        assert containers.start() is containers.start()
        output, _ = containers.compose.get_logs("athena")
    finally:
        containers.stop()
    assert json.loads(output) == [
        str(checkout.ROOT),
        *("compose", "-f", "docker-compose.yml", "--env-file", str(state / "run" / "compose.env"), "logs", "athena"),
    ]


def test_there_is_nothing_to_look_at_before_the_start() -> None:
    containers = LaketopCompose()
    with pytest.raises(LendingError, match="LaketopCompose: the lake does not run; start it"):
        _ = containers.compose
    containers.stop()
