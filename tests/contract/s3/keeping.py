"""A state with something of everything, and all that can be asked about it."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from tests.contract.s3.asking import ACCOUNT, EUROPE, PART, b64, fresh, put_part, upload

MOMENTARY = ("date", "x-amz-request-id", "x-amz-id-2", "connection")
# Without an Origin in the request these are LocalStack's own, and not yet in the first answer after a start.
ITS_OWN = ("access-control-", "vary")
CUSTOMER = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": b"k" * 32}
# As a header has it: the SDK encodes the key of most operations, not of all.
ENCODED = {
    "SSECustomerAlgorithm": "AES256",
    "SSECustomerKey": b64(b"k" * 32),
    "SSECustomerKeyMD5": b64(hashlib.md5(b"k" * 32).digest()),
}
TAGS = {"TagSet": [{"Key": "a", "Value": "1"}, {"Key": "é", "Value": "zwei"}]}
RETAINED = {
    "ObjectLockMode": "GOVERNANCE",
    "ObjectLockRetainUntilDate": (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0),
}


@dataclass
class State:
    """What was made: each bucket with the client that made it."""

    s3: Any
    another: Any
    europe: Any
    control: Any
    queue_name: str
    buckets: dict[str, Any] = field(default_factory=dict)
    plain: str = ""
    versioned: str = ""
    notified: str = ""
    configured: str = ""
    gone: str = ""
    upload_id: str = ""

    def bucket(self, client: Any, **settings: Any) -> str:
        name = fresh(client, **settings)
        self.buckets[name] = client
        return name


def make(state: State, queue_arn: str) -> None:
    """All of it."""
    _objects(state)
    _versions(state)
    _uploads(state)
    _settings(state, queue_arn)
    _locks(state)
    for client, settings in (
        (state.another, {}),
        (state.europe, {"CreateBucketConfiguration": {"LocationConstraint": EUROPE}}),
    ):
        client.put_object(Bucket=state.bucket(client, **settings), Key="k", Body=b"elsewhere")
    state.gone = fresh(state.s3)
    state.s3.put_object(Bucket=state.gone, Key="k", Body=b"1")
    state.s3.put_bucket_tagging(Bucket=state.gone, Tagging=TAGS)
    state.s3.delete_object(Bucket=state.gone, Key="k")
    state.s3.delete_bucket(Bucket=state.gone)


def _objects(state: State) -> None:
    s3, state.plain = state.s3, state.bucket(state.s3)
    said = {
        "Metadata": {"color": "red"},
        "ContentType": "text/csv",
        "ContentEncoding": "gzip",
        "ContentLanguage": "de",
        "ContentDisposition": "inline",
        "CacheControl": "no-store",
        "Expires": datetime(2040, 1, 1, tzinfo=UTC),
        "StorageClass": "STANDARD_IA",
        "WebsiteRedirectLocation": "/other",
        "Tagging": "a=1&b=2",
    }
    s3.put_object(Bucket=state.plain, Key="said", Body=b"content", **said)
    for algorithm in ("CRC32", "SHA1", "SHA256"):
        s3.put_object(Bucket=state.plain, Key=f"sums/{algorithm}", Body=b"content", ChecksumAlgorithm=algorithm)
    for key in ("a", "a/", "a/b", "a b+c%20", "é/日本/🦆", "x" * 1024, "dt=1/p.parquet"):
        s3.put_object(Bucket=state.plain, Key=key, Body=key.encode())
    s3.put_object(Bucket=state.plain, Key="empty", Body=b"")
    s3.put_object(Bucket=state.plain, Key="large", Body=bytes(range(256)) * 10_000)
    s3.put_object(Bucket=state.plain, Key="old", Body=b"old", Metadata={"a": "1"}, Tagging="t=1")
    s3.put_object(Bucket=state.plain, Key="deleted", Body=b"1")
    s3.delete_object(Bucket=state.plain, Key="deleted")
    s3.put_object(Bucket=state.plain, Key="customer", Body=b"secret", **CUSTOMER)
    s3.copy_object(Bucket=state.plain, Key="copy", CopySource=f"{state.plain}/said")
    upload(s3, state.plain, "parts", {1: b"a" * PART, 2: b"end"}, Metadata={"m": "1"}, Tagging="p=1")
    upload(
        s3, state.plain, "summed", {1: b"a" * PART, 2: b"end"}, ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT"
    )


def _versions(state: State) -> None:
    s3, state.versioned = state.s3, state.bucket(state.s3)
    bucket = {"Bucket": state.versioned}
    s3.put_object(**bucket, Key="k", Body=b"null")
    s3.put_bucket_versioning(**bucket, VersioningConfiguration={"Status": "Enabled"})
    for number in range(5):
        version = s3.put_object(**bucket, Key="k", Body=b"%d" % number)["VersionId"]
    s3.put_object_tagging(**bucket, Key="k", VersionId=version, Tagging=TAGS)
    s3.put_object(**bucket, Key="deleted", Body=b"1")
    for _ in range(2):
        s3.delete_object(**bucket, Key="deleted")
    s3.put_object(**bucket, Key="back", Body=b"1")
    marker = s3.delete_object(**bucket, Key="back")["VersionId"]
    s3.delete_object(**bucket, Key="back", VersionId=marker)

    suspended = {"Bucket": state.bucket(s3)}
    s3.put_bucket_versioning(**suspended, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(**suspended, Key="k", Body=b"version")
    s3.put_bucket_versioning(**suspended, VersioningConfiguration={"Status": "Suspended"})
    s3.put_object(**suspended, Key="k", Body=b"null")
    s3.put_object(**suspended, Key="deleted", Body=b"null")
    s3.delete_object(**suspended, Key="deleted")


def _uploads(state: State) -> None:
    s3 = state.s3
    begun = s3.create_multipart_upload(
        Bucket=state.plain, Key="begun", Metadata={"color": "red"}, ContentType="text/csv", Tagging="a=1"
    )
    state.upload_id = begun["UploadId"]
    put_part(s3, state.plain, "begun", state.upload_id, 1, b"a" * PART)
    put_part(s3, state.plain, "begun", state.upload_id, 3, b"the end")
    s3.create_multipart_upload(Bucket=state.plain, Key="begun")
    aborted = s3.create_multipart_upload(Bucket=state.plain, Key="aborted")["UploadId"]
    put_part(s3, state.plain, "aborted", aborted, 1, b"1")
    s3.abort_multipart_upload(Bucket=state.plain, Key="aborted", UploadId=aborted)


def _settings(state: State, queue_arn: str) -> None:
    s3, name = state.s3, state.bucket(state.s3, ObjectOwnership="ObjectWriter")
    state.configured, bucket = name, {"Bucket": name}
    target = state.bucket(s3)
    s3.delete_public_access_block(**bucket)
    s3.put_bucket_acl(**bucket, ACL="public-read")
    s3.put_object(**bucket, Key="public", Body=b"1", ACL="public-read")
    s3.put_bucket_tagging(**bucket, Tagging=TAGS)
    which = {"AccountId": ACCOUNT, "ResourceArn": f"arn:aws:s3:::{name}"}
    state.control.tag_resource(**which, Tags=[{"Key": "more", "Value": "1"}])
    rule = {"AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 5}
    s3.put_bucket_cors(**bucket, CORSConfiguration={"CORSRules": [rule]})
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutBucketAcl",
        "Resource": f"arn:aws:s3:::{name}",
    }
    s3.put_bucket_policy(**bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "p"}, "Expiration": {"Days": 3}}
    s3.put_bucket_lifecycle_configuration(**bucket, LifecycleConfiguration={"Rules": [rule]})
    s3.put_bucket_website(**bucket, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    s3.put_bucket_logging(
        **bucket, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": "log/"}}
    )
    s3.put_bucket_request_payment(**bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    s3.put_bucket_accelerate_configuration(**bucket, AccelerateConfiguration={"Status": "Suspended"})
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": False}
    s3.put_public_access_block(Bucket=target, PublicAccessBlockConfiguration=block | {"RestrictPublicBuckets": True})
    kms = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": kms, "BucketKeyEnabled": True}]}
    s3.put_bucket_encryption(Bucket=target, ServerSideEncryptionConfiguration=rules)
    controls = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    s3.put_bucket_ownership_controls(Bucket=target, OwnershipControls=controls)

    state.notified = state.bucket(s3)
    filter_rules = [{"Name": "prefix", "Value": "in/"}]
    queue = {
        "Id": "mine",
        "QueueArn": queue_arn,
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": filter_rules}},
    }
    s3.put_bucket_notification_configuration(
        Bucket=state.notified,
        NotificationConfiguration={"QueueConfigurations": [queue], "EventBridgeConfiguration": {}},
    )


def _locks(state: State) -> None:
    s3 = state.s3
    bucket = {"Bucket": state.bucket(s3, ObjectLockEnabledForBucket=True)}
    default = {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 2}}
    s3.put_object_lock_configuration(
        **bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": default}
    )
    s3.put_object(**bucket, Key="retained", Body=b"1", **RETAINED)
    s3.put_object(**bucket, Key="by default", Body=b"1")
    s3.put_object(**bucket, Key="held", Body=b"1", ObjectLockLegalHoldStatus="ON")


def answers(state: State) -> dict[str, Any]:
    """Each question that S3 answers about the state, with its answer: an error is one, too."""
    found = {}
    for name, client in (("us-east-1", state.s3), ("another", state.another), ("europe", state.europe)):
        found[f"{name} ListBuckets"] = _plain(client.list_buckets())
    for bucket, client in state.buckets.items():
        which = {"AccountId": ACCOUNT, "ResourceArn": f"arn:aws:s3:::{bucket}"}
        if client is not state.another:
            found[f"{bucket} tags"] = _plain(state.control.list_tags_for_resource(**which))
        for operation, settings in _questions(client, bucket):
            shown = {name: value for name, value in settings.items() if name != "Bucket"}
            found[f"{bucket} {operation} {shown}"] = _ask(client, operation, settings)
    return found


def _questions(client: Any, bucket: str) -> Iterator[tuple[str, dict[str, Any]]]:
    which = {"Bucket": bucket}
    for operation in _reading(client, {"Bucket"}):
        yield operation, which
    for prefix in client.list_objects_v2(**which, Delimiter="/").get("CommonPrefixes", []):
        yield "ListObjectsV2", {**which, "Prefix": prefix["Prefix"], "MaxKeys": 2}
    listed = client.list_object_versions(**which)
    for entry in listed.get("Versions", []) + listed.get("DeleteMarkers", []):
        one = {**which, "Key": entry["Key"], "VersionId": entry["VersionId"]}
        customer = CUSTOMER if entry["Key"] == "customer" else {}
        for operation in _reading(client, {"Bucket", "Key"}):
            sums = {"ChecksumMode": "ENABLED", **customer} if operation in {"GetObject", "HeadObject"} else {}
            yield operation, one | sums
        wanted = {"ObjectAttributes": ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]}
        yield "GetObjectAttributes", one | wanted | (ENCODED if customer else {})
        if entry["Key"] in {"parts", "summed"}:
            yield "HeadObject", one | {"PartNumber": 2}
    for begun in client.list_multipart_uploads(**which).get("Uploads", []):
        yield "ListParts", {**which, "Key": begun["Key"], "UploadId": begun["UploadId"]}


def _reading(client: Any, members: set[str]) -> list[str]:
    """The operations that read and need these members and no more."""
    model = client.meta.service_model
    return [
        name
        for name in model.operation_names
        if name.startswith(("Get", "Head", "List")) and name not in {"GetObjectTorrent", "ListObjectAnnotations"}
        if set(model.operation_model(name).input_shape.required_members) == members
    ]


def _ask(client: Any, operation: str, settings: dict[str, Any]) -> Any:
    method = next(name for name, known in client.meta.method_to_api_mapping.items() if known == operation)
    try:
        answer = getattr(client, method)(**settings)
    except ClientError as error:
        answer = error.response
    if "Body" in answer:
        answer["Body"] = hashlib.md5(answer["Body"].read()).hexdigest()
    return _plain(answer)


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    """The answer without what differs each time it is given."""
    about = answer.pop("ResponseMetadata")
    headers = {
        name: value
        for name, value in about["HTTPHeaders"].items()
        if name not in MOMENTARY and not name.startswith(ITS_OWN)
    }
    error = answer.get("Error", {})
    for name in ("RequestId", "HostId"):
        error.pop(name, None)
    return answer | {"status": about["HTTPStatusCode"], "headers": headers}
