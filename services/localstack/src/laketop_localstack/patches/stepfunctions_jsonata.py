"""Step Functions: JSONata without a Java machine, and string variables with quotes.

LocalStack 4.14.0 evaluates JSONata by a Java library that it downloads when it is first used; here the same
library's Python port does. And it writes a string variable into the expression between quotes as it is: a quote or
a line end in it breaks the expression, or becomes a part of it. And where an expression cannot be evaluated
the execution fails with States.Runtime; on AWS with States.QueryEvaluationError, which a state can catch.

AWS: "Transforming data with JSONata in Step Functions".
"""

import json
from collections.abc import Mapping
from typing import Any

from jsonata import Jsonata
from localstack.aws.api.stepfunctions import EvaluationFailedEventDetails, HistoryEventType
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name import StatesErrorName
from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from localstack.services.stepfunctions.asl.component.common.string import string_expression
from localstack.services.stepfunctions.asl.eval import states, variable_store
from localstack.services.stepfunctions.asl.eval.event.event_detail import EventDetails
from localstack.services.stepfunctions.asl.jsonata import jsonata
from localstack.services.stepfunctions.asl.utils.encoding import to_json_str

from laketop_localstack.patches.replace import Patched

JSONATA = "localstack.services.stepfunctions.asl.jsonata.jsonata"
PATCHED = (
    Patched(JSONATA, "_JSONataJVMBridge", "95a87030dcf1f2b4cc52736a57ed9ba8efb3c691b849b68b423863d571bdf36c"),
    Patched(JSONATA, "_eval_jsonata", "3d06e0ef722355fd7a9965a94e5bfd7cf4a8d98248f22fda401a0b588cf0a07e"),
    Patched(JSONATA, "eval_jsonata_expression", "12d9cb1c0306c8718d0231f9db82a44aebbd1aa985d959ce8a9589cecfd13415"),
    Patched(
        JSONATA,
        "encode_jsonata_variable_declarations",
        "26891fedce856c62648e9745bcce78eaa1b4ef41fb33feac2ebd607a5c5c68c5",
    ),
    Patched(
        "localstack.services.stepfunctions.asl.component.common.string.string_expression",
        "StringJSONata",
        "61aa5ccc505ec2d5d322e0d2f0e94bdf9ff92279cf5cf090624ba35a68644d2b",
    ),
)


def declarations(bindings: Mapping[str, Any]) -> str:
    """JSONata that gives each variable (with its `$`) its value: JSON, which is JSONata too."""
    return "".join(f"{name}:={to_json_str(value, separators=(',', ':'))};" for name, value in bindings.items())


def evaluate(expression: str) -> Any:
    """The value of an expression, as JSON has it (a whole number is an integer, however it came about).

    Raises:
        Exception: any of the library's, for an expression that is wrong or cannot be evaluated.
    """
    value = Jsonata(expression).evaluate(None)
    return _whole(json.loads(json.dumps(value, allow_nan=False)))


def _whole(value: Any) -> Any:
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_whole(member) for member in value]
        case dict():
            return {key: _whole(member) for key, member in value.items()}
    return value


def _query_evaluation_error(env: Any, expression: str, why: str) -> FailureEventException:
    name = StatesErrorName(typ=StatesErrorNameType.StatesQueryEvaluationError)
    cause = f"The JSONata expression '{expression}' threw an error during evaluation. {why}"
    details = EvaluationFailedEventDetails(cause=cause, error=name.error_name)
    return FailureEventException(
        FailureEvent(
            env=env,
            error_name=name,
            event_type=HistoryEventType.EvaluationFailed,
            event_details=EventDetails(evaluationFailedEventDetails=details),
        )
    )


def apply() -> None:
    """Replace the evaluation, and the writing of variables where it is imported."""

    upstream = string_expression.StringJSONata._eval_body

    def eval_body(self: Any, env: Any) -> None:
        try:
            upstream(self, env)
        except jsonata.JSONataException as error:
            raise _query_evaluation_error(env, self.expression, str(error.details)) from error

    def evaluated(expression: str) -> Any:
        try:
            return evaluate(expression)
        except Exception as error:
            raise jsonata.JSONataException("UNKNOWN", str(error)) from error

    string_expression.StringJSONata._eval_body = eval_body
    jsonata._eval_jsonata = evaluated
    for module in (jsonata, states, variable_store):
        module.encode_jsonata_variable_declarations = declarations
