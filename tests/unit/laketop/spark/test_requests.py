import json

import pytest

from laketop.spark.requests import BadRequest, parse

GOOD = {"run_id": "jr_1", "job_name": "job", "script_location": "s3://bucket/dir/s.py"}


def test_what_is_left_out_is_empty():
    run = parse(json.dumps(GOOD).encode())
    assert (run.arguments, run.extra_py_files, run.conf, run.environment, run.driver_memory_mb) == (
        {},
        [],
        {},
        {},
        None,
    )


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("run_id", "../x"),
        ("run_id", "a" * 129),
        ("job_name", ""),
        ("script_location", "http://h/s.py"),
        ("script_location", "s3://bucket"),
        ("script_location", "s3://bucket/dir/"),
        ("arguments", {"--k": 1}),
        ("extra_py_files", ["s3://b/lib.tar.gz"]),
        ("extra_py_files", ["s3://b/a.py,s3://b/b.py"]),
        ("conf", {"fs.s3a.access.key": "x"}),
        ("conf", {"spark.a b": "x"}),
        ("environment", {"PATH": "/bin"}),
        ("environment", {"AWS_ACCESS_KEY_ID": ""}),
        ("driver_memory_mb", 100),
        ("driver_memory_mb", "1024"),
        ("unknown", 1),
    ],
)
def test_refuses_what_is_not_a_run_and_names_the_member(member, value):
    with pytest.raises(BadRequest, match=member):
        parse(json.dumps(GOOD | {member: value}).encode())


def test_never_repeats_values():
    body = GOOD | {"environment": {"AWS_SECRET_ACCESS_KEY": 12345678}, "arguments": ["hunter2"]}
    with pytest.raises(BadRequest) as caught:
        parse(json.dumps(body).encode())
    assert not any(secret in str(caught.value) for secret in ("12345678", "hunter2"))


def test_refuses_what_is_not_json():
    with pytest.raises(BadRequest, match="body"):
        parse(b"{")


WORKERS = {"type": "G.1X", "number": 3, "dpus": 1, "memory_dpus": 1}


def test_workers_are_read_where_they_are_given():
    assert parse(json.dumps(GOOD | {"workers": WORKERS}).encode()).workers.model_dump() == WORKERS
    assert parse(json.dumps(GOOD).encode()).workers is None


@pytest.mark.parametrize("wrong", [{"number": 1}, {"dpus": 0}, {"type": "G 1X\n"}, {"more": 1}, {"memory_dpus": "2"}])
def test_workers_that_are_none_are_refused(wrong):
    with pytest.raises(BadRequest, match="workers"):
        parse(json.dumps(GOOD | {"workers": WORKERS | wrong}).encode())
