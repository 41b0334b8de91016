"""What a bucket is told: the Put, Get and Delete operations of a bucket's policy, CORS, lifecycle, public access block,
encryption, ownership, website, logging, requester-pays, acceleration and ACL in the API Reference.
"""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from tests.contract.s3.asking import ACCOUNT, fresh, refused, send

EVERYBODY = "http://acs.amazonaws.com/groups/global/AllUsers"
BLOCK = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": False,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": False,
}
CORS = {
    "CORSRules": [
        {
            "ID": "app",
            "AllowedOrigins": ["https://*.example.com"],
            "AllowedMethods": ["PUT", "GET"],
            "AllowedHeaders": ["x-amz-date", "content-type"],
            "ExposeHeaders": ["ETag"],
            "MaxAgeSeconds": 300,
        },
        {"AllowedOrigins": ["*"], "AllowedMethods": ["HEAD"]},
    ]
}
WEBSITE = {
    "IndexDocument": {"Suffix": "index.html"},
    "ErrorDocument": {"Key": "error.html"},
    "RoutingRules": [
        {
            "Condition": {"KeyPrefixEquals": "old/"},
            "Redirect": {"ReplaceKeyPrefixWith": "new/", "HttpRedirectCode": "302"},
        }
    ],
}
LIFECYCLE = {
    "Rules": [
        {
            "ID": "logs",
            "Status": "Enabled",
            "Filter": {"Prefix": "logs/"},
            "Expiration": {"Days": 3},
            "NoncurrentVersionExpiration": {"NoncurrentDays": 5},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        },
        {
            "ID": "tagged",
            "Status": "Enabled",
            "Filter": {"And": {"Prefix": "", "Tags": [{"Key": "temporary", "Value": "yes"}]}},
            "Expiration": {"Days": 1},
        },
        {"ID": "off", "Status": "Disabled", "Filter": {"Prefix": "off/"}, "Expiration": {"Days": 1}},
    ]
}

# operation's name → (the member of the Put, its value, the member of the Get, the error where there is none)
KEPT = {
    "bucket_cors": ("CORSConfiguration", CORS, None, "NoSuchCORSConfiguration"),
    "bucket_website": ("WebsiteConfiguration", WEBSITE, None, "NoSuchWebsiteConfiguration"),
    "public_access_block": (
        "PublicAccessBlockConfiguration",
        BLOCK,
        "PublicAccessBlockConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
    ),
    "bucket_ownership_controls": (
        "OwnershipControls",
        {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]},
        "OwnershipControls",
        "OwnershipControlsNotFoundError",
    ),
}


def got(s3: Any, name: str, bucket: str, member: str | None) -> Any:
    answer = getattr(s3, f"get_{name}")(Bucket=bucket)
    answer.pop("ResponseMetadata")
    return answer[member] if member else answer


@pytest.mark.parametrize("name", KEPT)
def test_put_got_deleted(s3: Any, bucket: str, name: str) -> None:
    member, value, back, error = KEPT[name]

    getattr(s3, f"put_{name}")(Bucket=bucket, **{member: value})
    assert got(s3, name, bucket, back) == value
    getattr(s3, f"delete_{name}")(Bucket=bucket)
    with refused(error, 404):
        got(s3, name, bucket, back)
    with refused("NoSuchBucket", 404):
        got(s3, name, f"never-{bucket}", back)


def test_settings_end_with_the_bucket(s3: Any, bucket: str) -> None:
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=CORS)
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=LIFECYCLE)
    s3.delete_bucket(Bucket=bucket)
    s3.create_bucket(Bucket=bucket)

    with refused("NoSuchCORSConfiguration", 404):
        s3.get_bucket_cors(Bucket=bucket)
    with refused("NoSuchLifecycleConfiguration", 404):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)


