"""The pipeline knows AWS only: nothing in it names what stands behind the endpoint on this machine."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("contracts", "dashboard", "generators", "infra", "jobs", "lakehouse", "lambdas", "sql", "streamlit_app")
STAND_INS = re.compile(r"localstack|duckdb|laketop\.|127\.0\.0\.1|localhost|endpoint_url|moto", re.IGNORECASE)
CODE = (".py", ".js", ".html", ".css", ".sql", ".tf", ".json", ".yaml", ".hcl")


@pytest.mark.parametrize("folder", FOLDERS)
def test_names_no_stand_in(folder: str) -> None:
    files = [path for path in (ROOT / folder).rglob("*") if path.suffix in CODE and ".terraform" not in path.parts]
    assert files
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if STAND_INS.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "import duckdb",
        "from laketop.settings import load",
        "http://127.0.0.1:4566",
        "boto3.client('s3', endpoint_url=x)",
    ],
)
def test_would_find_it(line: str) -> None:
    assert STAND_INS.search(line)
