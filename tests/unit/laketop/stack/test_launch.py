"""A part is started with its own environment and nothing else, whatever its values hold."""

import json
import os
import subprocess
import sys
from pathlib import Path


def test_the_environment_is_exactly_what_the_file_says(tmp_path: Path) -> None:
    wanted = {"LAKETOP_STATE": "/a 100% 'odd' \"path\"; #", "EMPTY": "", "LC_ALL": "C.UTF-8"}
    code = "import json, os, sys; print(json.dumps([dict(os.environ), sys.argv[1:]]))"
    part = {"command": [sys.executable, "-c", code, "--flag"], "environment": wanted}
    (tmp_path / "parts.json").write_text(json.dumps({"glue": part}))
    answer = subprocess.run(
        [sys.executable, "-m", "laketop.stack.launch", str(tmp_path / "parts.json"), "glue"],
        env={"PATH": os.environ["PATH"], "AWS_PROFILE": "production"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(answer.stdout) == [wanted, ["--flag"]]
