"""The corpus of bad and tricky files through the whole lake: each ends where it should, and the pipeline goes on."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import batched
from pathlib import Path

import pytest

from tests.e2e.pipeline import DATASETS, Pipeline, generate
from tests.fixtures.bad_files.case import Case
from tests.fixtures.bad_files.corpus import CASES

AT_ONCE = 40
EVERY = 3  # the short form takes every third case


def in_order(cases: Sequence[Case]) -> Iterable[list[Case]]:
    """Waves of cases: those that come after another one last, with what they come after before."""
    names = {case.name for case in cases}
    first = [case for case in cases if not case.after]
    first += [case for case in CASES if case.name not in names and case.name in {later.after for later in cases}]
    for wave in (first, [case for case in cases if case.after]):
        for part in batched(wave, AT_ONCE, strict=False):
            yield list(part)


def check(pipeline: Pipeline, cases: Sequence[Case], folder: Path) -> None:
    before = {dataset: (pipeline.count(dataset), len(pipeline.rejected(dataset))) for dataset in DATASETS}
    accepted: dict[str, tuple[str, int, Counter[str]]] = {}
    for wave in in_order(cases):
        contents = {case.key: case.content() for case in wave}
        outcomes = pipeline.ingest(contents)
        for case in wave:
            answer = outcomes[case.key]
            found = (answer["outcome"], answer.get("reason", {}).get("code"), answer.get("rows"))
            assert found == (case.outcome, case.code, case.rows), (case.name, answer)
            if case.outcome == "accepted":
                accepted[answer["raw"]] = (case.dataset, case.rows or 0, Counter(case.rejected))
            if case.outcome != "absent":
                assert pipeline.object(answer.get("raw") or answer["quarantine"]) == contents[case.key], case.name
    # the pipeline goes on: a good file beside them
    good = generate(folder, "reviews", "csv", 50, "--seed", pipeline.seed(9))
    assert pipeline.ingest({"landing/reviews/after-the-bad-ones.csv": good})
    pipeline.transformed()
    for dataset in DATASETS:
        rejected: dict[str, Counter[str]] = {}
        for row in pipeline.rejected(dataset):
            rejected.setdefault(row["source_file"], Counter())[row["reason"]] += 1
        mine = {raw: reasons for raw, (of, _, reasons) in accepted.items() if of == dataset}
        assert {raw: rejected.get(raw, Counter()) for raw in mine} == mine
        rows, known = before[dataset]
        came = sum(count for of, count, _ in accepted.values() if of == dataset) + (50 if dataset == "reviews" else 0)
        assert pipeline.count(dataset) + len(pipeline.rejected(dataset)) == rows + known + came
    assert pipeline.named_query("reconciliation") == []
    landed = [key for key in pipeline.keys(pipeline.raw, "landing/") if not key.endswith("/")]
    assert [case.name for case in cases if case.key in landed and case.outcome != "absent"] == []


@pytest.mark.fresh
def test_short(pipeline: Pipeline, tmp_path: Path) -> None:
    assert len(CASES[::EVERY]) >= 60
    check(pipeline, CASES[::EVERY], tmp_path)


@pytest.mark.long
def test_long(pipeline: Pipeline, tmp_path: Path) -> None:
    rest = [case for number, case in enumerate(CASES) if number % EVERY]
    check(pipeline, rest, tmp_path)
