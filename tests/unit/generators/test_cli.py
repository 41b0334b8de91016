"""The command line: one style for all, errors that say what to do, silence where nobody looks, constant memory."""

import os
import pty
import subprocess
import sys
import threading
from pathlib import Path

import pyarrow as pa
import pytest

from generators import cli, generate_transactions
from generators.dataset import Chunk
from tests.unit.generators.written import DATASETS, ROOT, generate

WRONG = [
    (["--rows", "0"], "--rows 0: 1 to"),
    (["--rows", "-5"], "--rows -5: 1 to"),
    (["--rows", "10000001"], "--rows 10000001: 1 to"),
    (["--rows", "many"], "argument --rows: invalid int value: 'many'"),
    (["--seed", "-1"], "--seed -1: 0 to 99,999 is needed"),
    (["--seed", "100000"], "--seed 100000: 0 to 99,999 is needed"),
    (["--customers", "0"], "--customers 0: 1 to 1,000,000 is needed"),
    (["--products", "1000001"], "--products 1000001: 1 to 1,000,000 is needed"),
    (["--transactions", "0"], "--transactions 0: 1 to 10,000,000 is needed"),
    (["--start", "2026-02-01", "--end", "2026-01-01"], "--start 2026-02-01 --end 2026-01-01: days from 1980-01-01"),
    (["--start", "1979-12-31"], "--start 1979-12-31"),
    (["--end", "2200-01-01"], "--end 2200-01-01"),
    (["--end", "31.01.2026"], "argument --end: '31.01.2026' is no day like 2026-01-31"),
    (["--defects", "0.51"], "--defects 0.51: a share from 0 to 0.5 is needed"),
    (["--defects", "-0.1"], "--defects -0.1: a share"),
    (["--defects", "nan"], "--defects nan: a share"),
    (["--defect-kinds", "mud"], "--defect-kinds: 'mud' is no defect"),
    (["--defect-kinds", "late,late"], "--defect-kinds late,late: each kind once is needed"),
    (["--format", "xml"], "argument --format: invalid choice: 'xml'"),
    (["--format", "jsonl"], "the name ends in .csv, but --format says jsonl"),
    (["--output", "a.xlsx"], "a.xlsx: the name must end in .csv, .csv.gz, .jsonl, .jsonl.gz or .parquet"),
    (["--output", "a.parquet.gz"], "a.parquet.gz: the name must end in"),
    (["--output", "a.parquet", "--defect-kinds", "wrong_type"], "'wrong_type' is no defect that"),
    (["--output", "s3://"], "s3://: an address like s3://bucket/key"),
    (["--output", "s3://raw.csv"], "s3://raw.csv: an address like"),
    (["--output", "s3:///a.csv"], "s3:///a.csv: an address like"),
    (["--output", "s3://Not_A_Bucket/a.csv"], "an address like"),
    (["--output", "https://example.com/a.csv"], "only paths and s3:// addresses"),
]


@pytest.mark.parametrize(
    ("arguments", "message"), WRONG, ids=lambda value: " ".join(value) if isinstance(value, list) else ""
)
@pytest.mark.parametrize("dataset", DATASETS)
def test_wrong_arguments(dataset, arguments, message, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        generate(dataset, Path("a.csv"), *arguments)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_products_cannot_be_more_than_there_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        generate("products", tmp_path / "a.csv", "--rows", 501)
    assert "--rows 501: the shop has 500 products; --products says how many" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("dataset", "rows"), [("transactions", 10_000), ("products", 500), ("clickstream", 5000), ("reviews", 1000)]
)
def test_defaults(dataset: str, rows: int, tmp_path: Path) -> None:
    assert len(generate(dataset, tmp_path / "a.csv").read_text().splitlines()) == rows + 1
    explicit = ["--seed", 42, "--start", "2026-01-01", "--end", "2026-01-31", "--customers", 2000, "--products", 500]
    named = generate(dataset, tmp_path / "b.csv", *explicit, "--transactions", 10_000, "--rows", rows)
    assert named.read_bytes() == (tmp_path / "a.csv").read_bytes()


