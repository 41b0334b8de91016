"""EventBridge: what a rule sends to its targets.

LocalStack 4.14.0:
- names a Step Functions execution by the event's id, and raises KeyError where the target's Input or
  InputTransformer made something without an id; two targets on one state machine would share a name. AWS names it
  `<event id>_<another id>`;
- drops a target's constant Input `{}` (it takes it for no event at all), and a transformed value that is 0 or false
  (it becomes "");
- fails on a number inside a string of a template, and on a value with quotes or line ends inside a JSON template.

AWS: "Amazon EventBridge input transformation".
"""

import json
import logging
from collections.abc import Mapping
from typing import Any

from localstack.services.events import target
from localstack.services.events.utils import to_json_str
from localstack.utils.json import extract_jsonpath
from localstack.utils.strings import long_uid

from laketop_localstack.patches.replace import Patched

LOG = logging.getLogger(__name__)

TARGET = "localstack.services.events.target"
PATCHED = (
    Patched(TARGET, "TargetSender.process_event", "bdbfda52d66c9340ff19f51557df85c431ca03f2f7ab4bc64ee16dc39674063c"),
    Patched(
        TARGET,
        "TargetSender.transform_event_with_target_input_transformer",
        "4ef92807737e66f38386584732105f96e2382f584fe734c790da22047d458aa5",
    ),
    Patched(
        TARGET, "StatesTargetSender.send_event", "b5cb37f1bb92f369220050a856557fdd6daf917ddf2545e3c5bc762f9115c3b5"
    ),
    Patched(TARGET, "get_template_replacements", "068328ca53962960c793d42e26433d195d4a8807202fb832c03ebcacce36c52b"),
    Patched(
        TARGET, "replace_template_placeholders", "0061b36ac342af73a36f8b67bee906305f197ec1fbff9ce810845775bd8f45df"
    ),
)


def replacements(paths: Mapping[str, str], event: Any) -> dict[str, Any]:
    """The values of a transformer's variables.

    Args:
        paths: InputPathsMap: variable → JSON path.
        event: the event.

    Returns:
        variable → value; "" where the path finds nothing, or null.
    """
    found = {name: extract_jsonpath(event, path) for name, path in paths.items()}
    return {name: "" if value is None or value == [] else value for name, value in found.items()}


def filled(template: str, values: Mapping[str, Any]) -> Any:
    """A transformer's template with its variables replaced.

    Returns:
        the JSON value that comes out. A template that is one string gives that string.

    Raises:
        ValueError: what comes out is not JSON.
    """
    pieces: list[str] = []
    inside = False
    end = 0
    for match in target.TRANSFORMER_PLACEHOLDER_PATTERN.finditer(template):
        text = template[end : match.start()]
        inside = _inside_string(text, inside)
        pieces += [text, _shown(values.get(match.group(1), ""), inside=inside)]
        end = match.end()
    return _parsed("".join([*pieces, template[end:]]))


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        # Several lines, each a string in quotes, are one text of several lines.
        lines = [json.loads(line) for line in text.splitlines() if line.strip()]
        if not lines or not all(isinstance(line, str) for line in lines):
            raise
        return "\n".join(lines)


def _inside_string(text: str, inside: bool) -> bool:
    """Whether a JSON string is open at the end of a text that starts within one or not."""
    escaped = False
    for character in text:
        if character == '"' and not escaped:
            inside = not inside
        escaped = character == "\\" and not escaped
    return inside


def _shown(value: Any, *, inside: bool) -> str:
    """A value as it stands in a template: as JSON, or, inside a string, as text (a structure without its quotes)."""
    if not inside:
        return str(to_json_str(value))
    text = value if isinstance(value, str) else str(to_json_str(value)).replace('"', "")
    return json.dumps(text)[1:-1]


def execution_name(event: Any, unique: str) -> str:
    """The name of the execution that an event starts; `unique` makes it so where an event starts several."""
    event_id = event.get("id") if isinstance(event, dict) else None
    return f"{event_id}_{unique}"[:80] if isinstance(event_id, str) and event_id else unique


def process_event(self: Any, event: Any, trace_header: Any) -> None:
    """TargetSender.process_event: send an event, or what the target makes of it."""
    if constant := self.target.get("Input"):
        self.send_event(json.loads(constant), trace_header)
        return
    if isinstance(event, dict):
        event.pop("event-bus-name", None)
    if path := self.target.get("InputPath"):
        event = target.transform_event_with_target_input_path(path, event)
        if event == []:
            LOG.warning("target %s: its InputPath %s finds nothing in the event", self.target.get("Id"), path)
            return
    if transformer := self.target.get("InputTransformer"):
        event = self.transform_event_with_target_input_transformer(transformer, event)
    self.send_event(event, trace_header)


def start_execution(self: Any, event: Any, _trace_header: Any) -> None:
    """StatesTargetSender.send_event: start an execution of the target's state machine."""
    self.service = "stepfunctions"
    name = execution_name(event, long_uid())
    self.client.start_execution(stateMachineArn=self.target["Arn"], name=name, input=to_json_str(event))


def template_replacements(transformer: Mapping[str, Any], event: Any) -> dict[str, Any]:
    """get_template_replacements: the values of a transformer's own variables."""
    own = {k: v for k, v in transformer.get("InputPathsMap", {}).items() if k not in target.PREDEFINED_PLACEHOLDERS}
    return replacements(own, event)


def apply() -> None:
    """Replace the two methods and the two functions."""
    target.TargetSender.process_event = process_event
    target.StatesTargetSender.send_event = start_execution
    target.get_template_replacements = template_replacements
    target.replace_template_placeholders = filled
