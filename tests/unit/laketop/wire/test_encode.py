"""Values: botocore's own parser reads what we write."""

import json
import math
from datetime import UTC, datetime, timedelta, timezone

import pytest
from botocore.parsers import create_parser
from botocore.session import Session
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from laketop.wire.decode import decode
from laketop.wire.encode import encode
from laketop.wire.errors import EncodingError

from .shapes import MILLISECONDS, values

MODELS = {service: Session().get_service_model(service) for service in ("glue", "athena")}
GLUE = MODELS["glue"]
OPERATIONS = [(service, name) for service, model in MODELS.items() for name in model.operation_names]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_boto3_reads_what_the_operation_returned(data):
    service, name = data.draw(st.sampled_from(OPERATIONS))
    shape = MODELS[service].operation_model(name).output_shape
    returned = data.draw(values(shape, MILLISECONDS))
    content = json.dumps(encode(shape, returned)).encode()
    parsed = create_parser("json").parse({"status_code": 200, "headers": {}, "body": content}, shape)
    del parsed["ResponseMetadata"]
    assert parsed == returned


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_decode_undoes_encode(data):
    service, name = data.draw(st.sampled_from(OPERATIONS))
    shape = MODELS[service].operation_model(name).input_shape
    value = data.draw(values(shape, MILLISECONDS))
    assert decode(shape, json.loads(json.dumps(encode(shape, value)))) == value


def test_members_that_are_none_are_left_out():
    database = {"Name": "d", "Description": None}
    assert encode(GLUE.shape_for("Database"), database) == {"Name": "d"}


def test_timestamps_are_seconds_to_the_millisecond_whatever_the_zone():
    moment = datetime(2023, 11, 14, 23, 13, 20, 250_400, timezone(timedelta(hours=1)))
    assert encode(GLUE.shape_for("Timestamp"), moment) == 1_700_000_000.25
    assert encode(GLUE.shape_for("Iso8601DateTime"), moment) == "2023-11-14T22:13:20.250Z"


def test_numbers_that_json_lacks_travel_as_text():
    double = GLUE.shape_for("Double")
    assert [encode(double, value) for value in (math.nan, math.inf, -math.inf)] == ["NaN", "Infinity", "-Infinity"]


@pytest.mark.parametrize(
    ("shape", "value", "message"),
    [
        ("Database", {"Name": "d", "Colour": "red"}, "Database: Database has no member 'Colour'"),
        ("Database", {"Description": "x"}, "Database: Database needs the member 'Name'"),
        ("Database", [], "Database: structure Database expected, got list"),
        ("GetDatabaseResponse", {"Database": {"Name": 1}}, "Database.Name: string NameString expected, got int"),
        (
            "GetDatabasesResponse",
            {"DatabaseList": [{"Name": "a"}, None]},
            "DatabaseList.2: structure Database expected, got NoneType",
        ),
        ("DatabaseList", "ab", "DatabaseList: list DatabaseList expected, got str"),
        (
            "Database",
            {"Name": "d", "Parameters": {"a": 1}},
            "Parameters.a: string ParametersMapValue expected, got int",
        ),
        ("ParametersMap", [], "ParametersMap: map ParametersMap expected, got list"),
        ("JobRunState", "DONE", "JobRunState: 'DONE' is not a value of the enum JobRunState"),
        ("Timestamp", datetime(2023, 1, 1), "Timestamp: timestamp Timestamp expected, got datetime"),
        ("Timestamp", 1, "Timestamp: timestamp Timestamp expected, got int"),
        ("Boolean", 1, "Boolean: boolean Boolean expected, got int"),
        ("NullableInteger", True, "NullableInteger: integer NullableInteger expected, got bool"),
        ("NullableInteger", 1.0, "NullableInteger: integer NullableInteger expected, got float"),
        ("NullableDouble", "1", "NullableDouble: double NullableDouble expected, got str"),
        ("Blob", "text", "Blob: blob Blob expected, got str"),
    ],
)
def test_what_the_model_does_not_have_is_a_defect(shape, value, message):
    with pytest.raises(EncodingError) as caught:
        encode(GLUE.shape_for(shape), value)
    assert str(caught.value) == message


def test_an_operation_that_answers_nothing():
    assert encode(None, {}) == {}
    with pytest.raises(EncodingError):
        encode(None, {"a": 1})


def test_epoch_is_utc():
    assert encode(GLUE.shape_for("Timestamp"), datetime(1970, 1, 1, tzinfo=UTC)) == 0.0
