"""Jobs in SQLite."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from laketop.glue.errors import EntityNotFound, IdempotentParameterMismatch
from laketop.glue.jobs.service import SCHEMA, Jobs
from laketop.sqlite import Database

LEAST = {"Role": "etl", "GlueVersion": "6.0", "Command": {"Name": "glueetl", "ScriptLocation": "s3://bucket/etl.py"}}


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    with closing(Database(tmp_path / "glue.db", SCHEMA)) as database:
        yield Jobs(database)


def test_creating_again_changes_nothing(jobs: Jobs) -> None:
    first = jobs.create("etl", LEAST)
    assert jobs.create("etl", LEAST) == first == jobs.get("etl")
    with pytest.raises(IdempotentParameterMismatch, match="etl already submitted with different configuration"):
        jobs.create("etl", {**LEAST, "Timeout": 1})
    assert jobs.get("etl") == first


def test_an_update_replaces_the_whole_definition(jobs: Jobs) -> None:
    first = jobs.create("etl", {**LEAST, "Description": "d", "Timeout": 7})
    jobs.update("etl", {**LEAST, "MaxRetries": 1})
    job = jobs.get("etl")
    assert (job.id, job.created) == (first.id, first.created)
    assert "Description" not in job.definition
    assert (job.definition["Timeout"], job.definition["MaxRetries"]) == (480, 1)
    assert job.modified > first.modified


def test_a_job_made_anew_is_another(jobs: Jobs) -> None:
    first = jobs.create("etl", LEAST)
    jobs.delete("etl")
    jobs.delete("etl")
    for call in (jobs.get, lambda name: jobs.update(name, LEAST)):
        with pytest.raises(EntityNotFound, match=r"^Job etl not found\.$"):
            call("etl")
    assert jobs.create("etl", LEAST).id != first.id


def test_jobs_are_listed_by_name_and_page(jobs: Jobs) -> None:
    for name in ("b", "a", "c"):
        jobs.create(name, LEAST)
    first = jobs.list("GetJobs", None, 2)
    second = jobs.list("GetJobs", first.next_token, 2)
    assert [job.name for job in (*first.entries, *second.entries)] == ["a", "b", "c"]
    assert [job.name for job in jobs.get_all(["c", "x", "a"])] == ["c", "a"]