@pytest.mark.parametrize("dataset", DATASETS)
def test_runs_as_a_script_and_is_silent_without_a_terminal(dataset: str, tmp_path: Path) -> None:
    script = ROOT / "generators" / f"generate_{dataset}.py"
    target = tmp_path / "new" / "a.csv.gz"
    command = [sys.executable, str(script), "--rows", "100", "--seed", "9", "--output", str(target)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
    assert target.read_bytes() == generate(dataset, tmp_path / "b.csv.gz", "--rows", 100, "--seed", 9).read_bytes()


@pytest.mark.parametrize("quiet", [False, True])
def test_on_a_terminal_it_shows_progress_unless_quiet(quiet: bool, tmp_path: Path) -> None:
    script = ROOT / "generators" / "generate_reviews.py"
    command = [sys.executable, str(script), "--rows", "100", "--output", str(tmp_path / "a.csv")]
    reader, terminal = pty.openpty()
    environment = os.environ | {"TERM": "xterm", "COLUMNS": "300"}
    with subprocess.Popen(command + ["--quiet"] * quiet, stderr=terminal, env=environment) as process:
        assert process.wait(60) == 0
    os.set_blocking(reader, False)
    try:
        shown = os.read(reader, 100_000).decode()
    except BlockingIOError:
        shown = ""
    os.close(terminal)
    os.close(reader)
    assert ("100/100" in shown) == ("100 rows written to" in shown) == (not quiet)
    assert (shown == "") == quiet


def test_an_output_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SystemExit, match=r"file/a.csv: cannot be written: .*; check the path or bucket"):
        generate("reviews", tmp_path / "file" / "a.csv")
    with pytest.raises(SystemExit, match=r"file/r.json: cannot be written: .*; check the path or bucket"):
        generate("reviews", tmp_path / "a.csv", "--defects-report", tmp_path / "file" / "r.json")


def test_a_folder_gets_a_name(tmp_path: Path) -> None:
    generate("reviews", f"{tmp_path}/new/", "--rows", 5, "--seed", 7)
    generate("reviews", f"{tmp_path}/new/", "--rows", 5, "--seed", 7, "--format", "parquet")
    assert {path.name for path in (tmp_path / "new").iterdir()} == {
        "reviews-00007-2026-01-01-2026-01-31.csv",
        "reviews-00007-2026-01-01-2026-01-31.parquet",
    }


def test_answers_come_in_order_and_few_are_held() -> None:
    lock, held, most = threading.Lock(), 0, 0

    def call(number: int) -> int:
        nonlocal held, most
        with lock:
            held += 1
            most = max(most, held)
        return number

    seen = []
    for number in cli.ahead([lambda number=number: call(number) for number in range(50)], workers=2):
        seen.append(number)
        with lock:
            held -= 1
    assert seen == list(range(50))
    assert most <= 4  # two at work, one waiting, and the one that is being written


def test_a_chunk_that_fails_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def chunks(world, rows):
        yield Chunk(5, lambda: pa.table({"x": [1]}))

        def fail() -> pa.Table:
            raise RuntimeError("no more")

        yield Chunk(5, fail)

    broken = generate_transactions.DATASET.__class__(**{**vars(generate_transactions.DATASET), "chunks": chunks})
    with pytest.raises(RuntimeError, match="no more"):
        cli.run(broken, ["--output", str(tmp_path / "a.csv"), "--rows", "10"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_memory_does_not_grow_with_the_rows(suffix: str, tmp_path: Path) -> None:
    """The greatest resident memory of a process of its own, for three times the rows (5 chunks, and 16)."""
    code = (
        "import resource, sys; from generators import generate_transactions as g; g.main(sys.argv[1:]);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )

    def peak(rows: int) -> int:
        command = [sys.executable, "-c", code, "--rows", str(rows), "--output", str(tmp_path / f"a.{suffix}")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert peak(1_800_000) < 1.25 * peak(600_000)
