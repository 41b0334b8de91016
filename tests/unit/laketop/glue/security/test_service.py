"""Security configurations: kept as given, refused where AWS would."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from laketop.glue.errors import AlreadyExists, EntityNotFound, InvalidInput
from laketop.glue.security.service import SCHEMA, SecurityConfigurations
from laketop.sqlite import Database

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KMS = {"S3Encryption": [{"S3EncryptionMode": "SSE-KMS", "KmsKeyArn": "arn:aws:kms:us-east-1:000000000000:key/1"}]}


@pytest.fixture
def security(tmp_path: Path) -> Iterator[SecurityConfigurations]:
    with closing(Database(tmp_path / "glue.db", SCHEMA)) as database:
        yield SecurityConfigurations(database, now=lambda: NOW)


def test_kept_as_given(security: SecurityConfigurations) -> None:
    made = security.create("lake", KMS)
    assert security.get("lake") == made
    assert (made.encryption, made.created) == (KMS, NOW)


def test_a_name_is_taken_once(security: SecurityConfigurations) -> None:
    security.create("lake", KMS)
    with pytest.raises(AlreadyExists, match="lake"):
        security.create("lake", {})
    security.delete("lake")
    assert security.create("lake", {}).encryption == {}


def test_what_is_not_there_is_said(security: SecurityConfigurations) -> None:
    with pytest.raises(EntityNotFound, match="lake"):
        security.get("lake")
    with pytest.raises(EntityNotFound, match="lake"):
        security.delete("lake")


@pytest.mark.parametrize(
    "encryption",
    [
        {"S3Encryption": [{"S3EncryptionMode": "SSE-KMS"}]},
        {"CloudWatchEncryption": {"CloudWatchEncryptionMode": "SSE-KMS"}},
        {"JobBookmarksEncryption": {"JobBookmarksEncryptionMode": "CSE-KMS"}},
    ],
)
def test_a_key_is_needed_where_one_is_used(security: SecurityConfigurations, encryption: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="KmsKeyArn"):
        security.create("lake", encryption)


def test_pages_are_by_name(security: SecurityConfigurations) -> None:
    for name in ("b", "a", "c"):
        security.create(name, {})
    first = security.list("GetSecurityConfigurations", None, 2)
    second = security.list("GetSecurityConfigurations", first.next_token, 2)
    assert [entry.name for entry in (*first.entries, *second.entries)] == ["a", "b", "c"]
    assert second.next_token is None
