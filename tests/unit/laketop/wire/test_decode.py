"""Sentences: as measured on AWS (Athena's answers to malformed requests). Values: botocore's own serializer."""

import json
import math
from datetime import UTC, datetime

import pytest
from botocore.serialize import create_serializer
from botocore.session import Session
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from laketop.wire.decode import decode, decode_body
from laketop.wire.errors import SerializationError

from .shapes import SECONDS, values

MODELS = {service: Session().get_service_model(service) for service in ("glue", "athena")}
OPERATIONS = [(service, name) for service, model in MODELS.items() for name in model.operation_names]


def input_of(service, operation):
    return MODELS[service].operation_model(operation).input_shape


def body(value):
    return json.dumps(value).encode()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_what_botocore_sends_is_what_the_operation_gets(data):
    service, name = data.draw(st.sampled_from(OPERATIONS))
    operation = MODELS[service].operation_model(name)
    parameters = data.draw(values(operation.input_shape, SECONDS))
    sent = create_serializer("json", include_validation=False).serialize_to_request(parameters, operation)
    assert decode_body(operation.input_shape, sent["body"]) == parameters


@pytest.mark.parametrize(
    ("operation", "sent", "message"),
    [
        ("ListWorkGroups", {"MaxResults": "1"}, "STRING_VALUE can not be converted to an Integer"),
        ("ListWorkGroups", {"MaxResults": True}, "TRUE_VALUE can not be converted to an Integer"),
        ("ListWorkGroups", {"MaxResults": False}, "FALSE_VALUE can not be converted to an Integer"),
        ("ListWorkGroups", {"MaxResults": 1.5}, "NUMBER_VALUE can not be converted to an Integer"),
        ("ListWorkGroups", {"MaxResults": [1]}, "Start of list found where not expected"),
        ("ListWorkGroups", {"MaxResults": {"a": 1}}, "Start of structure or map found where not expected."),
        ("ListWorkGroups", {"NextToken": 1}, "NUMBER_VALUE can not be converted to a String"),
        ("ListWorkGroups", {"NextToken": 1.5}, "NUMBER_VALUE can not be converted to a String"),
        ("StartQueryExecution", {"ExecutionParameters": [1]}, "NUMBER_VALUE can not be converted to a String"),
        ("StartQueryExecution", {"ExecutionParameters": "x"}, "Expected list or null"),
        ("StartQueryExecution", {"ExecutionParameters": {}}, "Start of structure or map found where not expected."),
        ("StartQueryExecution", {"ExecutionParameters": [["a"]]}, "Start of list found where not expected"),
        ("StartQueryExecution", {"ResultConfiguration": "x"}, "Expected null"),
        ("StartQueryExecution", {"ResultConfiguration": []}, "Start of list found where not expected"),
        (
            "StartQueryExecution",
            {"ResultConfiguration": {"OutputLocation": 1}},
            "NUMBER_VALUE can not be converted to a String",
        ),
        ("ListWorkGroups", [], "Start of list found where not expected"),
        ("ListWorkGroups", {"Foo": 1}, "Unknown member 'Foo' of ListWorkGroupsInput"),
        (
            "StartQueryExecution",
            {"ResultConfiguration": {"Bucket": "b"}},
            "Unknown member 'ResultConfiguration.Bucket' of ResultConfiguration",
        ),
    ],
)
def test_a_wrong_type_gets_awss_sentence(operation, sent, message):
    with pytest.raises(SerializationError) as caught:
        decode_body(input_of("athena", operation), body(sent))
    assert caught.value.message == message


@pytest.mark.parametrize(
    "text",
    [
        b"{",
        b"",
        b"null",
        b'"x"',
        b"1",
        b'{"MaxResults": 1,}',
        b'{"MaxResults": 1} {}',
        b'{"MaxResults": NaN}',
        b'{"MaxResults": Infinity}',
        b'{"NextToken": "\xff"}',
        b'{"NextToken": "\\ud83d"}',
        b"[" * 100_000,
        b'{"MaxResults": ' + b"9" * 5000 + b"}",
    ],
    ids=lambda text: repr(text[:24]),
)
def test_a_body_that_is_not_json_of_an_object_is_refused(text):
    with pytest.raises(SerializationError) as caught:
        decode_body(input_of("athena", "ListWorkGroups"), text)
    assert len(caught.value.message) < 200


def test_the_body_is_never_shown():
    with pytest.raises(SerializationError) as caught:
        decode_body(input_of("athena", "StartQueryExecution"), b'{"QueryString": "hunter2 \xff"}')
    assert "hunter2" not in caught.value.message


def test_null_members_are_absent_and_whole_floats_are_integers():
    sent = {"MaxResults": 5.0, "NextToken": None}
    assert decode_body(input_of("athena", "ListWorkGroups"), body(sent)) == {"MaxResults": 5}


def test_timestamps_are_aware_and_blobs_are_bytes():
    glue = MODELS["glue"]
    seconds, text = glue.shape_for("Timestamp"), glue.shape_for("Iso8601DateTime")
    assert decode(seconds, 1_700_000_000.25) == datetime(2023, 11, 14, 22, 13, 20, 250_000, UTC)
    assert decode(seconds, 0).tzinfo is UTC
    assert decode(text, "2023-11-14T23:13:20+01:00") == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert decode(text, "2023-11-14T22:13:20").tzinfo is UTC
    assert decode(glue.shape_for("Blob"), "AAE=") == b"\x00\x01"


@pytest.mark.parametrize(
    ("shape", "value", "message"),
    [
        ("Timestamp", "2023-11-14", "STRING_VALUE can not be converted to a Timestamp"),
        ("Timestamp", 1e20, "'at' is not a valid timestamp"),
        ("Timestamp", True, "TRUE_VALUE can not be converted to a Timestamp"),
        ("Iso8601DateTime", "yesterday", "'at' is not a valid timestamp"),
        ("Iso8601DateTime", 1, "NUMBER_VALUE can not be converted to a Timestamp"),
        ("Blob", "&", "'at' is not valid Base64"),
        ("Blob", 1, "NUMBER_VALUE can not be converted to a Blob"),
        ("Boolean", "true", "STRING_VALUE can not be converted to a Boolean"),
        ("Double", "1", "STRING_VALUE can not be converted to a Double"),
        ("Double", 10**400, "'at' is too large for a Double"),
    ],
)
def test_scalars_of_another_kind_are_refused(shape, value, message):
    with pytest.raises(SerializationError) as caught:
        decode(MODELS["glue"].shape_for(shape), value, "at")
    assert caught.value.message == message


def test_numbers_that_json_lacks_travel_as_text():
    double = MODELS["glue"].shape_for("Double")
    assert math.isnan(decode(double, "NaN"))
    assert decode(double, "-Infinity") == -math.inf


def test_maps_and_what_takes_no_members():
    tags = MODELS["glue"].shape_for("TagsMap")
    assert decode(tags, {"a": "b"}) == {"a": "b"}
    for value, message in (([], "Start of list found where not expected"), ("x", "Expected map or null")):
        with pytest.raises(SerializationError) as caught:
            decode(tags, value)
        assert caught.value.message == message
    assert decode_body(None, b"{}") == {}
    with pytest.raises(SerializationError):
        decode_body(None, b'{"a": 1}')


def test_no_member_has_another_name_on_the_wire():
    """What `decode` and `encode` rely on."""
    for model in MODELS.values():
        for name in model.shape_names:
            shape = model.shape_for(name)
            for member in getattr(shape, "members", {}).values():
                assert not member.serialization.get("name")
