"""The table of what operations change, held against S3's model and against what LocalStack's providers have."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any

import botocore.session
import pytest
from laketop_localstack.s3.operations import TOUCHED, TOUCHED_BY_CONTROL, Touched
from localstack.aws.api.s3 import S3Api
from localstack.aws.api.s3control import S3ControlApi
from localstack.aws.spec import load_service
from localstack.services.s3.provider import S3Provider
from localstack.services.s3control.provider import S3ControlProvider

READING = ("Get", "Head", "List", "Select")


def methods(api: type, provider: type) -> Iterator[tuple[str, Any]]:
    """Operation → the method of the provider that answers it."""
    for name, method in inspect.getmembers(api, inspect.isfunction):
        if operation := getattr(method, "operation", None):
            yield operation, getattr(provider, name)


def only_refuses(method: Any) -> bool:
    """Whether all that a method does is to raise NotImplementedError."""
    definition = ast.parse(textwrap.dedent(inspect.getsource(method))).body[0]
    assert isinstance(definition, ast.FunctionDef)
    does = [one for one in definition.body if not (isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant))]
    return [ast.unparse(one) for one in does] == ["raise NotImplementedError"]


S3 = dict(methods(S3Api, S3Provider))
CONTROL = dict(methods(S3ControlApi, S3ControlProvider))
IMPLEMENTED = {name for name, method in S3.items() if not only_refuses(method)}
OF_BOTO = set(botocore.session.get_session().get_service_model("s3").operation_names)
OF_LOCALSTACK = set(load_service("s3").operation_names)
CHANGING = sorted(name for name in OF_BOTO | OF_LOCALSTACK if not name.startswith(READING))


def test_what_is_computed_is_plausible() -> None:
    assert {"PutObject", "GetObject", "PostObject", "ListObjectsV2"} <= IMPLEMENTED
    assert {"GetObjectTorrent", "WriteGetObjectResponse"} & set(S3) - IMPLEMENTED
    assert "PostObject" in OF_LOCALSTACK - OF_BOTO
    assert len(CHANGING) > 50


@pytest.mark.parametrize("name", CHANGING)
def test_every_operation_that_may_change_something_is_in_the_table_or_not_implemented(name: str) -> None:
    assert (name in TOUCHED) == (name in IMPLEMENTED)


def test_the_table_has_nothing_else() -> None:
    assert set(TOUCHED) <= set(CHANGING)
    assert all(TOUCHED.values())


@pytest.mark.parametrize("name", sorted(TOUCHED))
def test_an_operation_names_what_it_changes(name: str) -> None:
    """Where the request does not say which thing is changed, the answer or the store does."""
    shape = load_service("s3").operation_model(name)
    members = set(shape.input_shape.members) if shape.input_shape else set()
    answered = set(shape.output_shape.members) if shape.output_shape else set()
    needed = {
        Touched.BUCKET: set(),
        Touched.OBJECT: {"Key"} if name != "PostObject" else set(),
        Touched.OBJECTS: {"Delete"},
        Touched.UPLOAD: {"UploadId"},
        Touched.PART: {"UploadId", "PartNumber"},
    }
    assert "Bucket" in members
    for touched in TOUCHED[name]:
        assert needed[touched] <= members | answered
    bucket_only = members.isdisjoint({"Key", "Delete", "UploadId"}) and name != "PostObject"
    assert (TOUCHED[name] == (Touched.BUCKET,)) == bucket_only


def test_control_changes_what_its_provider_itself_changes() -> None:
    own = {name for name, method in CONTROL.items() if method.__qualname__.startswith(S3ControlProvider.__name__)}
    assert {name for name in own if not name.startswith(READING)} == set(TOUCHED_BY_CONTROL)
    assert set(load_service("s3control").operation_names) >= own > set(TOUCHED_BY_CONTROL)
