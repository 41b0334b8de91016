"""Waits for a state machine's execution that an event started, so that nobody knows its ARN beforehand."""

import time
from typing import Any

from laketop.stack.messages import StackError

START_TIMEOUT = 60.0
END_TIMEOUT = 600.0
PAUSE = 0.3


class Watch:
    """Looks at the executions of state machines.

    Attributes:
        client: a boto3 Step Functions client.
    """

    def __init__(self, client: Any) -> None:
        self.client = client

    def known(self, machine: str) -> set[str]:
        """The ARNs of all executions of a state machine."""
        pages = self.client.get_paginator("list_executions").paginate(stateMachineArn=machine)
        return {execution["executionArn"] for page in pages for execution in page["executions"]}

    def wait_for_new(self, machine: str, known: set[str], count: int = 1) -> list[str]:
        """Wait until executions that are not in `known` have started and succeeded.

        Args:
            machine: ARN of the state machine.
            known: the executions before the event was sent.
            count: how many are expected.

        Returns:
            their ARNs, sorted.

        Raises:
            StackError: fewer started within a minute, or one did not succeed.
        """
        name = machine.rpartition(":")[2]
        started = time.monotonic()
        while len(new := self.known(machine) - known) < count:
            if time.monotonic() - started > START_TIMEOUT:
                cause = f"{len(new)} of {count} executions started within {START_TIMEOUT:.0f} s of the event"
                raise StackError(f"state machine {name}", cause, "see `make logs PART=localstack`")
            time.sleep(PAUSE)
        for arn in sorted(new):
            self._wait_for_end(name, arn, started)
        return sorted(new)

    def _wait_for_end(self, name: str, arn: str, started: float) -> None:
        while (execution := self.client.describe_execution(executionArn=arn))["status"] == "RUNNING":
            if time.monotonic() - started > END_TIMEOUT:
                raise StackError(
                    f"state machine {name}", f"{arn} still runs after {END_TIMEOUT:.0f} s", "see `make logs`"
                )
            time.sleep(PAUSE)
        if execution["status"] != "SUCCEEDED":
            cause = " ".join(f"{execution.get('error', '')} {execution.get('cause', '')}".split())
            raise StackError(f"state machine {name}", f"{execution['status']}: {cause}", f"its history: {arn}")
