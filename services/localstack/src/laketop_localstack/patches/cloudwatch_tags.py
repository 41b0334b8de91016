"""CloudWatch: the tags that an alarm is made with.

LocalStack 4.14.0 drops `Tags` of PutMetricAlarm and PutCompositeAlarm. AWS sets them on an alarm that is new, leaves
those of one that is there alone, and deletes them with it.

AWS: "PutMetricAlarm" of the Amazon CloudWatch API reference.
"""

import functools
from collections.abc import Callable
from typing import Any

from localstack.services.cloudwatch.provider_v2 import CloudwatchProvider
from localstack.utils.aws.arns import cloudwatch_alarm_arn

from laketop_localstack.patches.replace import Patched

MODULE = "localstack.services.cloudwatch.provider_v2"
PATCHED = (
    Patched(
        MODULE,
        "CloudwatchProvider.put_metric_alarm",
        "42b42f411229bc51715af63c85b4440323d02976432c298ed31b73b19344dd6d",
    ),
    Patched(
        MODULE,
        "CloudwatchProvider.put_composite_alarm",
        "b3cda501ec93adca6d9e46c78c875d1b84c75f24820e1bc16ccf73ea517a66af",
    ),
    Patched(
        MODULE, "CloudwatchProvider.delete_alarms", "f0e661fbb7ccac976247f72c3e2b2d0709bc260c420db7ecd7324a2bbfd238e1"
    ),
)


def tagging(put: Callable[..., Any]) -> Callable[..., Any]:
    """An operation that makes an alarm, and its tags where it is new."""

    @functools.wraps(put)  # LocalStack finds operations by the marks that it left on them
    def tagged(self: Any, context: Any, request: Any) -> None:
        store = self.get_store(context.account_id, context.region)
        arn = cloudwatch_alarm_arn(request["AlarmName"], context.account_id, context.region)
        new = arn not in store.alarms
        put(self, context, request)
        if new and request.get("Tags"):
            store.TAGS.tag_resource(arn, request["Tags"])

    return tagged


def forgetting(delete: Callable[..., Any]) -> Callable[..., Any]:
    """DeleteAlarms that takes the tags along."""

    @functools.wraps(delete)
    def deleted(self: Any, context: Any, alarm_names: list[str], **members: Any) -> None:
        delete(self, context, alarm_names, **members)
        tags = self.get_store(context.account_id, context.region).TAGS
        for name in alarm_names:
            tags.tags.pop(cloudwatch_alarm_arn(name, context.account_id, context.region), None)

    return deleted


def apply() -> None:
    """Keep alarms' tags."""
    CloudwatchProvider.put_metric_alarm = tagging(CloudwatchProvider.put_metric_alarm)
    CloudwatchProvider.put_composite_alarm = tagging(CloudwatchProvider.put_composite_alarm)
    CloudwatchProvider.delete_alarms = forgetting(CloudwatchProvider.delete_alarms)
