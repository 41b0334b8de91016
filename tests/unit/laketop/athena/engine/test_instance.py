"""A query's instance reads its files and nothing else, whatever SQL reaches it."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from laketop.athena.engine.instance import instance


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "a.parquet"
    path.parent.mkdir()
    pq.write_table(pa.table({"v": [1, 2]}), path)
    return path


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    folder = tmp_path / "scratch"
    folder.mkdir()
    return folder


def test_the_planned_file_is_read(file: Path, scratch: Path) -> None:
    with instance([str(file)], scratch) as connection:
        assert connection.execute(f"SELECT sum(v) FROM read_parquet('{file}')").fetchall() == [(3,)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('{other}')",
        "SELECT * FROM read_csv('{other}')",
        "SELECT * FROM read_parquet('{other}')",
        "SELECT * FROM read_parquet('{folder}/*.parquet')",
        "SELECT * FROM glob('{folder}/*')",
        "COPY (SELECT 1) TO '{folder}/out.csv'",
        "ATTACH '{folder}/x.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET allowed_paths = ['{other}']",
        "SELECT * FROM read_parquet('http://127.0.0.1:9/x.parquet')",
        "CREATE SECRET (TYPE s3, KEY_ID 'a', SECRET 'b')",
        "SELECT * FROM file",
        "SELECT getenv('HOME')",
        "IMPORT DATABASE '{folder}'",
        "SELECT * FROM '{other}'",
    ],
)
def test_everything_else_is_refused(file: Path, scratch: Path, sql: str) -> None:
    other = file.parent / "other.parquet"
    other.write_bytes(file.read_bytes())
    with instance([str(file)], scratch) as connection, pytest.raises(duckdb.Error):
        connection.execute(sql.format(other=other, folder=file.parent)).fetchall()
    assert sorted(path.name for path in file.parent.iterdir()) == ["a.parquet", "other.parquet"]
