"""Nothing is lost and nothing is doubled: many files with known dirt, each event twice, Lambdas killed at random.

For each file: landing = raw or quarantine, byte for byte; rows read = rows written + rows rejected, each with one
reason. Between the zones: the control totals agree.
"""

import json
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from tests.e2e import truth
from tests.e2e.pipeline import DATASETS, WAIT, Pipeline, generate

pytestmark = pytest.mark.local  # it kills the functions' processes

FORMATS = ("csv", "csv.gz", "jsonl", "jsonl.gz", "parquet")
FUNCTIONS = ("file-validator", "file-router")
KILLS = 6


def make_files(folder: Path, count: int, seed: int) -> dict[str, bytes]:
    """Files of all datasets, formats and degrees of dirt: landing key → content."""
    chance = random.Random(seed)
    files = {}
    for number in range(count):
        dataset, suffix = DATASETS[number % len(DATASETS)], chance.choice(FORMATS)
        defects = chance.choice(["0", "0.02", "0.2"])
        options = ("--seed", str(seed + number // len(DATASETS)), "--defects", defects)
        content = generate(folder / str(number), dataset, suffix, chance.randint(1, 300), *options)
        files[f"landing/{dataset}/{seed}/{number:03}.{suffix}"] = content
    return files


@contextmanager
def killing(pipeline: Pipeline) -> Iterator[list[str]]:
    """Kills processes of the ingest's functions now and then; gives which."""
    over, killed = threading.Event(), []

    def kill() -> None:
        chance = random.Random(1)
        while not over.wait(chance.uniform(0.2, 1.0)) and len(killed) < KILLS:
            for process in pipeline.lake.processes():
                try:
                    name = process.environ().get("AWS_LAMBDA_FUNCTION_NAME", "")
                    if name.endswith(FUNCTIONS) and not process.children():
                        process.kill()
                        killed.append(name)
                        break
                except psutil.Error:
                    continue

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


def deliver_again(pipeline: Pipeline, arns: set[str]) -> None:
    """What a second delivery of the same events does."""
    for arn in arns:
        sent = pipeline.stepfunctions.describe_execution(executionArn=arn)["input"]
        pipeline.stepfunctions.start_execution(stateMachineArn=pipeline.machines["ingest"], input=sent)


def settle(pipeline: Pipeline, known: set[str], count: int) -> int:
    """Wait for the executions, starting those again that a killed Lambda failed; returns how many those were."""
    failures = 0
    while True:
        ended = pipeline.ended("ingest", known, count)
        failed = {item["executionArn"] for item in ended if item["status"] == "FAILED"}
        failures += len(failed)
        known |= {item["executionArn"] for item in ended}
        if not failed:
            return failures
        deliver_again(pipeline, failed)
        count = len(failed)


def conserve(pipeline: Pipeline, folder: Path, count: int, batches: int, seed: int) -> None:
    files = make_files(folder, count, seed)
    keys = sorted(files)
    for batch in range(batches):
        part = {key: files[key] for key in keys[batch::batches]}
        known = pipeline.executions("ingest")
        before = set(known)
        with killing(pipeline) as killed:
            pipeline.upload(part)
            deadline = time.monotonic() + WAIT
            while len(first := pipeline.executions("ingest") - before) < len(part):
                assert time.monotonic() < deadline, f"{len(first)} of {len(part)} executions"
                time.sleep(0.1)
            deliver_again(pipeline, first)
            settle(pipeline, known, 2 * len(part))
        assert killed, "no Lambda was killed: the test proves less than it says"
        pipeline.transformed()
    assert [key for key in pipeline.keys(pipeline.raw, "landing/") if key in files] == []
    check_bytes(pipeline, files, seed)
    check_rows(pipeline, files)
    assert pipeline.named_query("reconciliation") == []


def check_bytes(pipeline: Pipeline, files: dict[str, bytes], seed: int) -> None:
    """Every file that landed is in the raw zone or in quarantine, once, as it came."""
    kept = Counter(pipeline.object(f"s3://{pipeline.raw}/{key}") for key in raw_keys(pipeline, seed))
    refused = [
        key for key in pipeline.keys(pipeline.quarantine, "files/") if f"-{seed}-" in key and not key.endswith(".json")
    ]
    found = kept + Counter(pipeline.object(f"s3://{pipeline.quarantine}/{key}") for key in refused)
    assert found == Counter(files.values())
    # refused are only those that are the same as another, or that dirt made no file of the dataset
    reasons = [json.loads(pipeline.object(f"s3://{pipeline.quarantine}/{key}.reason.json"))["code"] for key in refused]
    assert set(reasons) <= {"DUPLICATE_FILE"}, Counter(reasons)


def raw_keys(pipeline: Pipeline, seed: int) -> list[str]:
    return [key for dataset in DATASETS for key in pipeline.keys(pipeline.raw, f"{dataset}/") if f"-{seed}-" in key]


def check_rows(pipeline: Pipeline, files: dict[str, bytes]) -> None:
    """Of each file, rows read are rows written and rows rejected, with the reasons that pandas finds."""
    for dataset in DATASETS:
        judged = truth.judged(dataset, pipeline.raw_files(dataset))
        wrong = judged[judged._reason.notna()]
        rejected = Counter((row["source_file"], row["reason"]) for row in pipeline.rejected(dataset))
        assert rejected == Counter(zip(wrong._file, wrong._reason, strict=True))
        assert pipeline.count(dataset) == len(judged) - len(wrong)


def test_short(pipeline: Pipeline, tmp_path: Path) -> None:
    conserve(pipeline, tmp_path, count=24, batches=2, seed=3000)


@pytest.mark.long
def test_long(pipeline: Pipeline, tmp_path: Path) -> None:
    conserve(pipeline, tmp_path, count=200, batches=4, seed=4000)
