"""A run's output on its way to CloudWatch Logs: bytes in, log events out, within CloudWatch's limits.

Source: "PutLogEvents" of the Amazon CloudWatch Logs API Reference; "Logging for AWS Glue jobs".
"""

import codecs
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from botocore.exceptions import ClientError

MOST_EVENTS = 10_000  # in a batch
MOST_BYTES = 1_048_576  # in a batch, with the overhead of each event
EVENT_OVERHEAD = 26
MOST_EVENT_BYTES = 262_144 - EVENT_OVERHEAD  # of a message

type Event = dict[str, Any]


def _milliseconds() -> int:
    return int(time.time() * 1000)


class LogStream:
    """One log stream, named after the run.

    Args:
        logs: a CloudWatch Logs client; the group and stream are made at the first event.
        group: the log group, e.g. `/aws-glue/jobs/output`.
        name: the stream.
        key: the ARN of the key that a group made here is encrypted with.
        now: the clock, milliseconds since 1970.
    """

    def __init__(
        self, logs: Any, group: str, name: str, key: str | None = None, now: Callable[[], int] = _milliseconds
    ) -> None:
        self._logs = logs
        self._encrypted = {"kmsKeyId": key} if key else {}
        self._target = {"logGroupName": group, "logStreamName": name}
        self._now = now
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._waiting: list[Event] = []
        self._made = False

    def write(self, output: bytes) -> None:
        """Take what the run wrote; a line becomes events once its end is there."""
        *lines, self._rest = (self._rest + self._decoder.decode(output)).split("\n")
        self._add(lines)

    def finish(self) -> None:
        """Take a last line without an end."""
        rest = self._rest + self._decoder.decode(b"", final=True)
        self._rest = ""
        self._add([rest] if rest else [])

    def send(self) -> None:
        """Deliver what waits.

        Raises:
            ClientError, BotoCoreError: CloudWatch does not take it; what was not taken still waits.
        """
        while self._waiting:
            if not self._made:
                self._make()
            batch = first_batch(self._waiting)
            self._logs.put_log_events(**self._target, logEvents=batch)
            del self._waiting[: len(batch)]

    def _add(self, lines: Sequence[str]) -> None:
        now = self._now()
        # CloudWatch takes no empty message, and an empty line is part of an output.
        self._waiting += [
            {"timestamp": now, "message": piece} for line in lines for piece in pieces(line.rstrip("\r") or " ")
        ]

    def _make(self) -> None:
        steps = (
            (self._logs.create_log_group, {"logGroupName": self._target["logGroupName"], **self._encrypted}),
            (self._logs.create_log_stream, self._target),
        )
        for make, target in steps:
            try:
                make(**target)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ResourceAlreadyExistsException":
                    raise
        self._made = True


def pieces(line: str, most: int = MOST_EVENT_BYTES) -> Iterator[str]:
    """A line cut so that no piece has more than `most` bytes of UTF-8, never within a character."""
    if len(line) * 4 <= most:
        yield line
        return
    data = line.encode()
    while data:
        cut = min(most, len(data))
        while cut < len(data) and data[cut] & 0xC0 == 0x80:
            cut -= 1
        yield data[:cut].decode()
        data = data[cut:]


def first_batch(events: Sequence[Event]) -> list[Event]:
    """As many of the first events as one PutLogEvents takes; at least one."""
    size = 0
    for count, event in enumerate(events[:MOST_EVENTS]):
        size += len(event["message"].encode()) + EVENT_OVERHEAD
        if size > MOST_BYTES and count:
            return list(events[:count])
    return list(events[:MOST_EVENTS])
