"""Sentences: AWS's own, from its answers to such requests."""

import pytest
from botocore.session import Session
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from laketop.wire.constraints import violations

from .shapes import SECONDS, values

MODELS = {service: Session().get_service_model(service) for service in ("glue", "athena")}
OPERATIONS = [(service, name) for service, model in MODELS.items() for name in model.operation_names]
SINGLE_LINE = "[\\u0020-\\uD7FF\\uE000-\\uFFFD\\uD800\\uDC00-\\uDBFF\\uDFFF\\t]*"
ONE = "1 validation error detected: "


def check(service, operation, parameters):
    return violations(MODELS[service].operation_model(operation).input_shape, parameters)


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "message"),
    [
        (
            "glue",
            "GetDatabase",
            {},
            ONE + "Value null at 'name' failed to satisfy constraint: Member must not be null",
        ),
        (
            "glue",
            "CreateTable",
            {"DatabaseName": "d", "TableInput": {}},
            ONE + "Value null at 'tableInput.name' failed to satisfy constraint: Member must not be null",
        ),
        (
            "glue",
            "GetDatabase",
            {"Name": "n" * 256},
            (
                f"{ONE}Value '{'n' * 256}' at 'name' failed to satisfy constraint: "
                "Member must have length less than or equal to 255"
            ),
        ),
        (
            "glue",
            "GetDatabase",
            {"Name": ""},
            ONE + "Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
        (
            "glue",
            "GetDatabase",
            {"Name": "a\nb"},
            (
                f"{ONE}Value 'a\nb' at 'name' failed to satisfy constraint: "
                f"Member must satisfy regular expression pattern: {SINGLE_LINE}"
            ),
        ),
        (
            "glue",
            "CreateTable",
            {"DatabaseName": "d", "TableInput": {"Name": "t", "StorageDescriptor": {"Columns": [{"Name": "c"}, {}]}}},
            ONE + "Value null at 'tableInput.storageDescriptor.columns.2.member.name' failed to satisfy constraint: "
            "Member must not be null",
        ),
        (
            "glue",
            "StartJobRun",
            {"JobName": "j", "ExecutionClass": "CHEAP"},
            ONE + "Value 'CHEAP' at 'executionClass' failed to satisfy constraint: "
            "Member must satisfy enum value set: [FLEX, STANDARD]",
        ),
        (
            "glue",
            "StartJobRun",
            {"JobName": "j", "Timeout": 0},
            ONE + "Value '0' at 'timeout' failed to satisfy constraint: "
            "Member must have value greater than or equal to 1",
        ),
        (
            "glue",
            "BatchGetJobs",
            {"JobNames": ["good", ""]},
            ONE + "Value '[good, ]' at 'jobNames' failed to satisfy constraint: Member must satisfy constraint: "
            "[Member must have length less than or equal to 255, Member must have length greater than or equal to 1, "
            f"Member must satisfy regular expression pattern: {SINGLE_LINE}, Member must not be null]",
        ),
        (
            "glue",
            "TagResource",
            {"ResourceArn": "arn:aws:glue:us-east-1:000000000000:job/j", "TagsToAdd": {"k": "v" * 257}},
            (
                f"{ONE}Value '{{k={'v' * 257}}}' at 'tagsToAdd' failed to satisfy constraint: Map value must satisfy "
                "constraint: [Member must have length less than or equal to 256, "
                "Member must have length greater than or equal to 0, Member must not be null]"
            ),
        ),
        (
            "glue",
            "TagResource",
            {"ResourceArn": "arn:aws:glue:us-east-1:000000000000:job/j", "TagsToAdd": {"": "v"}},
            ONE + "Value '{=v}' at 'tagsToAdd' failed to satisfy constraint: Map keys must satisfy constraint: "
            "[Member must have length less than or equal to 128, Member must have length greater than or equal to 1, "
            "Member must not be null]",
        ),
        (
            "athena",
            "ListWorkGroups",
            {"MaxResults": 51},
            ONE + "Value '51' at 'maxResults' failed to satisfy constraint: "
            "Member must have value less than or equal to 50",
        ),
        (
            "athena",
            "ListWorkGroups",
            {"MaxResults": 99_999_999_999},
            ONE + "Value '99999999999' at 'maxResults' failed to satisfy constraint: "
            "Member must have value less than or equal to 50",
        ),
        (
            "athena",
            "StartQueryExecution",
            {"QueryString": "", "ClientRequestToken": "short"},
            (
                "2 validation errors detected: "
                "Value '' at 'queryString' failed to satisfy constraint: "
                "Member must have length greater than or equal to 1; "
                "Value 'short' at 'clientRequestToken' failed to satisfy constraint: "
                "Member must have length greater than or equal to 32"
            ),
        ),
    ],
)
def test_each_broken_rule_gets_awss_sentence(service, operation, parameters, message):
    assert check(service, operation, parameters) == message