def test_a_new_bucket_blocks_public_access_and_acls(s3: Any, bucket: str) -> None:
    block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert block == dict.fromkeys(BLOCK, True)
    rules = s3.get_bucket_ownership_controls(Bucket=bucket)["OwnershipControls"]["Rules"]
    assert rules == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_policy(s3: Any, bucket: str) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{bucket}/*",
            }
        ],
    }
    with refused("NoSuchBucketPolicy", 404):
        s3.get_bucket_policy(Bucket=bucket)
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == policy
    with refused("MalformedPolicy", 400):
        s3.put_bucket_policy(Bucket=bucket, Policy="no JSON")
    assert json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]) == policy
    s3.delete_bucket_policy(Bucket=bucket)
    with refused("NoSuchBucketPolicy", 404):
        s3.get_bucket_policy(Bucket=bucket)


def test_lifecycle(s3: Any, bucket: str) -> None:
    with refused("NoSuchLifecycleConfiguration", 404):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=LIFECYCLE)
    assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == LIFECYCLE["Rules"]
    s3.delete_bucket_lifecycle(Bucket=bucket)
    with refused("NoSuchLifecycleConfiguration", 404):
        s3.get_bucket_lifecycle_configuration(Bucket=bucket)


@pytest.mark.parametrize(
    ("key", "tags", "rule", "days"),
    [
        ("logs/1", "", "logs", 3),
        ("other", "temporary=yes", "tagged", 1),
        ("other", "", None, 0),
    ],
)
def test_when_an_object_expires(s3: Any, bucket: str, key: str, tags: str, rule: str | None, days: int) -> None:
    """At midnight (UTC) after the days: "Setting a lifecycle configuration" of the user guide."""
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=LIFECYCLE)
    put = s3.put_object(Bucket=bucket, Key=key, Body=b"1", Tagging=tags)
    head = s3.head_object(Bucket=bucket, Key=key)
    for answer in (put, head, s3.get_object(Bucket=bucket, Key=key)):
        if rule is None:
            assert "Expiration" not in answer
            continue
        date, _, name = answer["Expiration"].partition('", ')
        assert name == f'rule-id="{rule}"'
        at = parsedate_to_datetime(date.removeprefix('expiry-date="'))
        midnight = (head["LastModified"] + timedelta(days=days + 1)).replace(hour=0, minute=0, second=0)
        assert at == midnight


def test_encryption(s3: Any, bucket: str) -> None:
    def rule() -> Any:
        (found,) = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]
        return found["ApplyServerSideEncryptionByDefault"]

    assert rule() == {"SSEAlgorithm": "AES256"}
    assert s3.put_object(Bucket=bucket, Key="a", Body=b"1")["ServerSideEncryption"] == "AES256"
    kms = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"}
    s3.put_bucket_encryption(
        Bucket=bucket,
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": kms, "BucketKeyEnabled": True}]
        },
    )
    assert rule() == kms
    assert s3.head_object(Bucket=bucket, Key="a")["ServerSideEncryption"] == "AES256"


def test_an_object_by_a_key_of_kms(store: Any, s3: Any, bucket: str) -> None:
    arn = store.client("kms").create_key()["KeyMetadata"]["Arn"]
    s3.put_object(Bucket=bucket, Key="a", Body=b"1", ServerSideEncryption="aws:kms", SSEKMSKeyId=arn)

    answer = s3.get_object(Bucket=bucket, Key="a")

    assert (answer["ServerSideEncryption"], answer["SSEKMSKeyId"]) == ("aws:kms", arn)
    assert answer["Body"].read() == b"1"


def test_logging(s3: Any, bucket: str) -> None:
    target = fresh(s3)
    enabled = {"TargetBucket": target, "TargetPrefix": "log/"}
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": enabled})
    assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == enabled
    s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})
    assert "LoggingEnabled" not in s3.get_bucket_logging(Bucket=bucket)


def test_who_pays(s3: Any, bucket: str) -> None:
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "BucketOwner"
    s3.put_bucket_request_payment(Bucket=bucket, RequestPaymentConfiguration={"Payer": "Requester"})
    assert s3.get_bucket_request_payment(Bucket=bucket)["Payer"] == "Requester"


def test_acceleration(s3: Any, bucket: str) -> None:
    assert "Status" not in s3.get_bucket_accelerate_configuration(Bucket=bucket)
    s3.put_bucket_accelerate_configuration(Bucket=bucket, AccelerateConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_accelerate_configuration(Bucket=bucket)["Status"] == "Enabled"


def with_acls(s3: Any) -> str:
    name = fresh(s3, ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket=name)
    return name


def grants(answer: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((g["Grantee"].get("URI") or g["Grantee"]["ID"], g["Permission"]) for g in answer["Grants"])


def test_acl_of_a_bucket(s3: Any) -> None:
    bucket = with_acls(s3)
    owner = s3.get_bucket_acl(Bucket=bucket)["Owner"]["ID"]
    assert grants(s3.get_bucket_acl(Bucket=bucket)) == [(owner, "FULL_CONTROL")]
    s3.put_bucket_acl(Bucket=bucket, ACL="public-read")
    assert grants(s3.get_bucket_acl(Bucket=bucket)) == [(owner, "FULL_CONTROL"), (EVERYBODY, "READ")]
    s3.put_bucket_acl(Bucket=bucket, ACL="private")
    assert grants(s3.get_bucket_acl(Bucket=bucket)) == [(owner, "FULL_CONTROL")]


def test_acl_of_an_object(s3: Any) -> None:
    bucket = with_acls(s3)
    s3.put_object(Bucket=bucket, Key="k", Body=b"1", ACL="public-read")
    acl = s3.get_object_acl(Bucket=bucket, Key="k")
    owner = acl["Owner"]
    assert grants(acl) == [(owner["ID"], "FULL_CONTROL"), (EVERYBODY, "READ")]
    s3.copy_object(Bucket=bucket, Key="copy", CopySource=f"{bucket}/k")
    assert grants(s3.get_object_acl(Bucket=bucket, Key="copy")) == [(owner["ID"], "FULL_CONTROL")]
    policy = {
        "Owner": owner,
        "Grants": [{"Grantee": {"Type": "Group", "URI": EVERYBODY}, "Permission": "READ_ACP"}],
    }
    s3.put_object_acl(Bucket=bucket, Key="k", AccessControlPolicy=policy)
    assert grants(s3.get_object_acl(Bucket=bucket, Key="k")) == [(EVERYBODY, "READ_ACP")]
    with refused("NoSuchKey", 404):
        s3.get_object_acl(Bucket=bucket, Key="never")


ORIGIN = "https://app.example.com"


@pytest.mark.parametrize(
    ("origin", "method", "headers", "status"),
    [
        (ORIGIN, "PUT", "x-amz-date", 200),
        (ORIGIN, "DELETE", "", 403),
        ("https://example.org", "PUT", "", 403),
        (ORIGIN, "PUT", "x-other", 403),
        ("https://example.org", "HEAD", "", 200),
    ],
)
def test_preflight(store: Any, s3: Any, bucket: str, origin: str, method: str, headers: str, status: int) -> None:
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=CORS)
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers:
        asked["Access-Control-Request-Headers"] = headers

    answer = send(store, "OPTIONS", f"/{bucket}/k", asked)

    assert answer.status == status
    if status == 200:
        assert method in answer.headers["access-control-allow-methods"]
        assert answer.headers["access-control-allow-origin"] in {origin, "*"}
        assert answer.headers.get("access-control-allow-headers", "") == headers
    if (status, method) == (200, "PUT"):
        assert answer.headers["access-control-allow-origin"] == origin
        assert answer.headers["access-control-max-age"] == "300"
        assert answer.headers["access-control-expose-headers"] == "ETag"


def test_an_answer_to_another_origin(store: Any, s3: Any, bucket: str) -> None:
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration=CORS)
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")

    answer = send(store, "GET", f"/{bucket}/k", {"Origin": ORIGIN})

    assert (answer.status, answer.body) == (200, b"1")
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert answer.headers["access-control-expose-headers"] == "ETag"


def test_a_website(store: Any, s3: Any, bucket: str) -> None:
    s3.put_bucket_website(Bucket=bucket, WebsiteConfiguration=WEBSITE)
    for key in ("index.html", "docs/index.html", "error.html"):
        s3.put_object(Bucket=bucket, Key=key, Body=key.encode(), ContentType="text/html")

    def page(path: str) -> tuple[int, bytes]:
        host = f"{bucket}.s3-website.localhost.localstack.cloud:{store.port}"
        answer = send(store, "GET", path, {"Host": host})
        return answer.status, answer.body

    assert page("/") == (200, b"index.html")
    assert page("/docs/") == (200, b"docs/index.html")
    assert page("/none") == (404, b"error.html")
    assert page("/old/x")[0] == 302


def test_expiry_dates_are_at_midnight(s3: Any, bucket: str) -> None:
    noon = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Date": noon}}
    with refused("InvalidArgument", 400):
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
