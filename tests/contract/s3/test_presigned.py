"""Presigned URLs: "Download and upload objects with presigned URLs" of the S3 User Guide, "Authenticating Requests:
Using Query Parameters" and "POST Object" of the API Reference.
"""

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from tests.contract.s3.asking import Answer, read, refused, send


def follow(store: Any, method: str, url: str, headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
    parts = urlsplit(url)
    return send(store, method, f"{parts.path}?{parts.query}", headers, body)


def test_get(store: Any, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="a b/é", Body=b"content")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a b/é"})

    answer = follow(store, "GET", url)

    assert (answer.status, answer.body) == (200, b"content")
    assert follow(store, "GET", url, {"Range": "bytes=1-3"}).body == b"ont"


def test_get_says_what_the_answer_should(store: Any, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"content", ContentType="text/plain")
    wishes = {"ResponseContentType": "text/csv", "ResponseContentDisposition": 'attachment; filename="x.csv"'}
    url = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k", **wishes})

    headers = follow(store, "GET", url).headers

    assert headers["content-type"] == "text/csv"
    assert headers["content-disposition"] == 'attachment; filename="x.csv"'


def test_get_of_a_version(store: Any, s3: Any, versioned: str) -> None:
    first = s3.put_object(Bucket=versioned, Key="k", Body=b"1")["VersionId"]
    s3.put_object(Bucket=versioned, Key="k", Body=b"2")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": versioned, "Key": "k", "VersionId": first})

    assert follow(store, "GET", url).body == b"1"


def test_head_and_delete(store: Any, s3: Any, bucket: str) -> None:
    s3.put_object(Bucket=bucket, Key="k", Body=b"content")
    which = {"Bucket": bucket, "Key": "k"}

    head = follow(store, "HEAD", s3.generate_presigned_url("head_object", Params=which))
    assert (head.status, head.headers["content-length"], head.body) == (200, "7", b"")
    assert follow(store, "DELETE", s3.generate_presigned_url("delete_object", Params=which)).status == 204
    assert follow(store, "GET", s3.generate_presigned_url("get_object", Params=which)).status == 404


def test_put(store: Any, s3: Any, bucket: str) -> None:
    params = {"Bucket": bucket, "Key": "k", "ContentType": "text/csv", "Metadata": {"a": "1"}}
    url = s3.generate_presigned_url("put_object", Params=params)
    # Metadata may be in the query or be a header that has to be sent.
    headers = {"Content-Type": "text/csv"}
    if "x-amz-meta-a" not in parse_qs(urlsplit(url).query):
        headers["x-amz-meta-a"] = "1"

    assert follow(store, "PUT", url, headers, b"content").status == 200

    answer = s3.get_object(Bucket=bucket, Key="k")
    assert (answer["Body"].read(), answer["ContentType"], answer["Metadata"]) == (b"content", "text/csv", {"a": "1"})


def post(store: Any, form: dict[str, Any], name: str, content: bytes, **fields: str) -> Answer:
    boundary = uuid4().hex
    lines = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
        for field, value in (form["fields"] | fields).items()
    ]
    lines.append(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n')
    body = "".join(lines).encode() + content + f"\r\n--{boundary}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return send(store, "POST", urlsplit(form["url"]).path, headers, body)


def test_post(store: Any, s3: Any, bucket: str) -> None:
    form = s3.generate_presigned_post(bucket, "up/k", Fields={"acl": "private"}, Conditions=[{"acl": "private"}])

    answer = post(store, form, "x", b"\x00content\r\n")

    assert answer.status == 204, answer.text
    assert read(s3, bucket, "up/k") == b"\x00content\r\n"


def test_post_of_a_named_file(store: Any, s3: Any, bucket: str) -> None:
    conditions = [{"success_action_status": "201"}, ["starts-with", "$Content-Type", "text/"]]
    fields = {"success_action_status": "201", "Content-Type": "text/csv"}
    form = s3.generate_presigned_post(bucket, "up/${filename}", Fields=fields, Conditions=conditions)

    answer = post(store, form, "x.csv", b"a,b")

    assert answer.status == 201, answer.text
    assert "<Key>up/x.csv</Key>" in answer.text
    got = s3.get_object(Bucket=bucket, Key="up/x.csv")
    assert (got["Body"].read(), got["ContentType"]) == (b"a,b", "text/csv")


@pytest.mark.parametrize(
    ("size", "fields", "status", "code"),
    [
        (11, {}, 400, "EntityTooLarge"),
        (1, {}, 400, "EntityTooSmall"),
        (5, {"key": "elsewhere"}, 403, "AccessDenied"),
    ],
)
def test_post_outside_of_its_policy(
    store: Any, s3: Any, bucket: str, size: int, fields: dict[str, str], status: int, code: str
) -> None:
    form = s3.generate_presigned_post(bucket, "k", Conditions=[["content-length-range", 2, 10]])

    answer = post(store, form, "x", b"x" * size, **fields)

    assert (answer.status, f"<Code>{code}</Code>" in answer.text) == (status, True)
    for key in ("k", "elsewhere"):
        with refused("404", 404):
            s3.head_object(Bucket=bucket, Key=key)