def test_what_satisfies_the_model_passes():
    column = {"Name": "c", "Type": "string", "Comment": "\U0001f600"}
    table = {"Name": "t", "StorageDescriptor": {"Columns": [column]}, "Parameters": {"a": ""}}
    assert check("glue", "CreateTable", {"DatabaseName": "d", "TableInput": table}) is None
    assert check("glue", "StartJobRun", {"JobName": "j", "ExecutionClass": "FLEX", "Timeout": 1}) is None
    assert check("athena", "ListWorkGroups", {"MaxResults": 50}) is None


def test_null_elements_are_refused():
    assert "Member must not be null" in check("glue", "BatchGetJobs", {"JobNames": [None]})
    storage = {"Columns": [None]}
    message = check(
        "glue", "CreateTable", {"DatabaseName": "d", "TableInput": {"Name": "t", "StorageDescriptor": storage}}
    )
    assert message == (
        f"{ONE}Value '[null]' at 'tableInput.storageDescriptor.columns' failed to satisfy constraint: "
        "Member must satisfy constraint: [Member must not be null]"
    )


def test_numbers_past_their_type_are_refused_where_the_model_gives_no_range():
    shape = MODELS["glue"].shape_for("NullableInteger")
    assert "min" not in shape.metadata
    assert violations(shape, 2**31 - 1) is None
    assert violations(shape, 2**31).endswith("Member must have value less than or equal to 2147483647")
    assert violations(shape, -(2**31) - 1).endswith("Member must have value greater than or equal to -2147483648")


def test_a_union_has_exactly_one_member():
    sent = {"FilterClause": {}}
    assert "'filterClause'" in check("glue", "SearchAssets", sent)


def test_sensitive_values_are_not_shown():
    shape = next(
        shape
        for name in MODELS["glue"].shape_names
        if (shape := MODELS["glue"].shape_for(name)).metadata.get("sensitive")
        and shape.type_name == "string"
        and shape.metadata.get("max")
    )
    message = violations(shape, "hunter2" * shape.metadata["max"])
    assert "hunter2" not in message
    assert message.startswith(f"{ONE}Value at ''")


def test_at_most_ten_are_listed():
    columns = [{}] * 12
    table = {"Name": "t", "StorageDescriptor": {"Columns": columns}}
    message = check("glue", "CreateTable", {"DatabaseName": "d", "TableInput": table})
    assert message.startswith("10 validation errors detected: ")
    assert message.count("; ") == 9


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_what_botocore_refuses_is_refused(data):
    """botocore checks required members and lower bounds before it sends."""
    service, name = data.draw(st.sampled_from(OPERATIONS))
    shape = MODELS[service].operation_model(name).input_shape
    parameters = data.draw(values(shape, SECONDS))
    if ParamValidator().validate(parameters, shape).has_errors():
        assert violations(shape, parameters)
    missing = {key: value for key, value in parameters.items() if key not in shape.required_members[:1]}
    if missing != parameters:
        assert "Member must not be null" in violations(shape, missing)
