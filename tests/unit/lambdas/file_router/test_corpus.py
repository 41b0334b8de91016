"""Every file of the corpus through both functions: it ends where it should, for its reason, and whole."""

import json
from collections.abc import Iterator

import pytest

from tests.fixtures.bad_files.corpus import CASES
from tests.fixtures.bad_files.lake import TIME, Lake, running

BY_NAME = {case.name: case for case in CASES}


def test_the_corpus_is_one() -> None:
    assert len(BY_NAME) == len(CASES) >= 60
    assert len({case.key for case in CASES}) == len(CASES)
    assert {case.outcome for case in CASES} == {"accepted", "quarantined", "absent"}


@pytest.fixture(scope="module")
def one_lake() -> Iterator[Lake]:
    """All cases go into one lake, as they would in life; making one takes longer than most cases."""
    with pytest.MonkeyPatch.context() as patch, running(patch) as lake:
        yield lake


@pytest.mark.parametrize("name", BY_NAME)
def test_case(one_lake: Lake, name: str) -> None:
    lake, case = one_lake, BY_NAME[name]
    if case.after and not lake.keys("raw", "claims/"):
        before = BY_NAME[case.after]
        assert lake.ingest(lake.put(before.key, before.content()))["outcome"] == before.outcome
    content, known = case.content(), set(lake.keys("raw"))
    answer = lake.ingest(lake.put(case.key, content))
    found = (answer["outcome"], answer.get("reason", {}).get("code"), answer.get("rows"))
    assert found == (case.outcome, case.code, case.rows), answer.get("reason")
    assert len(json.dumps(answer)) < 50_000
    if case.outcome == "absent":
        assert lake.keys("raw", "landing/") == [case.key]
        lake.s3.delete_object(Bucket="raw", Key=case.key)
        return
    assert lake.keys("raw", "landing/") == []
    assert lake.read(answer.get("raw") or answer["quarantine"]) == content
    if case.outcome == "quarantined":
        assert set(lake.keys("raw")) == known
        reason = json.loads(lake.read(f"{answer['quarantine']}.reason.json"))
        assert reason == answer["reason"] | {
            "landing": f"s3://raw/{case.key}",
            "size": len(content),
            "time": TIME,
            "execution": "arn:x",
        }
        # A sentence, and what to do: that is how a person is told.
        assert len(reason["message"].split()) > 5
        assert ";" in reason["message"]
    else:
        (note_key,) = [key for key in set(lake.keys("raw")) - known if key.startswith("batches/")]
        note = json.loads(lake.read(f"s3://raw/{note_key}"))
        assert (note["raw"], note["rows"], note["landing"]) == (answer["raw"], case.rows, f"s3://raw/{case.key}")
        suffix = next(end for end in (".csv.gz", ".jsonl.gz", ".csv", ".jsonl", ".parquet") if case.key.endswith(end))
        assert answer["raw"].endswith(suffix)
        assert note["format"] == suffix.removesuffix(".gz").removeprefix(".")
