"""`make demo` shows what becomes of good, dirty, duplicate, late and corrupt files."""

import re
from collections import Counter
from typing import Any

import pytest

from tests.e2e import truth
from tests.e2e.pipeline import Pipeline

pytestmark = pytest.mark.local  # the demo is the lake's

# kind of file → what its line must say
EXPECTED = {
    "good": "accepted, 200 rows",
    "good, gzip": "accepted, 2,000 rows",
    "good, Parquet": "accepted, 1,500 rows",
    "good, JSON lines": "accepted, 300 rows",
    "dirty rows": "accepted, 400 rows; not written:",
    "the same again": "quarantined: DUPLICATE_FILE",
    "late": "accepted, 300 rows",
    "cut off": "quarantined: UNREADABLE_GZIP",
    "not of this dataset": "quarantined: OTHER_DATASET",
    "not what its name says": "quarantined: WRONG_EXTENSION",
}


def test_the_demo_tells_of_each_file(stack: Any, pipeline: Pipeline) -> None:
    shown = stack.laketop("demo", "--seed", "77", COLUMNS="400")
    lines = {kind: line for kind in EXPECTED for line in shown.stderr.splitlines() if f"  {kind}  " in line}
    assert {kind for kind, text in EXPECTED.items() if text not in lines.get(kind, "")} == set(), shown.stderr
    dirty = lines["dirty rows"]
    told = Counter(
        {reason: int(count.replace(",", "")) for count, reason in re.findall(r"([\d,]+) ([A-Z_]{6,})", dirty)}
    )
    judged = truth.judged("reviews", pipeline.raw_files("reviews"))
    mine = judged[judged._file.str.contains("import-77") & judged._reason.notna()]
    assert told == Counter(mine._reason)
    for step in ("Open", "RawToProcessed", "Check", "MergeMasterData", "View", "Close"):
        assert re.search(rf"transform: {step} .*(\d+) of \1 done", shown.stderr), step
    assert "conversion_percent" in shown.stdout
