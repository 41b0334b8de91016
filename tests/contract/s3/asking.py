"""How the tests ask S3: what boto3 lacks, and what would be written again and again."""

import base64
import hashlib
import http.client
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.contract.localstack_process import LocalStack

# What LocalStack 4.14.0 does otherwise than AWS whatever the store: it goes green with a patch, and then this goes.
ACCOUNT = "000000000000"
ANOTHER = "111111111111"
EUROPE = "eu-west-1"
MIB = 1024 * 1024
PART = 5 * MIB


def fresh(s3: Any, **settings: Any) -> str:
    """A new bucket."""
    name = f"b-{uuid4().hex[:16]}"
    s3.create_bucket(Bucket=name, **settings)
    return name


def read(s3: Any, bucket: str, key: str, **settings: Any) -> bytes:
    content: bytes = s3.get_object(Bucket=bucket, Key=key, **settings)["Body"].read()
    return content


@contextmanager
def refused(code: str, status: int) -> Iterator[dict[str, Any]]:
    """The request is answered by this error; a HEAD's code is its status. Gives the error's answer."""
    answer: dict[str, Any] = {}
    with pytest.raises(ClientError) as caught:
        yield answer
    answer |= caught.value.response
    assert (answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def crc(content: bytes, polynomial: int, bits: int) -> bytes:
    """A reflected CRC, bit by bit, big-endian."""
    ones = (1 << bits) - 1
    state = ones
    for byte in content:
        state ^= byte
        for _ in range(8):
            state = (state >> 1) ^ (polynomial if state & 1 else 0)
    return (state ^ ones).to_bytes(bits // 8, "big")


CHECKSUMS = {
    "CRC32": lambda content: b64(zlib.crc32(content).to_bytes(4, "big")),
    "CRC32C": lambda content: b64(crc(content, 0x82F63B78, 32)),
    "CRC64NVME": lambda content: b64(crc(content, 0x9A6C9329AC4BC9B5, 64)),
    "SHA1": lambda content: b64(hashlib.sha1(content).digest()),
    "SHA256": lambda content: b64(hashlib.sha256(content).digest()),
}


class Answer:
    """An HTTP answer as it came."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.status = answer.status
        self.headers = {name.lower(): value for name, value in answer.getheaders()}
        self.body = answer.read()

    @property
    def text(self) -> str:
        return self.body.decode()


def send(
    store: LocalStack,
    method: str,
    target: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
) -> Answer:
    """A request as it is given, with no signature of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", store.port, timeout=30)
    try:
        connection.request(method, target, body, dict(headers or {}))
        return Answer(connection.getresponse())
    finally:
        connection.close()


def path(bucket: str, key: str) -> str:
    return f"/{bucket}/{quote(key)}"


class Signer(S3SigV4Auth):
    """Signs with the payload's hash as given: the header is the caller's."""

    def __init__(self, key_id: str = "test") -> None:
        super().__init__(Credentials(key_id, "test"), "s3", "us-east-1")

    def payload(self, request: AWSRequest) -> str:
        given: str = request.context["payload"]
        return given


def signed(
    store: LocalStack, method: str, target: str, headers: Mapping[str, str], payload: str = "UNSIGNED-PAYLOAD"
) -> dict[str, str]:
    """The headers, with a signature (Authorization) over them.

    Args:
        payload: the header x-amz-content-sha256.
    """
    request = AWSRequest(method, store.url + target, headers=dict(headers))
    request.context["payload"] = payload
    Signer().add_auth(request)
    return dict(request.headers.items())


def upload(s3: Any, bucket: str, key: str, parts: Mapping[int, bytes], **settings: Any) -> dict[str, Any]:
    """A multipart upload of these parts, completed; the answer."""
    upload_id = s3.create_multipart_upload(Bucket=bucket, Key=key, **settings)["UploadId"]
    done = [
        {"PartNumber": number, "ETag": put_part(s3, bucket, key, upload_id, number, content)}
        for number, content in parts.items()
    ]
    answer: dict[str, Any] = complete(s3, bucket, key, upload_id, sorted(done, key=lambda part: part["PartNumber"]))
    return answer


def put_part(s3: Any, bucket: str, key: str, upload_id: str, number: int, content: bytes) -> str:
    answer = s3.upload_part(Bucket=bucket, Key=key, UploadId=upload_id, PartNumber=number, Body=content)
    return str(answer["ETag"])


def complete(
    s3: Any, bucket: str, key: str, upload_id: str, parts: list[dict[str, Any]], **settings: Any
) -> dict[str, Any]:
    answer: dict[str, Any] = s3.complete_multipart_upload(
        Bucket=bucket, Key=key, UploadId=upload_id, MultipartUpload={"Parts": parts}, **settings
    )
    return answer


def multipart_etag(*parts: bytes) -> str:
    """The ETag of an object of these parts, in its quotes."""
    digests = b"".join(hashlib.md5(part).digest() for part in parts)
    return f'"{md5(digests)}-{len(parts)}"'
